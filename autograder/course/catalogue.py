"""The catalogue of exercises: there is none but the folders and the names in them.

An exercise is there when it has a solution, or, in a release, which has none, when it has a grader.
"""

import re
from dataclasses import dataclass
from pathlib import Path

PRACTICAL = re.compile(r"p[0-9]+_[a-z0-9_]+")
EXERCISE = re.compile(r"[a-z][a-z0-9_]*")
GRADER_PREFIX = "test_"


class CourseError(Exception):
    """Something in the course's own files that a teacher has to mend; the message says what, where, and how."""


class CatalogueError(CourseError):
    """No project around, or no such exercise in it."""


class SourceError(CourseError):
    """Something wrong on a line of a file: `path:line: what. How to mend it.`"""

    def __init__(self, path: str | Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{path}:{line}: {problem}. {remedy}")
        self.path, self.line, self.problem, self.remedy = str(path), line, problem, remedy


@dataclass(frozen=True, order=True)
class Exercise:
    """One exercise, by the name of its practical ("p1_mlp"), its own name ("mlp_nn") and the project's folder."""

    practical: str
    name: str
    root: Path

    @property
    def id(self) -> str:
        """As results spell it: "p1_mlp/mlp_nn"."""
        return f"{self.practical}/{self.name}"

    @property
    def solution(self) -> Path:
        """The reference, by hand."""
        return self.root / "solutions" / self.practical / f"{self.name}.py"

    @property
    def stub(self) -> Path:
        """What a student edits, generated."""
        return self.root / "exercises" / self.practical / f"{self.name}.py"

    @property
    def grader(self) -> Path:
        """What is asked, as pytest."""
        return self.root / "autograder" / "graders" / self.practical / f"{GRADER_PREFIX}{self.name}.py"

    @property
    def mistakes(self) -> Path:
        """The known mistakes, in one file."""
        return self.root / "solutions" / "mistakes" / self.practical / f"{self.name}.py"

    @property
    def variants(self) -> tuple[Path, ...]:
        """Other right answers, a file each, sorted by name."""
        return tuple(sorted((self.root / "solutions" / "variants" / self.practical / self.name).glob("*.py")))

    def files_with(self, source: bytes) -> dict[str, bytes]:
        """What is handed in with this source for the exercise, by path: beside it, the references of its practical."""
        beside = {
            f"{self.practical}/{path.name}": path.read_bytes() for path in sorted(self.solution.parent.glob("*.py"))
        }
        return beside | {f"{self.id}.py": source}


@dataclass(frozen=True)
class Project:
    """A folder with `autograder/` and, at a teacher's, `solutions/`."""

    root: Path

    @property
    def has_solutions(self) -> bool:
        """False in a release."""
        return (self.root / "solutions").is_dir()

    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise with a solution or a grader, by practical, then by name."""
        found = _names_in(self.root / "solutions", "") | _names_in(self.root / "autograder" / "graders", GRADER_PREFIX)
        return tuple(sorted(Exercise(practical, name, self.root) for practical, name in found))

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise "p1_mlp/mlp_nn"; CatalogueError, with the names there are, if there is none of this name."""
        known = {exercise.id: exercise for exercise in self.exercises()}
        if exercise_id not in known:
            there = ", ".join(known) or "none at all"
            raise CatalogueError(f"there is no exercise {exercise_id!r} in {self.root}; there are: {there}")
        return known[exercise_id]


def find_project(start: Path) -> Project:
    """The project that a file or folder lies in: the nearest folder upwards that holds `autograder/graders/`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "autograder" / "graders").is_dir():
            return Project(folder)
    raise CatalogueError(
        f"{start} is not inside a project: neither it nor a folder above it holds autograder/graders/. "
        "Change into the folder that you cloned or unpacked, and run the command again."
    )


def _names_in(folder: Path, prefix: str) -> set[tuple[str, str]]:
    """(practical, exercise) of each `<practical>/<prefix><exercise>.py`."""
    names = set()
    for path in folder.glob(f"*/{prefix}*.py"):
        name = path.stem.removeprefix(prefix)
        if PRACTICAL.fullmatch(path.parent.name) and EXERCISE.fullmatch(name):
            names.add((path.parent.name, name))
    return names
