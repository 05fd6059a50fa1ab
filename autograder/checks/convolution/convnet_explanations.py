"""Explains what is wrong with a layer of `convnet` by trying likely mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.convolution.convnet_reference import EPS, NORMS, Values, normalize, step
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.explanations.explain import explain

Change = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Change] = {
    "a tanh": torch.tanh,
    "a sigmoid": torch.sigmoid,
    "a leaky ReLU": F.leaky_relu,
    "an ELU": F.elu,
    "a GELU": F.gelu,
    "a SiLU": F.silu,
    "a ReLU6": F.relu6,
    "a softplus": F.softplus,
}
ENDS: dict[str, Change] = {
    "a softmax": lambda scores: scores.softmax(1),
    "a log-softmax": lambda scores: scores.log_softmax(1),
    "a softmax over the batch": lambda scores: scores.softmax(0),
    "a ReLU": torch.relu,
    "a tanh": torch.tanh,
    "a sigmoid": torch.sigmoid,
    "a normalization to length 1": lambda scores: F.normalize(scores, dim=1),
}
"""Functions that a network may wrongly apply to its scores."""


def close(a: Tensor, b: Tensor, rtol: float) -> bool:
    """Whether |a − b| ≤ rtol · (1 + |a|) everywhere."""
    a, b = a.detach().double(), b.detach().double()
    return a.shape == b.shape and bool(((a - b).abs() <= rtol * (1 + a.abs())).all())


def explain_layer(
    layer: str, values: Values, before: Tensor, got: Tensor, rtol: float, training: bool = False
) -> Finding:
    """Explains a layer's wrong output; nothing if no likely mistake gives it.

    layer: its name in LAYERS.
    values: the network's parameters by role.
    before: the output of the layer before it, or the images.
    got: the layer's output; for a pool, after the ReLU.
    """
    expected = step(layer, values, before, training)
    if got.shape != expected.shape:
        return _explain_shape(layer, got, expected)
    guesses = _pool_guesses(layer, values, before, training) if layer in NORMS else _guesses(layer, values, before)
    for words, guess in guesses:
        if close(guess, got, rtol):
            return established(words)
    return Finding()


def explain_input(layer: str, gets: object, before: Tensor, batch_norm: bool, rtol: float) -> Finding:
    """Explains a wrong output by the layer's input; nothing if the input says nothing.

    gets: what the layer gets, as far as it could be observed. before: the output of the layer before it, or the images.
    """
    if not isinstance(gets, Tensor) or gets.numel() != before.numel():
        return Finding()
    if layer == "fc4":
        return _explain_flattening(gets.double().reshape(len(before), -1), torch.relu(before).flatten(1), rtol)
    if layer in NORMS:
        if batch_norm:
            return Finding()
        words = f"{NORMS[layer]}'s output, with a ReLU before or after the pooling"
        gets, right = torch.relu(gets.double()).reshape(before.shape), torch.relu(before)
    else:
        words = {"conv2": "pool1's output", "conv3": "pool2's output", "fc5": "fc4's output after a ReLU"}.get(
            layer, "the images"
        )
        gets = gets.double().reshape(before.shape)
        right = before if layer == "conv1" else torch.relu(before)
    if not close(right, gets, rtol):
        found = explain(gets, right, rtol).replace("the right answer", words)
        return Finding(f"what {layer} gets {found or f'is not {words}'}")
    look = "the layer itself"
    if layer in NORMS:
        look = "the pooling itself: the maximum over 2×2 windows, stride 2"
    elif layer.startswith("conv"):
        look = "the convolution itself: 5×5, stride 1, padding 2, with its bias"
    return Finding(f"what {layer} gets is right, so look at {look}")


def _explain_flattening(gets: Tensor, maps: Tensor, rtol: float) -> Finding:
    """Whether fc4 gets numbers of other images, both (batch, inputs). Its inputs may have any order."""
    found, right = gets.sort(1).values, maps.sort(1).values
    if close(right, found, rtol):
        return Finding()
    whose = [[number for number, image in enumerate(right) if close(image, row, rtol)] for row in found]
    for number, images in enumerate(whose):
        if images and number not in images:
            return established(
                f"what fc4 gets for image {number} is what pool3 returns for image {images[0]}",
                ": the images should keep their order",
            )
    if not close(right.flatten().sort().values, found.flatten().sort().values, rtol):
        return Finding()
    return established(
        "what fc4 gets for one image has numbers of others, too",
        ": flatten each image by itself. `view` and `reshape` keep the order in memory, so the batch has to stay the first "
        "axis",
    )


def _explain_shape(layer: str, got: Tensor, expected: Tensor) -> Finding:
    if got.dim() == 4 == expected.dim():
        less = expected.shape[-1] - got.shape[-1]
        if layer.startswith("conv") and 0 < less <= 4:  # a window of 5×5 loses no more
            return Finding("with a padding of 2, a 5×5 convolution keeps the size")
        if layer in NORMS and less == 1:
            return established(
                "the last window, only half of which is in the image, is left out", ": is ceil_mode set?"
            )
        if got.shape[-2:] == expected.shape[-2:]:
            return Finding("does the convolution have the right number of filters?")
    return Finding()


def _guesses(layer: str, values: Values, before: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Wrong outputs of a convolution or a fully-connected layer, by words."""
    name = {"conv2": "conv1", "conv3": "conv2", "fc4": "conv3", "fc5": "fc4"}.get(layer, "")

    def apply(x: Tensor, **changed: Tensor) -> Tensor:
        return _linear_part(layer, values | {f"{layer}.{key}": value for key, value in changed.items()}, x)

    if name:
        yield f"the ReLU after {name} is missing or lets negative numbers pass", apply(before)
        for activation, change in ACTIVATIONS.items():
            yield f"{name} is followed by {activation} instead of a ReLU", apply(change(before))
    else:
        yield "a ReLU is applied to the images first", apply(torch.relu(before))
        yield "the images are rescaled to 2x − 1 first", apply(2 * before - 1)
    bias = values.get(f"{layer}.bias")
    if bias is not None:
        x = torch.relu(before) if name else before
        yield "its bias is not added", apply(x, bias=torch.zeros_like(bias))
        for activation, change in {"a ReLU": torch.relu, **ACTIVATIONS}.items():
            yield f"its output has already passed {activation}", change(apply(x))
        yield "its filters are rotated by 180 degrees", apply(x, weight=_turned(values[f"{layer}.weight"]))
    if layer.startswith("conv"):
        x = torch.relu(before) if name else before
        for mode in ("reflect", "replicate", "circular"):
            padded = F.pad(x, (2, 2, 2, 2), mode=mode)
            found = F.conv2d(padded, values[f"{layer}.weight"], bias)
            yield f"it uses the padding mode {mode!r} instead of zeros", found


def _turned(weight: Tensor) -> Tensor:
    return weight.flip(-1, -2) if weight.dim() == 4 else weight


def _linear_part(layer: str, values: Values, x: Tensor) -> Tensor:
    weight, bias = values[f"{layer}.weight"], values.get(f"{layer}.bias")
    if layer.startswith("conv"):
        return F.conv2d(x, weight, bias, padding=2)
    return F.linear(x.flatten(1), weight.flatten(1), bias)


def _pool_guesses(layer: str, values: Values, before: Tensor, training: bool) -> Iterator[tuple[str, Tensor]]:
    conv, ceil_mode = NORMS[layer], layer == "pool3"

    def highest(x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2, 2, ceil_mode=ceil_mode)

    def norm(x: Tensor, training: bool = training) -> Tensor:
        return normalize(conv, values, x, training)

    normed = norm(before)
    if f"{conv}.gamma" in values:
        plain = {key: value for key, value in values.items() if not key.startswith(f"{conv}.")}
        yield f"there is no batch norm between {conv} and {layer}", step(layer, plain, before)
        yield (
            f"batch norm comes after the ReLU instead of right after {conv}",
            highest(torch.relu(norm(torch.relu(before)))),
        )
        for words, x in ((f"after {layer}", highest(before)), (f"after {layer} and its ReLU", highest(before).relu())):
            yield f"batch norm comes {words} instead of right after {conv}", torch.relu(norm(x))
        other = "in training it normalizes by running statistics instead of those of the batch"
        if not training:
            other = "in evaluation it normalizes by statistics of the batch instead of the running ones"
        if training or len(before) > 1:
            yield other, highest(torch.relu(norm(before, not training)))
        gamma, beta = values[f"{conv}.gamma"], values[f"{conv}.beta"]
        alone = F.instance_norm(before, weight=gamma, bias=beta)
        yield "each image is normalized by its own mean and variance", highest(torch.relu(alone))
        if not training:
            for eps in (1e-3, 1e-2, 1e-4, 1e-1):
                changed = values | {f"{conv}.var": values[f"{conv}.var"] + (eps - EPS)}
                yield f"batch norm's eps is {eps:g} instead of 1e-5", step(layer, changed, before)
        yield "batch norm is applied twice", highest(torch.relu(norm(normed)))
    yield "it takes the average instead of the maximum", F.avg_pool2d(torch.relu(normed), 2, 2, ceil_mode=ceil_mode)
    yield "it takes the average instead of the maximum", torch.relu(F.avg_pool2d(normed, 2, 2, ceil_mode=ceil_mode))
    yield (
        "its windows are 3×3 and overlap, but should be 2×2 side by side",
        F.max_pool2d(torch.relu(normed), 3, 2, padding=1),
    )
    yield "it takes every second pixel instead of the maximum", torch.relu(normed)[..., ::2, ::2]
    for activation, change in ACTIVATIONS.items():
        yield f"{conv} is followed by {activation} instead of a ReLU", torch.relu(highest(change(normed)))
        yield f"{conv} is followed by {activation} instead of a ReLU", torch.relu(change(highest(normed)))
