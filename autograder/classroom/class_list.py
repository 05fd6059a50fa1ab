"""The record of a class list in the results folder, and the rows of all reports, made from it and the results.

There is a row for each entry and for each student who handed in nothing, at any time: an entry without a result, because
the run was stopped, has a row that says so.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.classroom.attempts import BEFORE_DEADLINE, judge
from autograder.classroom.intake import ClassList, Row
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


def record_of(class_list: ClassList, exercises: tuple[ExerciseId, ...], has_roster: bool) -> ClassRecord:
    rows = tuple(PlannedRow(row.result, row.about) for row in class_list.rows)
    return ClassRecord(tuple(map(str, exercises)), has_roster, rows, tuple(class_list.missing))


def read_record(folder: Path) -> ClassRecord | None:
    """The record of the last run; None if there is none, as in the folders of earlier versions, or if it is damaged."""
    try:
        return msgspec.json.decode((folder / CLASS_FILE).read_bytes(), type=ClassRecord)
    except (OSError, msgspec.DecodeError, UnicodeError):
        return None


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


def other_places(row: Row) -> list[str]:
    """Where the result of a row is if the student had more attempts, or fewer, at the last run."""
    student = row.about.student
    attempt = f"{ATTEMPTS}/{student}{mark(row.entry.path.name)}"
    return [place for place in (student, attempt) if place != row.result]


def decide_attempts(folder: ResultsFolder, class_list: ClassList) -> None:
    """Decides which attempt of each student counts, says so in every result, and copies the one that counts.

    What is written follows from the results alone, so a run that was killed here loses nothing. ClassroomError if the
    folder cannot be written to.
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
            if verdict.counts:
                counted = (row, result)
        student = attempts[0].about.student
        if counted is not None and counted[0].result != student:
            copy = msgspec.structs.replace(counted[1], submission=SubmissionName(student, counted[1].submission.sha256))
            if folder.read(student) != copy:
                folder.write(student, copy)
        elif counted is None and class_list.policy.attempts == BEFORE_DEADLINE:
            folder.remove(student)


def _empty(about: HandIn, record: ClassRecord, state: str, problem: str) -> SubmissionResult:
    """The row of what has no result."""
    exercises = [ExerciseResult(ExerciseId(name)) for name in record.exercises]
    about = msgspec.structs.replace(about, state=state, counts=False)
    return SubmissionResult(
        submission=SubmissionName(about.student, ""), seed=0, tier="", isolation="", exercises=exercises,
        problem=problem, hand_in=about,
    )  # fmt: skip
