"""Answers are read as plain values, never run, and compared with the expected ones without revealing those."""

from __future__ import annotations

import pytest

from autograder.submissions.notebooks.answers import Answers, answers_of, judge, matches, read_answers
from autograder.submissions.notebooks.cells import read_cells
from tests.notebooks.conftest import code, file_of


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("-1.5", -1.5), ("1_191_170", 1191170), ("(3, 32)", [3, 32]), ("[1, (2, 3)]", [1, [2, 3]]), ("'B'", "B"),
     ("True", True), ("None", None)],
)  # fmt: skip
def test_a_plain_value_is_read(text: str, value: object) -> None:
    assert read_answers(f"%matplotlib inline\nq01_x = {text}  # so", ["q01_x"]) == Answers({"q01_x": value})


@pytest.mark.parametrize(
    "text",
    ["f()", "2 * 3", "open('x')", "__import__('os').system('touch /tmp/x')", "{}", "1j", "'" + "x" * 100 + "'", "y",
     "(1,) * 9", "[0, " * 40 + "0" + "]" * 40 + "", "9" * 100, str([0] * 33), "b'x'", "lambda: 1"],
)  # fmt: skip
def test_other_expressions_are_a_problem_that_says_what_to_write(text: str) -> None:
    answers = read_answers(f"q01_x = {text}\nq01_y = 2", ["q01_x", "q01_y"])
    assert answers.values.get("q01_y") == 2
    assert answers.problems.keys() == {"q01_x"} or isinstance(answers.values["q01_x"], list)


def test_a_missing_name_says_what_to_write() -> None:
    assert (
        read_answers("q01_X = 2", ["q01_x"]).problems["q01_x"].startswith("q01_x is not assigned: write a line q01_x =")
    )


def test_the_last_assignment_counts() -> None:
    assert read_answers("q01_x = 1\nq01_x = 2", ["q01_x"]).values == {"q01_x": 2}


def test_a_syntax_error_is_a_problem_of_each_name() -> None:
    assert read_answers("q01_x = (", ["q01_x", "q01_y"]).problems.keys() == {"q01_x", "q01_y"}


@pytest.mark.parametrize(
    ("value", "wanted", "tolerance", "right"),
    [(2, 2, 0, True), (2.0, 2, 0, True), (3, 2, 0, False), (2.3, 2.302, 0.01, True), (2.3, 2.302, 0.001, False),
     ([3, 32], [3, 32], 0, True), ([32, 3], [3, 32], 0, False), ([3], [3, 32], 0, False), (3, [3], 0, False),
     ("b", "B", 0, True), (" B ", "B", 0, True), ("C", "B", 0, False), (2, "2", 0, False), (True, 1, 0, False),
     (1, True, 0, False), (True, True, 0, True), (float("nan"), 2, 9, False), (float("inf"), 2, 9, False),
     ([[1.0, 2.0]], [[1, 2.05]], 0.1, True)],
)  # fmt: skip
def test_matches(value: object, wanted: object, tolerance: float, right: bool) -> None:
    assert matches(value, wanted, tolerance) is right  # type: ignore[arg-type]


def test_each_name_is_judged_and_no_message_reveals_the_expected_value() -> None:
    answers = Answers({"q01_a": 1, "q01_b": None, "q01_c": 5, "q01_d": "x"}, {"q01_e": "broken"})
    judged = judge(answers, dict.fromkeys(("q01_a", "q01_b", "q01_c", "q01_d", "q01_e"), 4711) | {"q01_a": 1}, 0)
    assert [one.status for one in judged] == ["passed", "not_started", "failed", "failed", "error"]
    assert not any("4711" in one.message for one in judged)
    assert judged[3].message == "q01_d = 'x' is not right: it should be a number"


def test_the_answer_cell_is_found_by_its_tag() -> None:
    cells = read_cells(file_of([code("q01_x = 1"), code("q01_x = 2", "answer-q01")]))
    assert answers_of(cells, "q01", ["q01_x"]).values == {"q01_x": 2}


def answers(*cells: dict[str, object], names: tuple[str, ...] = ("q01_x",)) -> Answers:
    return answers_of(read_cells(file_of(cells)), "q01", names)


Q01, BLANK = "answer-q01", "q01_x = None"


def test_a_missing_answer_cell_is_a_problem() -> None:
    assert "is missing" in answers().problems["q01_x"]


def test_of_two_answer_cells_the_last_value_counts_and_the_cells_are_named() -> None:
    found = answers(code("q01_x = 1", Q01), code("q01_x = 2", Q01))
    assert (found.values, found.problems) == ({"q01_x": 2}, {})
    assert found.notes["q01_x"].startswith("cells 1 and 2 assign q01_x differently, and the last one counts")
    assert "(cells 1 and 2 assign q01_x differently" in judge(found, {"q01_x": 3}, 0)[0].message


def test_answers_that_are_distributed_over_copies_all_count() -> None:
    names = ("q01_x", "q01_y")
    found = answers(code("q01_x = 1\nq01_y = None", Q01), code("q01_x = None\nq01_y = 2", Q01), names=names)
    assert (found.values, found.notes) == ({"q01_x": 1, "q01_y": 2}, {})


@pytest.mark.parametrize("others", [[], [code(BLANK, Q01, released=BLANK)], [code("q01_z = 1", Q01)]])
def test_an_answer_that_lost_its_tag_is_known_by_its_name(others: list[dict[str, object]]) -> None:
    found = answers(*others, code("q01_x = 5"))
    assert (found.values, found.problems) == ({"q01_x": 5}, {})
    assert f"stands in cell {len(others) + 1}" in found.notes["q01_x"]


def test_the_answer_cell_takes_precedence_over_an_experiment() -> None:
    assert answers(code("q01_x = 1", Q01), code("q01_x = 2")).values == {"q01_x": 1}
    assert answers(code("q01_x = f()", Q01), code("q01_x = 2")).problems.keys() == {"q01_x"}
