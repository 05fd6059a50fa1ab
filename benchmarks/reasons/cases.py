"""Wrong modules that no known mistake was made from: a file per exercise in `solutions/unknown_mistakes/`.

A line `# == name: what is wrong` starts a case. Its code is appended to the solution, and so replaces some of its
definitions. Two other forms begin with a line of their own:

- `# whole`: the code is the whole module.
- `# edits`: pieces of the solution are replaced. Each has the old lines below a line `---` and the new ones below `+++`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import Exercise

FOLDER = Path(__file__).resolve().parents[2] / "solutions" / "unknown_mistakes"
_HEAD = re.compile(r"^# == ([\w-]+): (.+)\n", re.M)
_EDIT = re.compile(r"^---\n(.*?)^\+\+\+\n(.*?)(?=^---\n|\Z)", re.M | re.S)
_WHOLE, _EDITS = "# whole\n", "# edits\n"


@dataclass(frozen=True)
class Case:
    """One wrong module. `cause`: what is wrong with it, as its author knows."""

    exercise: Exercise
    name: str
    cause: str
    source: str

    @property
    def right(self) -> bool:
        """Whether it turned out to be right code in an unusual style, which must pass."""
        return self.cause.startswith("RIGHT")


def cases_of(exercise: Exercise) -> Iterator[Case]:
    """The cases of an exercise, in the order of its file; none if there is no file."""
    path = FOLDER / f"{exercise.id}.txt"
    if not path.is_file():
        return
    solution = exercise.solution.read_text(encoding="utf-8")
    _, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
    for name, cause, code in zip(parts[::3], parts[1::3], parts[2::3]):
        yield Case(exercise, name, cause, _source(solution, f"{code.strip()}\n", name))


def _source(solution: str, code: str, name: str) -> str:
    if code.startswith(_WHOLE):
        return code.removeprefix(_WHOLE)
    if not code.startswith(_EDITS):
        return f"{solution}\n\n{code}"
    for old, new in _EDIT.findall(code):
        if solution.count(old) != 1:
            raise ValueError(f"{name}: the solution has these lines {solution.count(old)} times, not once:\n{old}")
        solution = solution.replace(old, new)
    return solution
