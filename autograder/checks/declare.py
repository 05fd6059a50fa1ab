"""Declarations of a grader: its checks with their points, and what the exercise forbids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.wire.messages import ForbiddenRules

Test = Callable[..., Any]


@dataclass(frozen=True)
class Threshold:
    """The accuracy that training must reach in each tier. How it is measured: see CONTRIBUTING.md."""

    fast: float
    full: float

    def of(self, tier: str) -> float:
        return self.full if tier == "full" else self.fast


@dataclass(frozen=True)
class CheckSpec:
    """What a check is worth and how it runs.

    points: what a student gets if it passes.
    trains: whether it runs training loops; then it gets more time.
    threshold: the accuracy to reach; the function then trains once and returns its accuracy, and the engine calls it
        again if that is too low.
    needs: checks that explain a failure of this one. If one of them fails too, this one is `blocked` and names it.
    counts_with: names of checks without which this one is worth nothing, since any constant passes it. If one of them
        fails, this one is `blocked` although it passes.
    apart_from_values: whether it may pass although every result is a constant, because it claims nothing about values,
        but for example that wrong arguments are refused. `autograder check` refuses any other check that does.
    """

    points: float
    trains: bool = False
    threshold: Threshold | None = None
    needs: tuple[Test, ...] = ()
    counts_with: tuple[str, ...] = ()
    apart_from_values: bool = False

    def cpu_seconds(self, tier: str) -> float:
        """The CPU time that one call of the student's code may take."""
        if not self.trains:
            return 10.0
        return 900.0 if self.threshold is not None and tier == "full" else 60.0


def check(
    points: float,
    *,
    trains: bool = False,
    needs: Sequence[Test] = (),
    counts_with: Sequence[str] = (),
    apart_from_values: bool = False,
) -> Callable[[Test], Test]:
    """Marks a test as a check worth `points`. Its docstring is the title that students read.

    `trains` gives it the time that training loops need. `needs` are checks above it that explain why it fails;
    `counts_with` names checks, usually below it, whose failure makes this one worth nothing; `apart_from_values` says that
    it keeps its points whatever the values are. Raises ValueError if there is no docstring.

    >>> @check(points=0.5, counts_with=["test_values"])
    ... def test_shapes(student, draw):
    ...     \"\"\"forward keeps the shape\"\"\"
    >>> @check(points=1, needs=[test_shapes])
    ... def test_values(student, draw):
    ...     \"\"\"forward gives the right numbers\"\"\"
    >>> spec_of(test_values).points
    1
    """
    return _mark(CheckSpec(points, trains, None, tuple(needs), tuple(counts_with), apart_from_values))


def accuracy(
    points: float,
    *,
    fast: float,
    full: float | None = None,
    needs: Sequence[Test] = (),
    apart_from_values: bool = False,
) -> Callable[[Test], Test]:
    """Marks a test as a check that trains once and returns the accuracy, in [0, 1], for comparison with a threshold.

    `fast` and `full` are the thresholds of the two tiers; leave out `full` if both tiers use the same data. `needs` and
    `apart_from_values` are as in `check`: a function that trains a model in place may return anything.

    >>> @accuracy(points=1, fast=0.9, full=0.95)
    ... def test_accuracy(student, draw, mnist):
    ...     \"\"\"training reaches the accuracy\"\"\"
    >>> spec_of(test_accuracy).threshold.of("full")
    0.95
    """
    threshold = Threshold(fast, fast if full is None else full)
    spec = CheckSpec(points, trains=True, threshold=threshold, needs=tuple(needs), apart_from_values=apart_from_values)
    return _mark(spec)


def _mark(spec: CheckSpec) -> Callable[[Test], Test]:
    def mark(function: Test) -> Test:
        if not (function.__doc__ or "").strip():
            raise ValueError(f"the check {function.__name__} has no docstring: students read it as the title")
        function.spec = spec  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class ExerciseSpec:
    """The type of `EXERCISE` in a grader.

    public: names that must exist.
    forbidden: callables that the student is to write by hand.
    bonus: whether the points are a bonus.
    imports: packages that the student's files may import besides those of `checks.imports.EVERYWHERE`; None for many, if
        nothing is forbidden, and otherwise for no others.
    """

    public: tuple[str, ...]
    forbidden: ForbiddenRules = field(default_factory=ForbiddenRules)
    bonus: bool = False
    imports: tuple[str, ...] | None = None


def spec_of(function: Any) -> CheckSpec | None:
    """The spec of a function marked with `check` or `accuracy`; None for anything else."""
    spec = getattr(function, "spec", None)
    return spec if isinstance(spec, CheckSpec) else None
