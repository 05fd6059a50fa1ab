"""Which changes of code a digest notices, and which modules code depends on."""

from pathlib import Path

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.course.dependencies import Modules, read
from tests.zoo import PROJECT

CODE = '''"""A module."""
import torch

LIMIT = 3  # at most
"""Of something."""


@check(points=1)
def test_it(student, mnist):
    """It is   right."""
    return student.probe("modules.state", [1, 2.5, "text", None, ...])


class Thing:
    """A thing."""

    def method(self, x: int = 2, *, y=(1,)) -> str:
        """What it does."""
        return f"{x!r:>{y}}"
'''
SAME = {
    "a comment": CODE.replace("# at most", "# no more than this"),
    "blank lines": CODE.replace("\n\n\n", "\n\n\n\n"),
    "formatting": CODE.replace('"modules.state", ', '\n        "modules.state",\n        '),
    "quotes": CODE.replace('"text"', "'text'"),
    "a module's docstring": CODE.replace("A module.", "Another text."),
    "a class's docstring": CODE.replace('    """A thing."""\n\n', ""),
    "a function's docstring": CODE.replace("What it does", "Something else"),
    "a constant's docstring": CODE.replace('"""Of something."""\n', ""),
    "a title": CODE.replace("right", "correct"),
}
OTHER = {
    "a constant": CODE.replace("LIMIT = 3", "LIMIT = 4"),
    "a type of number": CODE.replace("LIMIT = 3", "LIMIT = 3.0"),
    "an import": CODE.replace("import torch", "import torch, numpy"),
    "a default": CODE.replace("x: int = 2", "x: int = 3"),
    "a default left out": CODE.replace("x: int = 2", "x: int"),
    "an argument by name": CODE.replace("*, y", "y"),
    "a string": CODE.replace('"text"', '"Text"'),
    "a format": CODE.replace("!r", "!s"),
    "a decorator": CODE.replace("points=1", "points=2"),
    "None": CODE.replace("None", "0"),
    "the nesting": CODE.replace("2.5, ", "[2.5], "),
    "where a list ends": CODE.replace('[1, 2.5, "text", None, ...]', '[1, 2.5, "text", None], ...'),
}


@pytest.mark.parametrize("name", SAME)
def test_a_digest_stays(name: str):
    assert SAME[name] != CODE
    assert read(SAME[name].encode()).digest == read(CODE.encode()).digest


@pytest.mark.parametrize("name", OTHER)
def test_a_digest_changes(name: str):
    assert read(OTHER[name].encode()).digest != read(CODE.encode()).digest


def test_an_operator_counts():
    assert read(b"a + b").digest != read(b"a - b").digest


def test_the_digest_of_invalid_python_is_that_of_its_bytes():
    assert read(b"def f(").digest != read(b"def f( ").digest


def test_a_title_is_read_on_one_line():
    assert read(CODE.encode()).titles == ("It is right.",)


@pytest.mark.parametrize("exercise", exercise_ids())
def test_all_titles_that_a_grader_shows_are_found(exercise: ExerciseId):
    modules = Modules(PROJECT / "autograder", "autograder")
    reached = modules.reached([f"autograder.graders.{exercise.practical}.test_{exercise.name}"])
    found = {title for module in reached for title in modules.source(module).titles}
    assert {check.title for check in load_grader(exercise).checks} <= found


@pytest.fixture
def course(tmp_path: Path) -> Path:
    files = {
        "__init__.py": "__version__ = '1'\n",
        "start.py": "def f():\n    from autograder.room import thing\n",
        "room/__init__.py": "",
        "room/thing.py": "import json\nfrom . import beside\nfrom ..other import value\nimport bare\n",
        "room/beside.py": 'X = "probe:looking.at"\n',
        "room/bare.py": "",
        "room/nobody.py": "",
        "other.py": "import autograder.deep.down.leaf\n",
        "deep/__init__.py": "from .near import y\n",
        "deep/near.py": "",
        "deep/down/leaf.py": "",
        "probes/__init__.py": "",
        "probes/looking.py": "",
        "probes/modules.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "autograder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "autograder"


def reached(course: Path, *without: str) -> set[str]:
    found = Modules(course, "autograder").reached(["autograder.start"], without=without)
    return {module.removeprefix("autograder.") for module in found}


def test_imports_are_followed(course: Path):
    assert {"room.thing", "room.beside", "other", "deep.down.leaf"} <= reached(course)


def test_parent_packages_count(course: Path):
    assert {"room", "deep", "deep.near"} <= reached(course)


def test_a_bare_name_may_be_a_file_in_the_same_folder(course: Path):
    assert "room.bare" in reached(course)


def test_a_probe_is_reached_by_its_name_in_a_string(course: Path):
    assert {module for module in reached(course) if module.startswith("probes.")} == {"probes.looking"}


def test_a_module_that_is_not_imported_does_not_count(course: Path):
    assert "room.nobody" not in reached(course)


def test_excluded_packages_are_not_followed(course: Path):
    assert not {"room.thing", "room.beside", "other"} & reached(course, "autograder.room")


def test_a_name_with_the_same_prefix_is_not_excluded(course: Path):
    assert "room.thing" in reached(course, "autograder.roo")


def test_a_missing_root_is_an_error(course: Path):
    with pytest.raises(LookupError, match=r"there is no module autograder\.gone in "):
        Modules(course, "autograder").reached(["autograder.gone"])


def test_titles_count_on_request(course: Path):
    grader = course / "start.py"
    found = {}
    for text in (CODE, SAME["a title"]):
        grader.write_text(text)
        found[text] = [Modules(course, "autograder").digest(["autograder.start"], titles) for titles in (False, True)]
    (plain, titled), (other_plain, other_titled) = found.values()
    assert plain == other_plain
    assert titled != other_titled
