"""Results of checks, exercises and submissions, and their JSON. Everything that grades or reports uses these types.

The status, score and mistake of an exercise are computed from its checks. The JSON contains them for other readers; when
a result is loaded they are computed again.
"""

from __future__ import annotations

from typing import Any, Union

import msgspec

from autograder import __version__
from autograder.course.catalogue import CheckId, ExerciseId

SCHEMA = 1
# The first of these that any check of an exercise has is the status of the exercise.
WORST_FIRST = ("grader_error", "refused", "timeout", "error", "failed", "blocked")
STATUSES = ("passed", "not_started", *WORST_FIRST)
SKIPPED = "skipped"
"""The status of a check whose dataset is not available. Its points are left out of the total."""


class CheckResult(msgspec.Struct):
    """The result of one check."""

    id: CheckId
    title: str
    """What the check claims: the docstring of its function."""
    status: str
    score: float
    max_score: float
    message: str = ""
    """Why it did not pass. The first line says what was seen; the traceback in the student's files follows."""
    mistake: str = ""
    """The title of the known mistake that explains the failure; or the part of the message that names the mistake, if the
    check itself has established it."""
    hint: str = ""
    printed: str = ""
    """What the student's code printed."""
    where: str = ""
    """Where to look: the function or class, and its place in the student's files."""
    waits_for: str = ""
    """If it is `blocked` by another check of its exercise: the id of the check to look at first."""

    @property
    def known_mistake(self) -> str:
        """The title of the known mistake; "" if there is none, or if the message itself names the mistake."""
        return "" if self.mistake in self.message else self.mistake


class ExerciseResult(msgspec.Struct):
    """The result of one exercise: its checks in the order in which they ran."""

    id: ExerciseId
    bonus: bool = False
    checks: list[CheckResult] = []
    imports: list[ExerciseId] = []
    """Other exercises that the student's file imported when it ran, directly or indirectly."""
    follow_through: str = ""
    """For teachers: the result in one line when the exercises that block this one are replaced by the reference."""

    @property
    def status(self) -> str:
        found = {check.status for check in self.checks} - {SKIPPED}
        if not found:
            return SKIPPED if self.checks else "not_started"
        if len(found) == 1:
            return found.pop()
        return next(
            (status for status in WORST_FIRST if status in found), "failed"
        )  # some passed, the rest is not started

    @property
    def score(self) -> float:
        return sum(check.score for check in self.checks)

    @property
    def max_score(self) -> float:
        return sum(check.max_score for check in self.checks if check.status != SKIPPED)

    @property
    def first_problem(self) -> CheckResult | None:
        """The first check that failed, in the order of causes; else the first that is blocked or not started.

        A grader error comes before everything else.
        """
        wrong = [check for check in self.checks if check.status not in ("passed", SKIPPED)]
        rank = {"grader_error": 0, "blocked": 2, "not_started": 3}
        return min(wrong, key=lambda check: rank.get(check.status, 1), default=None)

    def waiting_for(self, check: CheckResult) -> list[CheckResult]:
        """The checks that are blocked by this one."""
        return [other for other in self.checks if other.waits_for == check.id]


class SubmissionName(msgspec.Struct, frozen=True):
    """The id of a submission, and the digest of the files that were handed in."""

    id: str
    sha256: str
    path: str = ""
    """Where the files were, as it was given; empty in a class run, which records the folder of all submissions."""


class HandIn(msgspec.Struct, kw_only=True, frozen=True):
    """Who handed a submission in, and when. Known in a class run, from the names of the files and from the roster."""

    student: str
    """The student's id, which all attempts have in common."""
    name: str = ""
    email: str = ""
    section: str = ""
    files: tuple[str, ...] = ()
    """The names of the files and folders among the submissions; empty if nothing was handed in."""
    time: str = ""
    """When it was handed in, if that had to be known: in ISO 8601, with a time zone."""
    time_from: str = ""
    """Where the time, or whether it is late, is known from: the LMS, or the dates of the files."""
    late: Union[bool, None] = None
    """Whether it was handed in after the deadline; None if that was not asked."""
    attempt: int = 1
    attempts: int = 1
    counts: bool = True
    """Whether this is the attempt that counts."""
    why: str = ""
    """Why it counts, or why not, if there are several attempts or none that counts."""
    state: str = ""
    """"missing" if the student handed in nothing, "pending" if it has not been graded yet."""
    notes: tuple[str, ...] = ()
    """Remarks on who handed it in."""


class SubmissionResult(msgspec.Struct, kw_only=True):
    """The result of one submission, and the settings that it was graded with."""

    submission: SubmissionName
    seed: int
    tier: str
    isolation: str
    isolation_reason: str = ""
    own_inputs: bool = False
    """Whether the inputs followed from the seed and the submission's files, as in a class, or from the seed alone."""
    exercises: list[ExerciseResult]
    schema: int = SCHEMA
    version: str = __version__
    problem: str = ""
    """Why the submission could not be graded at all; empty if it was graded."""
    follow_through: bool = False
    """Whether blocked exercises were graded a second time with the reference (--follow-through)."""
    notes: list[str] = []
    """Remarks from reading the submission, such as a copy that was not used."""
    left_aside: list[str] = []
    """Files of the submission that were not graded, each with its name and the reason."""
    to_look_at: list[str] = []
    """For teachers: names in the files with which code can reach what it should not, each with its place."""
    unreadable: list[str] = []
    """Parts of the submission that could not be read, such as a damaged notebook, each with the reason."""
    round: int = 0
    """In a class run: how often the class had been regraded."""
    graders: str = ""
    """In a class run: the digest of the code that graded."""
    grading: int = 0
    """In a class run: the number of the grading, which has a line in `gradings.jsonl`."""
    digests: dict[str, str] = {}
    """In a class run: what `graders` is made of: digests of the engine, of the data, and of each exercise's grader."""
    environment: dict[str, str] = {}
    """The versions of Python and the libraries, and the machine."""
    hand_in: Union[HandIn, None] = None
    """In a class run: who handed it in, and when."""

    @property
    def student(self) -> str:
        """The student's id. The id of the submission differs from it in attempts that do not count."""
        return self.hand_in.student if self.hand_in is not None else self.submission.id

    @property
    def counts(self) -> bool:
        """Whether the result counts: it is not that of an attempt in whose place another one counts."""
        return self.hand_in is None or (self.hand_in.counts and not self.hand_in.state)

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
    """A result, or a part of one, as dicts, lists, strings and numbers. `from_plain` is the inverse."""
    plain: dict[str, Any] = msgspec.to_builtins(value, enc_hook=str)
    return plain


def from_plain(plain: object, kind: type[Any]) -> Any:
    """The result of type `kind` in plain data. msgspec.ValidationError if the data does not have that form."""
    return msgspec.convert(plain, kind, dec_hook=_from_text)


def to_json(result: SubmissionResult) -> dict[str, Any]:
    """The JSON of a result, including the totals and statuses that are computed from its checks."""
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
    """A result from its JSON. msgspec.DecodeError or UnicodeError if it is not one."""
    return msgspec.json.decode(data, type=SubmissionResult, dec_hook=_from_text)


def _from_text(kind: type[Any], text: object) -> Any:
    """ExerciseId and CheckId, which msgspec does not know."""
    if issubclass(kind, str) and isinstance(text, str):
        return kind(text)
    raise NotImplementedError(f"cannot make a {kind.__name__} from {text!r}")
