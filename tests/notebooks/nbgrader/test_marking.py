"""The mark for a cell, and the text that the student reads under it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.notebooks.nbgrader.batch import Graded
from autograder.notebooks.nbgrader.chosen import Chosen
from autograder.notebooks.nbgrader.marking import Mark, exercises_among, marks, questions_of, text_mark, unread
from autograder.notebooks.nbgrader.recognised import Recognised
from autograder.notebooks.sources import Question
from autograder.results import CheckResult, ExerciseResult
from autograder.submissions.notebooks.cells import read_cells
from tests.notebooks.conftest import code, file_of
from tests.notebooks.nbgrader.exchange import PROJECT

TAG, ID = "checks-mlp_nn", ExerciseId("p1_mlp/mlp_nn")
QUESTIONS = {"q02": Question(1, "q02", "How many?", 2, {"q02_a": 3, "q02_b": "B", "q02_c": [1, 2], "q02_d": 4}, 0)}


@pytest.fixture
def notebook() -> Chosen:
    cells = read_cells(file_of([code("q02_a = 3\nq02_b = 'b'\nq02_c = (1, 3)", "answer-q02")]))
    return Chosen("p1_mlp.ipynb", cells=cells, recognised=Recognised({0: "answer-q02"}, answered={"answer-q02"}))


def graded(*statuses: str) -> Graded:
    """mlp_nn with a check of 2 points for each status."""
    checks = [
        CheckResult(f"{ID}::{n}", f"claim {n}", status, 2.0 * (status == "passed"), 2.0, f"seen {n} <b>")
        for n, status in enumerate(statuses)
    ]
    return Graded({ID: ExerciseResult(ID, False, checks)}, ("cell 3 is odd",))


def mark(notebook: Chosen, result: Graded, points: float) -> Mark:
    return marks({TAG: points}, result, notebook, {})[TAG]


def test_each_check_counts(notebook: Chosen) -> None:
    found = mark(notebook, graded("passed", "failed", "passed"), 6)
    assert (found.score, found.by_hand) == (4, False)


def test_the_reason_comes_before_the_check(notebook: Chosen) -> None:
    text = mark(notebook, graded("passed", "failed"), 4).text
    assert text.index("✗ seen 1") < text.index("the check: claim 1") < text.index("✓ claim 0")
    assert "note: cell 3 is odd" in text


def test_a_page_gets_the_same_escaped(notebook: Chosen) -> None:
    html = mark(notebook, graded("passed", "failed"), 3).html
    assert "seen 1 &lt;b&gt;" in html
    assert "the score was scaled" in html


@pytest.mark.parametrize("status", ["skipped", "grader_error"])
def test_a_check_that_could_not_run_is_reviewed_by_hand(notebook: Chosen, status: str) -> None:
    found = mark(notebook, graded("passed", status), 4)
    assert (found.score, found.by_hand) == (2, True)
    assert "1 check could not run, so this exercise will be reviewed by hand" in found.text


def test_the_score_is_scaled_if_the_points_of_the_checks_changed(notebook: Chosen) -> None:
    found = mark(notebook, graded("passed", "failed"), 3)
    assert found.score == 1.5
    assert "the score was scaled" in found.text


def test_a_bonus_is_extra_credit(notebook: Chosen) -> None:
    result = graded("passed", "failed", "passed")
    result.exercises[ID].bonus = True
    found = mark(notebook, result, 0)
    assert (found.score, found.extra) == (0, 4)
    assert "4 of 6 points (bonus)" in found.text


def test_a_bonus_question_is_extra_credit(notebook: Chosen) -> None:
    bonus = {"q02": replace(QUESTIONS["q02"], bonus=True)}
    found = marks({"checks-q02": 0.0}, Graded({}, ()), notebook, bonus)["checks-q02"]
    assert (found.score, found.extra) == (0, 1)
    assert found.text.startswith("q02: 1 of 2 points (bonus)")


def test_each_value_of_an_answer_counts(notebook: Chosen) -> None:
    found = marks({"checks-q02": 2.0}, Graded({}, ()), notebook, QUESTIONS)["checks-q02"]
    assert found.score == 1
    assert "✓ q02_b = 'b' is right" in found.text
    assert "✗ q02_c = (1, 3) is not right" in found.text
    assert "(1, 2)" not in found.text


def test_a_question_without_a_known_answer_is_marked_by_hand(notebook: Chosen) -> None:
    found = marks({"checks-q09": 2.0}, Graded({}, ()), notebook, QUESTIONS)["checks-q09"]
    assert (found.score, found.by_hand) == (None, True)


@pytest.mark.parametrize("tag", ["test_1", "checks-nothing", "q02"])
def test_an_unknown_cell_is_marked_by_hand(notebook: Chosen, tag: str) -> None:
    found = marks({tag: 2.0}, Graded({}, ()), notebook, QUESTIONS)[tag]
    assert (found.score, found.by_hand) == (None, True)


def test_an_answer_without_metadata_counts(notebook: Chosen) -> None:
    stripped = replace(notebook, cells=[replace(cell, tag="") for cell in notebook.cells])
    assert marks({"checks-q02": 2.0}, Graded({}, ()), stripped, QUESTIONS)["checks-q02"].score == 1


def test_nothing_in_an_unreadable_notebook_gets_a_score_and_everything_says_why() -> None:
    unreadable = Chosen(problem="p1_mlp.ipynb is cut off")
    found = marks({"checks-q02": 2.0, TAG: 2.0}, graded("error"), unreadable, QUESTIONS)
    found |= {"text-q01": text_mark("text-q01", unreadable, empty=True)}
    assert {(mark.score, mark.by_hand) for mark in found.values()} == {(None, True)}
    assert "p1_mlp.ipynb is cut off" in found[TAG].text
    assert "p1_mlp.ipynb is cut off" in found["checks-q02"].text
    assert "p1_mlp.ipynb is cut off" in unread("text-q01", unreadable)


def test_a_python_file_beside_an_unreadable_notebook_keeps_its_points() -> None:
    found = marks({TAG: 4.0}, graded("passed", "failed"), Chosen(problem="p1_mlp.ipynb is cut off"), {})[TAG]
    assert (found.score, found.by_hand) == (2, False)


def test_exercises_are_identified_by_their_tags() -> None:
    assert exercises_among({TAG: 1, "checks-q02": 1, "checks-nothing": 1, "answer-mlp_nn": 1}) == {TAG: ID}


def test_questions_are_read_from_the_notebook_source() -> None:
    from autograder.course.catalogue import Project

    assert questions_of(Project(PROJECT), "p1_mlp")["q07"].expected["q07_equations"] == "C"
    assert questions_of(Project(PROJECT), "p9_gan") == {}
