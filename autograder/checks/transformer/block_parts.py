"""The parameters of a transformer block, sorted by their sizes, and the biases that are added to the tokens."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.explanations.context import shown_factor
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.parameters import Tried, Values, same
from autograder.sandbox.host.student_module import Handle, StudentModule

C, HEADS, RATIO = 24, 3, 5
"""Sizes of a block in which the matrices of the MLP are larger than the whole attention, which has 4 C² weights, and in
which the root of a head's size is neither half of it nor the number of heads."""


LARGE = 1e3
"""The size of tokens for which the eps of a norm does not matter."""


class BlockParts:
    """The parameters of a student's block with C features, HEADS heads and RATIO * C hidden features.

    4 * C hidden features are accepted, too: another check looks at whether mlp_ratio is used.
    """

    def __init__(self, student: StudentModule, draw: Draw, block: Handle) -> None:
        self.block = Tried.of(student, block)
        self.student, self.draw = student, draw
        self.vectors = self.block.of_size(C)

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
    def matrices(self) -> list[int]:
        return self.block.of_size(self.width * C)

    @cached_property
    def hidden_bias(self) -> list[int]:
        return self.block.of_size(self.width)

    @cached_property
    def attention(self) -> list[int]:
        """The parameters of the attention, except vectors of C numbers."""
        mlp = {*self.matrices, *self.hidden_bias, *self.vectors}
        return [i for i in range(len(self.block.names)) if i not in mlp]

    @cached_property
    def additive(self) -> list[int]:
        """The biases that are added to the tokens: those of the final projection and the MLP's second layer, if any.

        Raises CheckFailed if one of them is changed before it is added.
        """
        x, values = self.draw.normal(2, 3, C), self.block.random(self.draw)
        added = {i: found - x for i, found in self.with_each(values, [], x).items() if not same(found, x)}
        for i, effect in added.items():
            bias = values[i].reshape(-1)
            if not same(effect, bias.expand_as(x)):
                added_instead, advice = _how_changed(effect, bias)
                seen = f"{self.block.names[i]} should be added to each token as it is, but {added_instead} is added"
                raise CheckFailed(
                    f"with all other parameters zero, {seen}: {advice}",
                    mistake="" if added_instead == SOMETHING_ELSE else seen,
                )
        return list(added)

    def with_each(self, values: Values, kept: list[int], x: Tensor) -> dict[int, Tensor]:
        """The outputs with the kept parameters and one vector of C numbers at a time; all others are zero."""
        cases = [self.block.only(values, [*kept, i]) for i in self.vectors]
        return dict(zip(self.vectors, self.block.outputs(cases, x, tuple(x.shape))))


SOMETHING_ELSE = "something else"


def _how_changed(effect: Tensor, bias: Tensor) -> tuple[str, str]:
    """What is added to the tokens instead of a bias, and what to do."""
    for name, activation in {"its GELU": F.gelu, "its ReLU": torch.relu}.items():
        if same(effect, activation(bias).expand_as(effect)):
            return name, "there should be no activation after the last layer"
    factor = float((effect * bias).sum() / bias.square().sum() * len(bias) / effect.numel())
    if same(effect, (factor * bias).expand_as(effect)):
        return f"{shown_factor(factor)} times it", "a half's result is added to the tokens once, as it is"
    return SOMETHING_ELSE, "what comes after the last layer of this half?"
