"""Which student of the course a sender is: one id for one student on every route, and never one id for two.

An id is decided by the config, by the roster, or by the name in the LMS. A name alone is not certain: the course folder
remembers whose number an id had in each assignment, so that a second download cannot give one student's work to another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from autograder.atomic_files import write_atomically
from autograder.classroom.roster import Roster, RosterError, Undecided, read_roster
from autograder.course.catalogue import CourseError
from autograder.submissions.ids import safe_id, same_file
from autograder.submissions.lms_names import MOODLE, Sender
from autograder.submissions.members import printable

ROSTER = "roster.csv"
MEMORY = "lms_students.json"
REMEDY = (
    f"add both students to {ROSTER} in the course folder, with their number in a column moodle (or canvas), or map the name "
    "with its number to an id in nbgrader_config.py: c.MoodleCollector.students"
)
Key = tuple[str, ...]
Memory = dict[str, dict[str, str]]
"""The sender that each id had, by assignment and id."""


@dataclass
class Identities:
    """The ids of senders, by `Sender.key`; the reasons why a sender has none; and lines for the log."""

    ids: dict[Key, str] = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """A decision. `certain`: more than a name decided it."""

    sender: Sender
    id: str
    certain: bool


def course_roster(course: Path) -> Roster | None:
    """The roster of a course, if it has one. Raises CourseError if it cannot be read."""
    path = course / ROSTER
    if not path.exists():
        return None
    try:
        return read_roster(path)
    except RosterError as error:
        raise CourseError(str(error)) from None


def identify(
    senders: Iterable[Sender], roster: Roster | None, mapped: Mapping[str, str], before: Mapping[str, str]
) -> Identities:
    """The ids of all senders of a download, of whom one may have handed in several files.

    Args:
        senders: the students as the LMS names them.
        roster: the class, if there is a roster.
        mapped: ids by name, or by name and number, "Anna Müller_12345".
        before: the sender of each id in earlier downloads of the assignment, as `remembered` returns them.
    """
    result = Identities()
    by_key = {sender.key: sender for sender in senders}
    numbers = {sender.number for sender in by_key.values() if sender.kind == MOODLE}
    if roster is not None and not any(student.moodle in numbers for student in roster.students):
        roster = roster.without_moodle_numbers()  # those of another assignment
    groups: dict[str, list[_Found]] = defaultdict(list)
    for key, sender in by_key.items():
        try:
            found = _find(sender, roster, mapped, before)
        except Undecided as undecided:
            result.refused[key] = f"{undecided}"
            continue
        groups[same_file(found.id)].append(found)
        if roster is not None and not found.certain and found.id == _own_id(sender):
            result.notes.append(f"{printable(sender.label)} is not on the roster: add this student to {ROSTER}")
    for group in groups.values():
        earlier = before.get(group[0].id, "")
        certain = [found for found in group if found.certain]
        for found in group:
            label = printable(found.sender.label)
            if len(group) > 1 and not found.certain:
                result.refused[found.sender.key] = f"{label} is one of {len(group)} students of this name: {REMEDY}"
            elif not found.certain and earlier and earlier != found.sender.label:
                result.refused[found.sender.key] = (
                    f"{label} has the name of {printable(earlier)}, whose work was collected before: {REMEDY}"
                )
            elif len({each.sender.label for each in certain}) > 1 and found.sender.kind == MOODLE:
                result.refused[found.sender.key] = f"{label} has the id {found.id} of another student: {REMEDY}"
            else:
                result.ids[found.sender.key] = found.id
    return result


def remembered(course: Path, assignment: str) -> dict[str, str]:
    """The sender of each id in earlier downloads. Raises CourseError if the file is damaged."""
    return _memory(course).get(assignment, {})


def known_in(course: Path, assignments: Iterable[str], senders: Iterable[Sender]) -> dict[str, str]:
    """The earlier senders of the assignment, among these, that the senders are from; empty if there is none.

    In Moodle a student has another number in each assignment, so that the numbers tell which one it is.
    """
    labels = {sender.label for sender in senders}
    known = [remembered(course, assignment) for assignment in assignments]
    return (
        max(known, key=lambda before: len(labels & set(before.values())), default={})
        if any(labels & set(before.values()) for before in known)
        else {}
    )


def remember(course: Path, assignment: str, senders: Mapping[str, Sender]) -> None:
    """Remembers the senders by their ids, beside the earlier ones."""
    memory = _memory(course)
    known = memory.setdefault(assignment, {})
    known |= {identity: sender.label for identity, sender in senders.items()}
    write_atomically(course / MEMORY, msgspec.json.format(msgspec.json.encode(memory), indent=1))


def login_id(login: str, roster: Roster | None) -> str:
    """The id of a user of this machine: the roster's, if it has the login or an address with this name."""
    if roster is None:
        return login
    student = roster.find(login)
    if student is None:
        return login
    names = {student.id, student.email, student.email.partition("@")[0], *student.logins}
    return safe_id(student.id) if login.casefold() in {name.casefold() for name in names} else login


def _find(sender: Sender, roster: Roster | None, mapped: Mapping[str, str], before: Mapping[str, str]) -> _Found:
    if sender.label in mapped:
        return _Found(sender, safe_id(mapped[sender.label]), True)
    if sender.name in mapped:
        return _Found(sender, safe_id(mapped[sender.name]), False)
    if roster is not None:
        certain = roster.find(replace(sender, name=""))
        student = roster.find(sender)
        if student is not None:
            return _Found(sender, safe_id(student.id), certain is not None)
    for identity, label in before.items():
        if label == sender.label and sender.number:
            return _Found(sender, identity, True)
    return _Found(sender, _own_id(sender), False)


def _own_id(sender: Sender) -> str:
    return safe_id(sender.name or sender.label)


def _memory(course: Path) -> Memory:
    path = course / MEMORY
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise CourseError(
            f"{path} cannot be read ({error}): restore it from a backup, or delete it if no two students have one name"
        ) from None
