"""Built notebooks are valid and reproducible, and hidden text only occurs where nbgrader and autograder remove it."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from typer.testing import CliRunner

from autograder.commands import app
from autograder.course.build import as_generated, build, stale
from autograder.course.catalogue import Project
from autograder.notebooks.build import Notebook, generated, instructor_notebook, mark_schemes, student_notebook, to_text
from autograder.notebooks.sources import sources
from autograder.submissions.notebooks.cells import digest, read_cells
from tests.notebooks.conftest import SOURCE, points, rewritten, tagged

SECRETS = ("secret_of_quad", "return 2 * x", "4711", "model answer", "explanation", "SOLUTION", "7, 9")


def flags(notebook: Notebook, tag: str) -> tuple[bool, ...]:
    about = tagged(notebook, tag)["metadata"]["nbgrader"]
    return tuple(about[name] for name in ("grade", "solution", "locked", "task"))


@pytest.mark.parametrize("side", ["instructor", "student"])
def test_nbformat_and_nbgrader_find_nothing_wrong(instructor: Notebook, side: str) -> None:
    notebook = instructor if side == "instructor" else student_notebook(instructor)
    node = nbformat.reads(to_text(notebook), as_version=4)
    nbformat.validate(node)
    MetadataValidator().validate_nb(node)
    assert nbformat.writes(node) + "\n" == to_text(notebook)


def test_the_tags_are_the_contract(instructor: Notebook) -> None:
    tags = [cell["metadata"]["nbgrader"]["grade_id"] for cell in instructor["cells"] if cell["metadata"]]
    assert tags == [
        "answer-double", "checks-double", "text-q01", "answer-q02", "checks-q02", "answer-quad", "checks-quad"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("answer-double", (False, True, False, False)), ("checks-double", (True, False, True, False)),
        ("text-q01", (True, True, False, False)), ("answer-q02", (False, True, False, False)),
        ("checks-q02", (True, False, True, False)),
    ],
)  # fmt: skip
def test_a_cell_has_the_nbgrader_flags_of_its_kind(instructor: Notebook, tag: str, expected: tuple[bool, ...]) -> None:
    assert flags(instructor, tag) == expected


@pytest.mark.parametrize(
    ("tag", "worth"), [("checks-double", 3.0), ("checks-quad", 0), ("text-q01", 2), ("checks-q02", 1)]
)
def test_graded_cells_have_their_points(instructor: Notebook, tag: str, worth: float) -> None:
    assert tagged(instructor, tag)["metadata"]["nbgrader"]["points"] == worth


def test_a_bonus_says_so(instructor: Notebook) -> None:
    assert "# 0.5 bonus points." in tagged(instructor, "checks-quad")["source"]


def test_a_question_can_be_a_bonus(project: Project) -> None:
    source = rewritten(project, SOURCE.replace("points=2", "points=2 bonus=true"))
    assert tagged(instructor_notebook(source, points), "text-q01")["metadata"]["nbgrader"]["points"] == 0
    assert "2 questions, 1 point and 2 bonus points given as extra credit; marked by hand: " in mark_schemes(source)


def test_the_checks_cell_asks_for_reasons(instructor: Notebook) -> None:
    assert 'check("double")' in tagged(instructor, "checks-double")["source"]


def test_the_instructors_notebook_contains_every_answer(instructor: Notebook) -> None:
    text = "\n".join(cell["source"] for cell in instructor["cells"])
    assert all(secret in text for secret in ("secret_of_quad", "q02_n = 4711", 'q02_choice = "B"'.replace('"', "'")))
    assert "Because of the model answer." in tagged(instructor, "text-q01")["source"]


def test_a_students_notebook_contains_no_answer(instructor: Notebook) -> None:
    text = to_text(student_notebook(instructor)).replace("\\n", "\n")
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_students_answer_cell_is_the_stub(instructor: Notebook) -> None:
    source = tagged(student_notebook(instructor), "answer-double")["source"]
    assert source.startswith('# exercise: double\n"""Doubling, by hand."""\n')
    assert source.endswith('# TODO: twice the number.\n    raise NotImplementedError("double is still to be written")')


def test_answers_start_as_none_and_say_what_to_write(instructor: Notebook) -> None:
    assert tagged(student_notebook(instructor), "answer-q02")["source"].split("\n") == [
        "q02_n = None  # a number", "q02_shape = None  # a tuple such as (1, 2)", 'q02_choice = None  # a letter such as "A"'
    ]  # fmt: skip


def test_outputs_are_stripped(instructor: Notebook) -> None:
    tagged(instructor, "checks-double")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "4711"}]
    assert tagged(student_notebook(instructor), "checks-double")["outputs"] == []


def test_stripping_does_not_change_the_instructors_notebook(instructor: Notebook) -> None:
    before = to_text(instructor)
    student_notebook(instructor)
    assert to_text(instructor) == before


@pytest.mark.parametrize("tag", ["answer-double", "answer-q02"])
def test_an_answer_cell_holds_the_digest_of_its_released_source(instructor: Notebook, tag: str) -> None:
    cell = tagged(student_notebook(instructor), tag)
    assert cell["metadata"]["autograder"]["released_sha256"] == digest(cell["source"])


def test_sibling_imports_are_removed(instructor: Notebook) -> None:
    source = tagged(instructor, "answer-quad")["source"]
    assert "from .double" not in source
    assert '"""Four times."""\n\nimport torch\n\n\ndef quad' in source


def test_two_builds_are_the_same_in_two_processes(project: Project) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom autograder.course.catalogue import Project\n"
        "from autograder.notebooks.build import Points, generated\n"
        "for _, text in generated(Project(Path(sys.argv[1])), lambda e: Points(1.0)): print(text)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script, str(project.root)],
            capture_output=True, check=True, env={"PYTHONHASHSEED": seed}, cwd=sys.path[0] or ".",
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert b"answer-double" in runs[0]


def test_ids_of_cells_are_distinct(project: Project) -> None:
    source = rewritten(project, SOURCE + "\n# %%\nprint(quad(3))\n")
    text = next(text for path, text in generated(project, points) if path.suffix == ".ipynb")
    ids = [cell["id"] for cell in json.loads(text)["cells"]]
    assert len(source.cells) < len(ids) == len(set(ids))


def test_the_page_for_markers_has_questions_answers_and_marks(project: Project) -> None:
    page = mark_schemes(sources(project)[0])
    assert "## q01 (2 points, marked by hand)\n\n> Why twice?\n\nBecause of the model answer." in page
    assert "    q02_n = 4711\n    q02_shape = (7, 9)\n    q02_choice = 'B'\n    (within 0.5)" in page
    assert "2 questions, 3 points; marked by hand: 2 points." in page


def test_unedited_generated_files_are_recognized(project: Project) -> None:
    for _, text in generated(project, points):
        assert as_generated(text)
        assert not as_generated(text.replace("quad", "cube").replace("Why", "What"))


def test_build_writes_notebooks_and_stale_names_outdated_ones(project: Project) -> None:
    assert build(project, also=generated(project, points)).ok
    assert stale(project, generated(project, points)) == []
    rewritten(project, SOURCE.replace("How many?", "How much?"))
    assert [line.split()[0] for line in stale(project, generated(project, points))] == [
        "assignments/source/p1_mlp/p1_mlp.ipynb", "assignments/mark_schemes/p1_mlp.md"
    ]  # fmt: skip


def test_a_notebook_that_was_never_built_is_not_stale(project: Project) -> None:
    build(project)
    assert stale(project, generated(project, points)) == []


def test_the_copy_of_an_edited_notebook_is_kept_where_nbgrader_does_not_release_it(project: Project) -> None:
    build(project, also=generated(project, points))
    path = project.root / "assignments/source/p1_mlp/p1_mlp.ipynb"
    path.write_text(path.read_text().replace("4711", "4712"))
    assert not build(project, also=generated(project, points)).ok
    assert build(project, force=True, also=generated(project, points)).ok
    assert [p.name for p in path.parent.iterdir()] == ["p1_mlp.ipynb"]
    assert "4712" in (project.root / "assignments/p1_mlp.ipynb.bak").read_text()


def test_a_built_notebook_can_be_read(instructor: Notebook) -> None:
    cells = read_cells(to_text(student_notebook(instructor)).encode())
    assert [cell.exercise for cell in cells if cell.exercise] == ["double", "quad"]
    assert all(cell.untouched for cell in cells if cell.exercise)


def test_without_jupytext_build_makes_the_other_files_and_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    monkeypatch.chdir(project.root)
    done = CliRunner().invoke(app, ["build"])
    assert done.exit_code == 0
    assert "the notebooks are not built" in done.output
    assert "pip install 'autograder[nbgrader]'" in done.output
    assert (project.root / "exercises/p1_mlp/double.py").is_file()
    assert not (project.root / "assignments").exists()


def test_an_error_in_a_source_stops_the_build_before_anything_is_written(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "solutions/notebooks/p1_mlp.py").write_text(SOURCE.replace('exercise="quad"', 'exercise="cube"'))
    monkeypatch.chdir(project.root)
    done = CliRunner().invoke(app, ["build"])
    assert done.exit_code == 2
    assert "solutions/notebooks/p1_mlp.py:26: there is no exercise 'cube'" in done.output
    assert not (project.root / "exercises").exists()
