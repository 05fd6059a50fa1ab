"""Runs checks against a submission: the one engine behind pytest, the command line, notebooks and the content proof."""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from autograder.checks.accuracy import reach
from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check, Grader, load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.data.dataset import DataUnavailable
from autograder.diagnosis.diagnoser import Diagnoser
from autograder.diagnosis.fingerprints import Fingerprint
from autograder.grading.arguments import with_arguments
from autograder.grading.prerequisites import failing, mark_blocked, reference_files
from autograder.grading.settings import Settings
from autograder.grading.threads import use_one_thread
from autograder.results import SKIPPED, CheckResult, ExerciseResult, SubmissionName, SubmissionResult
from autograder.sandbox.host.errors import IsolationUnavailable, TimedOut
from autograder.sandbox.host.launch import Channel, Isolation, choose_isolation, confirm_strict
from autograder.sandbox.host.student_module import Assignment, Event, StudentModule
from autograder.sandbox.host.workers import Limits, LocalWorker, ProcessWorker, Worker
from autograder.submissions.notebook_files import name_cells
from autograder.submissions.submission import Submission

# Imported before the fork where a submission mentions them: once for all, in place of seconds in each worker.
PRELOADABLE = ("matplotlib.pyplot", "sklearn.svm", "scipy.special", "pandas", "torchvision", "timm", "einops")


class Engine:
    """Runs checks; one for a whole run. `isolation`: what `choose_isolation` returned, if it was called already."""

    def __init__(self, settings: Settings, isolation: Isolation | None = None) -> None:
        self.settings = settings
        # As in the worker; and the grader's tensors are small: threads would only take the cores from the workers.
        use_one_thread()
        self.isolation = isolation or choose_isolation(settings.isolation)
        self._confirmed = self.isolation.level != "strict"
        self._diagnoser = Diagnoser(self.prepare)

    def use_seed(self, seed: int) -> None:
        """The seed of every check from here on."""
        self.settings = replace(self.settings, seed=seed)

    def warm_up(self) -> None:
        """Starts the zygote, which imports torch while the grader does."""
        if self.isolation.launcher is not None:
            self.isolation.launcher.start()

    def confirm(self) -> None:
        """Makes sure that strict isolation holds here, or falls back to the next level and says so."""
        if self._confirmed:
            return
        self._confirmed = True
        assert isinstance(self.isolation.launcher, Channel)
        reason = confirm_strict(self.isolation.launcher)
        if reason and self.settings.isolation == "strict":
            raise IsolationUnavailable(f"--isolation strict cannot be had here: {reason}; use --isolation process")
        if reason:
            fallback = f"strict cannot be had here: {reason}"
            self.isolation = self.isolation._replace(level="process", reason=fallback)

    def run(self, submission: Submission, grader: Grader) -> ExerciseRun:
        """One exercise of a submission, ready to be graded; its worker starts at the first call."""
        return ExerciseRun(self, self.student(submission, grader), grader)

    def student(self, submission: Submission, grader: Grader) -> StudentModule:
        """The proxy of one exercise of a submission; its worker starts at the first call."""
        spec = grader.spec
        assignment = Assignment(grader.id.module, submission.files, spec.public, spec.forbidden, submission.problems)
        source = submission.files.get(assignment.path, b"")
        preload = tuple(
            name
            for name in PRELOADABLE
            if re.search(rb"^\s*(?:import|from)\s[^#\n]*\b" + name.split(".")[0].encode() + rb"\b", source, re.M)
        )

        def start() -> Worker:
            self.confirm()
            if self.isolation.launcher is None:
                return LocalWorker()
            return ProcessWorker(self.isolation.launcher, self.isolation.level, Limits(), preload)

        return StudentModule(assignment, start, Limits())

    def prepare(self, check: Check, student: StudentModule, seed: int) -> Callable[[], Any]:
        """The check's function with its arguments, which are made from the seed; calling it again goes on drawing."""
        return with_arguments(check, student, seed, self.settings.tier, self.settings.data_root)

    def mistakes(
        self, results: list[CheckResult], student: StudentModule, grader: Grader, *, replay: bool
    ) -> list[tuple[CheckResult, Fingerprint]]:
        """Each result that a known mistake explains, with the mistake."""
        return self._diagnoser.mistakes(results, student, grader, self.settings.seed, replay)

    def grade(self, submission: Submission, exercises: Iterable[ExerciseId] | None = None) -> SubmissionResult:
        """All checks of these exercises, by default of all there are."""
        names = exercise_ids() if exercises is None else exercises
        return self.result(submission, [self.grade_exercise(submission, load_grader(name)) for name in names])

    def grade_exercise(self, submission: Submission, grader: Grader) -> ExerciseResult:
        with closing(self.run(submission, grader)) as run:
            for _ in run.results():
                pass
            run.explain()
        return run.result

    def result(self, submission: Submission, exercises: list[ExerciseResult]) -> SubmissionResult:
        """The result of the submission: with what blocks what, and the lines of notebooks by their cells."""
        mark_blocked(exercises)
        name_cells(exercises, submission.places)
        if self.settings.follow_through:
            for exercise in exercises:
                if any(check.status == "blocked" for check in exercise.checks):
                    exercise.follow_through = self._follow_through(submission, exercise, failing(exercises))
        return SubmissionResult(
            submission=SubmissionName(submission.id, submission.sha256),
            seed=self.settings.seed,
            tier=self.settings.tier,
            isolation=self.isolation.level,
            isolation_reason=self.isolation.reason,
            exercises=exercises,
            follow_through=self.settings.follow_through,
            notes=list(submission.notes),
        )

    def _follow_through(
        self, submission: Submission, exercise: ExerciseResult, bad: dict[ExerciseId, ExerciseResult]
    ) -> str:
        """The result with the reference in place of what fails; in a line, since that code ran beside the student's."""
        replaced = [name for name in exercise.imports if name in bad]
        files = submission.files | reference_files(replaced)
        found = self.grade_exercise(replace(submission, files=files), load_grader(exercise.id))
        with_reference = f"with the reference in place of {', '.join(replaced)}"
        return f"{found.status}, {found.score:g} of {found.max_score:g} points, {with_reference}"

    def close(self) -> None:
        if self.isolation.launcher is not None:
            self.isolation.launcher.close()


class ExerciseRun:
    """One exercise of one submission while it is graded: its worker, and the results so far. To be closed."""

    def __init__(self, engine: Engine, student: StudentModule, grader: Grader) -> None:
        self._engine = engine
        self.student = student
        self.grader = grader
        self.result = ExerciseResult(grader.id, grader.spec.bonus)

    def results(
        self, checks: Iterable[Check] | None = None, begin: Callable[[Check], object] = lambda check: None
    ) -> Iterator[CheckResult]:
        """Runs these checks, by default all, and yields each result as it comes: whoever stops asking stops the run.

        begin: called before each check.
        """
        for check in self.grader.checks if checks is None else checks:
            begin(check)
            yield self.add(judge(check, functools.partial(self.call, check)))

    def call(self, check: Check) -> None:
        """Runs one check and raises what it comes to. A wall timeout alone is tried once more."""
        try:
            self._attempt(check)
        except TimedOut as problem:
            if not problem.loaded_machine:
                raise
            self._attempt(check)

    def _attempt(self, check: Check) -> None:
        settings, student = self._engine.settings, self.student
        run = self._engine.prepare(check, student, settings.seed)
        exchanges: list[Event] = []
        student.observer = exchanges.append if check.spec.threshold is None else None
        try:
            if check.spec.threshold is None:
                run()
            else:
                reach(check.spec.threshold.of(settings.tier), run)
        except Exception as failure:
            student.failures[check.id] = exchanges
            if isinstance(failure, CheckFailed):
                failure.printed = student.printed
            raise
        except BaseException:  # Ctrl-C, or a plugin's timeout: a reply is still on its way, which nobody will read
            student.close()
            raise
        finally:
            student.observer = None

    def add(self, result: CheckResult) -> CheckResult:
        """Takes a check's result into the exercise's, in place of an earlier one of the same check."""
        self.result.checks = [check for check in self.result.checks if check.id != result.id] + [result]
        self.result.imports = self._imports()
        return result

    def _imports(self) -> list[ExerciseId]:
        """The other exercises that the student's file has imported so far."""
        others = self.student.imported - {self.grader.id.path}
        return [exercise for exercise in exercise_ids() if exercise.path in others] if others else []

    def explain(self) -> None:
        """Names the known mistakes behind what did not pass; while the worker is there."""
        for check, mistake in self.mistakes(replay=self._engine.settings.replay):
            check.mistake, check.hint = mistake.title, mistake.hint

    def mistakes(self, *, replay: bool) -> list[tuple[CheckResult, Fingerprint]]:
        """Each result that a known mistake explains, with the mistake: by replay where `solutions/` is, or by
        fingerprints."""
        return self._engine.mistakes(self.result.checks, self.student, self.grader, replay=replay)

    def close(self) -> None:
        """Ends the worker."""
        self.student.close()


def judge(check: Check, run: Callable[[], None]) -> CheckResult:
    """The result of one check, whatever happens."""
    try:
        run()
    except Exception as error:
        return failed_result(check, error)
    return CheckResult(check.id, check.title, "passed", check.spec.points, check.spec.points)


def failed_result(check: Check, error: BaseException) -> CheckResult:
    """The result of a check that raised. An exception that has no status of its own is the grader's fault."""
    if isinstance(error, DataUnavailable):
        return CheckResult(check.id, check.title, SKIPPED, 0, check.spec.points, str(error))
    status = getattr(error, "status", "grader_error")
    message = getattr(error, "message", None) or str(error)
    if status == "grader_error":
        message = grader_error_message(error)
    hint, printed = getattr(error, "hint", ""), getattr(error, "printed", "")
    return CheckResult(check.id, check.title, status, 0, check.spec.points, message, "", hint, printed)


def without_result(check: Check, cause: str) -> CheckResult:
    """The result of a check that ended without one: its points stay in the total, and somebody has to look at it."""
    message = f"this check has no result, which is no fault of yours: {cause}"
    return CheckResult(check.id, check.title, "grader_error", 0, check.spec.points, message)


def grader_error_message(error: BaseException) -> str:
    """The message of a `grader_error`, with the end of the traceback."""
    trace = "".join(traceback.format_exception(error))[-3000:]
    return f"the grader itself failed, which is no fault of yours: {type(error).__name__}: {error}\n{trace}"
