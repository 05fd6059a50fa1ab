"""Blocked exercises: exercises that fail and import another exercise that fails."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.course.catalogue import INSTALLED, CourseError, ExerciseId, Project
from autograder.results import SKIPPED, ExerciseResult

BLOCKABLE = ("failed", "error", "timeout", "refused")


def failing(exercises: Iterable[ExerciseResult]) -> dict[ExerciseId, ExerciseResult]:
    """The exercises that did not pass, by id."""
    return {exercise.id: exercise for exercise in exercises if exercise.status not in ("passed", SKIPPED)}


def mark_blocked(exercises: list[ExerciseResult]) -> None:
    """Changes the status of failed checks to `blocked` in each exercise that imports a failing one.

    The message names the exercise to fix first.
    """
    failed = failing(exercises)
    for exercise in exercises:
        cause = _root_cause(exercise, failed)
        if cause is None:
            continue
        for check in exercise.checks:
            if check.status in BLOCKABLE:
                check.status = "blocked"
                check.message = (
                    f"{cause.id} does not pass, and this exercise imports it: fix that one first. "
                    f"What was seen here: {check.message}"
                )


def _root_cause(exercise: ExerciseResult, failed: dict[ExerciseId, ExerciseResult]) -> ExerciseResult | None:
    """A failing exercise that this one imports, if possible one that does not import a failing exercise itself."""
    causes = [failed[name] for name in exercise.imports if name in failed and name != exercise.id]
    roots = [cause for cause in causes if not any(name in failed and name != cause.id for name in cause.imports)]
    return next(iter(roots or causes), None)


def reference_files(exercises: Iterable[ExerciseId]) -> dict[str, bytes]:
    """The reference solutions of these exercises as files of a submission. CourseError if there is no `solutions/`."""
    project = Project(INSTALLED)
    if not project.has_solutions:
        raise CourseError("--follow-through needs the reference solutions, but there is no folder solutions/ here")
    return {exercise.path: project.exercise(exercise).solution.read_bytes() for exercise in exercises}
