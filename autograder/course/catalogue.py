"""The catalogue of exercises. There is no list of them: folders and file names are the catalogue.

An exercise exists if it has a solution or a grader; a release has graders only. The order of the course is that of the
notebooks, which `autograder build` writes into a file beside the graders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

PRACTICAL = re.compile(r"p[0-9]+_[a-z0-9_]+")
EXERCISE = re.compile(r"[a-z][a-z0-9_]*")
GRADER_PREFIX = "test_"
COURSE_ORDER = PurePosixPath("autograder/graders/course_order.txt")
"""The ids of the exercises in the order of the course, a line each. Lines with # are comments."""
INSTALLED = Path(__file__).resolve().parents[2]
"""The folder that contains this package: a project or a site-packages folder."""


class CourseError(Exception):
    """An error in the course's files that a teacher has to fix. The message says what is wrong, where, and how to fix it."""


class CatalogueError(CourseError):
    """There is no project here, or it has no exercise of this name."""


class SourceError(CourseError):
    """An error on a line of a source file. The message is `path:line: what is wrong. How to fix it.`"""

    def __init__(self, path: str | Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{path}:{line}: {problem}. {remedy}")
        self.path, self.line, self.problem, self.remedy = str(path), line, problem, remedy

    @classmethod
    def of_syntax(cls, path: str | Path, error: SyntaxError) -> Self:
        """The error for a file that is not valid Python."""
        return cls(path, error.lineno or 1, f"this is not valid Python: {error.msg}", "Fix it first.")


class ExerciseId(str):
    """An exercise's id, "p1_mlp/mlp_nn": its practical and its name.

    >>> exercise = ExerciseId.of("p1_mlp", "mlp_nn")
    >>> exercise.path, exercise.module, exercise.check("network")
    ('p1_mlp/mlp_nn.py', 'p1_mlp.mlp_nn', 'p1_mlp/mlp_nn::network')
    """

    __slots__ = ()

    @classmethod
    def of(cls, practical: str, name: str) -> ExerciseId:
        """The id of an exercise, from the names of its practical and of itself."""
        return cls(f"{practical}/{name}")

    @property
    def practical(self) -> str:
        """The name of the practical, "p1_mlp"."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """The name of the exercise, "mlp_nn"."""
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
        """The id of the check of this name."""
        return CheckId(f"{self}::{name}")


class CheckId(str):
    """A check's id, "p1_mlp/mlp_nn::network": its exercise and its name."""

    __slots__ = ()

    @property
    def exercise(self) -> ExerciseId:
        """The id of the exercise, "p1_mlp/mlp_nn"."""
        return ExerciseId(self.partition("::")[0])

    @property
    def name(self) -> str:
        """The name of the check, "network"."""
        return self.partition("::")[2]


@dataclass(frozen=True, order=True)
class Exercise:
    """An exercise of a project: the names of its practical ("p1_mlp") and itself ("mlp_nn"), and the project's folder."""

    practical: str
    name: str
    root: Path

    @property
    def id(self) -> ExerciseId:
        """The id of the exercise, "p1_mlp/mlp_nn"."""
        return ExerciseId.of(self.practical, self.name)

    @property
    def solution(self) -> Path:
        """The file of the reference solution."""
        return self.root / "solutions" / self.practical / f"{self.name}.py"

    @property
    def stub(self) -> Path:
        """The generated file that students edit."""
        return self.root / "exercises" / self.practical / f"{self.name}.py"

    @property
    def grader(self) -> Path:
        """The file with the checks."""
        return self.root / "autograder" / "graders" / self.practical / f"{GRADER_PREFIX}{self.name}.py"

    @property
    def mistakes(self) -> Path:
        """The file with the known mistakes."""
        return self.root / "solutions" / "mistakes" / self.practical / f"{self.name}.py"

    @property
    def variants(self) -> tuple[Path, ...]:
        """The files of other right answers, sorted by name."""
        return tuple(sorted((self.root / "solutions" / "variants" / self.practical / self.name).glob("*.py")))

    def files_with(self, source: bytes) -> dict[str, bytes]:
        """A submission by path: this source for the exercise, and the reference solutions of the rest of its practical."""
        references = {
            f"{self.practical}/{path.name}": path.read_bytes() for path in sorted(self.solution.parent.glob("*.py"))
        }
        return references | {self.id.path: source}


@dataclass(frozen=True)
class Project:
    """A folder with `autograder/` and, in the teacher's repository, `solutions/`."""

    root: Path

    @property
    def has_solutions(self) -> bool:
        """Whether there is `solutions/`; a release has none."""
        return (self.root / "solutions").is_dir()

    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in the order of the course."""
        found = _names_in(self.root / "solutions", "") | _names_in(self.root / "autograder" / "graders", GRADER_PREFIX)
        order = in_course_order({ExerciseId.of(*names) for names in found}, self.root)
        return tuple(Exercise(exercise.practical, exercise.name, self.root) for exercise in order)

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise with the id "p1_mlp/mlp_nn". CatalogueError if there is none; the message lists all exercises."""
        known = {exercise.id: exercise for exercise in self.exercises()}
        if exercise_id not in known:
            names = ", ".join(known) or "none at all"
            raise CatalogueError(f"there is no exercise {exercise_id!r} in {self.root}; there are: {names}")
        return known[ExerciseId(exercise_id)]

    def select(self, names: Iterable[str]) -> list[Exercise]:
        """The exercises that the names refer to, as `select` below; all exercises if there are no names."""
        exercises = {exercise.id: exercise for exercise in self.exercises()}
        return [exercises[exercise_id] for exercise_id in select(names, list(exercises))]


def find_project(start: Path) -> Project:
    """The project that contains a file or folder: the nearest folder above it with `autograder/graders/`.

    CatalogueError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "autograder" / "graders").is_dir():
            return Project(folder)
    raise CatalogueError(
        f"{start} is not inside a project: neither it nor a folder above it contains autograder/graders/. "
        "Change into the folder that you cloned or unpacked, and run the command again."
    )


def exercise_ids() -> list[ExerciseId]:
    """The ids of the exercises for which the installed package has a grader, in the order of the course."""
    return in_course_order(
        ExerciseId.of(*names) for names in _names_in(INSTALLED / "autograder" / "graders", GRADER_PREFIX)
    )


def in_course_order(exercises: Iterable[ExerciseId], root: Path = INSTALLED) -> list[ExerciseId]:
    """The exercises sorted by practical, then by their place in the course; those without a place come last, by name.

    `root`: the project whose order is meant.
    """
    path = root / COURSE_ORDER
    return by_place(exercises, path.read_text(encoding="utf-8").split() if path.is_file() else [])


def by_place(exercises: Iterable[ExerciseId], order: Iterable[str]) -> list[ExerciseId]:
    """The exercises sorted by practical, then by their place in `order`, then by name. `order` may hold other words too."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(exercises, key=lambda exercise: (exercise.practical, places.get(exercise, len(places)), exercise))


def select(names: Iterable[str], known: Iterable[ExerciseId] | None = None) -> list[ExerciseId]:
    """The exercises that the names refer to, without duplicates, in the order of `known`; all if there are no names.

    Args:
        names: exercises ("mlp_nn", "p1_mlp/mlp_nn"), practicals ("p1_mlp") or paths of exercise files.
        known: the exercises to choose from; by default those with a grader.

    Raises CatalogueError if a name refers to none of them.

    >>> select(["vit", "p1_mlp"], [ExerciseId("p1_mlp/mlp_nn"), ExerciseId("p2_cnn/convnet"), ExerciseId("p3_vit/vit")])
    ['p1_mlp/mlp_nn', 'p3_vit/vit']
    """
    available = exercise_ids() if known is None else list(known)
    chosen: set[ExerciseId] = set()
    for name in names:
        found = _matching(name, available)
        if not found:
            raise CatalogueError(_no_match(name, available))
        chosen.update(found)
    return [exercise for exercise in available if exercise in chosen] if chosen else available


def _matching(name: str, available: list[ExerciseId]) -> list[ExerciseId]:
    parts = PurePosixPath(name.replace("\\", "/").removesuffix(".py")).parts
    wanted = "/".join(parts[-2:])
    if wanted in available:
        return [ExerciseId(wanted)]
    last = parts[-1] if parts else ""
    # "exercises/p1_mlp" is a practical, but "p2_cnn/mlp_nn" is an exercise of another practical, and there is none.
    wrong_practical = len(parts) > 1 and PRACTICAL.fullmatch(parts[-2])
    return [] if wrong_practical else [one for one in available if last in (one.practical, one.name)]


def _no_match(name: str, available: list[ExerciseId]) -> str:
    practicals = sorted({exercise.practical for exercise in available})
    close = get_close_matches(name, [*available, *(exercise.name for exercise in available), *practicals], n=1)
    remedy = f"did you mean {close[0]}?" if close else f"there are: {', '.join([*practicals, *available])}"
    return f"there is no exercise or practical {name!r}: {remedy}"


def _names_in(folder: Path, prefix: str) -> set[tuple[str, str]]:
    """(practical, exercise) of each `<practical>/<prefix><exercise>.py`."""
    names = set()
    for path in folder.glob(f"*/{prefix}*.py"):
        name = path.stem.removeprefix(prefix)
        if PRACTICAL.fullmatch(path.parent.name) and EXERCISE.fullmatch(name):
            names.add((path.parent.name, name))
    return names
