"""Finds the role of each parameter of a transformer block, from what the block does when others are zero.

Students choose names and layouts. The two matrices of the MLP are recognised by their size, which no part of an attention
has, and the vectors of embed_dim numbers by the effect of each alone. The rest belongs to the attention; `attention_roles`
finds the roles there, with the attention taken out of the block.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.attention_roles import find_roles
from autograder.checks.transformer.attention_scale import expect_right_scale
from autograder.checks.transformer.attention_weights import WRONG_SUMS, expect_weights_sum_to_one
from autograder.checks.transformer.block_norms import BlockNorms
from autograder.checks.transformer.block_parts import HEADS, LARGE, RATIO, BlockParts, C
from autograder.checks.transformer.block_residuals import expect_residuals
from autograder.checks.transformer.mlp_roles import Around, Mlp, find_mlp, matching_mlp, mlp_candidates
from autograder.checks.transformer.norm_kinds import RIGHT_EPS, biased, wrong_kinds
from autograder.checks.transformer.parameters import Values, same
from autograder.checks.transformer.value_path import NoRoles, find_value_path
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule


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

    def affine(self, values: Values, normalized: Tensor) -> Tensor:
        """Normalized tokens times the weight of the norm, plus its bias."""
        weight, bias = self.norm
        scaled = normalized * values[weight].reshape(-1)
        return scaled if bias is None else scaled + values[bias].reshape(-1)


NOT_A_NORM = "the norm before the {} is not a layer norm"


class BlockRoles:
    """The roles of the parameters of a student's block, whose sizes are those of `block_parts`."""

    def __init__(self, student: StudentModule, draw: Draw, block: Handle) -> None:
        self._parts = BlockParts(student, draw, block)
        self._norms = BlockNorms(self._parts)
        self.block = self._parts.block

    @property
    def width(self) -> int:
        """The number of hidden features of the MLP."""
        return self._parts.width

    def expect_width(self) -> None:
        """Fails unless the MLP has mlp_ratio times embed_dim hidden features."""
        self._parts.expect_width()

    def expect_residuals(self) -> None:
        """Fails unless the block returns its input when all parameters are zero."""
        expect_residuals(self._parts)

    def halves(self) -> tuple[Half, Half]:
        """The attention and the MLP, each with its norm. Raises CheckFailed if a norm is missing or shared."""
        of_attention, of_mlp = self._norms.of_attention(), self._norms.of_mlp()
        shared = {i for i in of_attention if i is not None} & {i for i in of_mlp if i is not None}
        if shared:
            seen = f"attention and MLP share the layer norm {self.block.names[shared.pop()]}"
            raise CheckFailed(f"{seen}: each needs its own", mistake=seen)
        last = [i for i in self._parts.additive if not self._reaches_mlp(i, of_mlp[0])]
        norms = {*of_attention, *of_mlp}
        second_bias = last[-1:]
        others = [i for i in self._parts.vectors if i not in norms and i not in second_bias]
        mlp = [*self._parts.matrices, *self._parts.hidden_bias, *second_bias]
        return Half(of_attention, sorted([*self._parts.attention, *others])), Half(of_mlp, mlp)

    def _reaches_mlp(self, vector: int, weight: int) -> bool:
        """Whether the MLP sees what this vector adds to the tokens, so that it belongs to the attention."""
        x, values = self._parts.draw.normal(2, 3, C), self.block.random(self._parts.draw)
        without, added = self.block.outputs(
            [self.block.only(values, [*self._parts.matrices, weight, *more]) for more in ([], [vector])],
            x,
            tuple(x.shape),
        )
        return not same(added - without, values[vector].reshape(-1).expand_as(x))

    def mlp(self, half: Half) -> tuple[Norm, Mlp]:
        """The norm and the MLP, from the output of the block with an attention of zero."""
        x, values = self._parts.draw.normal(2, 3, C, scale=0.5), self.block.random(self._parts.draw)
        values = self.block.only(values, [*half.parameters, *[i for i in half.norm if i is not None]])
        found = self.block.output(values, x)
        biases = (*self._parts.hidden_bias, None)[0], (*half.parameters[2 + len(self._parts.hidden_bias) :], None)[0]
        candidates = partial(mlp_candidates, self._parts.matrices, biases, (C, self._parts.width))

        def after(normalized: Tensor) -> Around:
            return lambda mlp: x + mlp(half.affine(values, normalized))

        for eps in RIGHT_EPS:
            mlp = matching_mlp(candidates, values, found, after(biased(x, eps)))
            if mlp is not None:
                return Norm(*half.norm, eps), mlp
        for words, kind in wrong_kinds():
            if matching_mlp(candidates, values, found, after(kind(x))) is not None:
                raise CheckFailed(f"{NOT_A_NORM.format('MLP')}: it {words}", mistake=f"it {words}")
        self._norms.expect_small_eps("MLP", [*self._parts.matrices, *self._parts.hidden_bias])
        failures = []
        for eps in RIGHT_EPS:
            try:
                find_mlp("what the MLP adds to the tokens", candidates, values, found, after(biased(x, eps)))
            except CheckFailed as failure:
                failures.append(failure)
        raise min(failures, key=lambda failure: "is not the result of" in str(failure))

    def attention(self, half: Half) -> tuple[Norm, AttentionRoles]:
        """The norm and the attention, whose roles are found with the attention taken out of the block."""
        values = self.block.random(self._parts.draw, scale=C**-0.5)
        weight, bias = half.norm
        eps = self._eps(values, half)
        self.block.output(self.block.only(values, half.parameters), self._parts.draw.normal(1, 1, C))
        model: Any = self._parts.student.probe(
            "transformer.attention_of", self.block.model, weight, bias, half.parameters, eps, self._parts.draw.normal(C)
        )
        if not isinstance(model, Handle):
            raise Refused("the attention cannot be taken out of the block")
        try:
            roles = find_roles(self._parts.student, self._parts.draw, model, C, HEADS)
        except NoRoles as problem:
            why = self._wrong_sums(model) or problem
            seen = f"in Block({C}, {HEADS}, {RATIO}), the attention is wrong: {why}"
            raise CheckFailed(seen, mistake=why.mistake) from None
        expect_right_scale(roles)
        return Norm(weight, bias, eps), roles

    def _wrong_sums(self, model: Handle) -> CheckFailed | None:
        """What is wrong with the sums of the attention's weights; None if they are 1, or if the weights are not found."""

        def output(x: Tensor) -> Tensor:
            return as_tensor("the output of the attention", model(x), tuple(x.shape), x.dtype)

        try:
            path = find_value_path(self._parts.student, self._parts.draw, model, C)
            expect_weights_sum_to_one(model, output, path, self._parts.draw.normal(1, 4, C))
        except NoRoles:
            return None
        except CheckFailed as failure:
            return failure if WRONG_SUMS in str(failure) else None
        return None

    def _eps(self, values: Values, half: Half) -> float:
        """The eps of the norm before the attention, from the ratio of its outputs for a small and a large token."""
        x = biased(self._parts.draw.normal(C), 0.0)
        tokens = torch.stack([LARGE * x, 2e-3 * x, 2e-2 * x])[:, None]
        kept = [i for i in half.parameters if self.block.sizes[i] > 3 * C]
        large, *small = self.block.output(self.block.only(values, [*kept, half.norm[0]]), tokens) - tokens
        shares = [float((one * large).sum() / large.square().sum()) for one in small]

        def fits(kind: Callable[[Tensor], Tensor]) -> bool:
            of_large, *of_small = (float((kind(token) * x).sum()) for token in tokens)
            return all(math.isclose(share, of / of_large, rel_tol=1e-4) for share, of in zip(shares, of_small))

        for eps in RIGHT_EPS:
            if fits(partial(biased, eps=eps)):
                return eps
        seen = f"{NOT_A_NORM.format('attention')} with an eps of 1e-5 or 1e-6"
        for words, kind in wrong_kinds():
            if fits(kind):
                raise CheckFailed(f"{seen}: it {words}", mistake=f"it {words}")
        self._norms.expect_small_eps("attention", self._parts.attention)
        raise CheckFailed(f"{seen}. By what does it divide, and where is eps added?")
