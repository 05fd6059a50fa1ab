"""The bank of one exercise: its known mistakes as code that can be graded like a submission."""

from __future__ import annotations

import functools

from autograder.checks.grader import Grader
from autograder.course.catalogue import Exercise
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.diagnosis.replay import mistake_module
from autograder.sandbox.host.student_module import StudentModule


class Bank:
    """The known mistakes of one exercise, by name.

    Each mistake is loaded when it is first needed: most submissions need only a few of them.
    """

    def __init__(self, exercise: Exercise, grader: Grader) -> None:
        self._exercise = exercise
        self._grader = grader
        self._students: dict[str, StudentModule] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._sources

    def student(self, name: str) -> StudentModule:
        """The mistake of this name as a StudentModule. KeyError if the bank has no such mistake."""
        if name not in self._students:
            files = self._exercise.files_with(self._sources[name].encode())
            self._students[name] = mistake_module(self._grader.id.module, files, self._grader.spec.public)
        return self._students[name]

    @functools.cached_property
    def _sources(self) -> dict[str, str]:
        solution = self._exercise.solution.read_text(encoding="utf-8")
        return {mistake.name: submission_source(solution, mistake) for mistake in load_mistakes(self._exercise)}
