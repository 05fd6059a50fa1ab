"""One submission graded in one pytest run: the engine, the submission, and a student proxy for each exercise."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from autograder.checks.grader import load_grader
from autograder.data.roots import data_roots
from autograder.grading.engine import Engine, Settings
from autograder.results import CheckResult, ExerciseResult, SubmissionResult
from autograder.sandbox.host.launch import Isolation
from autograder.sandbox.host.student_module import StudentModule
from autograder.submissions.submission import Submission, read_submission


class GradingSession:
    def __init__(self, submission: Submission, settings: Settings, isolation: Isolation) -> None:
        self.submission = submission
        self.engine = Engine(settings, isolation)
        self._students: dict[str, StudentModule] = {}
        self._results: dict[str, list[CheckResult]] = {}
        self._mistakes: dict[str, dict[str, tuple[str, str]]] = {}

    @classmethod
    def from_options(cls, options: Namespace, root: Path, isolation: Isolation) -> GradingSession:
        """From pytest's options; the default submission is `exercises/` at pytest's root, else here."""
        given = Path(options.submission) if options.submission else root / "exercises"
        data_root = Path(options.data_root) if options.data_root else None
        data_roots(data_root)  # a folder that does not exist is said at once
        submission = read_submission(given if given.is_dir() or options.submission else Path("exercises"))
        return cls(
            submission,
            Settings(options.seed, options.tier, options.isolation, data_root, options.follow_through),
            isolation,
        )

    def student(self, exercise: str) -> StudentModule:
        if exercise not in self._students:
            self._students[exercise] = self.engine.student(self.submission, load_grader(exercise))
        return self._students[exercise]

    def note(self, exercise: str, result: CheckResult) -> None:
        """What came of one check."""
        self._results.setdefault(exercise, []).append(result)

    def finish(self, exercise: str) -> None:
        """Names the mistakes of an exercise whose checks have all run, and ends its worker."""
        if exercise not in self._students:
            return
        student, results = self._students.pop(exercise), self._results.pop(exercise, [])
        try:
            self.engine.explain(results, student, load_grader(exercise))
        finally:
            student.close()
        self._mistakes[exercise] = {result.id: (result.mistake, result.hint) for result in results if result.mistake}

    def take_mistakes(self, exercise: str) -> dict[str, tuple[str, str]]:
        """Name and hint for each failed check of a finished exercise that has them; given once."""
        return self._mistakes.pop(exercise, {})

    def result(self, graded: list[dict[str, Any]], isolation: tuple[str, str]) -> SubmissionResult:
        """The checks' results, gathered from this process or from xdist's nodes, by exercise."""
        exercises: dict[str, ExerciseResult] = {}
        for entry in graded:
            exercise = exercises.setdefault(entry["exercise"], ExerciseResult(entry["exercise"], entry["bonus"]))
            exercise.checks.append(CheckResult(**entry["check"]))
            exercise.imports = sorted({*exercise.imports, *entry["imports"]})
        result = self.engine.result(self.submission, sorted(exercises.values(), key=lambda exercise: exercise.id))
        result.isolation, result.isolation_reason = isolation
        return result

    def close(self) -> None:
        for exercise in list(self._students):
            self.finish(exercise)
        self.engine.close()
