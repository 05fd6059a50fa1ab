"""A grader that cannot be used is refused with file, line and remedy."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checks import grader as graders
from autograder.checks.fixtures import FIXTURES
from autograder.checks.grader import GraderError, grader_of, load_grader
from autograder.course.catalogue import ExerciseId

EXERCISE = ExerciseId("p9_new/thing")
GRADER = '''"""Doubles."""

from autograder.checks.declare import ExerciseSpec, check

EXERCISE = ExerciseSpec(public=("double",))


@check(points=1)
def test_values(student, draw):
    """double doubles"""
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a grader in a package."""
    path = tmp_path / "graders" / "p9_new" / "test_thing.py"
    path.parent.mkdir(parents=True)
    for folder in (path.parent, path.parent.parent):
        (folder / "__init__.py").touch()
    path.write_text(GRADER)
    return path


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("test_thing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_grader_has_its_checks_and_what_they_ask_for(path: Path) -> None:
    (check,) = grader_of(imported(path)).checks
    assert (check.id, check.title, check.spec.points) == (EXERCISE.check("values"), "double doubles", 1)


def test_a_misspelt_fixture_is_answered_with_the_closest_and_all_there_are(path: Path) -> None:
    path.write_text(GRADER.replace("(student, draw)", "(\n    studnet,\n    draw,\n)"))
    with pytest.raises(GraderError) as caught:
        grader_of(imported(path))
    allowed = ", ".join(FIXTURES)
    assert (
        str(caught.value)
        == f"{path}:10: 'studnet' is not a fixture. Did you mean 'student'? The fixtures are: {allowed}."
    )


def test_a_fixture_far_from_all_is_answered_with_all_there_are(path: Path) -> None:
    path.write_text(GRADER.replace("draw", "tmp_path"))
    with pytest.raises(GraderError, match=r"'tmp_path' is not a fixture\. The fixtures are: student, draw"):
        grader_of(imported(path))


@pytest.mark.parametrize("folder", ["graders/p9_new", "graders"])
def test_a_folder_that_is_no_package_is_refused(path: Path, tmp_path: Path, folder: str) -> None:
    (tmp_path / folder / "__init__.py").unlink()
    with pytest.raises(GraderError, match=rf"{folder}/__init__.py:1: the file is missing. Add an empty one"):
        grader_of(imported(path))


def test_a_grader_without_exercise_is_refused(path: Path) -> None:
    path.write_text(GRADER.replace("EXERCISE =", "EXERCISES ="))
    with pytest.raises(GraderError, match=r"test_thing.py:1: there is no EXERCISE. Add EXERCISE = ExerciseSpec"):
        grader_of(imported(path))


@pytest.fixture
def in_the_course(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, where load_grader looks for it."""
    import autograder.graders

    monkeypatch.setattr(graders, "FOLDER", path.parent.parent)
    monkeypatch.setattr(autograder.graders, "__path__", [str(path.parent.parent)])
    yield path
    for name in [name for name in sys.modules if name.startswith("autograder.graders.p9_new")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("def test_values", "deff test_values", "9: importing it raises SyntaxError: invalid syntax"),
        ("import ExerciseSpec, check", "import ExerciseSpecs, check", "3: importing it raises ImportError: cannot"),
        ("points=1", "point=1", "8: importing it raises TypeError: check\\(\\) got an unexpected keyword"),
    ],
)
def test_a_grader_that_cannot_be_imported_is_refused_with_the_line(
    in_the_course: Path, old: str, new: str, problem: str
) -> None:
    in_the_course.write_text(GRADER.replace(old, new))
    with pytest.raises(GraderError, match=rf"test_thing.py:{problem}.*Fix that first"):
        load_grader(EXERCISE)


def test_an_exercise_without_grader_is_refused(in_the_course: Path) -> None:
    in_the_course.unlink()
    with pytest.raises(GraderError, match=r"test_thing.py:1: p9_new/thing has no grader. Write it"):
        load_grader(EXERCISE)


RESTING = GRADER.replace(
    "@check(points=1)",
    """@check(points=1, counts_with=["test_values"])
def test_shapes(student):
    \"\"\"double keeps the shape\"\"\"


@check(points=1, needs=[test_shapes])""",
)


def test_the_checks_that_a_check_rests_on_have_ids(path: Path) -> None:
    path.write_text(RESTING)
    shapes, values = grader_of(imported(path)).checks
    assert (shapes.counts_with, values.needs) == ((values.id,), (shapes.id,))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('["test_values"]', '["test_value"]', "test_shapes has counts_with test_value, but there is no such check"),
        ("[test_shapes]", "[print]", "test_values has needs print, but there is no such check above it"),
    ],
)
def test_a_check_that_rests_on_no_check_is_refused(path: Path, old: str, new: str, problem: str) -> None:
    path.write_text(RESTING.replace(old, new))
    with pytest.raises(GraderError) as caught:
        grader_of(imported(path))
    assert problem in str(caught.value)
