"""Finds the role of each parameter of a transformer block, from what the block does when others are zero.

Students choose names and layouts. The two matrices of the MLP are recognised by their size, which no part of an attention
has, and the vectors of embed_dim numbers by the effect of each alone. The rest belongs to the attention; `attention_roles`
finds the roles there, with the attention taken out of the block.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.attention import reference as attention_reference
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.attention_roles import find_roles
from autograder.checks.transformer.attention_scale import expect_right_scale
from autograder.checks.transformer.mlp_roles import Mlp, find_mlp, mlp_candidates
from autograder.checks.transformer.parameters import Tried, Values, same
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

C, HEADS, RATIO = 8, 2, 5
"""Sizes of a block in which the matrices of the MLP are larger than the whole attention, which has 4 C² weights."""
EPS = (1e-5, 1e-6)


@dataclass(frozen=True)
class Norm:
    """A layer norm: the indices of its weight and its bias, if it has one, and its eps."""

    weight: int
    bias: int | None
    eps: float

    def __call__(self, values: Values, x: Tensor) -> Tensor:
        bias = None if self.bias is None else values[self.bias].reshape(-1)
        return F.layer_norm(x, x.shape[-1:], values[self.weight].reshape(-1), bias, self.eps)


@dataclass(frozen=True)
class Half:
    """The attention or the MLP with the norm before it: indices of the norm's weight and bias, and of its own parameters."""

    norm: tuple[int, int | None]
    parameters: list[int]


class BlockRoles:
    """The roles of the parameters of a student's block with C features, HEADS heads and RATIO * C hidden features.

    4 * C hidden features are accepted, too: another check looks at whether mlp_ratio is used.
    """

    def __init__(self, student: StudentModule, draw: Draw, block: Handle) -> None:
        self.block = Tried.of(student, block)
        self._student, self._draw = student, draw
        self._vectors = self.block.of_size(C)

    @cached_property
    def width(self) -> int:
        """The number of hidden features of the MLP."""
        for width in (RATIO * C, 4 * C):
            if len(self.block.of_size(width * C)) == 2 and len(self.block.of_size(width)) <= 1:
                return width
        found = len(self.block.of_size(RATIO * C * C))
        raise CheckFailed(
            f"Block({C}, {HEADS}, {RATIO}) should have an MLP of {C} → {RATIO * C} → {C} features, with two matrices "
            f"of {RATIO * C * C} numbers, but {found} of its parameters have that size: is the "
            "hidden size mlp_ratio times embed_dim?"
        )

    def expect_width(self) -> None:
        """Fails unless the MLP has mlp_ratio times embed_dim hidden features."""
        if self.width != RATIO * C:
            raise CheckFailed(
                f"the MLP of Block({C}, {HEADS}, {RATIO}) should have {RATIO * C} hidden features, but has {self.width}: "
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
        """The parameters of the attention, except vectors of C numbers."""
        mlp = {*self._matrices, *self._hidden_bias, *self._vectors}
        return [i for i in range(len(self.block.names)) if i not in mlp]

    def expect_residuals(self) -> None:
        """Fails unless the block returns its input when all parameters are zero."""
        x = self._draw.normal(2, 3, C, scale=2.0) + 1
        zero = [torch.zeros(shape, dtype=torch.float64) for shape in self.block.shapes]
        found = self.block.output(zero, x)
        if same(found, x):
            return
        expected = "with all parameters zero, a Block should return its input x"
        if same(found, torch.zeros_like(x)):
            without_matrices = self.block.output(self.block.only(self.block.random(self._draw), self._vectors), x)
            if same(without_matrices, without_matrices[:1, :1].expand_as(x)):
                raise CheckFailed(
                    f"{expected}, but yours returns zeros: is x + missing before the attention or the MLP?"
                )
            raise CheckFailed(
                f"{expected}, but yours returns zeros: a norm is applied to x itself, after the addition (post-norm) or "
                "before it, as in x = norm(x). Apply it only to the input of the attention or the MLP"
            )
        factor = float((found / x).median())
        if same(found, factor * x):
            raise CheckFailed(f"{expected}, but yours returns {factor:.4g} times x: how often is x added?")
        if any(same(found, F.layer_norm(x, (C,), eps=eps), 1e-6) for eps in EPS):
            raise CheckFailed(
                f"{expected}, but yours returns it normalized: add the attention and the MLP to x, not to norm(x)"
            )
        raise CheckFailed(f"{expected}, but yours changes it: add only the attention and the MLP to x")

    @cached_property
    def _additive(self) -> list[int]:
        """The biases that are added to the tokens: those of the final projection and the MLP's second layer, if any."""
        x, values = self._draw.normal(2, 3, C), self.block.random(self._draw)
        outputs = self._with_each(values, [], x)
        return [i for i, found in outputs.items() if not same(found, x)]

    def _with_each(self, values: Values, kept: list[int], x: Tensor) -> dict[int, Tensor]:
        """The outputs with the kept parameters and one vector of C numbers at a time; all others are zero."""
        cases = [self.block.only(values, [*kept, i]) for i in self._vectors]
        return dict(zip(self._vectors, self.block.outputs(cases, x, tuple(x.shape))))

    def norm_of_mlp(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the MLP, found with all other parameters but the MLP's at zero."""
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        self._expect_some_norm("MLP", values, self._matrices, x)
        alone = self._with_each(values, self._matrices, x)
        kept = [i for i in self._vectors if i not in self._additive]
        weight, bias = self._norm("MLP", {i: alone[i] - x for i in kept})
        side_by_side = self.block.output(self.block.only(values, [*self._matrices, weight]), x.transpose(0, 1))
        if not same(side_by_side.transpose(0, 1), alone[weight]):
            raise CheckFailed(
                "what the MLP adds to a token depends on the other tokens of its sequence, although the attention is "
                "zero: does the norm take its mean and variance over the features of one token?"
            )
        return weight, bias

    def _expect_some_norm(self, half: str, values: Values, kept: list[int], x: Tensor) -> None:
        if not same(self.block.output(self.block.only(values, kept), x), x):
            raise CheckFailed(
                f"the {half} has no layer norm before it: with the weights and biases of all norms at zero it still adds "
                "something to the tokens"
            )

    def norm_of_attention(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the attention."""
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        # A bias of the values passes one matrix, that of the norm two: if all are doubled, its effect is four times as large.
        weights = [i for i in self._attention if self.block.sizes[i] > 3 * C]
        twice = [2 * value if i in weights else value for i, value in enumerate(values)]
        self._expect_some_norm("attention", values, weights, x)
        once, again = (self._with_each(numbers, weights, x) for numbers in (values, twice))
        kept = [i for i in self._vectors if i not in self._additive]
        return self._norm("attention", {i: once[i] - x for i in kept if same(again[i] - x, 4 * (once[i] - x))})

    def _norm(self, half: str, effects: dict[int, Tensor]) -> tuple[int, int | None]:
        """The weight and the bias of a norm, from what each vector alone makes the half add to three different tokens."""
        seen = {i: effect for i, effect in effects.items() if not same(effect, torch.zeros_like(effect))}
        weights = [i for i, effect in seen.items() if not same(effect, effect[:1].expand_as(effect))]
        biases = [i for i in seen if i not in weights]
        if len(weights) != 1 or len(biases) > 1:
            raise CheckFailed(
                f"what the {half} adds should depend on the tokens through one layer norm with {C} trainable weights, "
                f"but {len(weights)} such norms have an effect: is the norm used, is it before the {half} rather than "
                f"after it, and is the output of the {half} used?"
            )
        return weights[0], biases[0] if biases else None

    def halves(self) -> tuple[Half, Half]:
        """The attention and the MLP, each with its norm. Raises CheckFailed if a norm is missing or shared."""
        of_attention, of_mlp = self.norm_of_attention(), self.norm_of_mlp()
        shared = {i for i in of_attention if i is not None} & {i for i in of_mlp if i is not None}
        if shared:
            raise CheckFailed(
                f"attention and MLP share the layer norm {self.block.names[shared.pop()]}: each needs its own"
            )
        last = [i for i in self._additive if not self._reaches_mlp(i, of_mlp[0])]
        norms = {*of_attention, *of_mlp}
        second_bias = last[-1:]
        others = [i for i in self._vectors if i not in norms and i not in second_bias]
        mlp = [*self._matrices, *self._hidden_bias, *second_bias]
        return Half(of_attention, sorted([*self._attention, *others])), Half(of_mlp, mlp)

    def _reaches_mlp(self, vector: int, weight: int) -> bool:
        """Whether the MLP sees what this vector adds to the tokens, so that it belongs to the attention."""
        x, values = self._draw.normal(2, 3, C), self.block.random(self._draw)
        without, added = self.block.outputs(
            [self.block.only(values, [*self._matrices, weight, *more]) for more in ([], [vector])], x, tuple(x.shape)
        )
        return not same(added - without, values[vector].reshape(-1).expand_as(x))

    def mlp(self, half: Half) -> tuple[Norm, Mlp]:
        """The norm and the MLP, from the output of the block with an attention of zero."""
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
                    "what the MLP adds to the tokens",
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
        """The norm and the attention, whose roles are found with the attention taken out of the block."""
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
        """The eps of the norm before the attention, from the ratio of its outputs for a small and a large token."""
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
            f"the norm before the attention is not a layer norm with an eps of 1e-5 or 1e-6: its outputs for a small and a "
            f"large token fit an eps of {eps:.3g}. Does it divide by the root of the variance plus eps, with the biased "
            "variance?"
        )


@dataclass(frozen=True)
class ReferenceBlock:
    """The right block, computed with torch and the student's parameters."""

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
