"""What changed between two results of a submission, check by check, and why.

A reason is named only if the results or the lines of their gradings show that it differs. If nothing differs, the check
gave two results for the same question: it is not deterministic, which is a defect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.classroom.environment import COMPUTING
from autograder.classroom.graders_digest import DATA, ENGINE
from autograder.classroom.gradings import Grading
from autograder.results import SKIPPED, CheckResult, ExerciseResult, SubmissionResult

NOT_DETERMINISTIC = "none: nothing else differs, so the result of this check is not deterministic"
UNKNOWN = "not known: the record of one of the two gradings is missing"
DAMAGED = "the earlier result is damaged"
ADDED, LEFT_OUT = "exercise added", "exercise left out"


@dataclass(frozen=True)
class Mark:
    """The status and points of a check or of an exercise."""

    status: str
    score: float
    max_score: float


@dataclass(frozen=True)
class CheckChange:
    """A check whose status or points changed; an exercise that was added or left out if `check` is empty."""

    exercise: str
    check: str
    before: Mark | None
    """None if it was not graded before."""
    after: Mark | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Total:
    """The points of a submission."""

    score: float
    max_score: float
    bonus: float


@dataclass(frozen=True)
class StudentChange:
    """A submission whose result changed."""

    grading: int
    """The number of the grading that changed it."""
    id: str
    before: Total | None
    """None if the earlier result is damaged."""
    after: Total
    checks: tuple[CheckChange, ...]

    @property
    def reasons(self) -> list[str]:
        """The reasons of all its checks, each once."""
        if self.before is None:
            return [DAMAGED]
        return list(dict.fromkeys(reason for check in self.checks for reason in check.reasons))


def compare(
    before: SubmissionResult | None, after: SubmissionResult, gradings: dict[int, Grading]
) -> StudentChange | None:
    """What changed from one result of a submission to a later one; None if nothing did.

    Args:
        before: the earlier result; None if it is damaged.
        after: the later result.
        gradings: the lines of the gradings by number.
    """
    if before is None:
        return StudentChange(after.grading, after.submission.id, None, _total(after), ())
    checks = tuple(_check_changes(before, after, gradings))
    return StudentChange(after.grading, after.submission.id, _total(before), _total(after), checks) if checks else None


def _total(result: SubmissionResult) -> Total:
    return Total(result.score, result.max_score, result.bonus)


def _check_changes(
    before: SubmissionResult, after: SubmissionResult, gradings: dict[int, Grading]
) -> Iterator[CheckChange]:
    old, new = ({exercise.id: exercise for exercise in result.exercises} for result in (before, after))
    of_all = _reasons(before, after)
    lines = (gradings.get(before.grading), gradings.get(after.grading))
    environment = [*_environment_reasons(before, after), *_recorded_reasons(*lines)]
    for name in dict.fromkeys([*old, *new]):
        if name not in old:
            yield CheckChange(name, "", None, _mark(new[name]), (ADDED,))
            continue
        if name not in new:
            yield CheckChange(name, "", _mark(old[name]), None, (LEFT_OUT,))
            continue
        of_exercise = [*of_all, *_grader_reasons(before, after, old[name], new[name])]
        earlier, later = ({check.id: check for check in exercise.checks} for exercise in (old[name], new[name]))
        for check in dict.fromkeys([*earlier, *later]):
            first, second = (_mark(found.get(check)) for found in (earlier, later))
            if first != second:
                reasons = [*of_exercise, *_data_reason(before, after, first, second), *environment]
                if not reasons:
                    reasons = [UNKNOWN if None in lines else NOT_DETERMINISTIC]
                yield CheckChange(name, check.name, first, second, tuple(dict.fromkeys(reasons)))


def _mark(found: CheckResult | ExerciseResult | None) -> Mark | None:
    return Mark(found.status, found.score, found.max_score) if found is not None else None


def _reasons(before: SubmissionResult, after: SubmissionResult) -> Iterator[str]:
    """The reasons that hold for all checks of a submission."""
    if (before.seed, before.own_inputs) != (after.seed, after.own_inputs):
        yield "seed"
    if _another_submission(before, after):
        yield "submission"
    for what in ("tier", "isolation", "version"):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield f"{what} {old} → {new}"


def _another_submission(before: SubmissionResult, after: SubmissionResult) -> bool:
    """Whether something else was handed in. What could not be read has no digest, but a problem that says why."""
    old, new = before.submission.sha256, after.submission.sha256
    if old and new:
        return old != new
    unread = [result for result in (before, after) if not result.submission.sha256 and not result.has("grader_error")]
    return bool(unread) and (bool(old or new) or before.problem != after.problem)


def _grader_reasons(
    before: SubmissionResult, after: SubmissionResult, old: ExerciseResult, new: ExerciseResult
) -> Iterator[str]:
    """The reasons that hold for all checks of an exercise; an exercise that it imports may block it."""
    rests_on = dict.fromkeys([new.id, *old.imports, *new.imports])
    if not before.digests or not after.digests:  # graded by an earlier version
        if before.graders != after.graders:
            yield "graders or data"
    else:
        if before.digests.get(ENGINE) != after.digests.get(ENGINE):
            yield "engine"
        for name in rests_on:
            digests = {before.digests.get(name), after.digests.get(name)} - {None}
            if len(digests) == 2:
                yield f"grader of {name}"
    for when, result in (("before", before), ("now", after)):
        found = [exercise for exercise in result.exercises if exercise.id in rests_on]
        if any(check.status == "grader_error" for exercise in found for check in exercise.checks):
            yield f"grader error {when}"


def _data_reason(
    before: SubmissionResult, after: SubmissionResult, first: Mark | None, second: Mark | None
) -> Iterator[str]:
    """A check is skipped if its dataset is missing."""
    digests = {result.digests[DATA] for result in (before, after) if DATA in result.digests}
    if len(digests) == 2 or SKIPPED in {mark.status for mark in (first, second) if mark is not None}:
        yield "data"


def _environment_reasons(before: SubmissionResult, after: SubmissionResult) -> Iterator[str]:
    """The differences of the environments that the results contain."""
    for what, old in before.environment.items():
        new = after.environment.get(what, old)
        if old != new:
            yield f"{what} {old} → {new}"


def _recorded_reasons(before: Grading | None, after: Grading | None) -> Iterator[str]:
    """The differences of the environments in the lines of two gradings; they say more than a result does."""
    if before is None or after is None:
        return
    old, new = _environment(before), _environment(after)
    for what in dict.fromkeys([*old, *new]):
        if old.get(what) != new.get(what):
            yield f"{what} {old.get(what, 'missing')} → {new.get(what, 'missing')}"


def _environment(grading: Grading) -> dict[str, str]:
    versions = {name: text for name, text in grading.versions.items() if name in ("python", *COMPUTING)}
    machine = {name: text for name, text in grading.machine.items() if name in ("platform", "processor")}
    return {**versions, **machine, **grading.variables}
