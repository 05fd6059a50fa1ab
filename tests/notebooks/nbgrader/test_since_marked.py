"""Which marks by hand have to be reviewed when a submission is graded again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from autograder.notebooks.nbgrader.since_marked import Marked, Review, texts_of
from autograder.submissions.notebooks.cells import Cell


@dataclass
class Grade:
    name: str = "text-q01"
    manual_score: float | None = 1.5


CELLS = [
    ("markdown", "### Question 1", ""), ("markdown", "Because.", "text-q01"), ("markdown", "### Question 2", ""),
    ("code", "helper = 1", ""), ("code", "q02_n = helper", "answer-q02"), ("code", "check()", "checks-q02"),
]  # fmt: skip


def texts(**changed: str) -> dict[str, str]:
    """The texts of the notebook in which cells with these sources were changed."""
    return texts_of(
        [Cell(n, kind, changed.get(source.split()[0], source), tag) for n, (kind, source, tag) in enumerate(CELLS)]
    )


def review(
    now: dict[str, str], grade: Grade, open_: frozenset[str] = frozenset(), to_mark: bool = True
) -> tuple[bool, str]:
    found = Review(Marked(texts(), open_), now)
    is_open = found.is_open(grade, to_mark)
    return is_open, " ".join(text for _, text in found.messages)


def test_an_unchanged_answer_stays_marked() -> None:
    is_open, said = review(texts(), Grade())
    assert not is_open
    assert said == "text-q01, marked by hand with 1.5: the answer is still the same, and so is the mark"


def test_a_changed_answer_has_to_be_reviewed() -> None:
    is_open, said = review(texts(**{"Because.": "It is."}), Grade())
    assert is_open
    assert said == "text-q01, marked by hand with 1.5: the answer has changed since, so review the mark"


def test_a_review_that_was_not_done_stays_to_be_done() -> None:
    assert review(texts(), Grade(), frozenset({"text-q01"}))[0]


def test_an_answer_that_is_not_known_any_more_has_to_be_reviewed() -> None:
    found = Review(Marked(), texts())
    assert found.is_open(Grade(), False)
    assert "the earlier answer is not known" in found.messages[0][1]


@pytest.mark.parametrize("to_mark", [True, False])
def test_an_answer_without_a_mark_is_left_to_the_grader(to_mark: bool) -> None:
    assert review(texts(), Grade(manual_score=None), to_mark=to_mark) == (to_mark, "")


@pytest.mark.parametrize(
    ("cell", "tags"),
    [("helper", {"checks-q02"}), ("q02_n", {"checks-q02"}), ("Because.", {"text-q01"}), ("check()", set())],
)
def test_a_mark_depends_on_the_answer_and_what_stands_around_it(cell: str, tags: set[str]) -> None:
    before, now = texts(), texts(**{cell: "changed"})
    assert {tag for tag in before if before[tag] != now[tag]} == tags
