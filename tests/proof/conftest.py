"""A course with one exercise, as `autograder new` creates it."""

from pathlib import Path

import pytest

from autograder.course.catalogue import Exercise, Project
from autograder.proof.new_exercise import new_exercise

NAME = "p4_gan/thing"


@pytest.fixture
def new_course(tmp_path: Path) -> Project:
    """A course without the package, which is enough for code that only reads and writes files."""
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    (root / "autograder" / "graders").mkdir(parents=True)
    (root / "autograder" / "graders" / "__init__.py").touch()
    project = Project(root)
    new_exercise(project, NAME)
    return project


@pytest.fixture
def thing(new_course: Project) -> Exercise:
    return new_course.exercise(NAME)
