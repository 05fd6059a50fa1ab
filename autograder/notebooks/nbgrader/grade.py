"""`nbgrader autograde` on our engine: what nbgrader_config.py puts in the place of nbgrader's own steps.

nbgrader reads a notebook, cleans it, runs it in a kernel that has the teacher's rights, and takes scores from what the
cells displayed. Here it is read as data, rebuilt from what was handed out, graded by the engine in locked workers, and
the scores are set directly.
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
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution
from traitlets import Unicode

from autograder.course.catalogue import find_project
from autograder.grading.settings import Settings
from autograder.notebooks.display import wrapped
from autograder.notebooks.nbgrader.batch import Batches, Graded
from autograder.notebooks.nbgrader.handed_in import HandedOut, display, readable, restored, stream
from autograder.notebooks.nbgrader.marking import Mark, exercises_among, marks, questions_of
from autograder.submissions.entries import Entry
from autograder.submissions.notebooks.cells import MAX_BYTES

MARKS = "autograder"
"""Where in nbconvert's resources the marks go from one step to the next."""
WIDTH = 76
"""Characters of an output's line that the formgrader and the feedback show in a narrow window; the rest is cut off."""


class HandedInNotebooks(NotebookExporter):
    """Reads what was handed in, whatever it is: nbformat raises on what is no notebook, and the student gets no word."""

    def from_file(self, file_stream: Any, resources: Any = None, **options: Any) -> Any:
        data = file_stream.buffer.read(MAX_BYTES + 1)
        name = f"{resources['metadata']['name']}.ipynb"
        nb = _nodes(readable(data, name))
        return self.from_notebook_node(nb, resources=resources, **options)  # type: ignore[no-untyped-call]


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """In place of all of nbgrader's cleaning, which trusts the metadata that students hand in."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            handed_out = _handed_out(gradebook.find_notebook(about["notebook"], about["assignment"]))
        nb.cells = _nodes(restored(nb.cells, handed_out))
        return nb, resources


class EngineGrade(NbGraderPreprocessor):  # type: ignore[misc]
    """In place of Execute: grades the folder that was handed in, and writes the reasons where a cell's output goes."""

    project = Unicode("", help="The course's own folder, with solutions/. [default: where autograder lies]").tag(
        config=True
    )
    seed = Unicode("", help="The seed of the class: the same inputs for everybody. [default: drawn]").tag(config=True)
    isolation = Unicode("strict", help="strict, or process where strict cannot be had.").tag(config=True)
    data_root = Unicode("", help="Where local datasets lie. [default: $AUTOGRADER_DATA]").tag(config=True)

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
        found = marks(points, graded, entry.path / f"{about['notebook']}.ipynb", questions)
        for tag, mark in found.items():
            text = wrapped(mark.text, WIDTH)
            cells[tag].outputs = [_nodes(display(text, mark.html) if mark.html else stream(text))]
            if mark.by_hand:
                self.log.warning("%s of %s needs somebody to look at it", tag, about["student"])
        resources[MARKS] = found | {tag: _text_mark(c) for tag, c in cells.items() if c.cell_type != "code"}
        return nb, resources

    @property
    def _converter(self) -> Any:
        """nbgrader's Autograde: we belong to its exporter."""
        return self.parent.parent

    def _entry(self, student: str, assignment: str) -> Entry:
        course = self._converter.coursedir
        return Entry(student, Path(course.format_path(course.submitted_directory, student, assignment)))

    def _upcoming(self, about: Any) -> list[Entry]:
        """Those that nbgrader will come to after this one, as far as can be told; it goes by the order of the paths."""
        course, converter = self._converter.coursedir, self._converter
        current = str(self._entry(about["student"], about["assignment"]).path)
        pattern = course.format_path(course.submitted_directory, "(?P<student>.*)", "(?P<assignment>.*)", escape=True)
        found = []
        for path in sorted(converter.assignments):
            match = re.match(pattern, path)
            if match and path > current and match["assignment"] == about["assignment"]:
                done = course.format_path(course.autograded_directory, match["student"], match["assignment"])
                if converter.force or not Path(done).exists():
                    found.append(self._entry(match["student"], match["assignment"]))
        return found


class SaveEngineGrades(NbGraderPreprocessor):  # type: ignore[misc]
    """In place of SaveAutoGrades, which reads scores out of outputs: full marks for none at all, 0 for a warning."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        about, found = resources["nbgrader"], resources[MARKS]
        unchanged = {c.metadata.nbgrader.grade_id for c in nb.cells if is_solution(c) and _is_unchanged(c)}
        with Gradebook(about["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            for grade in submitted.grades:
                if grade.name in found:
                    mark = found[grade.name]
                    grade.auto_score = mark.score
                    if mark.extra is not None:
                        grade.extra_credit = mark.extra
                    # As nbgrader does: what somebody marked by hand is to be looked at again, and is kept.
                    grade.needs_manual_grade = mark.score is None or mark.by_hand or grade.manual_score is not None
            for comment in submitted.comments:
                comment.auto_comment = "No response." if comment.name in unchanged else None
            gradebook.db.commit()
        return nb, resources


def _nodes(data: Any) -> Any:
    """Plain data as nbformat has them, with attributes."""
    return from_dict(data)  # type: ignore[no-untyped-call]


@functools.cache
def _settings(seed: str, isolation: str, data_root: str) -> Settings:
    """From the texts of nbgrader's configuration. A seed that is drawn is the same for the whole run."""
    place = Path(data_root) if data_root else None
    if seed:
        return Settings(seed=int(seed), isolation=isolation, data_root=place)
    return Settings(isolation=isolation, data_root=place)


@functools.cache
def _batches() -> Batches:
    """Of this process, whose last act is to end them."""
    batches = Batches()
    atexit.register(batches.close)
    return batches


def _handed_out(notebook: Any) -> list[HandedOut]:
    """The cells that the gradebook knows of a notebook, in order."""
    solutions = {cell.name for cell in notebook.solution_cells}
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    graded = {cell.name for cell in notebook.grade_cells}
    result = []
    for cell in notebook.source_cells:
        metadata = {
            "grade": cell.name in graded,
            "solution": cell.name in solutions,
            "locked": cell.locked,
            "task": cell.name in points and cell.name not in graded,
            "grade_id": cell.name,
            "schema_version": 3,
            "checksum": cell.checksum,
            "cell_type": cell.cell_type,
        }
        metadata |= {"points": points[cell.name]} if cell.name in points else {}
        result.append(HandedOut(cell.name, cell.cell_type, cell.source, metadata))
    return result


def _text_mark(cell: Any) -> Mark:
    return Mark(0) if _is_unchanged(cell) or not cell.source.strip() else Mark(None, by_hand=True)


def _is_unchanged(cell: Any) -> bool:
    return bool(cell.metadata.nbgrader.checksum == compute_checksum(cell))
