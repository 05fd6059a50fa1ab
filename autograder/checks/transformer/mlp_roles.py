"""Finds the roles of the parameters of a transformer's MLP: two linear layers with a GELU in between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.parameters import Values, same

Activation = Callable[[Tensor], Tensor]

GELUS: tuple[Activation, ...] = (F.gelu, partial(F.gelu, approximate="tanh"))
OTHERS: dict[str, Activation] = {
    "the GELU between its two layers is missing": lambda x: x,
    "there is a ReLU between its layers instead of a GELU": torch.relu,
    "there is a SiLU between its layers instead of a GELU": F.silu,
    "there is a tanh between its layers instead of a GELU": torch.tanh,
    "there is a sigmoid between its layers instead of a GELU": torch.sigmoid,
    "there is x · sigmoid(1.702 x) between its layers, a rough approximation of the GELU: use the exact GELU or the "
    "approximation with tanh": lambda x: x * torch.sigmoid(1.702 * x),
}


@dataclass(frozen=True)
class Mlp:
    """An MLP of two linear layers: indices of the parameters, whether weights are (in, out), and what is in between.

    sizes: (features, hidden features).
    """

    weights: tuple[int, int]
    turned: tuple[bool, bool]
    biases: tuple[int | None, int | None]
    activation: Activation
    sizes: tuple[int, int]

    def __call__(self, values: Values, x: Tensor) -> Tensor:
        return self.second(values, self.activation(self.first(values, x)))

    def first(self, values: Values, x: Tensor) -> Tensor:
        return self._linear(values, x, 0)

    def second(self, values: Values, x: Tensor) -> Tensor:
        return self._linear(values, x, 1)

    def _linear(self, values: Values, x: Tensor, layer: int) -> Tensor:
        inputs, outputs = self.sizes if layer == 0 else self.sizes[::-1]
        weight, bias = values[self.weights[layer]], self.biases[layer]
        matrix = weight.reshape(inputs, outputs).T if self.turned[layer] else weight.reshape(outputs, inputs)
        return F.linear(x, matrix, None if bias is None else values[bias].reshape(-1))


def mlp_candidates(
    weights: Sequence[int], biases: tuple[int | None, int | None], sizes: tuple[int, int], activation: Activation
) -> list[Mlp]:
    """All ways to read two matrices of equal size: which comes first, and which axis is which."""
    return [
        Mlp((order[0], order[1]), (turned[0], turned[1]), biases, activation, sizes)
        for order in itertools.permutations(weights, 2)
        for turned in itertools.product((False, True), repeat=2)
    ]


def find_mlp(
    what: str,
    candidates: Callable[[Activation], list[Mlp]],
    values: Values,
    found: Tensor,
    around: Callable[[Callable[[Tensor], Tensor]], Tensor],
) -> Mlp:
    """Finds the MLP whose output was found. Raises CheckFailed with an explanation if there is none.

    what: how the message names the output.
    candidates: the MLPs to try with an activation.
    values: the parameters.
    found: the output.
    around: computes the output, given a function from the input of the MLP to its output.
    """
    for activation in GELUS:
        for mlp in candidates(activation):
            if same(around(partial(mlp, values)), found):
                return mlp
    mistakes: dict[str, Callable[[Mlp], Callable[[Tensor], Tensor]]] = {
        "the GELU is after the second layer, but should be between the two": lambda mlp: (
            lambda x: F.gelu(mlp.second(values, mlp.first(values, x)))
        ),
        "there is a second GELU after the second layer, but there should be only one": lambda mlp: (
            lambda x: F.gelu(mlp(values, x))
        ),
        "the GELU is before the first layer, but should be between the two": lambda mlp: (
            lambda x: mlp.second(values, mlp.first(values, F.gelu(x)))
        ),
        "it adds its input to its output: the residual connection belongs to the block": lambda mlp: (
            lambda x: x + mlp(values, x)
        ),
    }
    for words, wrong in mistakes.items():
        if any(same(around(wrong(mlp)), found) for gelu in GELUS for mlp in candidates(gelu)):
            raise CheckFailed(f"{what} is wrong: {words}")
    for words, activation in OTHERS.items():
        if any(same(around(partial(mlp, values)), found) for mlp in candidates(activation)):
            raise CheckFailed(f"{what} is wrong: {words}")
    raise CheckFailed(
        f"{what} is not the result of first layer, GELU and second layer with its parameters: is anything added, missing "
        "or in another order?"
    )
