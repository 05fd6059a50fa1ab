"""`autograder course init`: makes a folder for nbgrader with the teacher's config, the students' config, and notebooks."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.catalogue import CourseError, Project
from autograder.notebooks.nbgrader.course_folder import Course, init
from autograder.notebooks.sources import SourceError
from tests.notebooks.conftest import points
from tests.notebooks.nbgrader.exchange import PROJECT, new_gradebook


@pytest.fixture
def teachers(project: Project) -> Project:
    shutil.copytree(
        PROJECT / "assignments", project.root / "assignments", ignore=shutil.ignore_patterns("source", "mark_*")
    )
    return project


def make(teachers: Project, **options: Any) -> Path:
    usual = {"course_id": "vision-26", "exchange": teachers.root / "exchange"}
    course = Course(teachers.root / "course", **usual | options)
    list(init(teachers, course, points))
    return course.folder


def config_of(path: Path) -> Any:
    return PyFileConfigLoader(path.name, str(path.parent)).load_config()


def test_the_folder_has_the_files_that_nbgrader_needs(teachers: Project) -> None:
    folder = make(teachers)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "nbgrader_config.py", "students/nbgrader_config.py", "README.md", "source/p1_mlp/p1_mlp.ipynb",
        "mark_schemes/p1_mlp.md",
    }  # fmt: skip


def test_the_config_has_the_values_of_the_course(teachers: Project) -> None:
    folder = make(teachers)
    config = config_of(folder / "nbgrader_config.py")
    assert (config.CourseDirectory.course_id, config.CourseDirectory.root) == ("vision-26", str(folder))
    assert (config.Exchange.root, config.EngineGrade.project) == (
        str(teachers.root / "exchange"), str(teachers.root),
    )  # fmt: skip
    assert int(config.EngineGrade.seed) > 0


def test_students_get_neither_the_seed_nor_a_path_of_the_teachers(teachers: Project) -> None:
    folder = make(teachers)
    config = config_of(folder / "students" / "nbgrader_config.py")
    assert config == {
        "CourseDirectory": {"course_id": "vision-26"},
        "Exchange": {"root": str(teachers.root / "exchange")},
        "Execute": {"timeout": 300},
    }
    assert str(folder) not in (folder / "students" / "nbgrader_config.py").read_text()


def test_every_class_that_the_config_names_exists(teachers: Project) -> None:
    names = re.findall(r'"((?:nbgrader|autograder)\.[\w.]+)"', (make(teachers) / "nbgrader_config.py").read_text())
    assert len(names) > 15
    for name in names:
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name


def test_other_users_cannot_read_the_folder(teachers: Project) -> None:
    assert make(teachers).stat().st_mode & 0o077 == 0


def test_a_second_init_updates_the_notebooks_and_keeps_the_config(teachers: Project) -> None:
    folder = make(teachers)
    before = (folder / "nbgrader_config.py").read_text()
    notebook = folder / "source" / "p1_mlp" / "p1_mlp.ipynb"
    notebook.write_text("old")
    make(teachers, course_id="other")
    assert (folder / "nbgrader_config.py").read_text() == before
    assert json.loads(notebook.read_text())["nbformat"] == 4


def test_the_exchange_is_writable_for_everybody(teachers: Project) -> None:
    make(teachers, exchange=teachers.root / "shared" / "exchange")
    assert (teachers.root / "shared" / "exchange").stat().st_mode & 0o777 == 0o777


def test_an_exchange_that_cannot_be_made_is_left_to_an_administrator(teachers: Project) -> None:
    (teachers.root / "file").touch()
    place = teachers.root / "file" / "exchange"
    lines = list(init(teachers, Course(teachers.root / "course", "vision-26", place), points))
    assert any(line.startswith("not made") and f"install -d -m 777 {place}" in line for line in lines)


def test_each_course_has_its_own_seed(teachers: Project, tmp_path: Path) -> None:
    seeds = {config_of(make(teachers) / "nbgrader_config.py").EngineGrade.seed}
    shutil.rmtree(teachers.root / "course")
    seeds.add(config_of(make(teachers) / "nbgrader_config.py").EngineGrade.seed)
    assert len(seeds) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"course_id": "a+b"}, "cannot be the name of a course"),
        ({"practicals": ("p9_gan",)}, "there is no practical p9_gan"),
    ],
)
def test_an_invalid_course_is_refused(teachers: Project, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        make(teachers, **options)
    assert not (teachers.root / "course").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(teachers: Project) -> None:
    (teachers.root / "course").mkdir()
    (teachers.root / "course" / "thesis.tex").touch()
    with pytest.raises(CourseError, match="is neither empty nor a course"):
        make(teachers)


def test_an_error_in_a_source_is_reported_before_anything_is_written(teachers: Project) -> None:
    (teachers.root / "solutions" / "notebooks" / "p1_mlp.py").write_text('# %% exercise="triple"\n')
    with pytest.raises(SourceError, match="there is no exercise 'triple'"):
        make(teachers)
    assert not (teachers.root / "course").exists()


def test_a_roster_is_copied_and_its_students_are_in_the_gradebook(teachers: Project, tmp_path: Path) -> None:
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\ns1,Anna Müller,anna@uni.example\ns2,Bo,\n")
    (teachers.root / "course").mkdir()
    (teachers.root / "course" / "nbgrader_config.py").touch()
    shutil.copy(new_gradebook(), teachers.root / "course" / "gradebook.db")
    folder = make(teachers, roster=roster)
    assert (folder / "roster.csv").read_text() == roster.read_text()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        assert {(s.id, s.first_name, s.last_name, s.email) for s in book.students} == {
            ("s1", "Anna", "Müller", "anna@uni.example"), ("s2", None, "Bo", None),
        }  # fmt: skip


def test_a_roster_that_cannot_be_used_is_refused_before_anything_is_made(teachers: Project, tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("colour\nred\n")
    with pytest.raises(CourseError, match=r"class\.csv is not a roster"):
        make(teachers, roster=tmp_path / "class.csv")
    assert not (teachers.root / "course").exists()
