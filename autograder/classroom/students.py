"""The students of a class, and who of them a name in an LMS, a number or an e-mail address belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from autograder.classroom.person_names import spelling, spellings
from autograder.submissions.lms_names import BLACKBOARD, CANVAS, GRADESCOPE, MOODLE, Sender
from autograder.submissions.members import printable

SHOWN = 3
"""How many students a message names."""


@dataclass(frozen=True)
class Student:
    """A student on the roster. Fields that the roster does not have are empty."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    logins: tuple[str, ...] = ()
    """Other names that belong to this student alone: a login, a number of the university."""
    moodle: str = ""
    """The number of the participant in Moodle, which differs from one assignment to the next."""
    canvas: str = ""
    """The user's id in Canvas."""

    def __str__(self) -> str:
        return f"{self.name} (id {self.id})" if self.name and self.name != self.id else self.id


class Undecided(Exception):
    """The roster cannot tell which student somebody is. The message names the students and says how to decide."""

    def __init__(self, message: str, students: Iterable[Student]) -> None:
        super().__init__(message)
        self.students = tuple(students)


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of the file."""

    students: tuple[Student, ...]
    source: str = "the roster"
    """The name of its file, for messages."""

    def find(self, who: Sender | str) -> Student | None:
        """The student that a sender, a name, an id, a login or an e-mail address belongs to; None if there is none.

        Ids, numbers and addresses decide before names. Raises Undecided if several students fit equally, or if the name
        belongs to one student and the number to another.
        """
        if isinstance(who, str):
            return self._one(self._by_login(who), printable(who)) or self._one(self._named(who), printable(who))
        exact = self._one(self._exact(who), _shown(who))
        named = self._named(who.name)
        if exact is not None:
            if named and exact not in named and who.kind != BLACKBOARD:
                raise Undecided(
                    f"{_shown(who)} has the number of {exact}, but the name of {named[0]}: correct {self.source}",
                    (exact, *named),
                )
            return exact
        return self._by_name(who, named)

    def is_certain(self, who: Sender) -> bool:
        """Whether more than a name says which student a sender is."""
        return bool(self._exact(who))

    def without_moodle_numbers(self) -> Roster:
        """The same students without numbers of Moodle, for the download of another assignment than the roster's."""
        return replace(self, students=tuple(replace(student, moodle="") for student in self.students))

    def _by_name(self, who: Sender, named: list[Student]) -> Student | None:
        possible = [student for student in named if not _differs(student, who)]
        if named and not possible:
            known = " and ".join(f"{student} has {_known(student, who)}" for student in named[:SHOWN])
            raise Undecided(
                f"{_shown(who)} has the name of a student on the roster, but {known}: correct {self.source}, or add "
                "another student of this name to it",
                named,
            )
        return self._one(possible, _shown(who))

    def _exact(self, who: Sender) -> list[Student]:
        """The students with the sender's number, login or address."""
        if who.kind == MOODLE:
            return self._moodle.get(who.number, [])
        if who.kind == CANVAS:
            return self._canvas.get(who.number, [])
        if who.kind == GRADESCOPE:
            return self._by_login(who.number) or self._by_login(who.email)
        if who.kind == BLACKBOARD:
            # The username follows the assignment's title and may contain "_" itself: the longest that fits counts.
            parts = who.prefix.split("_")
            found = (self._by_login("_".join(parts[n:])) for n in range(1, len(parts)))
            return next((students for students in found if students), [])
        return []

    def _by_login(self, text: str) -> list[Student]:
        """The students with this id, login or address; else those whose address has this name before the @."""
        wanted = text.strip().casefold()
        return self._logins.get(wanted) or self._mailboxes.get(wanted, [])

    def _named(self, name: str) -> list[Student]:
        return self._names.get(spelling(name), [])

    @cached_property
    def _moodle(self) -> dict[str, list[Student]]:
        return self._index(lambda student: [student.moodle])

    @cached_property
    def _canvas(self) -> dict[str, list[Student]]:
        return self._index(lambda student: [student.canvas])

    @cached_property
    def _logins(self) -> dict[str, list[Student]]:
        return self._index(lambda student: {text.casefold() for text in (student.id, student.email, *student.logins)})

    @cached_property
    def _mailboxes(self) -> dict[str, list[Student]]:
        return self._index(lambda student: [student.email.partition("@")[0].casefold()])

    @cached_property
    def _names(self) -> dict[str, list[Student]]:
        return self._index(lambda student: spellings(student.name))

    def _index(self, keys: Callable[[Student], Iterable[str]]) -> dict[str, list[Student]]:
        index: dict[str, list[Student]] = defaultdict(list)
        for student in self.students:
            for key in keys(student):
                if key:
                    index[key].append(student)
        return dict(index)

    def _one(self, students: list[Student], who: str) -> Student | None:
        if len(students) > 1:
            names = " and ".join(str(student) for student in students[:SHOWN])
            others = f" and {len(students) - SHOWN} more" if len(students) > SHOWN else ""
            raise Undecided(
                f"{who} can be {names}{others}: add what tells them apart to the roster (the number in a column moodle or "
                "canvas), or put the work into a folder that has the student's id as its name",
                students,
            )
        return students[0] if students else None


def _shown(who: Sender) -> str:
    return printable(who.label)


def _known(student: Student, who: Sender) -> str:
    """What the roster knows about the student that the sender's LMS knows too."""
    return {MOODLE: student.moodle, CANVAS: student.canvas, GRADESCOPE: student.email}.get(who.kind, "")


def _differs(student: Student, who: Sender) -> bool:
    """Whether the sender has another number, or another address, than the student of this name."""
    theirs = who.email if who.kind == GRADESCOPE else who.number
    known = _known(student, who)
    return bool(known and theirs and known.casefold() != theirs.casefold())
