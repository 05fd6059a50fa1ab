"""Which exercise the path of a Python file stands for, in whatever folder and spelling it was handed in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.catalogue import ExerciseId
from autograder.submissions.file_names import PY, plain_stem
from autograder.submissions.members import Member, printable

MAX_PARTS = 32
EXERCISES = "exercises"
THIS_PACKAGE = "autograder"  # part of a full copy of the course; as a helper it would shadow the installed package


@dataclass(frozen=True)
class Claim:
    """A member that may be the file of an exercise. `exact`: its path is spelled as it should; `level`: its depth.

    `home`: the folder it lies in, if this is the folder of its practical under whatever name. Helpers there belong to it.
    """

    member: Member
    exact: bool
    level: int
    home: tuple[str, ...] | None


class Claims:
    """The Python files of a submission, sorted out: exercises and helpers.

    `of`: the claims on each exercise; `stray`: files with the name of an exercise in a folder of another name, which
    count if nothing else does.
    """

    def __init__(self, scripts: Sequence[Member], exercises: Sequence[ExerciseId]) -> None:
        self.of: dict[ExerciseId, list[Claim]] = defaultdict(list)
        self.stray: dict[ExerciseId, list[Claim]] = defaultdict(list)
        self.helpers: list[Member] = []
        self.notes: list[str] = []
        self._practicals = {exercise.practical for exercise in exercises}
        self._by_path = {exercise.path.casefold(): exercise for exercise in exercises}
        self._by_name: dict[str, list[ExerciseId]] = defaultdict(list)
        for exercise in exercises:
            self._by_name[f"{exercise.name}{PY}".casefold()].append(exercise)
        self._top = self._find_top(scripts)
        for member in scripts:
            self._sort_in(member)

    def below_top(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """The path below the common folders and `exercises`, or None if it lies elsewhere."""
        if parts[: len(self._top)] != self._top:
            return None
        rest = parts[len(self._top) :]
        return rest[1:] if rest and rest[0].casefold() == EXERCISES else rest

    def _find_top(self, scripts: Sequence[Member]) -> tuple[str, ...]:
        """The folders that all Python files have in common, up to `exercises` or a practical's folder."""
        parents = [member.parts[:-1] for member in scripts if len(member.parts) <= MAX_PARTS]
        top: list[str] = []
        for part, *rest in zip(*parents):
            if any(other != part for other in rest) or part.casefold() == EXERCISES or self._is_practical(part):
                break
            top.append(part)
        return tuple(top)

    def _is_practical(self, folder: str) -> bool:
        return spelled(plain_stem(folder)) in self._practicals

    def _sort_in(self, member: Member) -> None:
        folders, name = member.parts[:-1], spelled(member.name)
        practical = spelled(plain_stem(folders[-1])) if folders else ""
        if exercise := self._by_path.get(f"{practical}/{name}"):
            exact = member.parts[-2:] == (exercise.practical, f"{exercise.name}{PY}")
            self.of[exercise].append(Claim(member, exact, _depth(folders[:-1]), folders))
            return
        owners = self._by_name.get(name, [])
        loose = self.below_top(folders) == ()
        if len(owners) > 1 and loose:
            places = " or ".join(exercise.practical for exercise in owners)
            self.notes.append(f"{printable(member.path)} could belong to {places}: move it into its folder")
        if len(owners) == 1 and loose:
            exact = member.parts[-1] == f"{owners[0].name}{PY}"
            self.of[owners[0]].append(Claim(member, exact, _depth(folders), None))
        elif len(owners) == 1 and not any(part == THIS_PACKAGE or self._is_practical(part) for part in folders):
            self.stray[owners[0]].append(Claim(member, False, _depth(folders), folders))
        else:
            self.helpers.append(member)


def spelled(name: str) -> str:
    """A name in the spelling of exercises, which are Python modules: `MLP-nn` as `mlp_nn`."""
    return re.sub(r"[-\s]+", "_", name.casefold())


def _depth(folders: tuple[str, ...]) -> int:
    return sum(part.casefold() != EXERCISES for part in folders)
