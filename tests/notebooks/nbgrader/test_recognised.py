"""Cells are recognised by their tags, by what they hold, and by their place."""

from __future__ import annotations

from autograder.notebooks.nbgrader.recognised import Recognised, ReleasedCell, recognise
from autograder.submissions.notebooks.cells import Cell

STUB = "YOUR ANSWER HERE"
ANSWER = {"solution": True}


def narrative(source: str) -> ReleasedCell:
    return ReleasedCell("", "markdown", source)


RELEASED = [
    narrative("### Question 1: what is a softmax for?"),
    ReleasedCell("text-q01", "markdown", STUB, ANSWER),
    narrative("Some words between the two questions."),
    narrative("### Question 2: why is it stable?"),
    ReleasedCell("text-q02", "markdown", STUB, ANSWER),
    narrative("### Question 4: which stride and padding?"),
    ReleasedCell("answer-q04", "code", "q04_stride = None  # a number\nq04_padding = None", ANSWER),
    ReleasedCell("checks-q04", "code", 'check("q04")', {"locked": True}),
    ReleasedCell("answer-relu", "code", "# exercise: relu\ndef relu(): ...", ANSWER),
]


def submitted(*sources: str, tagged: bool = False) -> list[Cell]:
    """A notebook with these sources; where one is empty, the released one. Without tags, unless they are asked for."""
    sources += ("",) * (len(RELEASED) - len(sources))
    return [
        Cell(n, cell.kind, source or cell.source, cell.tag if tagged else "")
        for n, (cell, source) in enumerate(zip(RELEASED, sources), start=1)
    ]


def with_cells(cells: list[Cell], place: int, *sources: str, kind: str = "markdown") -> list[Cell]:
    return [*cells[:place], *(Cell(99 + n, kind, source) for n, source in enumerate(sources)), *cells[place:]]


def sources_of(cells: list[Cell]) -> dict[str, str]:
    found = recognise(cells, RELEASED)
    return {tag: cells[number].source for number, tag in found.owners.items()}


def found_in(cells: list[Cell]) -> Recognised:
    return recognise(cells, RELEASED)


def test_without_tags_every_cell_is_found() -> None:
    cells = submitted("", "first", "", "", "second", "", "q04_stride = 2", "", "# exercise: relu\ndef relu(): return 1")
    assert sources_of(cells) == {
        "text-q01": "first", "text-q02": "second", "answer-q04": "q04_stride = 2", "checks-q04": 'check("q04")',
        "answer-relu": "# exercise: relu\ndef relu(): return 1",
    }  # fmt: skip
    assert found_in(cells).answered == {"text-q01", "text-q02", "answer-q04", "answer-relu"}


def test_an_empty_notebook_without_tags_has_no_answer() -> None:
    found = found_in(submitted())
    assert (found.answered, found.lost, found.beside) == (set(), set(), {})


def test_an_answer_with_an_annotation_is_found_and_a_comparison_is_not() -> None:
    cells = with_cells(submitted(), 0, "q04_stride == 2", kind="code")
    cells[7] = Cell(8, "code", "q04_stride: int = 3")
    assert sources_of(cells)["answer-q04"] == "q04_stride: int = 3"


def test_changed_spaces_are_no_change() -> None:
    cells = [Cell(c.number, c.kind, c.source.replace(" ", "  ") + "\n", c.tag) for c in submitted(tagged=True)]
    assert found_in(cells).answered == set()


def test_text_below_an_empty_answer_is_seen() -> None:
    cells = with_cells(submitted(tagged=True), 2, "My answer.")
    assert found_in(cells).beside == {"text-q01": [2]}
    assert [cells[n].source for n in found_in(cells).beside["text-q01"]] == ["My answer."]


def test_text_in_the_question_is_seen() -> None:
    cells = submitted(f"{RELEASED[0].source}\n\nMy answer.", tagged=True)
    assert found_in(cells).beside == {"text-q01": [0]}


def test_text_after_the_next_question_is_not() -> None:
    cells = with_cells(submitted(tagged=True), 4, "My answer.")
    assert found_in(cells).beside == {"text-q02": [4]}


def test_a_deleted_answer_cell_is_lost() -> None:
    cells = submitted(tagged=True)
    del cells[6], cells[1]
    found = found_in(cells)
    assert found.lost == {"text-q01", "answer-q04"}


def test_an_answer_whose_question_was_deleted_too_is_not_given_to_another() -> None:
    cells = submitted("", "first", "", "", "second")
    del cells[3]
    assert sources_of(cells)["text-q02"] == "second"


def test_a_new_cell_takes_the_place_of_a_deleted_one() -> None:
    cells = submitted(tagged=True)
    cells[1] = Cell(2, "markdown", "Written anew.")
    assert sources_of(cells)["text-q01"] == "Written anew."


def test_the_edited_one_of_two_copies_keeps_the_tag() -> None:
    cells = submitted(tagged=True)
    cells.insert(2, Cell(50, "markdown", "Edited.", "text-q01"))
    assert sources_of(cells)["text-q01"] == "Edited."


def test_of_two_edited_code_cells_the_later_one_keeps_the_tag() -> None:
    cells = submitted("", "", "", "", "", "", "q04_stride = 1", tagged=True)
    cells.insert(7, Cell(50, "code", "q04_stride = 2", "answer-q04"))
    assert sources_of(cells)["answer-q04"] == "q04_stride = 2"


def test_without_the_narrative_nothing_is_guessed() -> None:
    graded = [cell for cell in RELEASED if cell.tag]
    cells = submitted("", "first")
    assert recognise(cells, graded).lost == {"text-q01", "text-q02"}
    assert recognise(with_cells(submitted(tagged=True), 2, "My answer."), graded).beside == {}
