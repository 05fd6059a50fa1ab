"""The class list of a run: a row for each thing that was handed in, and who on the roster handed in nothing.

Two students are never mixed. An entry that the roster cannot give to one student for certain is a row of its own with a
problem, and is not graded into anybody's result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from autograder.classroom.attempts import BEFORE_DEADLINE, LAST, Verdict, handing, in_order, judge
from autograder.classroom.report import ATTEMPTS, NOT_ON_ROSTER, UNCERTAIN
from autograder.classroom.roster import Roster, Student, Undecided
from autograder.results import HandIn
from autograder.submissions.entries import Entry, find_submissions
from autograder.submissions.ids import mark, safe_id, same_file
from autograder.submissions.lms_names import MOODLE
from autograder.submissions.members import printable

NOTHING = "nothing was handed in"


@dataclass(frozen=True)
class Row:
    """One entry of the class. `entry.id`: unique; `result`: the path of its result in the results folder, without .json."""

    entry: Entry
    result: str
    about: HandIn
    is_decided: bool = True
    """Whether it is certain whose it is."""


@dataclass(frozen=True)
class Policy:
    """What decides which attempt counts, and what is late."""

    attempts: str = LAST
    deadline: datetime | None = None


@dataclass(frozen=True)
class ClassList:
    """The rows of a class, and a record for each student on the roster who handed in nothing."""

    rows: list[Row]
    missing: list[HandIn]
    policy: Policy
    senders: Senders = field(default_factory=dict)
    """Those of this run and of all earlier ones."""

    def students(self) -> list[list[Row]]:
        """The attempts of each student, from the earliest to the last. What is not certainly a student's is left out."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.is_decided:
                groups[row.about.student].append(row)
        return [sorted(group, key=lambda row: row.about.attempt) for group in groups.values()]


@dataclass(frozen=True)
class _Identified:
    """An entry with its student. `entry.problem` says so if the student is undecided; `possible`: who it may be then."""

    entry: Entry
    student: Student | None = None
    possible: tuple[Student, ...] = ()


Senders = Mapping[str, Collection[tuple[str, ...]]]
"""The keys (`Sender.key`) of those who were or may be a student on the roster, by the student's id."""


def take_in(
    folder: Path, roster: Roster | None, policy: Policy, but: Path | None = None, before: Senders = MappingProxyType({})
) -> ClassList:
    """The class list of the submissions in `folder`. SubmissionError as in `find_submissions`.

    Args:
        folder: the submissions.
        roster: the students of the class, if they are known.
        policy: which attempts count.
        but: a file in `folder` that is the teacher's, such as the roster.
        before: the senders of earlier runs. The other student of a name may hand in later than the first.
    """
    entries = find_submissions(folder, but)
    found = _identified(entries, roster, before) if roster is not None else [_Identified(entry) for entry in entries]
    taken = {same_file(safe_id(student.id)) for student in roster.students} if roster is not None else set()
    groups: dict[str, list[_Identified]] = defaultdict(list)
    for each in found:
        groups[_id(each, taken)].append(each)
    rows = [row for identity in sorted(groups) for row in _rows(identity, groups[identity], roster, policy)]
    missing = _missing(found, roster) if roster is not None else []
    return ClassList(rows, missing, policy, _senders(found, before))


def _identified(entries: list[Entry], roster: Roster, before: Senders) -> list[_Identified]:
    numbers = {entry.sender.number for entry in entries if entry.sender is not None and entry.sender.kind == MOODLE}
    if not any(student.moodle in numbers for student in roster.students):
        roster = roster.without_moodle_numbers()  # those of another assignment
    found = []
    for entry in entries:
        who = entry.sender if entry.sender is not None else entry.name
        try:
            found.append(_Identified(entry, roster.find(who)))
        except Undecided as undecided:
            found.append(_undecided(entry, str(undecided), undecided.students))
    return _without_namesakes(found, roster, before)


def file_names(entry: Entry) -> tuple[str, ...]:
    """The names of an entry's files, as a result has them."""
    return tuple(printable(path.name, 300) for path in entry.paths)


def _undecided(entry: Entry, message: str, students: Iterable[Student]) -> _Identified:
    return _Identified(
        replace(entry, problem=f"it is not certain who handed this in: {message}"), None, tuple(students)
    )


def _without_namesakes(found: list[_Identified], roster: Roster, before: Senders) -> list[_Identified]:
    """Undoes what only a name decided where an LMS tells of two students of this name, and the roster has one.

    A student has one number in an assignment. So another one in an earlier run is that of another student too.
    """
    senders = _senders(found, before)
    result = []
    for each in found:
        student, sender = each.student, each.entry.sender
        if student is not None and sender is not None and not roster.is_certain(sender):
            others = {key for key in senders[safe_id(student.id)] if key[0] == sender.kind} - {sender.key}
            if others:
                other = printable("_".join(min(others)[1:3]))
                message = (
                    f"{printable(sender.label)} has the name of {student}, and so has {other}: "
                    f"add the number of each to the roster (a column {sender.kind}), and the students who are not on it; for "
                    "another assignment, give another folder with --to DIR"
                )
                each = _undecided(each.entry, message, [student])
        result.append(each)
    return result


def _senders(found: Iterable[_Identified], before: Senders) -> dict[str, set[tuple[str, ...]]]:
    senders = defaultdict(set, {student: set(keys) for student, keys in before.items()})
    for each in found:
        if each.entry.sender is not None:
            for student in [each.student] if each.student is not None else each.possible:
                senders[safe_id(student.id)].add(each.entry.sender.key)
    return senders


def _id(each: _Identified, taken: set[str]) -> str:
    """The id of the student: that on the roster, else the one from the names of files, if nobody on the roster has it."""
    if each.student is not None:
        return safe_id(each.student.id)
    identity = each.entry.id
    return identity + mark(each.entry.name) if same_file(identity) in taken else identity


def _rows(identity: str, group: list[_Identified], roster: Roster | None, policy: Policy) -> list[Row]:
    when = {each.entry: handing(each.entry, policy.deadline) for each in group}
    student = group[0].student
    is_decided = not any(each.possible for each in group)
    notes = (NOT_ON_ROSTER,) if roster is not None and student is None and is_decided else ()
    entries = in_order([each.entry for each in group], when)
    lone = is_decided and len(entries) == 1 and not (policy.attempts == BEFORE_DEADLINE and when[entries[0]].late)
    verdicts = judge(policy.attempts, [when[entry].late for entry in entries], [None] * len(entries))
    if not is_decided:
        verdicts = [Verdict(False, UNCERTAIN)] * len(entries)
    rows = []
    for number, (entry, verdict) in enumerate(zip(entries, verdicts), 1):
        time, asked = when[entry].time, policy.deadline is not None or len(entries) > 1
        name = entry.sender.name if entry.sender is not None else ""
        about = HandIn(
            student=identity,
            name=student.name if student is not None else printable(name),
            email=student.email if student is not None else "",
            section=student.section if student is not None else "",
            files=file_names(entry),
            time=time.isoformat(" ", "seconds") if time is not None and asked else "",
            time_from=when[entry].source if asked or when[entry].late else "",
            late=when[entry].late,
            attempt=number,
            attempts=len(entries),
            counts=verdict.counts,
            why=verdict.why,
            notes=notes,
        )
        own = identity if lone else identity + mark(entry.path.name)
        rows.append(Row(replace(entry, id=own), own if lone else f"{ATTEMPTS}/{own}", about, is_decided))
    return rows


def _missing(found: list[_Identified], roster: Roster) -> list[HandIn]:
    """Those on the roster to whom no entry belongs for certain."""
    here = {each.student.id for each in found if each.student is not None}
    doubtful = {student.id: each.entry.name for each in found for student in each.possible}
    return [
        HandIn(
            student=safe_id(student.id),
            name=student.name,
            email=student.email,
            section=student.section,
            counts=False,
            why=_why_missing(doubtful.get(student.id)),
            state="missing",
        )
        for student in roster.students
        if student.id not in here
    ]


def _why_missing(doubtful: str | None) -> str:
    if doubtful is None:
        return NOTHING
    return f"{NOTHING} that is certainly this student's: see {printable(doubtful)}"
