"""Finds the role of each parameter of a transformer block, from what the block does when others are zero.

Students choose names and layouts. The two matrices of the MLP are recognised by their size, which no part of an attention
has, and the vectors of embed_dim numbers by the effect of each alone. The rest belongs to the attention; `attention_roles`
finds the roles there, with the attention taken out of the block.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor
from autograder.checks.explanations.context import shown_factor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.attention_roles import Roles as AttentionRoles
from autograder.checks.transformer.attention_roles import find_roles
from autograder.checks.transformer.attention_scale import expect_right_scale
from autograder.checks.transformer.attention_weights import WRONG_SUMS, expect_weights_sum_to_one
from autograder.checks.transformer.mlp_roles import Around, Mlp, find_mlp, matching_mlp, mlp_candidates
from autograder.checks.transformer.norm_eps import explain_eps
from autograder.checks.transformer.norm_kinds import RIGHT_EPS, biased, wrong_kinds
from autograder.checks.transformer.parameters import Tried, Values, same
from autograder.checks.transformer.value_path import NoRoles, find_value_path
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle, StudentModule

C, HEADS, RATIO = 12, 3, 5
"""Sizes of a block in which the matrices of the MLP are larger than the whole attention, which has 4 C² weights, and in
which the root of a head's size is neither the number of heads nor that of two tokens."""
LARGE = 1e3
"""The size of tokens for which the eps of a norm does not matter."""


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
            _ = self._additive  # raises CheckFailed if a bias is changed before it is added
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
            raise CheckFailed(f"{expected}, but yours returns {shown_factor(factor)} times x: how often is x added?")
        if any(same(found, F.layer_norm(x, (C,), eps=eps), 1e-6) for eps in RIGHT_EPS):
            raise CheckFailed(
                f"{expected}, but yours returns it normalized: add the attention and the MLP to x, not to norm(x)"
            )
        raise CheckFailed(f"{expected}, but yours changes it: add only the attention and the MLP to x")

    @cached_property
    def _additive(self) -> list[int]:
        """The biases that are added to the tokens: those of the final projection and the MLP's second layer, if any.

        Raises CheckFailed if one of them is changed before it is added.
        """
        x, values = self._draw.normal(2, 3, C), self.block.random(self._draw)
        added = {i: found - x for i, found in self._with_each(values, [], x).items() if not same(found, x)}
        for i, effect in added.items():
            bias = values[i].reshape(-1)
            if not same(effect, bias.expand_as(x)):
                raise CheckFailed(
                    f"with all other parameters zero, {self.block.names[i]} should be added to each token as it is, "
                    f"{_how_changed(effect, bias)}"
                )
        return list(added)

    def _with_each(self, values: Values, kept: list[int], x: Tensor) -> dict[int, Tensor]:
        """The outputs with the kept parameters and one vector of C numbers at a time; all others are zero."""
        cases = [self.block.only(values, [*kept, i]) for i in self._vectors]
        return dict(zip(self._vectors, self.block.outputs(cases, x, tuple(x.shape))))

    def norm_of_mlp(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the MLP, found with all other parameters but the MLP's at zero."""
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        self._expect_normalized("MLP", [*self._matrices, *self._hidden_bias])
        self._expect_trainable_norm("MLP", values, self._matrices, x)
        alone = self._with_each(values, self._matrices, x)
        kept = [i for i in self._vectors if i not in self._additive]
        return self._norm("MLP", self._matrices, {i: alone[i] - x for i in kept})

    def _expect_normalized(self, half: str, kept: list[int]) -> None:
        """Fails unless what a half adds stays the same if a token is multiplied and shifted, which a layer norm undoes.

        kept: the parameters of the half, without vectors of C numbers. Of those, all stay that are not added to the tokens
            themselves; the rest is zero.
        """
        vectors = [i for i in self._vectors if i not in self._additive]
        values = self.block.only(self.block.random(self._draw), [*kept, *vectors])

        def changes(x: Tensor, factor: float = 2.0, shift: float = LARGE) -> bool:
            other = x.clone()
            other[0, 0] = factor * x[0, 0] + shift
            added, added_to_other = (self.block.output(values, tokens) - tokens for tokens in (x, other))
            return not same(added, added_to_other, 1e-4)

        x = LARGE * self._draw.normal(1, 3, C)
        if not changes(x):
            return
        alone = x[:, :1]
        seen = f"what the {half} adds to the tokens changes if a token is doubled and a constant added, which a norm undoes"
        if not changes(alone):
            raise CheckFailed(
                f"{seen}, although it stays the same in a sequence of one token: over which axes does your norm take mean "
                "and variance?"
            )
        doubled, shifted = changes(alone, shift=0.0), changes(alone, factor=1.0)
        if shifted and not doubled:
            raise CheckFailed(
                f"what the {half} adds to the tokens changes if a constant is added to a token, which a layer norm undoes, "
                f"but not if the token is doubled: does the norm before the {half} subtract the mean?"
            )
        if doubled and not shifted:
            self._expect_small_eps(half, kept)
            raise CheckFailed(
                f"what the {half} adds to the tokens changes if a token is doubled, which a layer norm undoes, but not if a "
                f"constant is added to it: does the norm before the {half} divide by the standard deviation?"
            )
        raise CheckFailed(
            f"{seen}. Is there a layer norm of each token before the {half}, and does all that the {half} gets come "
            "from it?"
        )

    def _expect_small_eps(self, half: str, kept: list[int]) -> None:
        """Fails if the norm before this half has an eps that can be measured.

        kept: as in `_expect_normalized`.
        """
        vectors = [i for i in self._vectors if i not in self._additive]
        random = self.block.only(self.block.random(self._draw), [*kept, *vectors])
        # So small that the GELU is linear.
        values = [1e-3 * value if i in vectors else value for i, value in enumerate(random)]
        found = explain_eps(lambda x: self.block.output(values, x) - x, self._draw.normal(C))
        if found:
            raise CheckFailed(f"the norm before the {half} {found}")

    def _expect_trainable_norm(self, half: str, values: Values, kept: list[int], x: Tensor) -> None:
        if not same(self.block.output(self.block.only(values, kept), x), x):
            raise CheckFailed(
                f"the tokens are normalized before the {half}, but with all vectors of {C} parameters at zero it still adds "
                "something to them: the layer norm has no trainable weights, or not only its output reaches "
                f"the {half}"
            )

    def norm_of_attention(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the attention."""
        x, values = self._draw.normal(3, 1, C), self.block.random(self._draw)
        # A bias of the values passes one matrix, that of the norm two: if all are doubled, its effect is four times as large.
        weights = [i for i in self._attention if self.block.sizes[i] > 3 * C]
        if (count := sum(self.block.sizes[i] for i in weights)) < 4 * C * C:
            raise CheckFailed(
                f"the attention uses {count} weights, but queries, keys, values and the final projection have "
                f"{4 * C * C} together for embed_dim={C}: is one of the four missing, or not used?"
            )
        twice = [2 * value if i in weights else value for i, value in enumerate(values)]
        self._expect_normalized("attention", self._attention)
        self._expect_trainable_norm("attention", values, weights, x)
        once, again = (self._with_each(numbers, weights, x) for numbers in (values, twice))
        kept = [i for i in self._vectors if i not in self._additive]
        return self._norm("attention", weights, {i: once[i] - x for i in kept if same(again[i] - x, 4 * (once[i] - x))})

    def _norm(self, half: str, matrices: list[int], effects: dict[int, Tensor]) -> tuple[int, int | None]:
        """The weight and the bias of a norm, from what each vector alone makes the half add to three different tokens."""
        seen = {i: effect for i, effect in effects.items() if not same(effect, torch.zeros_like(effect))}
        weights = [i for i, effect in seen.items() if not same(effect, effect[:1].expand_as(effect))]
        biases = [i for i in seen if i not in weights]
        if len(weights) != 1 or len(biases) > 1:
            self._expect_in_sum(half, matrices)
            raise CheckFailed(
                f"what the {half} adds should depend on the tokens through one layer norm with {C} trainable weights, "
                f"but {self._why_not_one(half, matrices, len(weights))}"
            )
        return weights[0], biases[0] if biases else None

    def _why_not_one(self, half: str, matrices: list[int], found: int) -> str:
        x, values, others = self._draw.normal(3, 1, C), self.block.random(self._draw), self.block.random(self._draw)
        changed = [others[i] if i in matrices else value for i, value in enumerate(values)]
        if same(self.block.output(values, x), self.block.output(changed, x)):
            return f"the parameters of the {half} do not change the block's output: is its result used?"
        for pair in itertools.combinations([i for i in self._vectors if i not in self._additive], 2):
            added = self.block.output(self.block.only(values, [*matrices, *pair]), x) - x
            if not found and not same(added, added[:1].expand_as(added)):
                names = " and ".join(self.block.names[i] for i in pair)
                return (
                    f"each of {names} has an effect only if the other is not zero: one norm, before the {half}, is "
                    "asked for, and nothing after it"
                )
        return f"{found} such norms have an effect" if found else "none of them alone is the weight of such a norm"

    def _expect_in_sum(self, half: str, matrices: list[int]) -> None:
        """Fails if what a half adds has an effect only together with the other half."""
        other, parameters = "attention", self._attention
        if half == "attention":
            other, parameters = "MLP", [*self._matrices, *self._hidden_bias]
        x, values, others = self._draw.normal(3, 2, C), self.block.random(self._draw), self.block.random(self._draw)
        changed = [others[i] if i in matrices else value for i, value in enumerate(values)]

        def matters(numbers: list[int]) -> bool:
            one, two = (self.block.output(self.block.only(case, numbers), x) for case in (values, changed))
            return not same(one, two)

        every = list(range(len(values)))
        if matters(every) and not matters([i for i in every if i not in parameters]):
            raise CheckFailed(
                f"what the {half} adds is not part of the sum that the block returns: if the weights of the {other} are "
                f"zero, the output does not depend on those of the {half}, although it does otherwise. To which tokens is "
                "the result of each half added?"
            )

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

        def after(normalized: Tensor) -> Around:
            return lambda mlp: x + mlp(half.affine(values, normalized))

        for eps in RIGHT_EPS:
            mlp = matching_mlp(candidates, values, found, after(biased(x, eps)))
            if mlp is not None:
                return Norm(*half.norm, eps), mlp
        for words, kind in wrong_kinds():
            if matching_mlp(candidates, values, found, after(kind(x))) is not None:
                raise CheckFailed(f"the norm before the MLP is not a layer norm: it {words}")
        self._expect_small_eps("MLP", [*self._matrices, *self._hidden_bias])
        failures = []
        for eps in RIGHT_EPS:
            try:
                find_mlp("what the MLP adds to the tokens", candidates, values, found, after(biased(x, eps)))
            except CheckFailed as failure:
                failures.append(failure)
        raise min(failures, key=lambda failure: "is not the result of" in str(failure))

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
        try:
            roles = find_roles(self._student, self._draw, model, C, HEADS)
        except NoRoles as problem:
            why = self._wrong_sums(model) or str(problem)
            raise CheckFailed(f"in Block({C}, {HEADS}, {RATIO}), the attention is wrong: {why}") from None
        expect_right_scale(roles)
        return Norm(weight, bias, eps), roles

    def _wrong_sums(self, model: Handle) -> str:
        """What is wrong with the sums of the attention's weights; "" if they are 1, or if the weights are not found."""

        def output(x: Tensor) -> Tensor:
            return as_tensor("the output of the attention", model(x), tuple(x.shape), x.dtype)

        try:
            path = find_value_path(self._student, self._draw, model, C)
            expect_weights_sum_to_one(model, output, path, self._draw.normal(1, 4, C))
        except NoRoles:
            return ""
        except CheckFailed as failure:
            return str(failure) if WRONG_SUMS in str(failure) else ""
        return ""

    def _eps(self, values: Values, half: Half) -> float:
        """The eps of the norm before the attention, from the ratio of its outputs for a small and a large token."""
        x = biased(self._draw.normal(C), 0.0)
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
        words = next((f": it {words}" for words, kind in wrong_kinds() if fits(kind)), "")
        if not words:
            self._expect_small_eps("attention", self._attention)
        raise CheckFailed(
            "the norm before the attention is not a layer norm with an eps of 1e-5 or 1e-6"
            + (words or ". By what does it divide, and where is eps added?")
        )


def _how_changed(effect: Tensor, bias: Tensor) -> str:
    """How a bias is changed before it is added to the tokens."""
    if same(effect, F.gelu(bias).expand_as(effect)):
        return "but its GELU is added: there should be no activation after the last layer"
    if same(effect, torch.relu(bias).expand_as(effect)):
        return "but its ReLU is added: there should be no activation after the last layer"
    factor = float((effect * bias).sum() / bias.square().sum() * len(bias) / effect.numel())
    if same(effect, (factor * bias).expand_as(effect)):
        return f"but {shown_factor(factor)} times it is added: a half's result is added to the tokens once, as it is"
    return "but something else is added: what comes after the last layer of this half?"
