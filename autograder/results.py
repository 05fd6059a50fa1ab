"""Verdicts and results: plain data, the JSON of `--report-json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from autograder import __version__

SCHEMA = 1
# The first of these that an exercise's checks hold is its status.
WORST_FIRST = ("grader_error", "refused", "timeout", "error", "failed", "blocked")
VERDICTS = ("passed", "not_started", *WORST_FIRST)
SKIPPED = "skipped"
"""Not a verdict on the student: the data of the check cannot be had, and its points leave the total."""


@dataclass
class CheckResult:
    id: str
    title: str
    status: str
    score: float
    max_score: float
    message: str = ""
    mistake: str = ""
    hint: str = ""
    printed: str = ""


@dataclass
class ExerciseResult:
    id: str
    bonus: bool
    checks: list[CheckResult] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    """Other exercises that the student's file really imported, directly or through one another."""
    follow_through: str = ""
    """For a teacher: what this comes to with the reference in the place of the exercises that block it."""

    @property
    def status(self) -> str:
        found = {check.status for check in self.checks} - {SKIPPED}
        if not found:
            return SKIPPED if self.checks else "not_started"
        if len(found) == 1:
            return found.pop()
        return next((status for status in WORST_FIRST if status in found), "failed")  # begun, and not finished

    @property
    def score(self) -> float:
        return sum(check.score for check in self.checks)

    @property
    def max_score(self) -> float:
        return sum(check.max_score for check in self.checks if check.status != SKIPPED)

    @property
    def first_problem(self) -> CheckResult | None:
        """The check that gives the exercise its status, else the first that did not pass."""
        wrong = [check for check in self.checks if check.status not in ("passed", SKIPPED)]
        return next((check for check in wrong if check.status == self.status), wrong[0] if wrong else None)


@dataclass
class SubmissionResult:
    submission_id: str
    sha256: str
    seed: int
    tier: str
    isolation: str
    isolation_reason: str
    exercises: list[ExerciseResult]
    problem: str = ""
    """Why nothing could be graded at all, where that is so."""
    follow_through: bool = False
    """Whether blocked exercises were graded once more."""
    notes: tuple[str, ...] = ()
    """What was noticed while the submission was read."""

    @property
    def score(self) -> float:
        return sum(exercise.score for exercise in self.exercises if not exercise.bonus)

    @property
    def max_score(self) -> float:
        return sum(exercise.max_score for exercise in self.exercises if not exercise.bonus)

    @property
    def bonus(self) -> float:
        return sum(exercise.score for exercise in self.exercises if exercise.bonus)

    @property
    def complete(self) -> bool:
        """All points but the bonus are there."""
        return all(e.status in ("passed", SKIPPED) for e in self.exercises if not e.bonus)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "submission": {"id": self.submission_id, "sha256": self.sha256},
            "seed": self.seed,
            "tier": self.tier,
            "isolation": self.isolation,
            "isolation_reason": self.isolation_reason,
            "version": __version__,
            "score": self.score,
            "max_score": self.max_score,
            "bonus": self.bonus,
            "exercises": [_exercise_json(exercise) for exercise in self.exercises],
            "problem": self.problem,
            "follow_through": self.follow_through,
            "notes": list(self.notes),
        }


def _exercise_json(exercise: ExerciseResult) -> dict[str, Any]:
    first = exercise.first_problem
    return {
        "id": exercise.id,
        "status": exercise.status,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "bonus": exercise.bonus,
        "mistake": first.mistake if first else "",
        "hint": first.hint if first else "",
        "imports": exercise.imports,
        "follow_through": exercise.follow_through,
        "checks": [asdict(check) for check in exercise.checks],
    }
