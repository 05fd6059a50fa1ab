"""The one result type: what came of checks, exercises and submissions, and the JSON that it is written as.

Statuses, scores and mistakes of an exercise follow from its checks. The JSON has them too, for those who read it, but
nothing of ours reads them there: they are computed again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from autograder import __version__
from autograder.course.catalogue import CheckId, ExerciseId

SCHEMA = 1
# The first of these that an exercise's checks hold is its status.
WORST_FIRST = ("grader_error", "refused", "timeout", "error", "failed", "blocked")
STATUSES = ("passed", "not_started", *WORST_FIRST)
SKIPPED = "skipped"
"""The data of the check cannot be had: it says nothing about the student, and its points leave the total."""


class CheckResult(msgspec.Struct):
    """What came of one check. `message`: the reason, its first line first; `printed`: what the student's code printed."""

    id: CheckId
    title: str
    status: str
    score: float
    max_score: float
    message: str = ""
    mistake: str = ""
    hint: str = ""
    printed: str = ""


class ExerciseResult(msgspec.Struct):
    """What came of one exercise: of its checks, in the order in which they ran."""

    id: ExerciseId
    bonus: bool = False
    checks: list[CheckResult] = []
    imports: list[ExerciseId] = []
    """Other exercises that the student's file really imported, directly or through one another."""
    follow_through: str = ""
    """For a teacher: the result with the reference in the place of the exercises that block this one."""

    @property
    def status(self) -> str:
        found = {check.status for check in self.checks} - {SKIPPED}
        if not found:
            return SKIPPED if self.checks else "not_started"
        if len(found) == 1:
            return found.pop()
        return next((status for status in WORST_FIRST if status in found), "failed")  # started, and not finished

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


class SubmissionName(msgspec.Struct, frozen=True):
    """Whose submission it is, and the digest of what was handed in."""

    id: str
    sha256: str


class SubmissionResult(msgspec.Struct, kw_only=True):
    """What came of one submission, and what it was graded with."""

    submission: SubmissionName
    seed: int
    tier: str
    isolation: str
    isolation_reason: str = ""
    exercises: list[ExerciseResult]
    schema: int = SCHEMA
    version: str = __version__
    problem: str = ""
    """Why nothing could be graded at all, where that is so."""
    follow_through: bool = False
    """Whether blocked exercises were graded once more."""
    notes: list[str] = []
    """What was noticed while the submission was read."""
    round: int = 0
    """In a class: how often it had been graded again."""
    graders: str = ""
    """In a class: the digest of the code that graded."""

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
    def percent(self) -> float:
        return 100 * self.score / self.max_score if self.max_score else 0.0

    @property
    def complete(self) -> bool:
        """Whether all points but the bonus are there."""
        return all(e.status in ("passed", SKIPPED) for e in self.exercises if not e.bonus)

    def has(self, status: str) -> bool:
        """Whether any check has this status."""
        return any(check.status == status for exercise in self.exercises for check in exercise.checks)


def to_plain(value: msgspec.Struct) -> dict[str, Any]:
    """A result, or a part of one, as dicts, lists, texts and numbers; `from_plain` reads it."""
    plain: dict[str, Any] = msgspec.to_builtins(value, enc_hook=str)
    return plain


def from_plain(plain: object, kind: type[Any]) -> Any:
    """The opposite of `to_plain`; msgspec.ValidationError where it is no such result."""
    return msgspec.convert(plain, kind, dec_hook=_from_text)


def to_json(result: SubmissionResult) -> dict[str, Any]:
    """The JSON of a submission's result, with what follows from its checks."""
    plain = to_plain(result)
    exercises = [_with_summary(entry, exercise) for entry, exercise in zip(plain.pop("exercises"), result.exercises)]
    totals = {"score": result.score, "max_score": result.max_score, "bonus": result.bonus}
    return {"schema": plain.pop("schema"), **plain, **totals, "exercises": exercises}


def _with_summary(entry: dict[str, Any], exercise: ExerciseResult) -> dict[str, Any]:
    first = exercise.first_problem
    checks = entry.pop("checks")
    return {
        "id": entry.pop("id"),
        "status": exercise.status,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "mistake": first.mistake if first else "",
        "hint": first.hint if first else "",
        **entry,
        "checks": checks,
    }


def from_json(data: bytes) -> SubmissionResult:
    """A result from its JSON; msgspec.DecodeError or UnicodeError where it is none."""
    return msgspec.json.decode(data, type=SubmissionResult, dec_hook=_from_text)


def _from_text(kind: type[Any], text: object) -> Any:
    """The ids, which are texts with parts."""
    if issubclass(kind, str) and isinstance(text, str):
        return kind(text)
    raise NotImplementedError(f"no {kind.__name__} is made of {text!r}")
