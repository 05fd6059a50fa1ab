"""The arguments of `pytest autograder`: the exercises to grade, and what is meant by a path where nothing is graded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.catalogue import CatalogueError, ExerciseId, select

PACKAGE = Path(__file__).resolve().parents[1]
GRADERS = PACKAGE / "graders"


def chosen_exercises(names: list[str]) -> set[ExerciseId]:
    """The exercises that `--exercise` names; empty if there is no such option."""
    try:
        return set(select(names)) if names else set()
    except CatalogueError as error:
        raise pytest.UsageError(f"--exercise: {error}") from None


def command_meant_by(argument: str, folder: Path) -> str:
    """What to run in place of `pytest autograder` in another folder, or of pytest on exercises; empty for other arguments.

    Args:
        argument: an argument of pytest that may be a path.
        folder: where pytest was started.
    """
    path = (folder / argument.partition("::")[0]).resolve()
    graders = os.path.relpath(PACKAGE, folder)
    if argument.strip("/\\") == "autograder" and not path.exists():
        return f"there is no folder autograder in {folder}: to grade from here, run pytest {graders}"
    exercises = PACKAGE.parent / "exercises"
    if not path.is_relative_to(exercises):
        return ""
    only = f" --exercise {path.stem}" if path.suffix == ".py" else ""
    return f"{argument} holds code to be graded, and no tests: to grade it, run pytest {graders}{only}"
