"""What an exercise comes to when one that it imports does not pass."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.course.catalogue import INSTALLED, CourseError, ExerciseId, Project
from autograder.results import SKIPPED, ExerciseResult

BLOCKABLE = ("failed", "error", "timeout", "refused")


def failing(exercises: Iterable[ExerciseResult]) -> dict[ExerciseId, ExerciseResult]:
    """The exercises that do not pass, by id."""
    return {exercise.id: exercise for exercise in exercises if exercise.status not in ("passed", SKIPPED)}


def mark_blocked(exercises: list[ExerciseResult]) -> None:
    """Gives the status `blocked` to what did not pass in an exercise that imports a failing one."""
    bad = failing(exercises)
    for exercise in exercises:
        culprit = _root(exercise, bad)
        if culprit is None:
            continue
        for check in exercise.checks:
            if check.status in BLOCKABLE:
                check.status = "blocked"
                check.message = (
                    f"{culprit.id} does not pass, and this exercise imports it: fix that one first. "
                    f"What was seen here: {check.message}"
                )


def _root(exercise: ExerciseResult, bad: dict[ExerciseId, ExerciseResult]) -> ExerciseResult | None:
    """The failing exercise behind this one that itself builds on no other failing one."""
    culprits = [bad[name] for name in exercise.imports if name in bad and name != exercise.id]
    roots = [one for one in culprits if not any(name in bad and name != one.id for name in one.imports)]
    return next(iter(roots or culprits), None)


def reference_files(exercises: Iterable[ExerciseId]) -> dict[str, bytes]:
    """The reference solutions of these exercises, as files of a submission. CourseError where there are none."""
    project = Project(INSTALLED)
    if not project.has_solutions:
        raise CourseError("--follow-through needs the reference solutions, and there is no folder solutions/ here")
    return {exercise.path: project.exercise(exercise).solution.read_bytes() for exercise in exercises}
