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
    missing = [exercise for exercise in exercises if exercise.name not in found]
    plain = [cell for cell in cells if cell.kind == "code" and not cell.tag]
    for name, candidates in known_by_names(plain, missing, public).items():
        found[name] = AnswerCells((candidates[-1],), "names")
    return {exercise.name: found[exercise.name] for exercise in exercises if exercise.name in found}


def known_by_names(
    cells: Sequence[Cell], exercises: Sequence[ExerciseId], public: PublicNames = public_names
) -> dict[str, list[Cell]]:
    """The cells without an `# exercise:` line that define all public names of an exercise, by the exercise's name.

    A cell that does so for several exercises belongs to the one with the most names, since others are a part of that.
    """
    found: dict[str, list[Cell]] = {}
    names = {exercise.name: public(exercise) for exercise in exercises} if cells else {}
    by_size = sorted((name for name in names if names[name]), key=lambda name: -len(names[name]))
    for cell in cells if by_size else ():
        defined = frozenset() if cell.marked else defined_in(cell)
        name = next((name for name in by_size if names[name] <= defined), "")
        if name:
            found.setdefault(name, []).append(cell)
    return found


def defined_in(cell: Cell) -> frozenset[str]:
    """The names that a cell binds other than by imports; none if it is not valid Python."""
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
