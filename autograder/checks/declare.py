"""How a grader says what it asks: checks with points, and what the exercise forbids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.wire.messages import ForbiddenRules


@dataclass(frozen=True)
class CheckSpec:
    """`trains`: it runs training loops, so it gets more time and no watch on every single operator."""

    points: float
    trains: bool = False

    @property
    def cpu_seconds(self) -> float:
        return 60.0 if self.trains else 10.0


def check(points: float, *, trains: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks a test as a check worth `points`; its docstring is the line that the student reads."""

    def mark(function: Callable[..., None]) -> Callable[..., None]:
        if not (function.__doc__ or "").strip():
            raise ValueError(f"the check {function.__name__} has no docstring: it is what the student reads")
        function.spec = CheckSpec(points, trains)  # type: ignore[attr-defined]
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
