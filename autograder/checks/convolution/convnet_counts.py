"""Why a student's `ConvNet` has another number of parameters than it should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import torch
from torch import Tensor

from autograder.checks.convolution.convnet import Net
from autograder.checks.convolution.convnet_norms import missing_norm
from autograder.checks.convolution.convnet_reference import LAYERS, SHAPES, WEIGHTS
from autograder.checks.convolution.findings import Finding
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.errors import Raised

WITH_BATCH_NORM = (1_191_490, 1_191_330)
"""The number of parameters with batch norm, with and without biases of the convolutions."""


def _sizes(batch_norm: bool, bias: bool) -> Counter[int]:
    """The number of tensors of each size that there should be."""
    found: Counter[int] = Counter()
    for layer, (out, *rest) in WEIGHTS.items():
        found[out * torch.Size(rest).numel()] += 1
        normed = batch_norm and layer.startswith("conv")
        found[out] += (bias or not normed) + 2 * normed
    return found


def why_count(net: Net, draw: Draw, count: int, wanted: tuple[int, ...]) -> Finding:
    """Why a network has `count` trainable parameters instead of one of the numbers `wanted`."""
    images = draw.normal(2, 3, 32, 32, dtype=torch.float32)
    frozen = sum(number.size for number in net.numbers if not number.trainable)
    if net.batch_norm and count == wanted[0] - 320:
        return Finding(
            ": those of the batch norm layers are not among them. Are the layers left out, or kept in a plain list?"
        )
    if count + frozen in wanted:
        return Finding(": some are frozen, or are buffers")
    if not net.batch_norm and count in WITH_BATCH_NORM:
        mistake = "as many as with batch norm, although batch_norm is False"
        return Finding(f": {mistake}", mistake)
    have = Counter(number.size for number in net.numbers if number.trainable)
    # Without biases, batch norm has two vectors of 32 numbers and four of 64.
    asked = _sizes(net.batch_norm, bias=have[32] > 2 or have[64] > 4)
    missing, odd = asked - have, have - asked
    shape, ran = _shapes(net, images)
    weights = [layer for layer, size in WEIGHTS.items() if torch.Size(size).numel() in missing]
    if ran and weights and not odd:
        mistake = f"{_listed(weights)} run, but with weights that are no parameters of the network"
        remedy = ": keep layers as attributes, in an nn.ModuleList or an nn.Sequential, not in a plain list"
        return Finding(f": {mistake}{remedy}", mistake)
    inputs = _inputs_of_fc4(net)
    if shape:
        return Finding(f": {shape}")
    if "fc4" in weights and inputs:
        return Finding(f": fc4 has {inputs:,} inputs, but pool3 returns 64 maps of 4×4, which are 1,024 numbers")
    if missing.total() + odd.total() > 10:
        return Finding()
    if net.batch_norm and not odd and len(missing) == 1 and missing.total() == 2 and missing.keys() <= {32, 64}:
        vectors = f": two vectors of {next(iter(missing))} numbers are missing"
        mistake = missing_norm(net.randomise(draw), net.run(images))
        either = "One batch norm is left out, or the same one stands after two convolutions"
        return Finding(f"{vectors}: {mistake}" if mistake else f"{vectors}. {either}", mistake)
    parts = [f"missing: {_listed(f'{n} of {size:,} numbers' for size, n in missing.items())}"] if missing else []
    parts += [f"not expected: {_listed(_named(net, size, n) for size, n in odd.items())}"] if odd else []
    return Finding(f". Of its tensors {'; '.join(parts)}") if parts else Finding()


def _shapes(net: Net, images: Tensor) -> tuple[str, bool]:
    """The first layer whose output has a wrong shape, in words, and whether all eight layers run and none has."""
    try:
        run = net.run(images)
    except (CheckFailed, Raised):
        return "", False
    for layer, output in zip(LAYERS, run.layers or ()):
        right, found = SHAPES[layer], tuple(output.shape[1:])
        if found != right:
            return (
                f"for an image of 32×32 {layer} returns {_size(found)} instead of {_size(right)}{_why_size(layer, found)}",
                False,
            )
    return "", run.complete


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if len(shape) > 1 else f"{_listed(map(str, shape))} numbers"


def _why_size(layer: str, found: tuple[int, ...]) -> str:
    if layer.startswith("conv") and found[1:] != SHAPES[layer][1:]:
        return "; with a padding of 2, a 5×5 convolution keeps the height and width"
    return ""


def _inputs_of_fc4(net: Net) -> int:
    """The inputs of the layer with 1000 outputs that takes the place of fc4; 0 if there is none."""
    found = [n.shape for n in net.numbers if n.trainable and len(n.shape) == 2 and n.shape[0] == 1000]
    return found[0][1] if len(found) == 1 and found[0][1] != 1024 else 0


def _named(net: Net, size: int, count: int) -> str:
    """The surplus tensors of a size, by name if it is clear which ones they are."""
    names = [f"{n.name} {n.shape}" for n in net.numbers if n.trainable and n.size == size]
    return _listed(names) if len(names) == count else f"{count} of {' and '.join(names)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
