"""Finds the answer cells of exercises: by their tags, else by their first line, else by the names that they define."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.checks.grader import GraderError, load_grader
from autograder.course.catalogue import ExerciseId
from autograder.submissions.notebooks.cells import ANSWER, Cell
from autograder.submissions.notebooks.copies import counting
from autograder.submissions.notebooks.statements import CellSyntaxError, read_code

PublicNames = Callable[[ExerciseId], frozenset[str]]


@dataclass(frozen=True)
class AnswerCells:
    """The cells that count for one exercise, in order. `how`: "tag", "line" or "names", by which they were found."""

    cells: tuple[Cell, ...]
    how: str

    @property
    def untouched(self) -> bool:
        """Whether the exercise is still as it was released."""
        return all(cell.untouched for cell in self.cells)


def public_names(exercise: ExerciseId) -> frozenset[str]:
    """The names that an exercise has to define, or none if its grader cannot be loaded."""
    try:
        return frozenset(load_grader(exercise).spec.public)
    except GraderError:
        return frozenset()


def find_answer_cells(
    cells: Sequence[Cell], exercises: Sequence[ExerciseId], public: PublicNames = public_names
) -> dict[str, AnswerCells]:
    """The answer cells of each exercise of a practical, by the exercise's name."""
    names = {exercise.name for exercise in exercises}
    homes = _homes(cells, names)
    found: dict[str, AnswerCells] = {}
    for name in names:
        candidates = [cell for cell in cells if homes.get(cell.number) == name]
        if candidates:
            kept = counting([(cell.source, cell.untouched) for cell in candidates])
            chosen = tuple(candidates[position] for position in kept)
            found[name] = AnswerCells(chosen, "tag" if any(cell.tag for cell in chosen) else "line")
    plain = [cell for cell in cells if cell.kind == "code" and not cell.tag and not cell.marked]
    missing = [exercise for exercise in exercises if exercise.name not in found]
    # The exercise with the most names first: its cell may define all names of another one too.
    for exercise in sorted(missing, key=lambda exercise: (-len(public(exercise)), exercise)) if plain else ():
        cell = defining_cell(plain, public(exercise))
        if cell is not None:
            found[exercise.name] = AnswerCells((cell,), "names")
            plain.remove(cell)
    return {exercise.name: found[exercise.name] for exercise in exercises if exercise.name in found}


def defining_cell(cells: Sequence[Cell], names: frozenset[str]) -> Cell | None:
    """The last cell that defines all these names, or None."""
    return next((cell for cell in reversed(cells) if names and names <= _defined(cell)), None)


def _defined(cell: Cell) -> frozenset[str]:
    try:
        code = read_code(cell.source)
    except CellSyntaxError:
        return frozenset()
    return frozenset(name for statement in code.statements if not statement.is_import for name in statement.binds)


def _homes(cells: Sequence[Cell], names: set[str]) -> dict[int, str]:
    """The exercise that each answer cell belongs to, by the cell's number.

    If tag and first line name different exercises, the tag decides, unless the exercise has another cell: then somebody
    copied that cell with its tag and wrote the answer to a different exercise into it.
    """
    homes: dict[int, str] = {}
    doubtful: list[tuple[Cell, str]] = []
    for cell in cells:
        if cell.kind != "code":
            continue
        tagged = cell.tag.removeprefix(ANSWER) if cell.tag.startswith(ANSWER) else ""
        tagged, marked = tagged if tagged in names else "", cell.marked if cell.marked in names else ""
        if tagged and marked and tagged != marked:
            doubtful.append((cell, tagged))
        elif tagged or marked:
            homes[cell.number] = tagged or marked
    certain = set(homes.values())
    for cell, tagged in doubtful:
        homes[cell.number] = cell.marked if tagged in certain else tagged
    return homes
