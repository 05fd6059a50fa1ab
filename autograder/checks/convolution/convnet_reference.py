"""The network of `convnet`, computed layer by layer, and the roles that a student's tensors may have in it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.inputs import Draw

LAYERS = ("conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "fc4", "fc5")
WEIGHTS = {
    "conv1": (32, 3, 5, 5),
    "conv2": (64, 32, 5, 5),
    "conv3": (64, 64, 5, 5),
    "fc4": (1000, 64, 4, 4),
    "fc5": (10, 1000),
}
"""The shape of each layer's weight, outputs first; fc4's inputs are given as channels, rows and columns."""
SHAPES = {
    "conv1": (32, 32, 32),
    "pool1": (32, 16, 16),
    "conv2": (64, 16, 16),
    "pool2": (64, 8, 8),
    "conv3": (64, 8, 8),
    "pool3": (64, 4, 4),
    "fc4": (1000,),
    "fc5": (10,),
}
"""The shape of each layer's output for one image of 32×32."""
FAN_IN = {math.prod(shape): math.prod(shape[1:]) for shape in WEIGHTS.values()}
"""The inputs of a neuron, by the size of the weight."""
NORMS = {"pool1": "conv1", "pool2": "conv2", "pool3": "conv3"}
EPS, MOMENTUM = 1e-5, 0.1
Values = dict[str, Tensor]
"""By role: "conv1.weight", "conv1.bias", and with batch norm "conv1.gamma", "conv1.beta", "conv1.mean", "conv1.var"."""


def step(layer: str, values: Values, x: Tensor, training: bool = False) -> Tensor:
    """The output of a layer for x, the output of the layer before it or the images.

    A layer applies the ReLU and the batch norm that come before it. A pool's output has passed a ReLU, so the
    next convolution's changes nothing.
    """
    if layer in NORMS:
        x = torch.relu(normalize(NORMS[layer], values, x, training))
        return F.max_pool2d(x, 2, 2, ceil_mode=layer == "pool3")
    weight, bias = values[f"{layer}.weight"], values.get(f"{layer}.bias")
    x = x if layer == "conv1" else torch.relu(x)
    if layer.startswith("conv"):
        return F.conv2d(x, weight, bias, padding=2)
    return F.linear(x.flatten(1), weight.flatten(1), bias)


def normalize(conv: str, values: Values, x: Tensor, training: bool) -> Tensor:
    """Batch norm with the statistics of the batch in training, else the running ones; x itself without batch norm."""
    if f"{conv}.gamma" not in values:
        return x
    gamma, beta = values[f"{conv}.gamma"], values[f"{conv}.beta"]
    mean, var = (None, None) if training else (values[f"{conv}.mean"], values[f"{conv}.var"])
    return F.batch_norm(x, mean, var, gamma, beta, training, MOMENTUM, EPS)


def outputs(values: Values, images: Tensor, training: bool = False) -> list[Tensor]:
    """The outputs of all eight layers, in order; the last are the scores."""
    found = [images]
    for layer in LAYERS:
        found.append(step(layer, values, found[-1], training))
    return found[1:]


@dataclass(frozen=True)
class Number:
    """A tensor of the student's network: its index among them, name, shape, dtype, and whether it is trainable."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Piece:
    """One of the student's tensors in a role, and how to view and permute it into the layout of the reference."""

    index: int
    view: tuple[int, ...]
    axes: tuple[int, ...]

    def of(self, values: list[Tensor]) -> Tensor:
        return values[self.index].reshape(self.view).permute(self.axes)


def random_value(draw: Draw, number: Number) -> Tensor:
    """A random value that lets mistakes show: a weight that keeps the scale of its input, other parameters far from 0 and of
    both signs, and positive statistics."""
    if number.size in FAN_IN:
        return draw.normal(*number.shape, scale=(2 / FAN_IN[number.size]) ** 0.5)
    low, high = (0.3, 0.9) if number.trainable else (0.05, 0.5)
    size = torch.from_numpy(draw.rng.uniform(low, high, number.shape))
    sign = torch.from_numpy(draw.rng.integers(0, 2, number.shape) * 2 - 1) if number.trainable else 1
    return size * sign


Roles = dict[str, Piece]


def in_roles(roles: Roles, values: list[Tensor]) -> Values:
    """The student's tensors by role, in the layout of the reference; differentiable."""
    return {role: piece.of(values) for role, piece in roles.items()}


def weights(layer: str, numbers: Iterable[Number]) -> list[Roles]:
    """All ways to read a tensor as the weight of a layer, the usual one first."""
    shape = WEIGHTS[layer]
    turned = {
        2: ((0, 1), (1, 0)),
        # A convolution's weight: outputs or inputs first, or as a matrix that patches are multiplied by. For fc4, the axes
        # of the maps may come in any order, since that only changes the order of its inputs.
        4: ((0, 1, 2, 3), (1, 0, 2, 3), (1, 2, 3, 0), (2, 3, 1, 0), (2, 3, 0, 1)),
    }[len(shape)]
    if layer == "fc4":
        orders = list(itertools.permutations((1, 2, 3)))
        turned = tuple((0, *order) for order in orders) + tuple((*order, 0) for order in orders)
    found = []
    for number in numbers:
        for axes in turned if number.trainable and number.size == math.prod(shape) else ():
            view = tuple(shape[axis] for axis in axes)
            if _merged(view, number.shape):
                back = tuple(sorted(range(len(axes)), key=axes.__getitem__))
                found.append({f"{layer}.weight": Piece(number.index, view, back)})
    return found


def _merged(view: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether a tensor of this shape is one of shape `view` with neighbouring axes merged."""
    return set(itertools.accumulate(shape, lambda a, b: a * b)) <= {1, *itertools.accumulate(view, lambda a, b: a * b)}


def vectors(roles: tuple[str, ...], size: int, numbers: Iterable[Number], trainable: bool) -> Iterator[Roles]:
    """All ways to give these roles to vectors of this size, the order of the numbers first."""
    fitting = [number for number in numbers if number.size == size and number.trainable == trainable]
    for chosen in itertools.permutations(fitting, len(roles)):
        yield {role: Piece(number.index, (size,), (0,)) for role, number in zip(roles, chosen)}


def candidates(layer: str, numbers: list[Number], batch_norm: bool) -> Iterator[Roles]:
    """All ways to give a layer its tensors out of these numbers."""
    if layer in NORMS:
        conv = NORMS[layer]
        size = WEIGHTS[conv][0]
        if not batch_norm:
            yield {}
            return
        scales = list(vectors((f"{conv}.gamma", f"{conv}.beta"), size, numbers, True))
        for scale, statistics in itertools.product(
            scales, vectors((f"{conv}.mean", f"{conv}.var"), size, numbers, False)
        ):
            yield scale | statistics
        return
    without_bias: list[Roles] = [{}] if batch_norm and layer.startswith("conv") else []
    for weight in weights(layer, numbers):
        for bias in [*vectors((f"{layer}.bias",), WEIGHTS[layer][0], numbers, True), *without_bias]:
            yield weight | bias


def assignments(numbers: list[Number], used: list[int], batch_norm: bool) -> Iterator[Roles]:
    """The likely ways to give all roles at once, for a network whose layers cannot be observed one by one.

    Vectors of equal size are taken in the order of their first use, or as the network lists them.
    """
    by_use = [numbers[i] for i in used] + [number for number in numbers if number.index not in used]
    parts = itertools.product(
        itertools.permutations(("bias", "gamma", "beta")), itertools.permutations(("mean", "var"))
    )
    kinds = [(*first, *second) for first, second in parts] if batch_norm else [("bias",)]
    seen: list[Roles] = []
    for names, order in itertools.product(kinds, (by_use, numbers, numbers[::-1])):
        given = _in_order(order, names, batch_norm)
        if given is not None and given not in seen:
            seen.append(given)
    layouts = itertools.product(*(weights(layer, numbers) for layer in WEIGHTS))
    for number, chosen in enumerate(layouts):
        for given in seen if number == 0 else seen[:3]:
            yield {role: piece for part in (given, *chosen) for role, piece in part.items()}


def _in_order(order: list[Number], names: tuple[str, ...], batch_norm: bool) -> Roles | None:
    """Vectors with their roles, those of a layer in the order of `names`; None if there are too few."""
    found: Roles = {}
    unbiased = batch_norm and sum(number.size == 32 and number.trainable for number in order) == 2
    for layer, shape in WEIGHTS.items():
        normed = batch_norm and layer.startswith("conv")
        for name in names if normed else ("bias",):
            if normed and unbiased and name == "bias":
                continue
            taken = {piece.index for piece in found.values()}
            left = [number for number in order if number.index not in taken]
            part = next(vectors((f"{layer}.{name}",), shape[0], left, name not in ("mean", "var")), None)
            if part is None:
                return None
            found |= part
    return found
