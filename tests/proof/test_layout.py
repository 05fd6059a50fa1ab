"""The layout of a course: each defect is reported once, with its line."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.catalogue import Exercise, Project
from autograder.proof.layout import MISTAKES, PLACEHOLDER, VARIANTS, Unfinished, layout_problems
from autograder.proof.new_exercise import new_exercise
from tests.zoo import PROJECT

GRADER = "autograder/graders/p4_gan/test_thing.py"
SOLUTION = "solutions/p4_gan/thing.py"
MISTAKES_FILE = "solutions/mistakes/p4_gan/thing.py"
NOTEBOOK = "solutions/notebooks/p4_gan.py"


def wrong(project: Project, only: str = "") -> list[str]:
    """The problems that stop the proof."""
    chosen = project.select([only]) if only else None
    return [str(problem) for problem in layout_problems(project, chosen) if not isinstance(problem, Unfinished)]


def unfinished(project: Project) -> list[str]:
    return [str(problem) for problem in layout_problems(project) if isinstance(problem, Unfinished)]


def edit(project: Project, name: str, old: str, new: str) -> None:
    path = project.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_layout_of_our_own_course_is_right() -> None:
    assert layout_problems(Project(PROJECT)) == []


def test_a_new_exercise_is_unfinished_but_not_wrong(new_course: Project) -> None:
    assert wrong(new_course) == []
    found = "\n".join(unfinished(new_course))
    assert f"{MISTAKES_FILE}:1: known mistakes: 2. Write at least {MISTAKES}" in found
    assert f"solutions/variants/p4_gan/thing:1: variants: 1. Write at least {VARIANTS}" in found
    assert f"{SOLUTION}:1: still to be written: say in one line what the exercise is about" in found


def test_a_written_exercise_is_finished(new_course: Project, thing: Exercise) -> None:
    mistake = thing.mistakes.read_text().partition("@instead_of")[2]
    for number in range(MISTAKES):
        renamed = mistake.replace("columns_in_place_of_rows", f"wrong_in_way_{number}").partition("@instead_of")[0]
        thing.mistakes.write_text(f"{thing.mistakes.read_text()}\n\n@instead_of{renamed}")
    (folder,) = {path.parent for path in thing.variants}
    for number in range(VARIANTS):
        (folder / f"style_{number}.py").write_text("x = 1\n")
    for name in (SOLUTION, NOTEBOOK):
        path = new_course.root / name
        path.write_text(path.read_text().replace(PLACEHOLDER, ""))
    assert layout_problems(new_course) == []


@pytest.mark.parametrize("folder", ["autograder/graders", "autograder/graders/p4_gan"])
def test_a_folder_of_graders_must_be_a_package(new_course: Project, folder: str) -> None:
    (new_course.root / folder / "__init__.py").unlink()
    (problem,) = wrong(new_course)
    assert problem.startswith(f"{folder}/__init__.py:1: the file is missing. Create an empty one")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("EXERCISE =", "EXERCISES =", "1: there is no EXERCISE"),
        ('public=("thing",)', 'public=("thing", "ring")', "8: the solution has no 'ring'. It defines: thing."),
        ('public=("thing",)', 'public=("thing")', "8: the public names cannot be read"),
        ("@check(points=1)\n", "", "12: test_values is not a check. Write @check"),
        ("points=1", "points=0.5", "8: the checks sum to 0.5 points, which is not a whole number"),
        ("points=1", "points=ONE", "12: the points of test_values are not a number above 0"),
        ("student, draw", "studnet, draw", "13: 'studnet' is not a fixture. Did you mean 'student'? The fixtures are: "),
        ("student, draw", "student, tmp_path", "13: 'tmp_path' is not a fixture. The fixtures are: student, draw, circles"),
        ('    """thing divides each row by its length, in float32 and float64"""\n', "", "13: the check test_values has"),
        ("@check", "def test_values(student): ...\n\n\n@check", "16: test_values is already defined in line 12"),
        ("for size in", "for size inn", "15: this is not valid Python"),
    ],
)  # fmt: skip
def test_defects_of_a_grader_are_found(new_course: Project, old: str, new: str, problem: str) -> None:
    edit(new_course, GRADER, old, new)
    assert any(text.startswith(f"{GRADER}:{problem}") for text in wrong(new_course)), wrong(new_course)


def test_a_grader_needs_a_check(new_course: Project, thing: Exercise) -> None:
    thing.grader.write_text(thing.grader.read_text().partition("@check")[0])
    assert wrong(new_course) == [f"{GRADER}:8: there is no check. Write a function marked @check(points=...)."]


def test_an_empty_mistakes_file_is_unfinished(new_course: Project, thing: Exercise) -> None:
    thing.mistakes.write_text('"""None yet."""\n')
    assert wrong(new_course) == []
    assert any("known mistakes: 0." in text for text in unfinished(new_course))


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (SOLUTION, "### BEGIN SOLUTION", "### BEGIN SOLUTIONS", f"{SOLUTION}:27: '### BEGIN SOLUTIONS' looks like a"),
        (SOLUTION, "def thing", "deff thing", f"{SOLUTION}:15: this is not valid Python"),
        (MISTAKES_FILE, '"thing"', '"ring"', f"{MISTAKES_FILE}:11: 'columns_in_place_of_rows' replaces 'ring'"),
        (NOTEBOOK, 'exercise="thing"', "", f"{NOTEBOOK}:1: the exercise thing has no cell. Add a cell"),
        (NOTEBOOK, '# %% exercise="thing"', '# %% exercise="thing"\n' * 2,
         f"{NOTEBOOK}:27: thing already has a cell in line 26"),
        (NOTEBOOK, '# %% exercise="thing"', '# %% exercise="ring"\n\n# %% exercise="thing"',
         f"{NOTEBOOK}:26: there is no exercise 'ring' in p4_gan. The exercises are: thing."),
    ],
)  # fmt: skip
def test_defects_of_other_files_are_found(new_course: Project, name: str, old: str, new: str, problem: str) -> None:
    edit(new_course, name, old, new)
    (found,) = wrong(new_course)
    assert found.startswith(problem)


def test_a_variant_must_be_valid_python(new_course: Project, thing: Exercise) -> None:
    thing.variants[0].write_text("def thing(x)\n")
    assert wrong(new_course) == [
        "solutions/variants/p4_gan/thing/row_by_row.py:1: this is not valid Python: expected ':'. Fix it first."
    ]


@pytest.mark.parametrize("part", ["solution", "grader", "mistakes"])
def test_a_missing_file_is_named(new_course: Project, thing: Exercise, part: str) -> None:
    path: Path = getattr(thing, part)
    path.unlink()
    name = path.relative_to(new_course.root).as_posix()
    assert f"{name}:1: p4_gan/thing has no {part} file. Write it, or run: autograder drop p4_gan/thing" in wrong(
        new_course
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("solutions/p4_gan/Thing.py", "no file of a course has this path"),
        ("solutions/p4_gan/_helper.py", "no file of a course"),
        ("solutions/notes.md", "no file of a course"),
        ("autograder/graders/p4_gan/conftest.py", "no file of a course"),
        ("solutions/mistakes/p4_gan/ring.py", "there is no exercise p4_gan/ring"),
        ("solutions/variants/p4_gan/ring/loops.py", "there is no exercise p4_gan/ring"),
        ("solutions/measured/p4_gan/ring.json", "there is no exercise p4_gan/ring"),
        ("autograder/diagnosis/fingerprints/p4_gan/ring.json.gz", "there is no exercise p4_gan/ring"),
        ("solutions/notebooks/p5_rnn.py", "p5_rnn has no exercises"),
        ("autograder/graders/p5_rnn/__init__.py", "p5_rnn has no exercises"),
    ],
)
def test_a_stray_file_is_named(new_course: Project, name: str, problem: str) -> None:
    path = new_course.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (found,) = wrong(new_course)
    assert found.startswith(f"{name}:1: {problem}")
    assert wrong(new_course, only="thing") == []


@pytest.mark.parametrize(
    "name", ["exercises/p4_gan/my_own.py", "solutions/p4_gan/__pycache__/x.pyc", "solutions/.notes"]
)
def test_files_of_students_and_tools_are_not_stray(new_course: Project, name: str) -> None:
    path = new_course.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert wrong(new_course) == []


def test_only_the_named_exercises_are_checked(new_course: Project, thing: Exercise) -> None:
    new_exercise(new_course, "p4_gan/ring")
    thing.grader.write_text("")
    assert wrong(new_course, only="ring") == []
    assert wrong(new_course, only="thing") != []


def test_the_layout_is_checked_without_torch() -> None:
    code = "import sys, autograder.proof.layout; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
