"""The catalogue of exercises: folders and names, and no list besides.

An exercise is there when it has a solution, or, in a release, which has none, when it has a grader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

PRACTICAL = re.compile(r"p[0-9]+_[a-z0-9_]+")
EXERCISE = re.compile(r"[a-z][a-z0-9_]*")
GRADER_PREFIX = "test_"
INSTALLED = Path(__file__).resolve().parents[2]
"""The folder that holds this package: a project, or a site-packages folder."""


class CourseError(Exception):
    """Something in the course's own files that a teacher has to fix; the message says what, where, and how."""


class CatalogueError(CourseError):
    """No project around, or no such exercise in it."""


class SourceError(CourseError):
    """A defect on a line of a file: `path:line: what. How to fix it.`"""

    def __init__(self, path: str | Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{path}:{line}: {problem}. {remedy}")
        self.path, self.line, self.problem, self.remedy = str(path), line, problem, remedy


class ExerciseId(str):
    """An exercise's id, "p1_mlp/mlp_nn": its practical and its name.

    >>> exercise = ExerciseId.of("p1_mlp", "mlp_nn")
    >>> exercise.path, exercise.module, exercise.check("network")
    ('p1_mlp/mlp_nn.py', 'p1_mlp.mlp_nn', 'p1_mlp/mlp_nn::network')
    """

    __slots__ = ()

    @classmethod
    def of(cls, practical: str, name: str) -> ExerciseId:
        return cls(f"{practical}/{name}")

    @property
    def practical(self) -> str:
        """ "p1_mlp" """
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """ "mlp_nn" """
        return self.partition("/")[2]

    @property
    def path(self) -> str:
        """The student's file in a submission, "p1_mlp/mlp_nn.py"."""
        return f"{self}.py"

    @property
    def module(self) -> str:
        """The student's module, "p1_mlp.mlp_nn"."""
        return self.replace("/", ".")

    def check(self, name: str) -> CheckId:
        """The id of one of its checks."""
        return CheckId(f"{self}::{name}")


class CheckId(str):
    """A check's id, "p1_mlp/mlp_nn::network": its exercise and its name."""

    __slots__ = ()

    @property
    def exercise(self) -> ExerciseId:
        """ "p1_mlp/mlp_nn" """
        return ExerciseId(self.partition("::")[0])

    @property
    def name(self) -> str:
        """ "network" """
        return self.partition("::")[2]


@dataclass(frozen=True, order=True)
class Exercise:
    """One exercise, by the name of its practical ("p1_mlp"), its own name ("mlp_nn") and the project's folder."""

    practical: str
    name: str
    root: Path

    @property
    def id(self) -> ExerciseId:
        """As results spell it: "p1_mlp/mlp_nn"."""
        return ExerciseId.of(self.practical, self.name)

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
        return beside | {self.id.path: source}


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
        return known[ExerciseId(exercise_id)]

    def select(self, names: Iterable[str]) -> list[Exercise]:
        """The exercises that the names mean, each once, in the order of the catalogue; all of them without a name.

        CatalogueError where a name means none.
        """
        exercises = {exercise.id: exercise for exercise in self.exercises()}
        return [exercises[exercise_id] for exercise_id in select(names, list(exercises))]


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


def exercise_ids() -> list[ExerciseId]:
    """The exercises that can be graded: those that the installed package has a grader for."""
    return sorted(ExerciseId.of(*names) for names in _names_in(INSTALLED / "autograder" / "graders", GRADER_PREFIX))


def select(names: Iterable[str], known: Iterable[ExerciseId] | None = None) -> list[ExerciseId]:
    """The exercises that the names mean, each once, in the order of `known`; all of them without a name.

    A name is an exercise's ("mlp_nn", "p1_mlp/mlp_nn"), a practical's ("p1_mlp") or the path of an exercise's file.
    known: the exercises to choose from, by default those that can be graded. CatalogueError where a name means none.

    >>> select(["vit", "p1_mlp"], [ExerciseId("p1_mlp/mlp_nn"), ExerciseId("p2_cnn/convnet"), ExerciseId("p3_vit/vit")])
    ['p1_mlp/mlp_nn', 'p3_vit/vit']
    """
    there = exercise_ids() if known is None else list(known)
    chosen: set[ExerciseId] = set()
    for name in names:
        found = _meant(name, there)
        if not found:
            raise CatalogueError(_no_exercise(name, there))
        chosen.update(found)
    return [exercise for exercise in there if exercise in chosen] if chosen else there


def _meant(name: str, there: list[ExerciseId]) -> list[ExerciseId]:
    parts = PurePosixPath(name.replace("\\", "/").removesuffix(".py")).parts
    wanted = "/".join(parts[-2:])
    if wanted in there:
        return [ExerciseId(wanted)]
    last = parts[-1] if parts else ""
    # "exercises/p1_mlp" means the practical, and "p2_cnn/mlp_nn" nothing: the folder is part of the name there.
    foreign = len(parts) > 1 and PRACTICAL.fullmatch(parts[-2])
    return [] if foreign else [exercise for exercise in there if last in (exercise.practical, exercise.name)]


def _no_exercise(name: str, there: list[ExerciseId]) -> str:
    practicals = sorted({exercise.practical for exercise in there})
    close = get_close_matches(name, [*there, *(exercise.name for exercise in there), *practicals], n=1)
    meant = f"did you mean {close[0]}?" if close else f"there are: {', '.join([*practicals, *there])}"
    return f"there is no exercise or practical {name!r}: {meant}"


def _names_in(folder: Path, prefix: str) -> set[tuple[str, str]]:
    """(practical, exercise) of each `<practical>/<prefix><exercise>.py`."""
    names = set()
    for path in folder.glob(f"*/{prefix}*.py"):
        name = path.stem.removeprefix(prefix)
        if PRACTICAL.fullmatch(path.parent.name) and EXERCISE.fullmatch(name):
            names.add((path.parent.name, name))
    return names
