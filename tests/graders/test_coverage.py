"""The table of gaps names checks that there are."""

import re
from fnmatch import fnmatch

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from tests.zoo import PROJECT

PAGE = (PROJECT / "autograder/graders/COVERAGE.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+/\w+)` \|(.*)$", PAGE, re.MULTILINE)


def test_each_row_is_an_exercise() -> None:
    assert ROWS
    assert {name for name, _ in ROWS} <= set(exercise_ids())


@pytest.mark.parametrize(("name", "cells"), ROWS, ids=[name for name, _ in ROWS])
def test_each_check_of_a_row_exists(name: str, cells: str) -> None:
    checks = [check.id.name for check in load_grader(ExerciseId(name)).checks]
    named = re.findall(r"`([^`]+)`", cells)
    assert [pattern for pattern in named if not any(fnmatch(check, pattern) for check in checks)] == []
    unmarked = re.sub(r"\([^)]*\)|`[^`]+`", "", cells)
    assert re.findall(r"[a-z]+_[a-z_]+", unmarked) == []
