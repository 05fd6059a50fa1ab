"""What a check knows about an answer besides the right one, and comparisons that explanations share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

MOST = 300_000
"""Size of an answer, in numbers, up to which every pattern is tried: some take too long on larger ones."""


def _none() -> Mapping[str, Tensor]:
    return {}


@dataclass(frozen=True)
class AnswerContext:
    """What helps to explain a wrong answer. Everything is optional, but only what is given can be named.

    factors: numbers that the answer may be off by, such as {"the batch size": 7}.
    inputs: what the answer is computed from, and intermediate results, by name.
    labels: the class of each row, int64 (rows,).
    parts: the numbers whose mean is the right answer, such as the loss of each example (batch,).
    others: makes known wrong answers, each with a predicate that names a mistake, such as "is the softmax over the batch";
        called only if the answer is wrong.

    >>> from autograder.checks.explanations.explain import explain
    >>> context = AnswerContext(others=lambda: {"lacks the bias": torch.tensor([1.0, 2.0])})
    >>> explain(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 2.3]), 1e-5, context)
    'lacks the bias'
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    labels: Tensor | None = None
    parts: Tensor | None = None
    others: Callable[[], Mapping[str, Tensor]] = _none

    def __post_init__(self) -> None:
        # Without detach, torch warns when the numbers of an input that requires a gradient are read.
        object.__setattr__(self, "inputs", {name: value.detach() for name, value in self.inputs.items()})


def tolerance(rtol: float, expected: Tensor) -> float:
    """The relative tolerance with which a pattern must fit an answer that must be right to `rtol`."""
    if expected.numel() == 1:
        return 2e-6 if rtol < 1e-6 else 2e-5  # a single number nearly fits many patterns
    return min(max(10 * rtol, 1e-6), max(rtol, 1e-4))


def near(got: Tensor, other: Tensor, tol: float) -> bool:
    """Whether all numbers agree up to `tol`, relative to their own size plus a hundredth of the largest."""
    if got.shape != other.shape or not bool(torch.isfinite(other).all()):
        return False
    size = other.abs()
    return bool(((got - other).abs() <= tol * (size + 0.01 * size.max())).all())


def distinct(values: Tensor, limit: int = 5) -> int:
    """The number of different magnitudes among the nonzero numbers, at most `limit`."""
    sizes = values.detach().abs().flatten()
    sizes = sizes[sizes > 1e-6 * sizes.max()] if len(sizes) else sizes
    if not len(sizes):
        return 0
    steps = sizes[:10_000].log().sort().values.diff()
    return min(limit, 1 + int((steps > 1e-3).sum()))


def shown_factor(factor: float) -> str:
    """A factor in four digits, or in as many more as show that it is not 1: "times 1" says nothing.

    >>> shown_factor(0.33333333), shown_factor(1.00002)
    ('0.3333', '1.00002')
    """
    texts = [f"{factor:.{digits}g}" for digits in (4, 6, 9, 12)]
    return next((text for text in texts if text != "1"), texts[0])


def is_plain_fraction(value: Tensor) -> bool:
    """Whether a number is a fraction with a denominator up to 10. Others are multiples of such a number by coincidence."""
    scaled = 2520 * float(value)  # divisible by 1 to 10
    return math.isclose(scaled, round(scaled), abs_tol=1e-6)
