"""Imports the results of `autograder grade`, for submissions without notebooks, into nbgrader's gradebook."""

from __future__ import annotations

import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SAWarning

from autograder.classroom.report import read_results
from autograder.classroom.roster import Roster, Undecided
from autograder.course.catalogue import CourseError
from autograder.notebooks.nbgrader.identity import course_roster, identify, known_in
from autograder.results import SKIPPED, ExerciseResult, SubmissionResult
from autograder.submissions.ids import safe_id
from autograder.submissions.lms_names import Sender, sender_of
from autograder.submissions.members import printable
from autograder.submissions.notebooks.cells import CHECKS


def import_results(results: Path, course: Path) -> list[str]:
    """Writes the scores in `results` into the gradebook of a course. Returns a line for each practical.

    A practical that a student did not start is skipped, unless the gradebook has a submission already. If a notebook was
    handed in too, the scores of its exercises are replaced, and those of its questions are kept. Raises CourseError if
    `results` holds no results or damaged ones, or `course` is not a course folder.
    """
    submissions, damaged = read_results(results)
    if damaged:
        raise CourseError(f"{results} holds damaged results ({', '.join(damaged)}): run autograder grade again")
    if not submissions:
        raise CourseError(f"{results} holds no result: give the folder that autograder grade wrote to")
    if not (course / "nbgrader_config.py").is_file():
        raise CourseError(f"{course} is not a course folder: make one with autograder course init {course}")
    counting, refused = _by_student(submissions, course)
    lines = []
    with _open(course) as gradebook:
        for practical in sorted({exercise.id.practical for result in submissions for exercise in result.exercises}):
            _assignment(gradebook, practical, submissions)
            written = [result for student, result in counting.items() if _write(gradebook, practical, result, student)]
            lines.append(f"{practical}: scores of {len(written)} student{'' if len(written) == 1 else 's'}")
        gradebook.db.commit()
    if refused:
        raise CourseError("\n".join([*lines, *(f"not imported: {reason}" for reason in refused)]))
    return lines


def add_students(course: Path, roster: Roster) -> int:
    """Enters the students of a roster into the gradebook of a course, or updates them. Returns their number."""
    with _open(course) as gradebook:
        for student in roster.students:
            first, _, last = student.name.rpartition(" ")
            gradebook.update_or_create_student(
                safe_id(student.id), first_name=first or None, last_name=last or None, email=student.email or None
            )
    return len(roster.students)


def _open(course: Path) -> Gradebook:
    # To make a gradebook, nbgrader calls alembic by its bare name; it lies beside the running Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return Gradebook(f"sqlite:///{(course / 'gradebook.db').resolve()}")


def _by_student(results: Iterable[SubmissionResult], course: Path) -> tuple[dict[str, SubmissionResult], list[str]]:
    """The results that count, by the student's id in the course, and the reasons why others cannot be imported."""
    counting = [result for result in results if result.counts]
    roster = course_roster(course)
    senders = {result.submission.id: sender for result in counting if (sender := _sender(result)) is not None}
    practicals = {exercise.id.practical for result in counting for exercise in result.exercises}
    before = known_in(course, sorted(practicals), senders.values())
    identities = identify(senders.values(), roster, {}, before)
    found: dict[str, list[SubmissionResult]] = defaultdict(list)
    refused = []
    for result in counting:
        sender = senders.get(result.submission.id)
        try:
            if roster is not None and any(safe_id(student.id) == result.student for student in roster.students):
                found[result.student].append(result)
            elif sender is None:
                student = roster.find(result.student) if roster is not None else None
                found[safe_id(student.id) if student is not None else result.student].append(result)
            elif reason := identities.refused.get(sender.key):
                refused.append(reason)
            else:
                found[identities.ids[sender.key]].append(result)
        except Undecided as undecided:
            refused.append(f"{printable(result.submission.id)}: {undecided}")
    for student_id, several in list(found.items()):
        if len(several) > 1:
            names = " and ".join(printable(result.submission.id) for result in several)
            refused.append(f"{names} are both of {printable(student_id)}: keep the one that counts, and import again")
            del found[student_id]
    return {student_id: several[0] for student_id, several in found.items()}, refused


def _sender(result: SubmissionResult) -> Sender | None:
    """What an LMS said about the student, if the submission came from one."""
    files = result.hand_in.files if result.hand_in is not None else ()
    return next(filter(None, map(sender_of, files)), None)


def _exercises_of(result: SubmissionResult, practical: str) -> list[ExerciseResult]:
    return [exercise for exercise in result.exercises if exercise.id.practical == practical]


def _assignment(gradebook: Gradebook, practical: str, results: Iterable[SubmissionResult]) -> None:
    """Makes an assignment, a notebook with a cell for each exercise, if `nbgrader generate_assignment` has not done so."""
    try:
        gradebook.find_notebook(practical, practical)
        return
    except MissingEntry:
        gradebook.update_or_create_assignment(practical)
        gradebook.add_notebook(practical, practical)
    maxima = {
        exercise.id: 0 if exercise.bonus else sum(c.max_score for c in exercise.checks)
        for result in results
        for exercise in _exercises_of(result, practical)
    }
    for exercise, points in maxima.items():
        tag = CHECKS + exercise.name
        gradebook.add_grade_cell(tag, practical, practical, max_score=points, cell_type="code")


def _write(gradebook: Gradebook, practical: str, result: SubmissionResult, student: str) -> bool:
    exercises = {CHECKS + exercise.id.name: exercise for exercise in _exercises_of(result, practical)}
    try:
        gradebook.find_submission(practical, student)
        new = False
    except MissingEntry:
        if all(exercise.status == "not_started" for exercise in exercises.values()):
            return False
        gradebook.update_or_create_student(student)
        with warnings.catch_warnings():  # SQLAlchemy 2 warns about nbgrader's code, and handles it correctly
            warnings.filterwarnings("ignore", "Object of type", SAWarning)
            gradebook.add_submission(practical, student)
        new = True
    for grade in gradebook.find_submission_notebook(practical, practical, student).grades:
        if grade.name in exercises:
            _set(grade, exercises[grade.name])
        elif new:  # a question, which only a notebook could answer
            grade.auto_score, grade.needs_manual_grade = 0, False
    return True


def _set(grade: Any, exercise: ExerciseResult) -> None:
    """Sets a score as for a notebook: a bonus is extra credit.

    It has to be reviewed by hand if a check could not run, or the score was given by hand before.
    """
    total = sum(check.max_score for check in exercise.checks)
    not_run = any(check.status in (SKIPPED, "grader_error") for check in exercise.checks)
    grade.auto_score = exercise.score * (grade.max_score / total if total else 0)
    if exercise.bonus and not grade.max_score:
        grade.extra_credit = exercise.score
    grade.needs_manual_grade = not_run or grade.manual_score is not None
