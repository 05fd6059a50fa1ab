"""How a grader says what it asks: checks with points, and what the exercise forbids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.wire.messages import ForbiddenRules

Test = Callable[..., Any]


@dataclass(frozen=True)
class Threshold:
    """The least accuracy that a training has to reach, for each tier. Measured: see CONTRIBUTING.md."""

    fast: float
    full: float

    def of(self, tier: str) -> float:
        return self.full if tier == "full" else self.fast


@dataclass(frozen=True)
class CheckSpec:
    """`trains`: it runs training loops, so it gets more time and no watch on every single operator.

    With a threshold the function makes one attempt and returns the accuracy; how often it is tried is the engine's.
    """

    points: float
    trains: bool = False
    threshold: Threshold | None = None

    def cpu_seconds(self, tier: str) -> float:
        """For one call of the student's code."""
        if not self.trains:
            return 10.0
        return 900.0 if self.threshold is not None and tier == "full" else 60.0


def check(points: float, *, trains: bool = False) -> Callable[[Test], Test]:
    """Marks a test as a check worth `points`; its docstring is the line that the student reads.

    >>> @check(points=0.5)
    ... def test_values(student, draw):
    ...     \"\"\"forward gives the right numbers\"\"\"
    >>> spec_of(test_values).points
    0.5
    """
    return _mark(CheckSpec(points, trains))


def accuracy(points: float, *, fast: float, full: float | None = None) -> Callable[[Test], Test]:
    """Marks a test that trains once and returns the accuracy reached, to be compared with a threshold.

    `fast` and `full` are the thresholds of the tiers; where there is one dataset in both, `fast` is enough.
    """
    return _mark(CheckSpec(points, trains=True, threshold=Threshold(fast, fast if full is None else full)))


def _mark(spec: CheckSpec) -> Callable[[Test], Test]:
    def mark(function: Test) -> Test:
        if not (function.__doc__ or "").strip():
            raise ValueError(f"the check {function.__name__} has no docstring: it is what the student reads")
        function.spec = spec  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class ExerciseSpec:
    """A grader module's `EXERCISE`: public names, forbidden callables, and whether its points are a bonus."""

    public: tuple[str, ...]
    forbidden: ForbiddenRules = field(default_factory=ForbiddenRules)
    bonus: bool = False


def spec_of(function: Any) -> CheckSpec | None:
    spec = getattr(function, "spec", None)
    return spec if isinstance(spec, CheckSpec) else None
