"""Reads the roster of a class: our own CSV, or an export of Moodle, Canvas or Gradescope.

Columns are found by name, in any order and letter case. An LMS exports more columns than these; the others are ignored.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.classroom.students import Roster as Roster
from autograder.classroom.students import Student as Student
from autograder.classroom.students import Undecided as Undecided
from autograder.sandbox.host.text import clean
from autograder.submissions.folders import read_file
from autograder.submissions.ids import safe_id, same_file
from autograder.submissions.members import Unusable, printable

MAX_BYTES = 16 << 20
MAX_STUDENTS = 50_000
MAX_TEXT = 200

# The field of a student that each column has, by its name in lower case: our own, and those of exports in English, French
# and German.
COLUMNS = {
    "id": "id", "student id": "id", "numéro étudiant": "id", "matrikelnummer": "id",
    "sid": "sid",
    "id number": "number", "numéro d'identification": "number", "id-nummer": "number",
    "sis user id": "sis",
    "username": "login", "user name": "login", "login": "login", "nom d'utilisateur": "login", "anmeldename": "login",
    "sis login id": "sis login", "login id": "sis login",
    "email": "email", "e-mail": "email", "email address": "email", "e-mail address": "email", "mail": "email",
    "adresse de courriel": "email", "courriel": "email", "e-mail-adresse": "email",
    "name": "name", "full name": "name", "student": "name", "student name": "name", "nom complet": "name",
    "vollständiger name": "name",
    "first name": "first", "firstname": "first", "given name": "first", "prénom": "first", "vorname": "first",
    "last name": "last", "lastname": "last", "surname": "last", "family name": "last", "nom": "last",
    "nom de famille": "last", "nachname": "last",
    "section": "section", "sections": "section", "group": "section", "groups": "section", "groupe": "section",
    "groupes": "section", "gruppe": "section", "gruppen": "section",
    "identifier": "moodle", "identifiant": "moodle", "moodle": "moodle",
    "canvas": "canvas", "canvas id": "canvas",
    "role": "role", "roles": "role", "rôle": "role", "rôles": "role", "rolle": "role", "rollen": "role",
}  # fmt: skip
IDS = ("id", "sid", "number", "sis", "login", "sis login", "email", "moodle", "canvas")
"""The fields that can be the id. The first of them that the file has, and that is not empty in all rows, is the id."""
STAFF = re.compile(
    r"\b(instructor|ta|teach\w*|reader|observer|manager|designer|enseignant\w*|tut\w*|trainer\w*)\b", re.I
)
REMEDY = (
    "give a CSV file with the columns id, name, email and section, or the export of a gradebook, of a grading worksheet or "
    "of a roster from Moodle, Canvas or Gradescope"
)


class RosterError(ValueError):
    """A roster cannot be used. The message names the file, the line and the value, and says what to do."""


def read_roster(path: Path) -> Roster:
    """The students in a CSV file with `,`, `;` or tabs. Raises RosterError if it cannot be used."""
    name = printable(str(path))
    try:
        data = read_file(path.resolve(), MAX_BYTES)  # the teacher may give a link
    except Unusable as problem:
        raise RosterError(f"{name} {_without_remedy(problem)}: {REMEDY}") from None
    rows = _rows(_text(data, name), name)
    _, header = next(rows, (1, []))
    columns = _columns(header, name)
    people = [(line, _fields(row, columns)) for line, row in rows]
    people = [(line, fields) for line, fields in people if _is_student(fields)]
    if not people:
        raise RosterError(f"{name} has no row of a student: {REMEDY}")
    if len(people) > MAX_STUDENTS:
        raise RosterError(f"{name} has more than {MAX_STUDENTS:,} students: {REMEDY}")
    identity = next((field for field in IDS if any(fields.get(field) for _, fields in people)), "")
    if not identity:
        raise RosterError(
            f"{name} has no column with ids or e-mail addresses (its columns are {_listed(header)}): {REMEDY}"
        )
    title = next(printable(header[n].strip("\ufeff ")) for n, field in columns.items() if field == identity)
    return Roster(tuple(_distinct(people, identity, title, name)), name)


def _text(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RosterError(f'{name}:{line} is not UTF-8: save it again as "CSV UTF-8" in your spreadsheet') from None


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line it starts in."""
    first = text.lstrip("\r\n").partition("\n")[0]
    if re.match(r"sep=.\s*$", first, re.I):  # a line for Excel
        text = text.lstrip("\r\n").partition("\n")[2]
        first = text.partition("\n")[0]
    separator = max(",;\t", key=lambda sign: sum(_column(cell) in COLUMNS for cell in first.split(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise RosterError(f"{name}:{line} is not a line of a CSV file ({error}): export the file again") from None


def _column(title: str) -> str:
    return " ".join(title.strip('\ufeff "').replace("_", " ").casefold().split())


def _columns(header: list[str], name: str) -> dict[int, str]:
    """The field of each column that is known, by its place. Raises RosterError if a field occurs twice."""
    titles = [_column(cell) for cell in header]
    columns = {place: COLUMNS[title] for place, title in enumerate(titles) if title in COLUMNS}
    if "student" in titles and {"sis user id", "sis login id", "section", "integration id"} & set(titles):
        columns |= {place: "canvas" for place, title in enumerate(titles) if title == "id"}  # an export of Canvas
    if not {"name", "first", "last", *IDS} & set(columns.values()):
        raise RosterError(f"{name} is not a roster (its columns are {_listed(header)}): {REMEDY}")
    for place, field in columns.items():
        other = next(n for n, found in columns.items() if found == field)
        if other != place:
            raise RosterError(
                f"{name} has two columns for the same, {printable(header[other])} and {printable(header[place])}: delete one"
            )
    return columns


def _fields(row: list[str], columns: dict[int, str]) -> dict[str, str]:
    return {field: _cell(row[place]) for place, field in columns.items() if place < len(row) and row[place].strip()}


def _cell(text: str) -> str:
    return " ".join(clean(text, MAX_TEXT).split())


def _is_student(fields: dict[str, str]) -> bool:
    """Whether a row is a student's: not a teacher's, and none of those that Canvas adds to a gradebook."""
    if not fields.keys() & {"name", "first", "last", *IDS}:
        return False
    if STAFF.search(fields.get("role", "")):
        return False
    name, has_number = fields.get("name", "").casefold(), bool(fields.keys() & {"sis", "id", "sid", "number"})
    return has_number or name not in ("points possible", "student, test", "test student")


def _distinct(people: list[tuple[int, dict[str, str]]], identity: str, title: str, name: str) -> Iterator[Student]:
    lines: dict[str, int] = {}
    for line, fields in people:
        found = fields.get(identity, "")
        shown = _name(fields) or fields.get("email") or "this student"
        if not found:
            raise RosterError(
                f"{name}:{line} has no id: {printable(shown)} has nothing in the column {title}; fill it in for every "
                "student, or delete the column if another one can be the id"
            )
        same = same_file(safe_id(found))
        if same in lines:
            raise RosterError(
                f"{name}:{line} has the id {printable(found)} of line {lines[same]} again: give every student one line "
                "and an id of their own"
            )
        lines[same] = line
        yield _student(fields, identity)


def _student(fields: dict[str, str], identity: str) -> Student:
    moodle = re.search(r"\d+$", fields.get("moodle", ""))  # "Participant 12345", in any language
    logins = tuple(dict.fromkeys(fields[field] for field in IDS[:6] if field != identity and field in fields))
    return Student(
        moodle[0] if identity == "moodle" and moodle else fields[identity],
        _name(fields),
        fields.get("email", ""),
        fields.get("section", ""),
        logins,
        moodle[0] if moodle else "",
        fields.get("canvas", ""),
    )


def _name(fields: dict[str, str]) -> str:
    """The full name, with the first name first."""
    if "first" in fields or "last" in fields:
        return " ".join(fields[part] for part in ("first", "last") if part in fields)
    last, comma, first = fields.get("name", "").partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else last.strip()


def _listed(header: list[str]) -> str:
    shown = ", ".join(printable(cell.strip(), 40) for cell in header[:8])
    return (f"{shown}, and {len(header) - 8} more" if len(header) > 8 else shown) or "none"


def _without_remedy(problem: Unusable) -> str:
    return str(problem).partition(":")[0]
