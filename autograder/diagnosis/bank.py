"""The known mistakes of an exercise as students that run in this process."""

from __future__ import annotations

import functools

from autograder.checks.grader import Grader
from autograder.course.catalogue import Exercise
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.diagnosis.replay import replica
from autograder.sandbox.host.student_module import StudentModule


class Bank:
    """Of one exercise. A mistake is loaded when it is first asked for: of a hundred, most submissions need one."""

    def __init__(self, exercise: Exercise, grader: Grader) -> None:
        self._exercise = exercise
        self._grader = grader
        self._students: dict[str, StudentModule] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._sources

    def student(self, name: str) -> StudentModule:
        """A mistake by its name, to be asked as a submission is."""
        if name not in self._students:
            files = self._exercise.files_with(self._sources[name].encode())
            self._students[name] = replica(self._grader.id.module, files, self._grader.spec.public)
        return self._students[name]

    @functools.cached_property
    def _sources(self) -> dict[str, str]:
        solution = self._exercise.solution.read_text(encoding="utf-8")
        return {mistake.name: submission_source(solution, mistake) for mistake in load_mistakes(self._exercise)}
