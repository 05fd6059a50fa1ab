"""The engine: runs checks against a submission, for pytest, the command line, notebooks and the content proof alike."""

from __future__ import annotations

import functools
import hashlib
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from autograder.checks.accuracy import reach
from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check, Grader, load_grader
from autograder.checks.imports import not_allowed, to_look_at
from autograder.course.catalogue import CheckId, ExerciseId, exercise_ids
from autograder.data.dataset import DataUnavailable
from autograder.diagnosis.diagnoser import Diagnoser
from autograder.diagnosis.fingerprints import Fingerprint
from autograder.grading.arguments import with_arguments
from autograder.grading.consequences import FAILURES, Causes, waiting
from autograder.grading.environment import environment
from autograder.grading.kept_state import kept_state
from autograder.grading.memory import give_back
from autograder.grading.places import in_the_files_of, last_called, where
from autograder.grading.prerequisites import failing, mark_blocked, reference_files
from autograder.grading.settings import Settings
from autograder.grading.threads import use_one_thread
from autograder.results import SKIPPED, CheckResult, ExerciseResult, SubmissionName, SubmissionResult
from autograder.sandbox.host.budget import Budget, budget_of_a_submission, budget_of_an_exercise, unlimited
from autograder.sandbox.host.errors import IsolationUnavailable, Raised, TimedOut
from autograder.sandbox.host.exchanges import Assignment, Event
from autograder.sandbox.host.launch import Channel, Isolation, choose_isolation, confirm_strict
from autograder.sandbox.host.source import Source
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import Limits, LocalWorker, ProcessWorker, Worker
from autograder.submissions.submission import Submission

# Imported before the fork if a submission uses them: once for all workers, instead of seconds in each.
PRELOADABLE = ("matplotlib.pyplot", "sklearn.svm", "scipy.special", "pandas", "torchvision", "timm", "einops")

KEPT_BYTES = 64 << 20
"""The answers of failed checks are kept for the diagnosis, up to so many bytes in an exercise."""

MUCH_BYTES = 8 << 20
"""After an exercise whose failed checks had so many bytes of answers, memory is given back."""

MAX_ASKED_ALONE = 2
"""In how many failed checks of an exercise it is looked whether calls before them are the cause."""


class Engine:
    """Runs checks with one set of settings.

    `isolation`: what `choose_isolation` returned, if the caller has called it already.
    """

    def __init__(self, settings: Settings, isolation: Isolation | None = None) -> None:
        self.settings = settings
        # As in the worker. The grader's tensors are small, so more threads would only take cores from the workers.
        use_one_thread()
        self.isolation = isolation or choose_isolation(settings.isolation)
        self._confirmed = self.isolation.level != "strict"
        self._diagnoser = Diagnoser(self.prepare)
        self._spending: tuple[Submission | None, Budget] = None, unlimited()

    def use_seed(self, seed: int) -> None:
        """Sets the run seed of all checks from now on."""
        self.settings = replace(self.settings, seed=seed)

    def warm_up(self) -> None:
        """Starts the zygote, so that it imports torch at the same time as the grader."""
        if self.isolation.launcher is not None:
            self.isolation.launcher.start()

    def confirm(self) -> None:
        """Tests that strict isolation works here; if not, falls back to "process" and records why.

        IsolationUnavailable if strict isolation was asked for by name.
        """
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
        """A run of one exercise of a submission. Its worker starts at the first call."""
        return ExerciseRun(self, submission, self.student(submission, grader), grader)

    def student(self, submission: Submission, grader: Grader) -> StudentModule:
        """The student's module for one exercise of a submission. Its worker starts at the first call."""
        spec, tier = grader.spec, self.settings.tier
        path, files = grader.id.path, submission.files
        assignment = Assignment(
            grader.id.module,
            files,
            spec.public,
            spec.forbidden,
            submission.problems,
            not_allowed(files, grader),
        )
        packages = Source(files.get(path, b""), spec.public).packages
        preload = tuple(name for name in PRELOADABLE if name.partition(".")[0] in packages)

        def start() -> Worker:
            self.confirm()
            if self.isolation.launcher is None:
                return LocalWorker()
            return ProcessWorker(self.isolation.launcher, self.isolation.level, Limits(), preload)

        return StudentModule(assignment, start, budget_of_an_exercise(self._budget(submission), tier, grader.id.name))

    def _budget(self, submission: Submission) -> Budget:
        """What the exercises of a submission may use together. It is kept until another submission is graded."""
        if self._spending[0] is not submission:
            self._spending = submission, budget_of_a_submission(self.settings.tier)
        return self._spending[1]

    def prepare(self, check: Check, student: StudentModule, seed: int) -> Callable[[], Any]:
        """The check's function bound to its arguments, which are made from the seed.

        When it is called again, it continues to draw random numbers and does not repeat them.
        """
        return with_arguments(check, student, seed, self.settings.tier, self.settings.data_root)

    def mistakes(
        self, results: list[CheckResult], student: StudentModule, grader: Grader, seed: int, *, replay: bool
    ) -> list[tuple[CheckResult, Fingerprint]]:
        """The failed results that a known mistake explains, each with the mistake."""
        return self._diagnoser.mistakes(results, student, grader, seed, replay)

    def seed_of(self, submission: Submission) -> int:
        """The seed of the inputs that a submission gets. It follows from the run seed and, if they are its own, its files."""
        if not self.settings.own_inputs:
            return self.settings.seed
        digest = hashlib.sha256(f"{self.settings.seed}".encode())
        for path, data in sorted(submission.files.items()):
            digest.update(
                hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest() + hashlib.sha256(data).digest()
            )
        return int.from_bytes(digest.digest()[:16], "big")

    def grade(self, submission: Submission, exercises: Iterable[ExerciseId] | None = None) -> SubmissionResult:
        """The result of a submission in these exercises, by default in all."""
        names = exercise_ids() if exercises is None else exercises
        return self.result(submission, [self.grade_exercise(submission, load_grader(name)) for name in names])

    def grade_exercise(self, submission: Submission, grader: Grader) -> ExerciseResult:
        """The result of a submission in one exercise."""
        with closing(self.run(submission, grader)) as run:
            result = run.complete()
            much = run.kept_bytes > MUCH_BYTES
        del run  # with the answers that it kept
        if much:
            give_back()
        return result

    def result(self, submission: Submission, exercises: list[ExerciseResult]) -> SubmissionResult:
        """The result of a submission from those of its exercises.

        Marks blocked exercises.
        """
        mark_blocked(exercises)
        if self.settings.follow_through:
            for exercise in exercises:
                if any(check.status == "blocked" for check in exercise.checks):
                    exercise.follow_through = self._follow_through(submission, exercise, failing(exercises))
        return SubmissionResult(
            submission=SubmissionName(submission.id, submission.sha256),
            seed=self.settings.seed,
            own_inputs=self.settings.own_inputs,
            tier=self.settings.tier,
            isolation=self.isolation.level,
            isolation_reason=self.isolation.reason,
            exercises=exercises,
            follow_through=self.settings.follow_through,
            notes=list(submission.notes),
            left_aside=list(submission.left_aside),
            to_look_at=to_look_at(submission.files, [load_grader(exercise.id) for exercise in exercises]),
            unreadable=list(submission.unreadable),
            environment=environment(),
        )

    def _follow_through(
        self, submission: Submission, exercise: ExerciseResult, failed: dict[ExerciseId, ExerciseResult]
    ) -> str:
        """The result of an exercise with the reference in place of the failing exercises that it imports.

        It is one line without messages: the reference ran in the same worker, so messages could reveal it.
        """
        replaced = [name for name in exercise.imports if name in failed]
        with_them = replace(submission, files=submission.files | reference_files(replaced))
        budget = self._budget(submission)
        self._spending = with_them, budget  # it has no budget of its own
        try:
            found = self.grade_exercise(with_them, load_grader(exercise.id))
        finally:
            self._spending = submission, budget
        with_reference = f"with the reference in place of {', '.join(replaced)}"
        return f"{found.status}, {found.score:g} of {found.max_score:g} points, {with_reference}"

    def close(self) -> None:
        """Ends the zygote and its workers."""
        if self.isolation.launcher is not None:
            self.isolation.launcher.close()


class ExerciseRun:
    """One exercise of one submission while it is graded: its worker and the results so far. Close it at the end."""

    def __init__(self, engine: Engine, submission: Submission, student: StudentModule, grader: Grader) -> None:
        self._engine = engine
        self._seed = engine.seed_of(submission)
        self._submission = submission
        self.watcher: Callable[[Event], None] | None = None
        """Called with each exchange with the worker during a check."""
        self.student = student
        self.grader = grader
        self.result = ExerciseResult(grader.id, grader.spec.bonus)
        self._found: dict[CheckId, tuple[CheckResult, Exception | None]] = {}
        """What each check found by itself, and what it raised."""
        self._checks = {check.id: check for check in grader.checks}
        self._out_of_time: set[CheckId] = set()
        self.kept_bytes = 0
        """How many bytes the answers of the failed checks had."""
        self._asked_alone = 0
        self._causes = Causes(self._checks, lambda check: self._outcome(check)[0], self._out_of_time)

    def results(
        self, checks: Iterable[Check] | None = None, begin: Callable[[Check], object] = lambda check: None
    ) -> Iterator[CheckResult]:
        """Runs these checks, by default all, and yields each result as it comes.

        If the caller stops iterating, the remaining checks are not run. `begin` is called before each check.
        """
        for check in self.grader.checks if checks is None else checks:
            begin(check)
            yield self.add(judge(check, functools.partial(self.call, check)))

    def complete(self) -> ExerciseResult:
        """Runs all checks, names the known mistakes, and returns the result."""
        for _ in self.results():
            pass
        self.explain()
        return self.result

    def call(self, check: Check) -> None:
        """Runs one check, and those that it rests on; raises if it does not pass, and Waits if another explains that."""
        self._causes.confirm(check)
        problem = self._outcome(check)[1]
        if problem is not None:
            raise problem

    def own(self, check: Check) -> CheckResult:
        """What the check finds by itself, although it may wait for another one."""
        return self._outcome(check)[0]

    def _outcome(self, check: Check) -> tuple[CheckResult, Exception | None]:
        """What the check finds by itself. It runs at the first call only."""
        if check.id not in self._found:
            try:
                self._run(check)
            except Exception as problem:
                if text := self._kept_state(check, problem):
                    printed = getattr(problem, "printed", "")
                    problem = CheckFailed(text, mistake=text.partition(":")[0])
                    problem.printed = printed
                self._found[check.id] = failed_result(check, problem), problem
                if isinstance(problem, TimedOut):
                    self._out_of_time.add(check.id)
            else:
                self._found[check.id] = passed_result(check), None
        return self._found[check.id]

    def _kept_state(self, check: Check, problem: Exception) -> str:
        """What to say if the check fails only because of calls before; asked of the first failures of an exercise."""
        wrong = isinstance(problem, CheckFailed | Raised)
        if (
            not wrong
            or check.spec.trains
            or self._asked_alone == MAX_ASKED_ALONE
            or self._engine.isolation.launcher is None
        ):
            return ""
        self._asked_alone += 1
        exchanges = self.student.failures.get(check.id, ())
        return kept_state(exchanges, lambda: self._engine.student(self._submission, self.grader))

    def _run(self, check: Check) -> None:
        """Runs the check; raises if it does not pass."""
        settings, student = self._engine.settings, self.student
        run = self._engine.prepare(check, student, self._seed)
        exchanges: list[Event] = []
        observers = [self.watcher] if self.watcher is not None else []
        if check.spec.threshold is None:
            observers.append(exchanges.append)
        student.observer = functools.partial(_tell, observers) if observers else None
        try:
            if check.spec.threshold is None:
                run()
            else:
                reach(check.spec.threshold.of(settings.tier), run)
        except Exception as failure:
            self.kept_bytes += student.received
            student.failures[check.id] = exchanges if self.kept_bytes <= KEPT_BYTES else []
            if isinstance(failure, CheckFailed):
                failure.printed = student.printed
            raise
        except BaseException:  # Ctrl-C or the timeout of a plugin: a reply that is not read would be left in the pipe
            student.close()
            raise
        finally:
            student.observer = None

    def add(self, result: CheckResult) -> CheckResult:
        """Adds a check's result to that of the exercise, in place of an earlier result of the check, and returns it.

        Its message gets the paths that the student knows.
        """
        result.message = in_the_files_of(self._submission, self.grader.id, result.message)
        if result.status in FAILURES:
            result.where = self._where(last_called(self.student.failures.get(result.id, ())))
        checks = {check.id: check for check in self.result.checks} | {result.id: result}
        self.result.checks = list(checks.values())
        self.result.imports = self._imports()
        return result

    def _where(self, name: str) -> str:
        return where(self._submission, self.grader.id, name)

    def _imports(self) -> list[ExerciseId]:
        """The other exercises that the student's code has imported so far."""
        others = self.student.imported - {self.grader.id.path}
        return [exercise for exercise in exercise_ids() if exercise.path in others] if others else []

    def explain(self) -> None:
        """Adds the known mistakes and their hints to the failed checks. Call it before `close`.

        A mistake is shown once: at the first check in which it was recognised, or at the one that this check waits for, if
        the mistake fails that one, too. The others wait for it. If the mistake does not fail the check that is waited for,
        it is not shown: answers behind a failed need may agree with those of a known mistake by chance. A second mistake is
        named once the first is fixed.
        """
        results = {check.id: check for check in self.result.checks}
        place: dict[str, CheckId] = {}
        for found, mistake in self.mistakes(replay=self._engine.settings.replay):
            if found.id not in results:
                continue
            cause = results[found.id].waits_for
            if cause and cause not in mistake.symptoms:
                continue
            first = place.setdefault(mistake.name, CheckId(cause or found.id))
            if first != found.id and not cause:
                results[found.id] = self.add(waiting(self._checks[found.id], self._checks[first]))
            for check in [results[name] for name in {found.id, first} & results.keys()]:
                if not check.known_mistake:
                    check.mistake, check.hint = mistake.title, mistake.hint
                    check.where = self._where(mistake.replaces) or check.where

    def mistakes(self, *, replay: bool) -> list[tuple[CheckResult, Fingerprint]]:
        """What checks found by themselves that a known mistake explains, each with the mistake.

        With `replay`, mistakes are replayed if there is `solutions/`; otherwise fingerprints are compared.
        """
        found = [self._found[check.id][0] for check in self.grader.checks if check.id in self._found]
        return self._engine.mistakes(found, self.student, self.grader, self._seed, replay=replay)

    def close(self) -> None:
        """Ends the worker."""
        self.student.close()


def _tell(observers: list[Callable[[Event], None]], event: Event) -> None:
    for observe in observers:
        observe(event)


def judge(check: Check, run: Callable[[], None]) -> CheckResult:
    """Runs a check and returns its result, whatever it raises."""
    try:
        run()
    except Exception as error:
        return failed_result(check, error)
    return passed_result(check)


def passed_result(check: Check) -> CheckResult:
    return CheckResult(check.id, check.title, "passed", check.spec.points, check.spec.points)


def failed_result(check: Check, error: BaseException) -> CheckResult:
    """The result of a check that raised. An exception without a `status` is a fault of the grader."""
    if isinstance(error, DataUnavailable):
        return CheckResult(check.id, check.title, SKIPPED, 0, check.spec.points, str(error))
    status = getattr(error, "status", "grader_error")
    message = getattr(error, "message", None) or str(error)
    if status == "grader_error":
        message = grader_error_message(error)
    said = {name: getattr(error, name, "") for name in ("mistake", "hint", "printed", "waits_for")}
    return CheckResult(check.id, check.title, status, 0, check.spec.points, message, **said)


def without_result(check: Check, cause: str) -> CheckResult:
    """The result of a check that ended without one: a `grader_error`, so that its points stay in the total."""
    message = f"this check has no result, which is not your fault: {cause}"
    return CheckResult(check.id, check.title, "grader_error", 0, check.spec.points, message)


def grader_error_message(error: BaseException) -> str:
    """The message of a `grader_error`, with the end of the traceback."""
    trace = "".join(traceback.format_exception(error))[-3000:]
    return f"the grader itself failed, which is not your fault: {type(error).__name__}: {error}\n{trace}"
