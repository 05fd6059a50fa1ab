"""Where the other Python files of a submission go: beside the exercise that they lay beside, else where they lay."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.course.catalogue import ExerciseId
from autograder.submissions.claims import MAX_PARTS, THIS_PACKAGE, Claims, spelled
from autograder.submissions.file_names import PY
from autograder.submissions.left_aside import named
from autograder.submissions.members import Member, printable

MAX_HELPERS = 500


@dataclass(frozen=True)
class Helper:
    """One file, and its path in the layout of exercises/. `beside`: whether it lies beside an exercise."""

    member: Member
    path: str
    beside: bool


@dataclass
class Placed:
    """The helpers that are read, those beside an exercise first, and what is said about them and the others."""

    helpers: list[Helper] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)


def place_helpers(
    members: Iterable[Member], claims: Claims, homes: Mapping[tuple[str, ...], str], taken: Collection[str]
) -> Placed:
    """Places these files.

    Args:
        members: all Python files that are no exercises.
        claims: what says which folders they have in common.
        homes: the folders of exercises, each with its practical.
        taken: the paths of the exercises.
    """
    result = Placed()
    placed, course, deep, unprintable = [], [], [], []
    for member in members:
        beside = next((n for n in range(min(len(member.parts), MAX_PARTS), 0, -1) if member.parts[:n] in homes), 0)
        below = (homes[member.parts[:beside]], *member.parts[beside:]) if beside else claims.below_top(member.parts)
        if not below or len(below) > MAX_PARTS:
            deep.append(member)
        elif below[0] == THIS_PACKAGE:
            course.append(member)
        elif not "/".join(below).isprintable():
            unprintable.append(member)
        else:
            placed.append(Helper(member, "/".join(below), bool(beside)))
    for group, reason in (
        (course, "the course's own package"),
        (deep, f"more than {MAX_PARTS} folders deep"),
        (unprintable, "unprintable characters in the name, so rename it"),
    ):
        if group:
            group.sort(key=lambda member: member.path)
            result.left_aside.append(f"{named(group)} left aside: {reason}")
    placed = sorted(_renamed(placed, taken, result), key=lambda h: (not h.beside, h.path, h.member.path))
    if len(placed) > MAX_HELPERS:
        rest = named([helper.member for helper in placed[MAX_HELPERS:]])
        what = f"only the first {MAX_HELPERS} of {len(placed)} other Python files were read"
        result.left_aside.append(f"{rest} left aside: {what}")
    result.helpers = placed[:MAX_HELPERS]
    return result


def _renamed(helpers: Sequence[Helper], taken: Collection[str], result: Placed) -> list[Helper]:
    """The helpers with `utils (1).py` as `utils.py`, if that is free. It could not be imported under its own name."""
    plain = {helper: _plain_path(helper) for helper in helpers}
    wanted = Counter(plain.values())
    renamed = []
    for helper, path in plain.items():
        if path != helper.path and path not in taken and wanted[path] == 1:
            result.notes.append(f"{printable(helper.member.path)} was taken as {path}")
            helper = replace(helper, path=path)
        renamed.append(helper)
    return renamed


def _plain_path(helper: Helper) -> str:
    return "/".join((*helper.path.split("/")[:-1], helper.member.name))


def resembling(helpers: Iterable[Helper], missing: Sequence[ExerciseId]) -> Iterable[str]:
    """Notes on helpers whose names resemble those of exercises that are missing: `mlp_nn_final.py`."""
    for helper in helpers:
        folder, _, name = helper.path.rpartition("/")
        stem = spelled(name.removesuffix(PY))
        alike = [
            exercise
            for exercise in missing
            if folder in ("", exercise.practical) and re.search(rf"(?:\A|_){exercise.name}(?:_|\Z)", stem)
        ]
        if alike:
            exercise = max(alike, key=lambda exercise: len(exercise.name))
            yield f"{printable(helper.member.path)} counts as a helper: if it is your {exercise.path}, rename it"
