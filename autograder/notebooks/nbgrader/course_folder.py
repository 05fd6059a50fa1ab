"""`autograder course init DIR`: makes a folder in which nbgrader's commands and its formgrader use autograder's engine."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.classroom.roster import Roster, RosterError, read_roster
from autograder.course.catalogue import CourseError, Project
from autograder.notebooks.build import Worth, instructor_notebook, mark_schemes, to_text, worth
from autograder.notebooks.nbgrader.gradebook import add_students
from autograder.notebooks.nbgrader.identity import ROSTER
from autograder.notebooks.sources import sources

CONFIG = "nbgrader_config.py"
EXCHANGE = Path("/usr/local/share/nbgrader/exchange")
_COURSE_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class Course:
    """A course: its folder, its name in the exchange, the exchange, its practicals (if empty, all), and a new roster."""

    folder: Path
    course_id: str
    exchange: Path = EXCHANGE
    practicals: tuple[str, ...] = ()
    roster: Path | None = None


def init(project: Project, course: Course, points: Worth = worth) -> Iterator[str]:
    """Makes the course folder, or updates the notebooks of an existing one and keeps its config.

    Yields a line for each step. Raises CourseError if the folder is neither empty nor a course, a name is invalid, or a
    practical does not exist, or the roster cannot be used.
    """
    _refuse(course)
    roster = _read(course.roster) if course.roster is not None else None
    available = {source.practical: source for source in sources(project)}
    unknown = set(course.practicals) - available.keys()
    if unknown:
        raise CourseError(
            f"there is no practical {', '.join(sorted(unknown))}; the practicals are: {', '.join(available)}"
        )
    folder = course.folder
    if not folder.exists():
        # It holds answers, scores and the seed, and students may have accounts on this machine. Not by chmod, which would
        # clear the setgid bit of a folder that assistants share.
        folder.mkdir(0o700, parents=True)
    if (folder / CONFIG).exists():
        yield f"kept       {folder / CONFIG}"
    else:
        for path, text in _config_files(project, course):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
            yield f"written    {path}"
    yield _exchange(course.exchange.resolve())
    for practical in course.practicals or tuple(available):
        notebook = to_text(instructor_notebook(available[practical], points))
        texts = {
            folder / "source" / practical / f"{practical}.ipynb": notebook,
            folder / "mark_schemes" / f"{practical}.md": mark_schemes(available[practical]),
        }
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
            yield f"written    {path}"
    if roster is not None and course.roster is not None:
        write_atomically(folder / ROSTER, course.roster.read_bytes())
        yield f"written    {folder / ROSTER}"
        yield f"entered    {add_students(folder, roster)} students into {folder / 'gradebook.db'}"


def _read(path: Path) -> Roster:
    try:
        return read_roster(path)
    except RosterError as error:
        raise CourseError(str(error)) from None


def _refuse(course: Course) -> None:
    folder = course.folder
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file: give an empty or a new folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CONFIG).is_file():
        raise CourseError(f"{folder} is neither empty nor a course: give an empty or a new folder")
    if not _COURSE_ID.fullmatch(course.course_id):
        raise CourseError(
            f"{course.course_id!r} cannot be the name of a course: with --course-id, use letters, digits, - and _"
        )


def _exchange(folder: Path) -> str:
    """Makes the exchange, writable for everybody as nbgrader requires, or returns the command for an administrator."""
    if folder.is_dir():
        return f"kept       {folder}"
    try:
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    except OSError as error:
        return f"not made   {folder} ({error.strerror}); as an administrator, run: install -d -m 777 {folder}"
    return f"made       {folder}"


def _config_files(project: Project, course: Course) -> Iterator[tuple[Path, str]]:
    """The configs of the teacher and of the students, with this course's values, and a README, all from assignments/."""
    values = {
        "COURSE_ID": course.course_id,
        "EXCHANGE": str(course.exchange.resolve()),
        "PROJECT": str(project.root),
        "SEED": str(secrets.randbits(128)),
    }
    template = (project.root / "assignments" / CONFIG).read_text(encoding="utf-8")
    yield course.folder / CONFIG, _filled(template, values)
    student = (project.root / "assignments" / "students" / CONFIG).read_text(encoding="utf-8")
    yield course.folder / "students" / CONFIG, _filled(student, values)
    readme = (project.root / "assignments" / "COURSE.md").read_text(encoding="utf-8")
    yield course.folder / "README.md", readme


def _filled(config: str, values: dict[str, str]) -> str:
    """A config with these values in its lines `NAME = …`."""
    for name, value in values.items():
        config = re.sub(rf"^{name} = .*$", partial(_line, name, value), config, flags=re.M)
    return config


def _line(name: str, value: str, match: re.Match[str]) -> str:
    return f"{name} = {value!r}"
