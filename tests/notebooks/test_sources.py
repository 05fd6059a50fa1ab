"""A notebook's source is read into typed cells, and an error in it is reported with its line and a remedy."""

from __future__ import annotations

import sys

import pytest

from autograder.course.catalogue import Project, SourceError
from autograder.notebooks.sources import ExerciseCell, MissingTool, Narrative, Question, read_source, sources
from tests.notebooks.conftest import SOURCE, rewritten


def test_cells_have_their_kinds_in_order(project: Project) -> None:
    (source,) = sources(project)
    kinds = [type(cell) for cell in source.cells]
    assert kinds == [Narrative, Narrative, ExerciseCell, Question, Question, ExerciseCell, Narrative]


def test_a_question_has_all_its_options(project: Project) -> None:
    first, second = sources(project)[0].questions
    assert (first.id, first.points, first.expected) == ("q01", 2, {})
    assert first.mark_scheme == "Because of the model answer."
    assert second.expected == {"q02_n": 4711, "q02_shape": [7, 9], "q02_choice": "B"}
    assert (second.tolerance, second.text) == (0.5, "How many?")


def test_a_cell_that_only_repeats_the_check_is_dropped(project: Project) -> None:
    texts = [cell.text for cell in sources(project)[0].cells if isinstance(cell, Narrative)]
    assert not any("check(" in text and "import" not in text for text in texts)


def test_a_check_of_another_exercise_is_kept(project: Project) -> None:
    source = rewritten(project, SOURCE.replace('check("double")', 'check("quad")'))
    assert 'check("quad")' in [cell.text for cell in source.cells if isinstance(cell, Narrative)]


def test_a_practical_without_a_source_has_no_notebook(project: Project) -> None:
    (project.root / "solutions/notebooks/p1_mlp.py").unlink()
    assert sources(project) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('exercise="quad"', 'exercise="cube"', 26, "there is no exercise 'cube'. The exercises are: double, quad"),
        ('exercise="quad"', 'exercise="double"', 26, "the exercise double occurs twice. Its first cell is on line 9"),
        ('# %% exercise="quad"\n', "# %%\n", 1, 'the exercise quad has no cell. Add a cell `# %% exercise="quad"`'),
        ('exercise="quad"', 'exercise="quad" points=3', 26, "the exercise quad has the option points"),
        ('exercise="quad"\n', 'exercise="quad"\nx = 1\n', 26, "the cell of the exercise quad is not empty"),
        (" points=2", "", 14, "the question q01 has no points. Write a positive number"),
        ("points=2", "points=2 bonus=1", 14, "the question q01 has bonus=1. Write bonus=true"),
        ("points=2", "points=0", 14, "the question q01 has points=0"),
        ("points=2", 'points="two"', 14, "the question q01 has points='two'"),
        ('question="q02"', 'question="q01"', 20, "the question q01 occurs twice"),
        ('question="q01"', 'question="first"', 14, "'first' is not the name of a question"),
        ('mark_scheme="q01"', 'mark_scheme="q09"', 17, "the mark scheme of 'q09' does not follow its question"),
        ('# %% [markdown] mark_scheme="q01"\n', "# %% [markdown]\n", 14, "the question q01 has no mark scheme"),
        ('"q02_n": 4711', '"n": 4711', 20, "'n' is not a valid name for an answer to q02. Start it with q02_"),
        (
            '"q02_n": 4711',
            '"q02_n": null',
            20,
            "q02_n is expected to be None, which is not a valid answer. Use a number",
        ),
        ('"q02_n": 4711', '"q02_n": {}', 20, "q02_n is expected to be {}"),
        ("tolerance=0.5", "tolerance=-1", 20, "the question q02 has tolerance=-1"),
        ("tolerance=0.5", "tolerance=", 20, "cannot be read. Write key=value"),
        ("tolerance=0.5", "tolerence=0.5", 20, "a cell has no option 'tolerence'"),
        ("# Why twice?\n", "# ### BEGIN SOLUTION\n", 14, "the cell contains '### BEGIN SOLUTION'"),
    ],
)
def test_an_error_is_reported_with_its_line(project: Project, old: str, new: str, line: int, message: str) -> None:
    assert old in SOURCE
    with pytest.raises(SourceError) as error:
        rewritten(project, SOURCE.replace(old, new))
    assert error.value.line == line
    assert message in str(error.value)
    assert str(error.value).startswith("solutions/notebooks/p1_mlp.py:")


def test_a_source_without_a_practical_lists_the_practicals(project: Project) -> None:
    path = project.root / "solutions/notebooks/p9_gan.py"
    path.write_text("# %%\n")
    with pytest.raises(SourceError, match=r"no practical 'p9_gan'. .*p1_mlp"):
        read_source(project, path)


def test_without_jupytext_the_remedy_is_a_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(MissingTool, match=r"pip install 'autograder\[nbgrader\]'"):
        sources(project)
