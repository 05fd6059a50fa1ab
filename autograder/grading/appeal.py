"""Runs one check of one submission again, as it was graded, and records what happens in it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

from autograder import __version__
from autograder.checks.comparisons import observing
from autograder.checks.grader import Check, Grader, load_grader
from autograder.course.catalogue import CheckId
from autograder.grading.engine import Engine, ExerciseRun
from autograder.grading.environment import environment
from autograder.grading.prerequisites import mark_blocked
from autograder.grading.recorder import Recorder
from autograder.grading.settings import Settings
from autograder.reports.appeal.record import Appeal
from autograder.results import CheckResult, ExerciseResult, SubmissionResult
from autograder.sandbox.host.text import clean
from autograder.submissions.submission import Submission


class RecordedRun(ExerciseRun):
    """A run of an exercise in which the last attempt at one check is recorded, not those that it rests on."""

    def __init__(
        self, engine: Engine, submission: Submission, grader: Grader, recorder: Recorder, recorded: CheckId
    ) -> None:
        super().__init__(engine, submission, engine.student(submission, grader), grader)
        self._recorder = recorder
        self._recorded = recorded

    def _run(self, check: Check) -> None:
        if check.id != self._recorded:
            self.watcher = None
            super()._run(check)
            return
        self.watcher = self._recorder.exchange
        self._recorder.begin()
        with observing(self._recorder.compared):
            super()._run(check)


def appeal(
    engine: Engine, submission: Submission, result: SubmissionResult, recorded: CheckResult, recorder: Recorder
) -> Appeal:
    """The check of a result, run again. The engine must have the settings of the result; see `settings_of`.

    GraderError if the grader cannot be loaded, or LookupError if it does not have the check any more.
    """
    grader = load_grader(recorded.id.exercise)
    number = next((n for n, check in enumerate(grader.checks) if check.id == recorded.id), None)
    if number is None:
        raise LookupError(f"the grader of {grader.id} has no check {recorded.id} any more")
    earlier, check = grader.checks[:number], grader.checks[number]
    now = _run(RecordedRun(engine, submission, grader, recorder, check.id), [check], result, recorded)
    found = Appeal(
        student=result.submission.id,
        exercise=str(grader.id),
        recorded=recorded,
        now=now,
        record=recorder.record(),
        settings=_settings_text(engine),
        remarks=tuple(_remarks(engine, submission, result)),
    )
    if found.confirmed:
        return found
    after = _run(engine.run(submission, grader), [*earlier, check], result, recorded)
    return replace(found, after_others=after)


def settings_of(result: SubmissionResult) -> Settings:
    """The settings that a result was graded with, but never without isolation: the files may be anybody's."""
    isolation = result.isolation if result.isolation in ("strict", "process") else None
    return Settings(seed=result.seed, tier=result.tier, isolation=isolation, own_inputs=result.own_inputs)


def _run(run: ExerciseRun, checks: Iterable[Check], result: SubmissionResult, recorded: CheckResult) -> CheckResult:
    """The result of the last of these checks, as it would stand in a whole result: blocked if another exercise blocks it."""
    with closing(run):
        found = list(run.results(checks))[-1]
        if (found.status, found.message) != (recorded.status, recorded.message):
            run.explain()  # may show that the check does not wait for another one
            found = next(check for check in run.result.checks if check.id == found.id)
        shown = copy.copy(found)
        exercise = ExerciseResult(run.grader.id, run.grader.spec.bonus, [shown], run.result.imports)
        others = [copy.deepcopy(other) for other in result.exercises if other.id != exercise.id]
        mark_blocked([*others, exercise])
        if (shown.status, shown.message) == (recorded.status, recorded.message):
            shown.mistake, shown.hint = recorded.mistake, recorded.hint  # chosen with all checks in view
        if shown.waits_for:
            own = run.own(next(check for check in run.grader.checks if check.id == shown.id))
            shown.message += f"\nWhat was seen here: {own.message}" if own.message else ""
        return shown


def _settings_text(engine: Engine) -> str:
    settings, isolation = engine.settings, engine.isolation
    return f"seed: {settings.seed} · tier: {settings.tier} · isolation: {isolation.level} · version: {__version__}"


def _remarks(engine: Engine, submission: Submission, result: SubmissionResult) -> Iterable[str]:
    if submission.sha256 != result.submission.sha256:
        then, now = clean(result.submission.sha256, 80)[:12] or "none", submission.sha256[:12]
        yield f"the submission has changed since it was graded (sha256 {then}… then, {now}… now)"
    if result.version != __version__:
        yield f"version {clean(result.version, 40)} of autograder graded it, and this is {__version__}"
    if result.isolation != engine.isolation.level:
        why = f" ({engine.isolation.reason})" if engine.isolation.reason else ""
        yield f"it was graded with isolation {clean(result.isolation, 40)}, and now with {engine.isolation.level}{why}"
    here = environment()
    changed = [
        f"{name} {clean(str(then), 60)} then, {here[name]} now"
        for name, then in result.environment.items()
        if name in here and here[name] != then
    ]
    if changed:
        yield f"the platform differs: {', '.join(changed)}"
