"""The released notebook as the gradebook knows it, with the narrative between its cells from the released file."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.notebooks.nbgrader.recognised import ReleasedCell
from autograder.submissions.folders import read_file
from autograder.submissions.members import Unusable
from autograder.submissions.notebooks.cells import MAX_BYTES, Cell, NotebookError, read_cells


def notebooks_of(db_url: str, assignment: str) -> list[str]:
    """The names of an assignment's notebooks; empty if the gradebook does not know the assignment."""
    with Gradebook(db_url) as gradebook:
        try:
            return [str(notebook.name) for notebook in gradebook.find_assignment(assignment).notebooks]
        except MissingEntry:
            return []


def released_cells(coursedir: Any, assignment: str, notebook: str) -> list[ReleasedCell]:
    """The cells of a released notebook, in order: those in the gradebook, and the narrative if the file still fits them."""
    with Gradebook(coursedir.db_url) as gradebook:
        graded = _graded_cells(gradebook.find_notebook(notebook, assignment))
    for folder in (coursedir.release_directory, coursedir.source_directory):
        path = Path(coursedir.format_path(folder, ".", assignment), f"{notebook}.ipynb")
        with contextlib.suppress(Unusable, NotebookError):
            if found := _with_narrative(graded, read_cells(read_file(path, MAX_BYTES))):
                return found
    return graded


def _with_narrative(graded: list[ReleasedCell], cells: Sequence[Cell]) -> list[ReleasedCell]:
    known = {cell.tag: cell for cell in graded}
    merged = [known.get(cell.tag) or ReleasedCell("", cell.kind, cell.source) for cell in cells]
    return merged if sorted(cell.tag for cell in merged if cell.tag) == sorted(known) else []


def _graded_cells(notebook: Any) -> list[ReleasedCell]:
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
        result.append(ReleasedCell(cell.name, cell.cell_type, cell.source, metadata))
    return result
