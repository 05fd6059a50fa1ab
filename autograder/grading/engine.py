"""Runs checks against a submission and says what came of each: what pytest, the command line and tests share."""

from __future__ import annotations

import functools
import inspect
import re
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.checks.accuracy import reach
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.data.cifar import load_cifar
from autograder.data.circles import load_circles
from autograder.data.dataset import DataUnavailable
from autograder.data.mnist import load_mnist
from autograder.data.roots import data_roots
from autograder.diagnosis.fingerprints import Fingerprint
from autograder.grading.catalogue import Check, Grader, exercise_ids, load_grader
from autograder.grading.diagnoser import Diagnoser
from autograder.grading.notebook_files import name_cells
from autograder.grading.prerequisites import failing, mark_blocked, reference_files
from autograder.grading.results import SKIPPED, CheckResult, ExerciseResult, SubmissionResult
from autograder.grading.submission import Submission
from autograder.grading.threads import use_one_thread
from autograder.sandbox.host.errors import IsolationUnavailable, TimedOut
from autograder.sandbox.host.launch import Channel, Chosen, Launcher, choose_isolation, confirm_strict
from autograder.sandbox.host.student import Assignment, Event, Student
from autograder.sandbox.host.workers import Limits, LocalWorker, ProcessWorker, Worker

# Imported before the fork where a submission mentions them: once for all, in place of seconds in each worker.
PRELOADABLE = ("matplotlib.pyplot", "sklearn.svm", "scipy.special", "pandas", "torchvision", "timm", "einops")


@dataclass(frozen=True)
class Settings:
    """How to grade. `isolation` None: the strictest that works here."""

    seed: int = field(default_factory=lambda: secrets.randbits(128))
    tier: str = "fast"
    isolation: str | None = None
    data_root: Path | None = None
    follow_through: bool = False
    replay: bool = True
    """Whether mistakes are named by replay where `solutions/` is; without it, by fingerprints."""


class Engine:
    """Owns what starts workers; one for a whole run. `chosen`: what `choose_isolation` gave, if it was asked already."""

    def __init__(self, settings: Settings, chosen: Chosen | None = None) -> None:
        self.settings = settings
        # As in the worker; and the grader's tensors are small, threads would only take the cores from the workers.
        use_one_thread()
        self.isolation, self._launcher, self.isolation_reason = chosen or choose_isolation(settings.isolation)
        self._confirmed = self.isolation != "strict"
        self._diagnoser = Diagnoser(self.prepare)

    def use_seed(self, seed: int) -> None:
        """From here on."""
        self.settings = replace(self.settings, seed=seed)

    def warm_up(self) -> None:
        """Starts the zygote, which imports torch while the grader does."""
        if self._launcher is not None:
            self._launcher.start()

    def confirm(self) -> None:
        """Makes sure that strict is strict here, or falls back to the next level and says so."""
        if self._confirmed:
            return
        self._confirmed = True
        assert isinstance(self._launcher, Channel)
        reason = confirm_strict(self._launcher)
        if reason and self.settings.isolation == "strict":
            raise IsolationUnavailable(f"--isolation strict cannot be had here: {reason}; use --isolation process")
        if reason:
            self.isolation, self.isolation_reason = "process", f"strict cannot be had here: {reason}"

    def student(self, submission: Submission, grader: Grader) -> Student:
        """The proxy of one exercise of a submission; its worker starts at the first call."""
        spec = grader.spec
        assignment = Assignment(grader.module, submission.files, spec.public, spec.forbidden, submission.problems)
        source = submission.files.get(assignment.path, b"")
        preload = tuple(
            name
            for name in PRELOADABLE
            if re.search(rb"^\s*(?:import|from)\s[^#\n]*\b" + name.split(".")[0].encode() + rb"\b", source, re.M)
        )

        def start() -> Worker:
            self.confirm()
            if self._launcher is None:
                return LocalWorker()
            return ProcessWorker(self._launcher, self.isolation, Limits(), preload)

        return Student(assignment, start, Limits())

    def call(self, check: Check, student: Student) -> None:
        """Runs one check; raises what it comes to. A wall timeout alone is tried once more."""
        try:
            self._attempt(check, student)
        except TimedOut as problem:
            if not problem.loaded_machine:
                raise
            self._attempt(check, student)

    def _attempt(self, check: Check, student: Student) -> None:
        run = self.prepare(check, student, self.settings.seed)
        exchanges: list[Event] = []
        student.observer = exchanges.append if check.spec.threshold is None else None
        try:
            if check.spec.threshold is None:
                run()
            else:
                reach(check.spec.threshold.of(self.settings.tier), run)
        except Exception as failure:
            student.failures[check.id] = exchanges
            if isinstance(failure, CheckFailed):
                failure.printed = student.printed
            raise
        finally:
            student.observer = None

    def prepare(self, check: Check, student: Student, seed: int) -> Callable[[], Any]:
        """The check's function with its arguments, which are made from the seed; calling it again goes on drawing."""
        draw = Draw(seed, check.id)
        student.begin_check(draw.seed(), check.spec.cpu_seconds(self.settings.tier), deep=not check.spec.trains)
        available: dict[str, Callable[[], Any]] = {
            "student": lambda: student,
            "draw": lambda: draw,
            "circles": lambda: load_circles(self._data_roots()),
            "mnist": lambda: load_mnist(self._data_roots(), self.settings.tier),
            "cifar": lambda: load_cifar(self._data_roots(), self.settings.tier),
        }
        arguments = {name: available[name]() for name in inspect.signature(check.function).parameters}
        return functools.partial(check.function, **arguments)

    def _data_roots(self) -> list[Path]:
        return data_roots(self.settings.data_root)

    def run_check(self, check: Check, student: Student) -> CheckResult:
        return judge(check, lambda: self.call(check, student))

    def explain(self, checks: list[CheckResult], student: Student, grader: Grader) -> None:
        """Names the known mistakes behind what did not pass; to be called while the student's worker is there."""
        for check, mistake in self.mistakes(checks, student, grader, self.settings.replay):
            check.mistake, check.hint = mistake.title, mistake.hint

    def mistakes(
        self, checks: list[CheckResult], student: Student, grader: Grader, replay: bool
    ) -> list[tuple[CheckResult, Fingerprint]]:
        """Each check that a known mistake explains, with it."""
        return self._diagnoser.mistakes(checks, student, grader, self.settings.seed, replay)

    def grade(self, submission: Submission, ids: list[str] | None = None) -> SubmissionResult:
        """All checks of all exercises, or of those named."""
        exercises = [self.grade_exercise(submission, load_grader(name)) for name in ids or exercise_ids()]
        return self.result(submission, exercises)

    def grade_exercise(self, submission: Submission, grader: Grader) -> ExerciseResult:
        student = self.student(submission, grader)
        try:
            checks = [self.run_check(check, student) for check in grader.checks]
            self.explain(checks, student, grader)
        finally:
            student.close()
        return ExerciseResult(grader.id, grader.spec.bonus, checks, imported_exercises(student, grader))

    def result(self, submission: Submission, exercises: list[ExerciseResult]) -> SubmissionResult:
        """The whole result, once what blocks what is known."""
        mark_blocked(exercises)
        name_cells(exercises, submission.places)
        if self.settings.follow_through:
            for exercise in exercises:
                if any(check.status == "blocked" for check in exercise.checks):
                    exercise.follow_through = self._follow_through(submission, exercise, failing(exercises))
        return SubmissionResult(
            submission.id, submission.sha256, self.settings.seed, self.settings.tier,
            self.isolation, self.isolation_reason, exercises, notes=submission.notes,
            follow_through=self.settings.follow_through,
        )  # fmt: skip

    def _follow_through(self, submission: Submission, exercise: ExerciseResult, bad: dict[str, ExerciseResult]) -> str:
        """The verdict with the reference in place of what fails; nothing else, since that code ran beside the student's."""
        replaced = [name for name in exercise.imports if name in bad]
        files = submission.files | reference_files(replaced)
        found = self.grade_exercise(replace(submission, files=files), load_grader(exercise.id))
        with_reference = f"with the reference in place of {', '.join(replaced)}"
        return f"{found.status}, {found.score:g} of {found.max_score:g} points, {with_reference}"

    def close(self) -> None:
        launcher: Launcher | None = self._launcher
        if launcher is not None:
            launcher.close()


def imported_exercises(student: Student, grader: Grader) -> list[str]:
    """The other exercises that a student's file imported."""
    found = {path.removesuffix(".py") for path in student.imported}
    return sorted(found & set(exercise_ids()) - {grader.id})


def judge(check: Check, run: Callable[[], None]) -> CheckResult:
    """The result of one check, whatever happens."""
    try:
        run()
    except Exception as error:
        return verdict_on(check, error)
    return CheckResult(check.id, check.title, "passed", check.spec.points, check.spec.points)


def verdict_on(check: Check, error: BaseException) -> CheckResult:
    """What an exception out of a check means. One that is not ours is the grader's fault."""
    if isinstance(error, DataUnavailable):
        return CheckResult(check.id, check.title, SKIPPED, 0, check.spec.points, str(error))
    status = getattr(error, "verdict", "grader_error")
    message = getattr(error, "message", None) or str(error)
    if status == "grader_error":
        trace = "".join(traceback.format_exception(error))[-3000:]
        message = f"the grader itself failed, which is no fault of yours: {type(error).__name__}: {error}\n{trace}"
    hint, printed = getattr(error, "hint", ""), getattr(error, "printed", "")
    return CheckResult(check.id, check.title, status, 0, check.spec.points, message, "", hint, printed)
