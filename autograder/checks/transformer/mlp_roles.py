"""Finds the roles of the parameters of a transformer's MLP: two linear layers with a GELU in between."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.parameters import Values, same

Activation = Callable[[Tensor], Tensor]


def _by_tanh(x: Tensor, inner: float = (2 / math.pi) ** 0.5, cubic: float = 0.044715, power: int = 3) -> Tensor:
    """The approximation of the GELU with tanh, or one with another constant."""
    return x * (1 + torch.tanh(inner * (x + cubic * x**power))) / 2


GELUS: tuple[Activation, ...] = (F.gelu, partial(F.gelu, approximate="tanh"))
_OTHERS: dict[str, Activation] = {
    "a ReLU": torch.relu,
    "a SiLU": F.silu,
    "a tanh": torch.tanh,
    "a sigmoid": torch.sigmoid,
    "an ELU": F.elu,
    "a leaky ReLU": F.leaky_relu,
    "a softplus": F.softplus,
}
OTHERS: dict[str, Activation] = {
    "the GELU between its two layers is missing": lambda x: x,
    "there is x · sigmoid(1.702 x) between its layers, a rough approximation of the GELU: use the exact GELU or the "
    "approximation with tanh": lambda x: x * torch.sigmoid(1.702 * x),
    **{
        f"in the GELU between its layers {words}": gelu
        for words, gelu in {
            "erf gets x, but should get x / √2": lambda x: x * (1 + torch.erf(x)) / 2,
            "the factor 0.5 is missing": lambda x: 2 * F.gelu(x),
            "the factor 0.5 of the approximation with tanh is missing": lambda x: 2 * F.gelu(x, approximate="tanh"),
            "the factor x is missing": lambda x: (1 + torch.erf(x / 2**0.5)) / 2,
            "the factor of x³ in the approximation with tanh should be 0.044715, but is 0.44715": (
                lambda x: _by_tanh(x, cubic=0.44715)
            ),
            "the factor of x³ in the approximation with tanh should be 0.044715, but is 0.0044715": (
                lambda x: _by_tanh(x, cubic=0.0044715)
            ),
            "0.044715 x³ in the approximation with tanh is missing": lambda x: _by_tanh(x, cubic=0.0),
            "0.044715 x² in the approximation with tanh should be 0.044715 x³": lambda x: _by_tanh(x, power=2),
            "the factor √(2/π) in the approximation with tanh is missing": lambda x: _by_tanh(x, inner=1.0),
            "the factor in the approximation with tanh should be √(2/π), but is 2/π": lambda x: _by_tanh(
                x, inner=2 / math.pi
            ),
        }.items()
    },
    "there are two GELUs between its layers": lambda x: F.gelu(F.gelu(x)),
    **{f"there is {name} between its layers instead of a GELU": activation for name, activation in _OTHERS.items()},
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


Around = Callable[[Callable[[Tensor], Tensor]], Tensor]
"""Computes an output, given a function from the input of an MLP to its output."""
Candidates = Callable[[Activation], list[Mlp]]
"""The MLPs to try with an activation."""


def matching_mlp(candidates: Candidates, values: Values, found: Tensor, around: Around) -> Mlp | None:
    """The right MLP whose output was found, if there is one."""
    mlps = (mlp for activation in GELUS for mlp in candidates(activation))
    return next((mlp for mlp in mlps if same(around(partial(mlp, values)), found)), None)


def find_mlp(what: str, candidates: Candidates, values: Values, found: Tensor, around: Around) -> Mlp:
    """Finds the MLP whose output was found. Raises CheckFailed with an explanation if there is none.

    what: how the message names the output.
    values: the parameters.
    found: the output.
    """
    right = matching_mlp(candidates, values, found, around)
    if right is not None:
        return right
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
        "it normalizes its input: the layer norm belongs to the block": lambda mlp: (
            lambda x: mlp(values, F.layer_norm(x, x.shape[-1:]))
        ),
        **{
            f"there is {name} after the second layer, where nothing should be": lambda mlp, after=after: (  # type: ignore[misc]
                lambda x: after(mlp(values, x))
            )
            for name, after in _OTHERS.items()
        },
    }
    for words, wrong in mistakes.items():
        if any(same(around(wrong(mlp)), found) for gelu in GELUS for mlp in candidates(gelu)):
            raise CheckFailed(f"{what} is wrong: {words}", mistake=words)
    for words, activation in OTHERS.items():
        if any(same(around(partial(mlp, values)), found) for mlp in candidates(activation)):
            raise CheckFailed(f"{what} is wrong: {words}", mistake=words)
    raise CheckFailed(
        f"{what} is not the result of first layer, GELU and second layer with its parameters: is anything added, missing "
        "or in another order?"
    )
