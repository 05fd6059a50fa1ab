"""`nbgrader export` that quotes names with commas, quotes or formulas, which nbgrader writes unchanged."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.atomic_files import write_atomically
from autograder.classroom.report import harmless

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score", "needs_manual_grade",
)  # fmt: skip
"""nbgrader's columns in its order, and whether something still has to be marked by hand."""


class Export(ExportPlugin):  # type: ignore[misc]
    def export(self, gradebook: Gradebook) -> None:
        destination = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", destination)
        write_atomically(
            destination, grades_csv(gradebook, set(map(str, self.assignment)), set(map(str, self.student)))
        )


def grades_csv(gradebook: Gradebook, assignments: set[str], students: set[str]) -> bytes:
    """One line for each student and assignment, of the given ones, or of all if none are given.

    It starts with a byte order mark, for Excel.
    """
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for assignment in gradebook.assignments:
        for student in gradebook.students:
            if (not assignments or assignment.name in assignments) and (not students or student.id in students):
                table.writerow([_cell(value) for value in _row(gradebook, assignment, student)])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _row(gradebook: Gradebook, assignment: Any, student: Any) -> list[Any]:
    identity = [student.id, student.last_name, student.first_name, student.email]
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return [assignment.name, assignment.duedate, "", *identity, 0.0, 0.0, 0.0, assignment.max_score, False]
    penalty = submission.late_submission_penalty or 0.0
    return [
        assignment.name, assignment.duedate, submission.timestamp, *identity, submission.score, penalty,
        max(0.0, submission.score - penalty), assignment.max_score, submission.needs_manual_grade,
    ]  # fmt: skip


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)):
        return str(value)
    return "" if value is None else harmless(str(value))
