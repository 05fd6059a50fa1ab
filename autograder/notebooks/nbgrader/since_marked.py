"""Marks given by hand, when a submission is graded again: which answers changed since, and have to be reviewed.

nbgrader asks for a review of every mark, so that a changed check means that a class is marked again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.submissions.folders import read_file
from autograder.submissions.members import Unusable
from autograder.submissions.notebooks.cells import ANSWER, CHECKS, MAX_BYTES, Cell, NotebookError, read_cells


@dataclass(frozen=True)
class Marked:
    """The state of a graded notebook. `texts`: what counts for each grade, by tag; `open`: tags that were to be marked."""

    texts: dict[str, str] = field(default_factory=dict)
    open: frozenset[str] = frozenset()


def marked_before(db_url: str, graded: Path, student: str, assignment: str) -> Marked:
    """The state before a submission is graded again. `graded`: the notebook in autograded/, which may be missing."""
    try:
        texts = texts_of(read_cells(read_file(graded, MAX_BYTES)))
    except (Unusable, NotebookError):
        return Marked()
    with Gradebook(db_url) as gradebook:
        try:
            grades = gradebook.find_submission_notebook(graded.stem, assignment, student).grades
        except MissingEntry:
            return Marked()
        return Marked(texts, frozenset(grade.name for grade in grades if grade.needs_manual_grade))


def texts_of(cells: Sequence[Cell]) -> dict[str, str]:
    """What a mark depends on, by the tag of its cell: the answer, and what the student wrote around it.

    For an exercise or a question, that is everything since the last graded cell. For an answer in words, it is the text
    around it. The released narrative in between is always the same.
    """
    texts: dict[str, str] = {}
    pending: list[Cell] = []
    last = ""
    for cell in cells:
        if cell.tag.startswith(CHECKS):  # its own source is the teacher's
            texts[cell.tag] = _joined(pending)
            pending, last = [], ""
        elif cell.tag and not cell.tag.startswith(ANSWER):
            texts[cell.tag] = _joined([*_words(pending), cell])
            pending, last = [], cell.tag
        else:
            pending.append(cell)
            last = "" if cell.tag else last
            if last:  # an answer that goes on below its cell
                texts[last] += _joined(_words([cell]))
    return texts


def _words(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.kind != "code"]


def _joined(cells: Sequence[Cell]) -> str:
    return "".join(f"{cell.source.strip()}\n\n" for cell in cells)


class Review:
    """Decides which grades a teacher has to look at again, and says why. `messages`: lines for the log, with levels."""

    def __init__(self, before: Marked, now: Mapping[str, str]) -> None:
        self._before = before
        self._now = now
        self.messages: list[tuple[int, str]] = []

    def is_open(self, grade: Any, to_mark: bool) -> bool:
        """Whether a grade needs a person. `to_mark`: whether it does if it has no mark by hand.

        A mark on an answer that is still the same stays as it is, and so does its state.
        """
        if grade.manual_score is None:
            return to_mark
        tag, mark = str(grade.name), f"{grade.name}, marked by hand with {grade.manual_score:g}"
        if tag not in self._before.texts:
            self.messages.append((logging.WARNING, f"{mark}: the earlier answer is not known, so review the mark"))
            return True
        if self._before.texts[tag] != self._now.get(tag):
            self.messages.append((logging.WARNING, f"{mark}: the answer has changed since, so review the mark"))
            return True
        self.messages.append((logging.INFO, f"{mark}: the answer is still the same, and so is the mark"))
        return tag in self._before.open
