"""Which parameter of a transformer block plays which part, read off from what the block does when others are zero.

Names and layouts are free. The two matrices of the MLP are told by their size, which no part of an attention has; the
vectors of embed_dim numbers by what each of them does alone. What is left is the attention's, and which number of it is
what is found by `attention_roles`, from the attention taken out of the block.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.attention import expect_right_scale
from autograder.checks.transformer.attention import reference as attention_reference
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.attention_roles import find_roles
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

C, HEADS, RATIO = 8, 2, 5
"""A block in which every part has a size of its own: an attention has at most 4 C² weights, so no matrix of the MLP."""
SAME = 1e-8
EPS = (1e-5, 1e-6)
Values = Sequence[Tensor]
"""Of the trainable parameters, in the module's order."""
Activation = Callable[[Tensor], Tensor]

GELUS: tuple[Activation, ...] = (F.gelu, partial(F.gelu, approximate="tanh"))
OTHERS: dict[str, Activation] = {
    "there is nothing between its two layers, where a GELU should be": lambda x: x,
    "there is a ReLU between its layers, where a GELU should be": torch.relu,
    "there is a SiLU between its layers, where a GELU should be": F.silu,
    "there is a tanh between its layers, where a GELU should be": torch.tanh,
    "there is a sigmoid between its layers, where a GELU should be": torch.sigmoid,
    "between its layers is x · sigmoid(1.702 x), a rough approximation of the GELU: the exact one or the one with tanh "
    "is asked for": lambda x: x * torch.sigmoid(1.702 * x),
}


def same(a: Tensor, b: Tensor, tolerance: float = SAME) -> bool:
    return bool(((a - b).abs() <= tolerance * (1 + b.abs())).all())


@dataclass(frozen=True)
class Tried:
    """A module that is asked what it makes of x with parameters of our choice."""

    student: StudentModule
    model: Handle
    names: list[str]
    shapes: list[tuple[int, ...]]

    @classmethod
    def of(cls, student: StudentModule, model: Handle) -> Tried:
        """The module, from now on in eval mode and float64."""
        model.eval()
        model.double()
        parameters = model.parameters()
        return cls(student, model, [name for name, _ in parameters], [tuple(value.shape) for _, value in parameters])

    @property
    def sizes(self) -> list[int]:
        return [math.prod(shape) for shape in self.shapes]

    def of_size(self, size: int) -> list[int]:
        return [i for i, one in enumerate(self.sizes) if one == size]

    def random(self, draw: Draw, scale: float = 0.6) -> list[Tensor]:
        return [draw.normal(*shape, scale=scale) for shape in self.shapes]

    def only(self, values: Values, kept: Sequence[int]) -> list[Tensor]:
        """The parameters of which all but these are zero."""
        return [value if i in kept else torch.zeros_like(value) for i, value in enumerate(values)]

    def outputs(self, cases: Sequence[Values], x: Tensor, shape: tuple[int, ...]) -> list[Tensor]:
        found = self.student.probe("transformer.with_parameters", self.model, [list(case) for case in cases], x)
        if not isinstance(found, list) or len(found) != len(cases):
            raise Refused(f"what the {self.model.type_name} makes of {tuple(x.shape)} cannot be read")
        return [as_tensor("the output", output, shape, x.dtype) for output in found]

    def output(self, values: Values, x: Tensor) -> Tensor:
        return self.outputs([values], x, tuple(x.shape))[0]


@dataclass(frozen=True)
class Mlp:
    """Two linear layers: places of the parameters, whether a weight is stored as (in, out), and what is between."""

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
    """The ways to read two matrices of equal size: which is first, and which axis is which."""
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
    """The reading that gives what was found, where `around` says what an MLP is put into; or why there is none."""
    for activation in GELUS:
        for mlp in candidates(activation):
            if same(around(partial(mlp, values)), found):
                return mlp
    reasons: dict[str, Callable[[Mlp], Callable[[Tensor], Tensor]]] = {
        "the GELU stands after the second layer, where it should stand between the two": lambda mlp: (
            lambda x: F.gelu(mlp.second(values, mlp.first(values, x)))
        ),
        "there is a second GELU after the second layer: one between the two is asked for": lambda mlp: (
            lambda x: F.gelu(mlp(values, x))
        ),
        "the GELU stands before the first layer, where it should stand between the two": lambda mlp: (
            lambda x: mlp.second(values, mlp.first(values, F.gelu(x)))
        ),
        "it adds its input to its output: the residual connection belongs to the block": lambda mlp: (
            lambda x: x + mlp(values, x)
        ),
    }
    for reason, wrong in reasons.items():
        if any(same(around(wrong(mlp)), found) for gelu in GELUS for mlp in candidates(gelu)):
            raise CheckFailed(f"{what} is wrong: {reason}")
    for reason, activation in OTHERS.items():
        if any(same(around(partial(mlp, values)), found) for mlp in candidates(activation)):
            raise CheckFailed(f"{what} is wrong: {reason}")
    raise CheckFailed(
        f"{what} is not what its parameters give by first layer, GELU, second layer: is there more in it, or is "
        "something left out or in another order?"
    )


@dataclass(frozen=True)
class Norm:
    """A layer norm: the places of its weight and of its bias, where it has one, and its eps."""

    weight: int
    bias: int | None
    eps: float

    def __call__(self, values: Values, x: Tensor) -> Tensor:
        bias = None if self.bias is None else values[self.bias].reshape(-1)
        return F.layer_norm(x, x.shape[-1:], values[self.weight].reshape(-1), bias, self.eps)


@dataclass(frozen=True)
class Half:
    """What reads the tokens through a norm: `norm` (weight, bias), and the places of the half's own parameters."""

    norm: tuple[int, int | None]
    parameters: list[int]


class BlockRoles:
    """The parts of a student's block of `C` features, `HEADS` heads and an MLP of `RATIO` * C hidden features.

    Where mlp_ratio is ignored, which is a claim of its own, 4 * C hidden features will do as well.
    """

    def __init__(self, student: StudentModule, draw: Draw, block: Handle) -> None:
        self.block = Tried.of(student, block)
        self._student, self._draw = student, draw
        self._vectors = self.block.of_size(C)

    @cached_property
    def width(self) -> int:
        """The hidden features of the MLP."""
        for width in (RATIO * C, 4 * C):
            if len(self.block.of_size(width * C)) == 2 and len(self.block.of_size(width)) <= 1:
                return width
        found = len(self.block.of_size(RATIO * C * C))
        raise CheckFailed(
            f"Block({C}, {HEADS}, {RATIO}) should have an MLP of {C} → {RATIO * C} → {C} features, so two matrices of "
            f"{RATIO * C * C} numbers but has {found} of that size: is the hidden size mlp_ratio times embed_dim?"
        )

    def expect_width(self) -> None:
        if self.width != RATIO * C:
            raise CheckFailed(
                f"the MLP of Block({C}, {HEADS}, {RATIO}) should have {RATIO * C} hidden features but has {self.width}: "
                "is mlp_ratio used?"
            )

    @cached_property
    def _matrices(self) -> list[int]:
        return self.block.of_size(self.width * C)

    @cached_property
    def _hidden_bias(self) -> list[int]:
        return self.block.of_size(self.width)

    @cached_property
    def _attention(self) -> list[int]:
        """All its parameters but the vectors of C numbers."""
        mlp = {*self._matrices, *self._hidden_bias, *self._vectors}
        return [i for i in range(len(self.block.names)) if i not in mlp]

    def expect_residuals(self) -> None:
        """Fails unless nothing is changed when all parameters are zero."""
        x = self._draw.normal(2, 3, C, scale=2.0) + 1
        zero = [torch.zeros(shape, dtype=torch.float64) for shape in self.block.shapes]
        found = self.block.output(zero, x)
        if same(found, x):
            return
        told = "with all its parameters at zero a Block adds nothing to its tokens and returns them as they are"
        if same(found, torch.zeros_like(x)):
            without_matrices = self.block.output(self.block.only(self.block.random(self._draw), self._vectors), x)
            if same(without_matrices, without_matrices[:1, :1].expand_as(x)):
                raise CheckFailed(f"{told}. Yours returns zeros: is x + missing in front of a half, so that x is lost?")
            raise CheckFailed(
                f"{told}. Yours returns zeros, since x itself goes through a norm on its way: after the addition "
                "(post-norm), or before it, as in x = norm(x). The norm belongs into the branch of the half alone"
            )
        factor = float((found / x).median())
        if same(found, factor * x):
            raise CheckFailed(f"{told}. Yours returns {factor:.4g} times as much: how often is x added?")
        if any(same(found, F.layer_norm(x, (C,), eps=eps), 1e-6) for eps in EPS):
            raise CheckFailed(f"{told}. Yours returns them normalized: add to x what a half makes, not to norm(x)")
        raise CheckFailed(f"{told}. Yours changes them: add to x what a half makes, and nothing else")

    @cached_property
    def _additive(self) -> list[int]:
        """The biases that are added to the tokens: of the projection and of the second layer, where they have any."""
        x, values = self._draw.normal(2, 3, C), self.block.random(self._draw)
        outputs = self._with_each(values, [], x)
        return [i for i, found in outputs.items() if not same(found, x)]

    def _with_each(self, values: Values, kept: list[int], x: Tensor) -> dict[int, Tensor]:
        """Outputs where of all vectors of C numbers one is not zero, with these other parameters."""
        cases = [self.block.only(values, [*kept, i]) for i in self._vectors]
        return dict(zip(self._vectors, self.block.outputs(cases, x, tuple(x.shape))))

    def norm_of_mlp(self) -> tuple[int, int | None]:
        """Weight and bias of the norm before the MLP, which is all that is not zero."""
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        self._expect_some_norm("MLP", values, self._matrices, x)
        alone = self._with_each(values, self._matrices, x)
        kept = [i for i in self._vectors if i not in self._additive]
        weight, bias = self._norm("MLP", {i: alone[i] - x for i in kept})
        side_by_side = self.block.output(self.block.only(values, [*self._matrices, weight]), x.transpose(0, 1))
        if not same(side_by_side.transpose(0, 1), alone[weight]):
            raise CheckFailed(
                "what the MLP adds to a token depends on the other tokens of its sequence, though the attention is "
                "switched off: does the norm take its mean and variance over the features of one token?"
            )
        return weight, bias

    def _expect_some_norm(self, half: str, values: Values, kept: list[int], x: Tensor) -> None:
        if not same(self.block.output(self.block.only(values, kept), x), x):
            raise CheckFailed(
                f"the {half} reads the tokens as they are: with all weights and biases of norms at zero it still adds "
                "something to them. Before each half stands a layer norm"
            )

    def norm_of_attention(self) -> tuple[int, int | None]:
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        # A bias of the values passes one matrix, the norm's passes two: with all twice as large it counts four times.
        weights = [i for i in self._attention if self.block.sizes[i] > 3 * C]
        twice = [2 * value if i in weights else value for i, value in enumerate(values)]
        self._expect_some_norm("attention", values, weights, x)
        once, again = (self._with_each(numbers, weights, x) for numbers in (values, twice))
        kept = [i for i in self._vectors if i not in self._additive]
        return self._norm("attention", {i: once[i] - x for i in kept if same(again[i] - x, 4 * (once[i] - x))})

    def _norm(self, half: str, effects: dict[int, Tensor]) -> tuple[int, int | None]:
        """From what each vector alone, all others at zero, makes the half add to three different tokens."""
        seen = {i: effect for i, effect in effects.items() if not same(effect, torch.zeros_like(effect))}
        weights = [i for i, effect in seen.items() if not same(effect, effect[:1].expand_as(effect))]
        biases = [i for i in seen if i not in weights]
        if len(weights) != 1 or len(biases) > 1:
            raise CheckFailed(
                f"what the {half} adds should depend on the tokens through one layer norm with {C} trainable weights, "
                f"and there are {len(weights)} that it depends on: is the norm made and never used, does it stand behind "
                f"the {half}, or is what the {half} makes lost?"
            )
        return weights[0], biases[0] if biases else None

    def halves(self) -> tuple[Half, Half]:
        """Attention and MLP with a norm each, or a failed check."""
        of_attention, of_mlp = self.norm_of_attention(), self.norm_of_mlp()
        shared = {i for i in of_attention if i is not None} & {i for i in of_mlp if i is not None}
        if shared:
            raise CheckFailed(
                f"attention and MLP read through the same layer norm ({self.block.names[shared.pop()]}): each half needs "
                "one of its own, with its own weights"
            )
        last = [i for i in self._additive if not self._reaches_mlp(i, of_mlp[0])]
        norms = {*of_attention, *of_mlp}
        second_bias = last[-1:]
        others = [i for i in self._vectors if i not in norms and i not in second_bias]
        mlp = [*self._matrices, *self._hidden_bias, *second_bias]
        return Half(of_attention, sorted([*self._attention, *others])), Half(of_mlp, mlp)

    def _reaches_mlp(self, vector: int, weight: int) -> bool:
        """Whether what is added to the tokens is read by the MLP: so it is if the attention adds it."""
        x, values = self._draw.normal(2, 3, C), self.block.random(self._draw)
        without, added = self.block.outputs(
            [self.block.only(values, [*self._matrices, weight, *more]) for more in ([], [vector])], x, tuple(x.shape)
        )
        return not same(added - without, values[vector].reshape(-1).expand_as(x))

    def mlp(self, half: Half) -> tuple[Norm, Mlp]:
        """Norm and MLP, by what the block makes of tokens with an attention of zero."""
        x, values = self._draw.normal(2, 3, C, scale=0.5), self.block.random(self._draw)
        values = self.block.only(values, [*half.parameters, *[i for i in half.norm if i is not None]])
        found = self.block.output(values, x)
        biases = (*self._hidden_bias, None)[0], (*half.parameters[2 + len(self._hidden_bias) :], None)[0]
        candidates = partial(mlp_candidates, self._matrices, biases, (C, self.width))
        failure: CheckFailed | None = None
        for eps in EPS:
            norm = Norm(*half.norm, eps)
            try:
                return norm, find_mlp(
                    "what the MLP adds to its tokens",
                    candidates,
                    values,
                    found,
                    lambda mlp, norm=norm: x + mlp(norm(values, x)),  # type: ignore[misc]
                )
            except CheckFailed as problem:
                failure = failure or problem
        assert failure is not None
        raise failure

    def attention(self, half: Half) -> tuple[Norm, AttentionRoles]:
        """Norm and attention, this taken out of the block."""
        values = self.block.random(self._draw, scale=C**-0.5)
        weight, bias = half.norm
        eps = self._eps(values, half)
        self.block.output(self.block.only(values, half.parameters), self._draw.normal(1, 1, C))
        model: Any = self._student.probe(
            "transformer.attention_of", self.block.model, weight, bias, half.parameters, eps, self._draw.normal(C)
        )
        if not isinstance(model, Handle):
            raise Refused("the attention cannot be taken out of the block")
        roles = find_roles(self._student, self._draw, model, C, HEADS)
        expect_right_scale(roles)
        return Norm(weight, bias, eps), roles

    def _eps(self, values: Values, half: Half) -> float:
        """Of the norm before the attention: how much less of a small token than of a large one comes through it."""
        x = self._draw.normal(C)
        x = x - x.mean()
        x = x / x.square().mean().sqrt()
        tokens = torch.stack([1e3 * x, 2e-3 * x])[:, None]
        kept = [i for i in half.parameters if self.block.sizes[i] > 3 * C]
        large, small = self.block.output(self.block.only(values, [*kept, half.norm[0]]), tokens) - tokens
        through = float((small * large).sum() / large.square().sum())
        eps = 4e-6 * (1 / through**2 - 1) if through else math.nan
        for known in EPS:
            if math.isclose(eps, known, rel_tol=1e-2):
                return known
        raise CheckFailed(
            f"the norm before the attention is no layer norm with an eps of 1e-5 or 1e-6: measured by what comes through "
            f"it of a small token and of a large one, its eps is {eps:.3g}. Does it divide by the root of the variance "
            "plus eps, the variance being the mean of the squares?"
        )


@dataclass(frozen=True)
class ReferenceBlock:
    """The block as torch computes it, with the student's parameters."""

    attention_norm: Norm
    attention_roles: AttentionRoles
    attention_parameters: list[int]
    mlp_norm: Norm
    mlp_roles: Mlp

    @classmethod
    def of(cls, roles: BlockRoles) -> ReferenceBlock:
        of_attention, of_mlp = roles.halves()
        return cls(*roles.attention(of_attention), of_attention.parameters, *roles.mlp(of_mlp))

    def attention(self, values: Values, x: Tensor) -> Tensor:
        numbers = self.attention_roles.gather([values[i] for i in self.attention_parameters])
        return attention_reference(self.attention_roles, numbers, self.attention_norm(values, x))

    def mlp(self, values: Values, x: Tensor) -> Tensor:
        return self.mlp_roles(values, self.mlp_norm(values, x))

    def __call__(self, values: Values, x: Tensor) -> Tensor:
        x = x + self.attention(values, x)
        return x + self.mlp(values, x)
