"""`nbgrader autograde` with autograder's engine: the steps that nbgrader_config.py uses instead of nbgrader's own.

nbgrader reads a notebook, cleans it, runs it in a kernel with the teacher's rights, and takes scores from the output of
the cells. These steps read it as data, rebuild it from the released cells, grade it in locked workers, and set the scores
directly.
"""

from __future__ import annotations

import atexit
import functools
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import from_dict
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution
from traitlets import Unicode

from autograder.course.catalogue import find_project
from autograder.grading.settings import Settings
from autograder.notebooks.display import wrapped
from autograder.notebooks.nbgrader.autograde import SafeAutograde
from autograder.notebooks.nbgrader.batch import Batches, Graded
from autograder.notebooks.nbgrader.chosen import Chosen
from autograder.notebooks.nbgrader.handed_in import (
    as_read,
    display,
    explanation,
    harmless_markdown,
    readable,
    restored,
    stream,
)
from autograder.notebooks.nbgrader.marking import exercises_among, marks, questions_of, text_mark, unread
from autograder.notebooks.nbgrader.released import released_cells
from autograder.notebooks.nbgrader.since_marked import Marked, Review, texts_of
from autograder.submissions.entries import Entry
from autograder.submissions.members import printable
from autograder.submissions.notebooks.cells import OURS

MARKS = "autograder"
"""The key in nbconvert's resources under which one step passes the marks to the next."""
WIDTH = 76
"""Characters per line that the formgrader and the feedback show in a narrow window; they cut off the rest."""


class HandedInNotebooks(NotebookExporter):
    """Reads whatever was handed in. nbformat raises on an invalid notebook, and the student would get no feedback."""

    def __init__(self, config: Any = None, **options: Any) -> None:
        super().__init__(config, **options)  # type: ignore[no-untyped-call]
        if isinstance(self.parent, Autograde) and not isinstance(self.parent, SafeAutograde):
            SafeAutograde.take_over(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Reads the chosen notebook of a submission, whatever its name; the second time, the one with restored cells."""
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        converter: Any = self.parent
        if converter._sanitizing:
            chosen: Chosen = converter.chosen
            nb = explanation(chosen.problem) if chosen.problem else readable(chosen.data, chosen.name)
            chosen.data = b""
        else:
            nb = readable(path.read_bytes(), path.name)
        return self.from_notebook_node(_nodes(nb), resources=resources, **options)  # type: ignore[no-untyped-call]


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces nbgrader's cleaning steps, which trust the metadata that students hand in."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        about, converter = resources["nbgrader"], self.parent.parent
        released = released_cells(converter.coursedir, about["assignment"], about["notebook"])
        graded = [cell for cell in released if cell.tag]
        nb.cells = _nodes(restored(nb.cells, graded, converter.chosen.recognised))
        nb.metadata.pop(OURS, None)
        return nb, resources


class EngineGrade(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces Execute: grades the submitted folder, and writes the reasons as the output of the checks' cells."""

    project = Unicode(
        "", help="The folder with solutions/. [default: the folder that autograder is installed from]"
    ).tag(config=True)
    seed = Unicode("", help="The seed for the whole class, so that all inputs are the same. [default: random]").tag(
        config=True
    )
    isolation = Unicode("strict", help="strict, or process if strict is unavailable on this machine.").tag(config=True)
    data_root = Unicode("", help="The folder with local datasets. [default: $AUTOGRADER_DATA]").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        about = resources["nbgrader"]
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if is_grade(cell)}
        points = {tag: cell.metadata.nbgrader.points for tag, cell in cells.items() if cell.cell_type == "code"}
        entry = self._entry(about["student"], about["assignment"])
        graded = Graded({}, ())
        if exercises := list(exercises_among(points).values()):
            settings = _settings(self.seed, self.isolation, self.data_root)
            graded = _batches().result(entry, exercises, settings, lambda: self._upcoming(about))
        project = find_project(Path(self.project) if self.project else Path(__file__))
        questions = questions_of(project, about["notebook"])
        chosen: Chosen = self._converter.chosen
        code_marks = marks(points, graded, chosen, questions)
        for tag, mark in code_marks.items():
            text = wrapped(mark.text, WIDTH)
            cells[tag].outputs = [_nodes(display(text, mark.html) if mark.html else stream(text))]
            if mark.by_hand:
                self.log.warning("%s of %s has to be marked by hand", tag, about["student"])
        text_marks = {tag: text_mark(tag, chosen, _is_empty(c)) for tag, c in cells.items() if c.cell_type != "code"}
        resources[MARKS] = code_marks | text_marks
        return nb, resources

    @property
    def _converter(self) -> Any:
        """nbgrader's Autograde, the parent of the exporter that runs this step."""
        return self.parent.parent

    def _entry(self, student: str, assignment: str) -> Entry:
        course = self._converter.coursedir
        return Entry(student, Path(course.format_path(course.submitted_directory, student, assignment)))

    def _upcoming(self, about: Any) -> list[Entry]:
        """The submissions that nbgrader will presumably grade after this one, since it goes by the order of the paths."""
        course, converter = self._converter.coursedir, self._converter
        current = str(self._entry(about["student"], about["assignment"]).path)
        pattern = course.format_path(course.submitted_directory, "(?P<student>.*)", "(?P<assignment>.*)", escape=True)
        upcoming = []
        for path in sorted(converter.assignments):
            match = re.match(pattern, path)
            if match and path > current and match["assignment"] == about["assignment"]:
                done = course.format_path(course.autograded_directory, match["student"], match["assignment"])
                if converter.force or not Path(done).exists():
                    upcoming.append(self._entry(match["student"], match["assignment"]))
        return upcoming


class SaveEngineGrades(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces SaveAutoGrades, which reads scores from outputs: full marks if there is none, 0 if there is a warning."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        about, marks_by_tag, converter = resources["nbgrader"], resources[MARKS], self.parent.parent
        empty = {c.metadata.nbgrader.grade_id for c in nb.cells if is_solution(c) and _is_unchanged(c)}
        review = Review(converter.marked.get(about["notebook"], Marked()), texts_of(as_read(nb.cells)))
        with Gradebook(about["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            for grade in submitted.grades:
                if grade.name in marks_by_tag:
                    mark = marks_by_tag[grade.name]
                    grade.auto_score = mark.score
                    if mark.extra is not None:
                        grade.extra_credit = mark.extra
                    grade.needs_manual_grade = review.is_open(grade, mark.score is None or mark.by_hand)
            for comment in submitted.comments:
                reason = harmless_markdown(unread(comment.name, converter.chosen))  # it may name a student's file
                comment.auto_comment = reason or ("No response." if comment.name in empty else None)
            gradebook.db.commit()
        for level, text in review.messages:
            self.log.log(level, "%s, %s: %s", printable(about["student"]), about["notebook"], text)
        return nb, resources


def _nodes(data: Any) -> Any:
    """Converts plain data to nbformat's nodes, which have attributes."""
    return from_dict(data)  # type: ignore[no-untyped-call]


@functools.cache
def _settings(seed: str, isolation: str, data_root: str) -> Settings:
    """The settings from the strings in nbgrader's configuration. A random seed is the same for the whole run."""
    place = Path(data_root) if data_root else None
    if seed:
        return Settings(seed=int(seed), isolation=isolation, data_root=place, own_inputs=True)
    return Settings(isolation=isolation, data_root=place, own_inputs=True)


@functools.cache
def _batches() -> Batches:
    """The batches of this process, which are closed when it exits."""
    batches = Batches()
    atexit.register(batches.close)
    return batches


def _is_empty(cell: Any) -> bool:
    return _is_unchanged(cell) or not cell.source.strip()


def _is_unchanged(cell: Any) -> bool:
    return bool(cell.metadata.nbgrader.checksum == compute_checksum(cell))
