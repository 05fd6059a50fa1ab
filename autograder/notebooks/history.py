"""Turns the executed cells into those of a notebook, from which the same code extracts modules as when it is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograder.course.catalogue import ExerciseId
from autograder.submissions.notebooks.answer_cells import (
    PublicNames,
    defined_in,
    find_answer_cells,
    known_by_names,
    public_names,
)
from autograder.submissions.notebooks.cells import ANSWER, Cell
from autograder.submissions.notebooks.parts import Part
from autograder.submissions.notebooks.rewritten import rewritten
from autograder.submissions.notebooks.statements import CellSyntaxError, Code, read_code


def answer_cells(
    history: Sequence[str],
    exercises: Sequence[ExerciseId],
    checked: ExerciseId,
    saved: Sequence[Cell] = (),
    public: PublicNames = public_names,
) -> list[Cell]:
    """The executed cells as those of a notebook, with Jupyter's numbers.

    Only the last execution of an answer cell counts. The answer cell of the `checked` exercise comes last, so that it sees
    what was executed after it, as in the kernel. It is preceded by the cells that define what it lacks.

    Args:
        history: the executed cells, oldest first.
        exercises: the ids of all exercises of the practical.
        checked: the exercise that is checked.
        saved: the cells of the notebook's file, if known: if an exercise has several answer cells there, those that were
            executed count together.
        public: the names that an exercise has to define.
    """
    names = {exercise.name for exercise in exercises}
    plain = [Cell(number, "code", source) for number, source in enumerate(history) if source.strip()]
    answers: dict[str, list[Cell]] = {}
    in_file = find_answer_cells(saved, exercises, public) if saved else {}
    sources = {name: [cell.source.strip() for cell in found.cells] for name, found in in_file.items()}
    executed: dict[str, list[Cell]] = {}
    for name in names:
        same = {source for source in sources.get(name, []) if source}
        found = [cell for cell in plain if cell.marked == name or (not cell.marked and cell.source.strip() in same)]
        executed |= {name: found} if found else {}
    executed |= known_by_names(plain, [exercise for exercise in exercises if exercise.name not in executed], public)
    for name, found in executed.items():
        latest = {cell.source.strip(): cell for cell in found}
        copies = sources.get(name, [])
        counted = [latest[source] for source in copies if source in latest] if len(copies) > 1 else []
        counted += [] if found[-1] in counted else [found[-1]]
        answers[name] = [replace(cell, tag=ANSWER + name) for cell in counted]
    tagged = {cell.number: cell for found in answers.values() for cell in found}
    others = [cell for cell in plain if cell.number not in tagged and cell.marked not in names]
    cells = sorted([*others, *tagged.values()], key=lambda cell: cell.number)
    final = answers.get(checked.name, [])
    if not final:
        return cells
    lacking = public(checked).difference(*(defined_in(cell) for cell in final))
    needed = [cell for cell in others if lacking & defined_in(cell)]
    moved = {cell.number for cell in [*needed, *final]}
    return [*(cell for cell in cells if cell.number not in moved), *needed, *final]


def rewritten_elsewhere(cells: Sequence[Cell], checked: ExerciseId) -> list[str]:
    """What to say about functions of the answer cell that were executed in another cell too."""
    tag = ANSWER + checked.name
    parts = [Part(cell, code, "", 0, False) for cell in cells if (code := _code(cell)) is not None]
    answers = [part for part in parts if part.cell.tag == tag]
    if not answers:
        return []
    last = max(part.cell.number for part in answers)
    others = sorted((part for part in parts if not part.cell.tag), key=lambda part: part.cell.number)
    before = [part for part in others if part.cell.number < last]
    after = [part for part in others if part.cell.number > last]
    return list(rewritten(checked.name, public_names(checked), answers, before, after))


def left_behind(history: Sequence[str], cells: Sequence[Cell], checked: ExerciseId) -> list[str]:
    """What to say about public names that only an earlier execution of an answer cell defined."""
    tag = ANSWER + checked.name
    counted = frozenset().union(*(defined_in(cell) for cell in cells if cell.tag == tag or not cell.tag))
    notes = []
    for name in sorted(public_names(checked) - counted):
        for number in range(len(history) - 1, -1, -1):
            earlier = Cell(number, "code", history[number])
            if earlier.marked == checked.name and name in defined_in(earlier):
                notes.append(
                    f"cell {number} is an answer cell for {checked.name} too and defines {name}, which the last one run "
                    "does not: merge them into one cell"
                )
                break
    return notes


def _code(cell: Cell) -> Code | None:
    try:
        return read_code(cell.source)
    except CellSyntaxError:
        return None
