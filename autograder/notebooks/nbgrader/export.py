"""`nbgrader export` with names that hold commas, quotes or formulas, which nbgrader writes as they are."""

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
"""nbgrader's own, in its order, and at the end whether somebody still has to mark something."""


class Export(ExportPlugin):  # type: ignore[misc]
    def export(self, gradebook: Gradebook) -> None:
        destination = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", destination)
        write_atomically(
            destination, grades_csv(gradebook, set(map(str, self.assignment)), set(map(str, self.student)))
        )


def grades_csv(gradebook: Gradebook, assignments: set[str], students: set[str]) -> bytes:
    """A line for each student and assignment, of those named or of all. The byte order mark is for Excel."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for assignment in gradebook.assignments:
        for student in gradebook.students:
            if (not assignments or assignment.name in assignments) and (not students or student.id in students):
                table.writerow([_cell(value) for value in _row(gradebook, assignment, student)])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _row(gradebook: Gradebook, assignment: Any, student: Any) -> list[Any]:
    who = [student.id, student.last_name, student.first_name, student.email]
    try:
        handed_in = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return [assignment.name, assignment.duedate, "", *who, 0.0, 0.0, 0.0, assignment.max_score, False]
    penalty = handed_in.late_submission_penalty or 0.0
    return [
        assignment.name, assignment.duedate, handed_in.timestamp, *who, handed_in.score, penalty,
        max(0.0, handed_in.score - penalty), assignment.max_score, handed_in.needs_manual_grade,
    ]  # fmt: skip


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)):
        return str(value)
    return "" if value is None else harmless(str(value))
