"""The record of a class list in the results folder, and the rows of all reports, made from it and the results.

There is a row for each entry and for each student who handed in nothing, at any time: an entry without a result, because
the run was stopped, has a row that says so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from autograder.classroom.attempts import BEFORE_DEADLINE, judge
from autograder.classroom.intake import ClassList, Senders
from autograder.classroom.report import ATTEMPTS, read_result, read_results
from autograder.classroom.results_folder import CLASS_FILE, ResultsFolder
from autograder.course.catalogue import ExerciseId
from autograder.results import ExerciseResult, HandIn, SubmissionName, SubmissionResult
from autograder.submissions.ids import mark

PENDING = "not graded yet: run autograder grade again to continue"


class PlannedRow(msgspec.Struct, frozen=True):
    """An entry of the class. `result`: the path of its result in the folder, without .json."""

    result: str
    about: HandIn


class ClassRecord(msgspec.Struct, frozen=True):
    """What a run was to grade."""

    exercises: tuple[str, ...] = ()
    has_roster: bool = False
    rows: tuple[PlannedRow, ...] = ()
    missing: tuple[HandIn, ...] = ()
    senders: dict[str, list[tuple[str, ...]]] = {}
    """Who were or may be each student on the roster, as the names of files in all runs say."""


def record_of(class_list: ClassList, exercises: tuple[ExerciseId, ...], has_roster: bool) -> ClassRecord:
    rows = tuple(PlannedRow(row.result, row.about) for row in class_list.rows)
    senders = {student: sorted(keys) for student, keys in class_list.senders.items()}
    return ClassRecord(tuple(map(str, exercises)), has_roster, rows, tuple(class_list.missing), senders)


def read_record(folder: Path) -> ClassRecord | None:
    """The record of the last run; None if there is none, as in the folders of earlier versions, or if it is damaged."""
    try:
        return msgspec.json.decode((folder / CLASS_FILE).read_bytes(), type=ClassRecord)
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None


def earlier_senders(folder: Path) -> Senders:
    """The senders of the earlier runs into a folder."""
    record = read_record(folder)
    return record.senders if record is not None else {}


def read_rows(folder: Path) -> tuple[list[SubmissionResult], list[str]]:
    """All rows of the reports on a class, sorted by student and attempt, and the names of damaged files.

    A row without a result has a `hand_in.state`. Results of submissions that were removed are among the rows.
    """
    results, damaged = read_results(folder)
    record = read_record(folder)
    if record is None:
        return results, damaged
    here = {result.submission.id: result for result in results}
    rows, used = [], set()
    for planned in record.rows:
        name = planned.result
        used |= {name, planned.about.student}
        result = here.get(name)
        if name.startswith(f"{ATTEMPTS}/"):
            result = read_result(folder / f"{name}.json")
            if result is None and (folder / f"{name}.json").exists():
                damaged.append(f"{name}.json")
        rows.append(result if result is not None else _empty(planned.about, record, "pending", PENDING))
    rows += [result for name, result in here.items() if name not in used]
    rows += [_empty(about, record, "missing", about.why) for about in record.missing if about.student not in here]
    return sorted(rows, key=lambda row: (row.student, row.hand_in.attempt if row.hand_in else 0)), damaged


def in_place(class_list: ClassList, results: Path) -> ClassList:
    """The class list with the places where earlier runs have put the results: the only attempt left stays an attempt."""
    rows = []
    for row in class_list.rows:
        attempt = row.about.student + mark(row.entry.path.name)
        if (results / ATTEMPTS / f"{attempt}.json").exists():
            row = replace(row, entry=replace(row.entry, id=attempt), result=f"{ATTEMPTS}/{attempt}")
        rows.append(row)
    return replace(class_list, rows=rows)


def decide_attempts(folder: ResultsFolder, class_list: ClassList, grading: int) -> None:
    """Decides which attempt of each student counts, says so in every result, and copies the one that counts.

    What is written follows from the results alone, so a run that was killed here loses nothing. `grading`: the number of
    this run. ClassroomError if the folder cannot be written to.
    """
    for attempts in class_list.students():
        results = [folder.read(row.result) for row in attempts]
        verdicts = judge(class_list.policy.attempts, [row.about.late for row in attempts], results)
        counted = None
        for row, result, verdict in zip(attempts, results, verdicts):
            if result is None:
                continue
            about = msgspec.structs.replace(row.about, counts=verdict.counts, why=verdict.why)
            if result.hand_in != about:
                result.hand_in = about
                folder.update(row.result, result)
            if verdict.counts and row.result != about.student:
                counted = result
        student = attempts[0].about.student
        if counted is not None:
            _copy(folder, student, counted, grading)
        elif class_list.policy.attempts == BEFORE_DEADLINE and not any(verdict.counts for verdict in verdicts):
            folder.remove(student, grading)


def _copy(folder: ResultsFolder, student: str, counted: SubmissionResult, grading: int) -> None:
    """Makes the result of an attempt that of the student, unless it already is."""
    old = folder.read(student)
    name = msgspec.structs.replace(counted.submission, id=student)
    copy = msgspec.structs.replace(counted, submission=name, grading=grading)
    if old is None or msgspec.structs.replace(old, grading=grading, hand_in=copy.hand_in) != copy:
        folder.write(student, copy)
    elif old.hand_in != copy.hand_in:
        folder.update(student, msgspec.structs.replace(old, hand_in=copy.hand_in))


def _empty(about: HandIn, record: ClassRecord, state: str, problem: str) -> SubmissionResult:
    """The row of what has no result."""
    exercises = [ExerciseResult(ExerciseId(name)) for name in record.exercises]
    about = msgspec.structs.replace(about, state=state, counts=False)
    return SubmissionResult(
        submission=SubmissionName(about.student, ""), seed=0, tier="", isolation="", exercises=exercises,
        problem=problem, hand_in=about,
    )  # fmt: skip
