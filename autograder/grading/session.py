"""The grading session of a pytest run: the submission, the engine, and the run of each exercise."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from msgspec import structs

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, in_course_order
from autograder.data.roots import data_roots
from autograder.grading.engine import Engine, ExerciseRun
from autograder.grading.settings import Settings
from autograder.results import CheckResult, ExerciseResult, SubmissionResult
from autograder.sandbox.host.launch import Isolation
from autograder.submissions.submission import Submission, read_submission


class GradingSession:
    """Grades one submission, check by check, as pytest runs them."""

    def __init__(self, submission: Submission, settings: Settings, isolation: Isolation, place: Path) -> None:
        self.submission = submission
        self._place = place
        self.engine = Engine(settings, isolation)
        self._runs: dict[ExerciseId, ExerciseRun] = {}

    @classmethod
    def from_options(cls, options: Namespace, root: Path, isolation: Isolation) -> GradingSession:
        """Creates a session from pytest's options.

        The default submission is `exercises/` in pytest's root folder, else in the working directory. SubmissionError or
        DataError if a folder does not exist.
        """
        given = Path(options.submission) if options.submission else root / "exercises"
        data_root = Path(options.data_root) if options.data_root else None
        data_roots(data_root)  # raises now if the folder does not exist
        place = given if given.is_dir() or options.submission else Path("exercises")
        submission = read_submission(place)
        settings = Settings(
            seed=options.seed,
            tier=options.tier,
            isolation=options.isolation,
            data_root=data_root,
            follow_through=options.follow_through,
        )
        return cls(submission, settings, isolation, place)

    def run(self, exercise: ExerciseId) -> ExerciseRun:
        """The run of an exercise. Its worker is kept until `finish`."""
        if exercise not in self._runs:
            self._runs[exercise] = self.engine.run(self.submission, load_grader(exercise))
        return self._runs[exercise]

    def finish(self, exercise: ExerciseId) -> list[CheckResult]:
        """Names the known mistakes of an exercise after its last check, and ends its worker.

        Returns the checks for which a mistake was named.
        """
        run = self._runs.pop(exercise, None)
        if run is None:
            return []
        try:
            run.explain()
        finally:
            run.close()
        return [check for check in run.result.checks if check.known_mistake]

    def result(self, parts: Iterable[ExerciseResult], isolation: Isolation) -> SubmissionResult:
        """The result of the submission. `parts`: results of one check each, from this process or from xdist's nodes."""
        exercises: dict[ExerciseId, ExerciseResult] = {}
        for part in parts:
            exercise = exercises.setdefault(part.id, ExerciseResult(part.id, part.bonus))
            exercise.checks += part.checks
            exercise.imports = sorted({*exercise.imports, *part.imports})
        result = self.engine.result(self.submission, [exercises[exercise] for exercise in in_course_order(exercises)])
        result.isolation, result.isolation_reason = isolation.level, isolation.reason
        # Relative where it can be, so that a result that is passed on does not name the folders above.
        here = Path.cwd()
        place = self._place.relative_to(here) if self._place.is_relative_to(here) else self._place
        result.submission = structs.replace(result.submission, path=str(place))
        return result

    def close(self) -> None:
        """Finishes all exercises and ends all workers."""
        for exercise in list(self._runs):
            self.finish(exercise)
        self.engine.close()
