"""Finds the norms before the halves of a transformer block, and explains norms that are none or stand elsewhere."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.block_parts import LARGE, BlockParts, C
from autograder.checks.transformer.norm_eps import explain_eps
from autograder.checks.transformer.parameters import Values, same


class BlockNorms:
    """The norms of a student's block."""

    def __init__(self, parts: BlockParts) -> None:
        self._parts, self._block, self._draw = parts, parts.block, parts.draw

    def of_mlp(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the MLP, found with all other parameters but the MLP's at zero."""
        x, values = self._draw.normal(3, 1, C), self._block.random(self._draw)
        self._expect_normalized("MLP", [*self._parts.matrices, *self._parts.hidden_bias])
        self._expect_trainable_norm("MLP", values, self._parts.matrices, x)
        alone = self._parts.with_each(values, self._parts.matrices, x)
        kept = [i for i in self._parts.vectors if i not in self._parts.additive]
        return self._norm("MLP", self._parts.matrices, {i: alone[i] - x for i in kept})

    def _expect_normalized(self, half: str, kept: list[int]) -> None:
        """Fails unless what a half adds stays the same if a token is multiplied and shifted, which a layer norm undoes.

        kept: the parameters of the half, without vectors of C numbers. Of those, all stay that are not added to the tokens
            themselves; the rest is zero.
        """
        vectors = [i for i in self._parts.vectors if i not in self._parts.additive]
        values = self._block.only(self._block.random(self._draw), [*kept, *vectors])

        def changes(x: Tensor, factor: float = 2.0, shift: float = LARGE) -> bool:
            other = x.clone()
            other[0, 0] = factor * x[0, 0] + shift
            added, added_to_other = (self._block.output(values, tokens) - tokens for tokens in (x, other))
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
            self.expect_small_eps(half, kept)
            raise CheckFailed(
                f"what the {half} adds to the tokens changes if a token is doubled, which a layer norm undoes, but not if a "
                f"constant is added to it: does the norm before the {half} divide by the standard deviation?"
            )
        raise CheckFailed(
            f"{seen}. Is there a layer norm of each token before the {half}, and does all that the {half} gets come "
            "from it?"
        )

    def expect_small_eps(self, half: str, kept: list[int]) -> None:
        """Fails if the norm before this half has an eps that can be measured.

        kept: as in `_expect_normalized`.
        """
        vectors = [i for i in self._parts.vectors if i not in self._parts.additive]
        random = self._block.only(self._block.random(self._draw), [*kept, *vectors])
        # So small that the GELU is linear.
        values = [1e-3 * value if i in vectors else value for i, value in enumerate(random)]
        found = explain_eps(lambda x: self._block.output(values, x) - x, self._draw.normal(C))
        if found:
            message = f"the norm before the {half} {found}"
            raise CheckFailed(message, mistake=message)

    def _expect_trainable_norm(self, half: str, values: Values, kept: list[int], x: Tensor) -> None:
        if not same(self._block.output(self._block.only(values, kept), x), x):
            raise CheckFailed(
                f"the tokens are normalized before the {half}, but with all vectors of {C} parameters at zero it still adds "
                "something to them: the layer norm has no trainable weights, or not only its output reaches "
                f"the {half}"
            )

    def of_attention(self) -> tuple[int, int | None]:
        """The weight and the bias of the norm before the attention."""
        x, values = self._draw.normal(3, 1, C), self._block.random(self._draw)
        # A bias of the values passes one matrix, that of the norm two: if all are doubled, its effect is four times as large.
        weights = [i for i in self._parts.attention if self._block.sizes[i] > 3 * C]
        if (count := sum(self._block.sizes[i] for i in weights)) < 4 * C * C:
            raise CheckFailed(
                f"the attention uses {count} weights, but queries, keys, values and the final projection have "
                f"{4 * C * C} together for embed_dim={C}: is one of the four missing, or not used?"
            )
        twice = [2 * value if i in weights else value for i, value in enumerate(values)]
        self._expect_normalized("attention", self._parts.attention)
        self._expect_trainable_norm("attention", values, weights, x)
        once, again = (self._parts.with_each(numbers, weights, x) for numbers in (values, twice))
        kept = [i for i in self._parts.vectors if i not in self._parts.additive]
        return self._norm("attention", weights, {i: once[i] - x for i in kept if same(again[i] - x, 4 * (once[i] - x))})

    def _norm(self, half: str, matrices: list[int], effects: dict[int, Tensor]) -> tuple[int, int | None]:
        """The weight and the bias of a norm, from what each vector alone makes the half add to three different tokens."""
        seen = {i: effect for i, effect in effects.items() if not same(effect, torch.zeros_like(effect))}
        weights = [i for i, effect in seen.items() if not same(effect, effect[:1].expand_as(effect))]
        biases = [i for i in seen if i not in weights]
        if len(weights) != 1 or len(biases) > 1:
            self._expect_in_sum(half, matrices)
            why, mistake = self._why_not_one(half, matrices, len(weights))
            raise CheckFailed(
                f"what the {half} adds should depend on the tokens through one layer norm with {C} trainable weights, "
                f"but {why}",
                mistake=mistake,
            )
        return weights[0], biases[0] if biases else None

    def _why_not_one(self, half: str, matrices: list[int], found: int) -> tuple[str, str]:
        """Why a half has not one norm before it, and the part of this that names the mistake, if it is known."""
        x, values, others = (
            self._draw.normal(3, 1, C),
            self._block.random(self._draw),
            self._block.random(self._draw),
        )
        changed = [others[i] if i in matrices else value for i, value in enumerate(values)]
        if same(self._block.output(values, x), self._block.output(changed, x)):
            seen = f"the parameters of the {half} do not change the block's output"
            return f"{seen}: is its result used?", seen
        for pair in itertools.combinations([i for i in self._parts.vectors if i not in self._parts.additive], 2):
            added = self._block.output(self._block.only(values, [*matrices, *pair]), x) - x
            if not found and not same(added, added[:1].expand_as(added)):
                names = " and ".join(self._block.names[i] for i in pair)
                seen = f"each of {names} has an effect only if the other is not zero"
                return f"{seen}: one norm, before the {half}, is asked for, and nothing after it", ""
        return f"{found} such norms have an effect" if found else "none of them alone is the weight of such a norm", ""

    def _expect_in_sum(self, half: str, matrices: list[int]) -> None:
        """Fails if what a half adds has an effect only together with the other half."""
        other, parameters = "attention", self._parts.attention
        if half == "attention":
            other, parameters = "MLP", [*self._parts.matrices, *self._parts.hidden_bias]
        x, values, others = (
            self._draw.normal(3, 2, C),
            self._block.random(self._draw),
            self._block.random(self._draw),
        )
        changed = [others[i] if i in matrices else value for i, value in enumerate(values)]

        def matters(numbers: list[int]) -> bool:
            one, two = (self._block.output(self._block.only(case, numbers), x) for case in (values, changed))
            return not same(one, two)

        every = list(range(len(values)))
        if matters(every) and not matters([i for i in every if i not in parameters]):
            raise CheckFailed(
                f"what the {half} adds is not part of the sum that the block returns: if the weights of the {other} are "
                f"zero, the output does not depend on those of the {half}, although it does otherwise. To which tokens is "
                "the result of each half added?"
            )
