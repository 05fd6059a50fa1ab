"""The files that an exercise consists of. `check`, `new` and `drop` all use this table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import EXERCISE, PRACTICAL, Exercise, ExerciseId, Project

FOLDERS = ("solutions", "autograder/graders", "autograder/diagnosis/fingerprints", "exercises")
OF_AN_EXERCISE = (
    "solutions/PRACTICAL/EXERCISE.py",
    "solutions/mistakes/PRACTICAL/EXERCISE.py",
    "solutions/variants/PRACTICAL/EXERCISE/*.py",
    "solutions/measured/PRACTICAL/EXERCISE.json",
    "solutions/mutants/PRACTICAL/EXERCISE.json",
    "solutions/unknown_mistakes/PRACTICAL/EXERCISE.txt",
    "autograder/graders/PRACTICAL/test_EXERCISE.py",
    "autograder/diagnosis/fingerprints/PRACTICAL/EXERCISE.json.gz",
    "exercises/PRACTICAL/EXERCISE.py",
)
OF_A_PRACTICAL = ("solutions/notebooks/PRACTICAL.py", "autograder/graders/PRACTICAL/__init__.py")
OF_THE_COURSE = (
    "solutions/allowed_overlaps.toml",
    "autograder/graders/__init__.py",
    "autograder/graders/README.md",
    "autograder/graders/course_order.txt",
    "autograder/graders/COVERAGE.md",
    "exercises/README.md",
)


@dataclass(frozen=True)
class CourseFile:
    """A file in one of the course's folders, with the practical and the exercise in its name; "" if there is none."""

    path: Path
    name: str
    """The path relative to the project, with forward slashes."""
    practical: str = ""
    exercise: str = ""
    known: bool = True
    """Whether a file of an exercise, of a practical or of the course may have this path."""

    @property
    def id(self) -> ExerciseId:
        """The id of the exercise in the file's name."""
        return ExerciseId.of(self.practical, self.exercise)


def course_files(project: Project) -> Iterator[CourseFile]:
    """All files in the course's folders, sorted, without caches and hidden files."""
    for folder in FOLDERS:
        for path in sorted((project.root / folder).rglob("*")):
            parts = path.relative_to(project.root).parts
            if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
                yield _course_file(path, "/".join(parts))


def files_of(exercise: Exercise) -> list[Path]:
    """The existing files of an exercise."""
    return [file.path for file in course_files(Project(exercise.root)) if file.exercise and file.id == exercise.id]


def files_of_practical(project: Project, practical: str) -> list[Path]:
    """The files of a practical that do not belong to one of its exercises."""
    return [file.path for file in course_files(project) if file.practical == practical and not file.exercise]


def _course_file(path: Path, name: str) -> CourseFile:
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(name):
            names = found.groupdict()
            return CourseFile(path, name, names.get("practical", ""), names.get("exercise", ""))
    return CourseFile(path, name, known=name in OF_THE_COURSE)


def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*", EXERCISE.pattern)
    return re.compile(
        escaped.replace("PRACTICAL", f"(?P<practical>{PRACTICAL.pattern})").replace(
            "EXERCISE", f"(?P<exercise>{EXERCISE.pattern})"
        )
    )


_PATTERNS = [_pattern(text) for text in (*OF_AN_EXERCISE, *OF_A_PRACTICAL)]
