"""The steps of an author, in a copy of the package with its own course: new, build, check, release, and a grading."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.catalogue import Project
from autograder.proof.new_exercise import new_exercise
from tests.zoo import PROJECT

COMMANDS = """
import sys
from autograder.commands import app
for line in sys.argv[1:]:
    print(f"$ {line}", flush=True)
    try:
        print("exit code", app(line.split(), standalone_mode=False) or 0, flush=True)
    except SystemExit as stopped:
        print("exit code", stopped.code, flush=True)
"""


def python(course: Path, *arguments: str) -> str:
    """The output of Python with the course's copy of the package."""
    environment = os.environ | {"PYTHONPATH": str(course), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def autograder(course: Path, *lines: str) -> list[str]:
    """The output of each of these command lines. They share a process, so that torch is imported once."""
    return python(course, "-c", COMMANDS, *lines).split("$ ")[1:]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package without its graders, and an empty solutions/."""
    root = tmp_path_factory.mktemp("author") / "course"
    practicals = shutil.ignore_patterns("__pycache__", "p[0-9]_*")
    shutil.copytree(PROJECT / "autograder", root / "autograder", ignore=practicals)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(PROJECT / name, root / name)
    (root / "solutions").mkdir()
    return root


@pytest.fixture(scope="module")
def printed(course: Path) -> dict[str, str]:
    """The outputs of the commands, by their first word."""
    lines = (
        "new p4_gan/thing",
        "build --only thing --jobs 1",
        "check --only thing --jobs 1 --seed 1",
        f"release --to {course.parent}/out",
    )
    return {text.split()[0]: text for text in autograder(course, *lines)}


def test_new_prints_the_next_steps(printed: dict[str, str]) -> None:
    assert "written    autograder/graders/p4_gan/__init__.py" in printed["new"]
    assert "autograder build --only thing" in printed["new"]


def test_build_makes_the_stub_the_notebook_and_the_fingerprints(printed: dict[str, str], course: Path) -> None:
    assert "fingerprints of p4_gan/thing: 2 of 2 mistakes run" in printed["build"]
    assert (course / "assignments/source/p4_gan/p4_gan.ipynb").is_file()


def test_check_proves_the_example_and_lists_what_is_still_to_be_written(printed: dict[str, str]) -> None:
    assert "ok         p4_gan/thing: 1 point in 1 check, 1 variant, 2 mistakes" in printed["check"]
    assert "2 of 2 functions by replay" in printed["check"]
    assert "is not named by" not in printed["check"]
    assert "unfinished solutions/mistakes/p4_gan/thing.py:1: known mistakes: 2." in printed["check"]
    assert "exit code 1" in printed["check"]


def test_the_release_contains_the_stub_but_no_template(printed: dict[str, str], course: Path) -> None:
    assert "1 exercise of p4_gan" in printed["release"]
    released = {path.name for path in (course.parent / "out").rglob("*")}
    assert {"thing.py", "test_thing.py", "p4_gan.ipynb"} <= released
    assert "solution.in" not in released


def test_the_released_stub_is_graded(printed: dict[str, str], course: Path) -> None:
    said = python(course.parent / "out", "-m", "pytest", "autograder", "-q", "-p", "no:cacheprovider")
    assert "1 not started" in said
    assert "exercises/p4_gan/thing.py" in said


def test_pytest_shows_the_line_of_a_misspelt_fixture(printed: dict[str, str], course: Path) -> None:
    grader = course / "autograder/graders/p4_gan/test_thing.py"
    text = grader.read_text()
    grader.write_text(text.replace("student, draw", "studnet, draw"))
    said = python(course, "-m", "pytest", "autograder", "-q", "-p", "no:cacheprovider")
    grader.write_text(text)
    assert "autograder/graders/p4_gan/test_thing.py:13: 'studnet' is not a fixture. Did you mean 'student'?" in said
    assert "Traceback" not in said


def test_check_stops_at_a_wrong_layout(printed: dict[str, str], course: Path) -> None:
    package = course / "autograder/graders/p4_gan/__init__.py"
    package.unlink()
    check, layout = autograder(course, "check --jobs 1", "check --layout")
    package.touch()
    for said in (check, layout):
        assert "layout     autograder/graders/p4_gan/__init__.py:1: the file is missing" in said
        assert "exit code 1" in said
    assert " in 1 check" not in check


def test_another_exercise_is_created_and_dropped(printed: dict[str, str], course: Path) -> None:
    project = Project(course)
    new_exercise(project, "p4_gan/ring")
    plan, drop, build, layout = autograder(
        course, "drop p4_gan/ring", "drop p4_gan/ring --yes", "build --jobs 1", "check --layout"
    )
    assert "delete     solutions/p4_gan/ring.py" in plan
    assert "To do it: autograder drop p4_gan/ring --yes" in plan
    assert "deleted    solutions/p4_gan/ring.py" in drop
    assert "changed    solutions/notebooks/p4_gan.py" in drop
    assert "exit code 0" in build
    assert "fingerprints" not in build
    assert "layout: 0 problems" in layout
    assert "ring" not in build + layout
