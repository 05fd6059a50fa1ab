"""What happened to a results folder, grading by grading: results replaced, changed, new and removed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.classroom.changes import NOT_DETERMINISTIC, CheckChange, StudentChange, compare
from autograder.classroom.gradings import Grading, read_gradings
from autograder.classroom.history import Versions, read_history
from autograder.classroom.report import harmless
from autograder.reports.terminal import points

CHANGES_FILE = "changes.csv"
NEW, REMOVED = "new submission", "submission removed"


@dataclass
class Chapter:
    """What one grading did; or several, if the first ones were stopped and the last one finished their work."""

    gradings: list[Grading] = field(default_factory=list)
    replaced: int = 0
    """How many results took the place of earlier ones."""
    students: list[StudentChange] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    """The ids of the first results; empty in the first chapter, where all are new."""
    removed: list[str] = field(default_factory=list)
    """The ids of results whose submission was removed since the chapter before."""

    @property
    def not_deterministic(self) -> list[tuple[StudentChange, CheckChange]]:
        """The checks that have two results although nothing differs."""
        return [
            (student, check)
            for student in self.students
            for check in student.checks
            if NOT_DETERMINISTIC in check.reasons
        ]

    @property
    def exercises(self) -> dict[str, str]:
        """The exercises that were added or left out, with which of the two."""
        return {
            check.exercise: check.reasons[0] for student in self.students for check in student.checks if not check.check
        }

    @property
    def changed(self) -> list[StudentChange]:
        """The students whose result changed in more than the list of exercises."""
        return [s for s in self.students if s.before is None or any(check.check for check in s.checks)]


def read_story(results: Path) -> list[Chapter]:
    """The chapters of a results folder, from the first grading to the last; empty if no grading has a line."""
    chapters = _chapters(read_gradings(results))
    of = {grading.number: chapter for chapter in chapters for grading in chapter.gradings}
    lines = {grading.number: grading for chapter in chapters for grading in chapter.gradings}
    for versions in read_history(results):
        for number, result in versions.graded.items():
            chapter = of.get(number)
            if chapter is None:  # graded by an earlier version, or its line was deleted
                continue
            if number in versions.replaced:
                chapter.replaced += 1
                change = compare(versions.replaced[number], result, lines)
                if change is not None:
                    chapter.students.append(change)
            elif chapter is not chapters[0]:
                chapter.new.append(versions.id)
    return chapters


def between(results: Path, first: int, last: int) -> Chapter:
    """What changed from the results after one grading to those after a later one. LookupError if one is missing."""
    gradings = {grading.number: grading for grading in read_gradings(results)}
    for number in (first, last):
        if number not in gradings:
            known = ", ".join(map(str, gradings)) or "none"
            raise LookupError(f"there is no grading {number} in {results}: the gradings are {known}")
    if first >= last:
        raise LookupError(f"grading {first} is not before grading {last}: give the earlier one first")
    chapter = Chapter([gradings[last]])
    for versions in read_history(results):
        _add_difference(chapter, versions, first, last, gradings)
    old, new = gradings[first].removed, gradings[last].removed
    chapter.removed = [name for name in new if name not in old]
    return chapter


def _add_difference(chapter: Chapter, versions: Versions, first: int, last: int, gradings: dict[int, Grading]) -> None:
    before, after = versions.after(first), versions.after(last)
    if after is None or before is after:
        return
    if before is None:
        chapter.new.append(versions.id)
        return
    chapter.replaced += 1
    change = compare(before, after, gradings)
    if change is not None:
        chapter.students.append(change)


def _chapters(gradings: list[Grading]) -> list[Chapter]:
    """A chapter ends with a grading that finished."""
    chapters: list[Chapter] = []
    removed: list[str] = []
    for grading in gradings:
        if not chapters or chapters[-1].gradings[-1].finished:
            chapters.append(Chapter())
        chapter = chapters[-1]
        chapter.gradings.append(grading)
        chapter.removed += [name for name in grading.removed if name not in removed]
        removed = grading.removed
    return chapters


def write_changes(chapters: list[Chapter], results: Path) -> None:
    """Writes `changes.csv` once there is something to say. OSError if that fails."""
    path = results / CHANGES_FILE
    if path.exists() or any(chapter.students or chapter.new or chapter.removed for chapter in chapters):
        write_atomically(path, changes_csv(chapters))


def changes_csv(chapters: list[Chapter]) -> bytes:
    """A CSV table with a row for each check that changed, the last grading first, and a byte order mark for Excel."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow([
        "grading", "date", "id", "exercise", "check", "status before", "status after", "points before", "points after",
        "max before", "max after", "why",
    ])  # fmt: skip
    for chapter in reversed(chapters):
        dates = {grading.number: grading.begin for grading in chapter.gradings}
        for number, cells in _rows(chapter):
            table.writerow([harmless(cell) for cell in (str(number), dates.get(number, ""), *cells)])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _rows(chapter: Chapter) -> Iterator[tuple[int, list[str]]]:
    """The rows of a chapter without the date: the number of the grading, and the other cells."""
    last = chapter.gradings[-1].number
    for student in chapter.students:
        if student.before is None:
            yield student.grading, [student.id, *[""] * 8, "; ".join(student.reasons)]
        for check in student.checks:
            marks = (check.before, check.after)
            yield (
                student.grading,
                [
                    student.id, check.exercise, check.check,
                    *(mark.status if mark else "" for mark in marks),
                    *(points(mark.score) if mark else "" for mark in marks),
                    *(points(mark.max_score) if mark else "" for mark in marks),
                    "; ".join(check.reasons),
                ],
            )  # fmt: skip
    for names, what in ((chapter.new, NEW), (chapter.removed, REMOVED)):
        for name in names:
            yield last, [name, *[""] * 8, what]
