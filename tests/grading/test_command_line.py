"""A path at which nothing can be graded gets the command that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.command_line import PACKAGE, command_meant_by

PROJECT = PACKAGE.parent


def test_from_the_folder_of_the_exercises_the_command_has_the_way_up() -> None:
    assert command_meant_by("autograder", PROJECT / "exercises").endswith("run pytest ../autograder")


def test_a_file_of_an_exercise_is_graded_by_its_name() -> None:
    meant = command_meant_by("exercises/p3_vit/vit.py", PROJECT)
    assert meant.endswith("to grade it, run pytest autograder --exercise vit")


def test_the_folder_of_the_exercises_is_graded_as_a_whole() -> None:
    assert command_meant_by("exercises", PROJECT).endswith("to grade it, run pytest autograder")


@pytest.mark.parametrize("argument", ["autograder", "tests", "autograder/graders/p3_vit/test_vit.py::test_positions"])
def test_other_arguments_are_left_alone(argument: str) -> None:
    assert command_meant_by(argument, PROJECT) == ""


def test_a_folder_of_this_name_may_be_anybodys(tmp_path: Path) -> None:
    (tmp_path / "autograder").mkdir()
    assert command_meant_by("autograder", tmp_path) == ""
