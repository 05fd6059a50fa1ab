"""What a check knows of an answer besides the right one, and when numbers agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

MOST = 300_000
"""Numbers; with more, looking for some patterns takes longer than a student waits."""


def _none() -> Mapping[str, Tensor]:
    return {}


@dataclass(frozen=True)
class AnswerContext:
    """All of it may be missing; an explanation can only name what it has been given.

    `factors`: what a ratio could be, such as {"the batch size": 7}.
    `inputs`: what the answer is computed from, or a step on the way, by name.
    `labels`: the class of each row, int64 (rows,).
    `parts`: the numbers whose mean is the right answer, such as the loss of each example (batch,).
    `others`: answers to other questions, each with a predicate ("is the softmax over the batch"); made only when needed.
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Tensor | None = None
    parts: Tensor | None = None
    others: Callable[[], Mapping[str, Tensor]] = _none

    def __post_init__(self) -> None:
        # An input may be a leaf that gradients were asked of; looking at its numbers shall not make torch warn.
        object.__setattr__(self, "inputs", {name: value.detach() for name, value in self.inputs.items()})


def tolerance(rtol: float, expected: Tensor) -> float:
    """How exactly a pattern has to fit an answer that has to be right to `rtol`."""
    if expected.numel() == 1:
        return 2e-6 if rtol < 1e-6 else 2e-5  # one number fits many patterns nearly
    return min(max(10 * rtol, 1e-6), max(rtol, 1e-4))


def near(got: Tensor, other: Tensor, tol: float) -> bool:
    """Whether all numbers agree to `tol`, relative to each, or to a hundredth of the largest where one is smaller."""
    if got.shape != other.shape or not bool(torch.isfinite(other).all()):
        return False
    size = other.abs()
    return bool(((got - other).abs() <= tol * (size + 0.01 * size.max())).all())


def distinct(values: Tensor, limit: int = 5) -> int:
    """How many different magnitudes there are among the numbers that are not 0; `limit` stands for more."""
    sizes = values.detach().abs().flatten()
    sizes = sizes[sizes > 1e-6 * sizes.max()] if len(sizes) else sizes
    if not len(sizes):
        return 0
    steps = sizes[:10_000].log().sort().values.diff()
    return min(limit, 1 + int((steps > 1e-3).sum()))


def is_plain_fraction(value: Tensor) -> bool:
    """Whether a number is a fraction of a few examples, which others are multiples of by accident."""
    scaled = 2520 * float(value)  # of up to ten
    return math.isclose(scaled, round(scaled), abs_tol=1e-6)
