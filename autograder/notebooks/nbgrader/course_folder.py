"""`autograder course init DIR`: a folder in which nbgrader's own commands and its formgrader work, on our engine."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import CourseError, Project
from autograder.notebooks.build import Worth, instructor_notebook, mark_schemes, to_text, worth
from autograder.notebooks.sources import sources

CONFIG = "nbgrader_config.py"
EXCHANGE = Path("/usr/local/share/nbgrader/exchange")
_COURSE_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class Course:
    """Where a course is kept, its name in the exchange, the exchange, and the practicals it offers (none: all)."""

    folder: Path
    course_id: str
    exchange: Path = EXCHANGE
    practicals: tuple[str, ...] = ()


def init(project: Project, course: Course, points: Worth = worth) -> Iterator[str]:
    """Makes the course, or brings the notebooks of one up to date and keeps its config; what was done, a line each.

    CourseError where the folder is not empty and no course, a name cannot be used, or there is no such practical.
    """
    _refuse(course)
    found = {source.practical: source for source in sources(project)}
    unknown = set(course.practicals) - found.keys()
    if unknown:
        raise CourseError(f"there is no practical {', '.join(sorted(unknown))}; there are: {', '.join(found)}")
    folder = course.folder
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o700)  # answers, scores and the seed lie here, and students may be users of this machine
    if (folder / CONFIG).exists():
        yield f"kept       {folder / CONFIG}"
    else:
        for path, text in _by_hand(project, course):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
            yield f"written    {path}"
    yield _exchange(course.exchange.resolve())
    for practical in course.practicals or tuple(found):
        texts = {
            folder / "source" / practical / f"{practical}.ipynb": to_text(
                instructor_notebook(found[practical], points)
            ),
            folder / "mark_schemes" / f"{practical}.md": mark_schemes(found[practical]),
        }
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
            yield f"written    {path}"


def _refuse(course: Course) -> None:
    folder = course.folder
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file: give a folder that is empty or not there yet")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CONFIG).is_file():
        raise CourseError(f"{folder} is not empty, and no course: give a folder that is empty or not there yet")
    if not _COURSE_ID.fullmatch(course.course_id):
        raise CourseError(
            f"{course.course_id!r} is no name for a course: use letters, digits, - and _, with --course-id"
        )


def _exchange(folder: Path) -> str:
    """Makes the exchange, for everybody to write to, which nbgrader asks for; or says who can."""
    if folder.is_dir():
        return f"kept       {folder}"
    try:
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    except OSError as error:
        return f"not made   {folder} ({error.strerror}); as an administrator, run: install -d -m 777 {folder}"
    return f"made       {folder}"


def _by_hand(project: Project, course: Course) -> Iterator[tuple[Path, str]]:
    """The teacher's config, from assignments/, with this course's own values; the students'; and what to do with them."""
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
    """A config with other values in its lines `NAME = …`."""
    for name, value in values.items():
        config = re.sub(rf"^{name} = .*$", partial(_line, name, value), config, flags=re.M)
    return config


def _line(name: str, value: str, found: re.Match[str]) -> str:
    return f"{name} = {value!r}"
