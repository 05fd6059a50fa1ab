"""Wrong modules that no known mistake was made from: a file per exercise in `cases/`.

A line `# == name: what is wrong` starts a case; its code follows. It is appended to the solution, so it has only the
definitions that it replaces. A case whose code defines everything has the line `# whole` below that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import Exercise

FOLDER = Path(__file__).resolve().parent / "cases"
_HEAD = re.compile(r"^# == ([\w-]+): (.+)\n", re.M)
_WHOLE = "# whole\n"


@dataclass(frozen=True)
class Case:
    """One wrong module. `cause`: what is wrong with it, as its author knows."""

    exercise: Exercise
    name: str
    cause: str
    source: str


def cases_of(exercise: Exercise) -> Iterator[Case]:
    """The cases of an exercise, in the order of its file; none if there is no file."""
    path = FOLDER / f"{exercise.id}.txt"
    if not path.is_file():
        return
    solution = exercise.solution.read_text(encoding="utf-8")
    _, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
    for name, cause, code in zip(parts[::3], parts[1::3], parts[2::3]):
        source = code.removeprefix(_WHOLE) if code.startswith(_WHOLE) else f"{solution}\n\n{code}"
        yield Case(exercise, name, cause, source)
