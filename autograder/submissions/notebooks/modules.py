"""Extracts the modules of exercises, as bytes, from a notebook that was handed in. Nothing in it is run.

An exercise's module consists of imports, definitions and constants: all from the exercise's answer cell, and those that
it needs from other cells.

- A name comes from the last cell at or above the answer cell that binds it, or else from an import below. If that cell
  belongs to another exercise, the name is imported from that exercise's module, where the kernel would have found it.
- A name that no such cell binds comes from the nearest section below, since the kernel would have it once that ran.
- Several edited answer cells of one exercise count together, as `copies` says.
- A public name that no answer cell defines comes from the untagged cells around the answer cell.

`check()` extracts the executed cells with the same code, so that it grades what would count.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.course.catalogue import ExerciseId
from autograder.submissions.notebooks.answer_cells import PublicNames, find_answer_cells, public_names
from autograder.submissions.notebooks.cells import Cell
from autograder.submissions.notebooks.needs import Resolution
from autograder.submissions.notebooks.parts import Notes, read_parts
from autograder.submissions.notebooks.places import Places as Places
from autograder.submissions.notebooks.places import name_cells_in as name_cells_in
from autograder.submissions.notebooks.rewritten import rewritten
from autograder.submissions.notebooks.statements import Statement

MAX_NOTES = 20


@dataclass
class Extracted:
    """Modules by path ("p1_mlp/mlp_nn.py"), problems of those that cannot be extracted, origins of lines, and notes."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)
    """Paths of the exercises whose answer cell is still as it was released."""
    missing: set[str] = field(default_factory=set)
    """Paths of the exercises without an answer cell; these have a problem as well."""
    notes: list[str] = field(default_factory=list)
    notes_on: dict[str, list[str]] = field(default_factory=dict)
    """The notes on single exercises, by path."""


def extract(
    cells: Sequence[Cell], notebook: str, exercises: Sequence[ExerciseId], public: PublicNames = public_names
) -> Extracted:
    """Extracts the modules of one notebook.

    Args:
        cells: the result of `read_cells`.
        notebook: the notebook's name, for messages.
        exercises: the ids of all exercises of one practical, such as "p1_mlp/mlp_nn".
        public: the names that an exercise has to define.
    """
    return _Extraction(cells, notebook, exercises, public).run()


def practical_of(cells: Sequence[Cell], exercises: Sequence[ExerciseId]) -> str:
    """The practical that most of the answer cells belong to, or "" if there is no answer cell."""
    home = {exercise.name: exercise.practical for exercise in exercises}
    practicals = [home[cell.exercise] for cell in cells if cell.exercise in home]
    return max(sorted(set(practicals)), key=practicals.count, default="")


_Row = tuple[str, int, int]
"""One line of a module, with the cell and the line there that it comes from."""


class _Extraction:
    def __init__(
        self, cells: Sequence[Cell], notebook: str, exercises: Sequence[ExerciseId], public: PublicNames
    ) -> None:
        self._exercises = {exercise.name: exercise for exercise in exercises}
        self._notes = Notes(notebook)
        self._result = Extracted()
        self._answers = find_answer_cells(cells, exercises, public)
        for name, found in self._answers.items():
            cell = found.cells[-1]
            if found.how == "line":
                self._notes.add(f"{self._notes.where(cell)} lost its tag; its first line names {name}", name)
            elif found.how == "names":
                text = f"{self._notes.where(cell)} lost its tag and its first line; it defines the names of {name}"
                self._notes.add(text, name)
        self._parts = read_parts(cells, self._answers, self._notes)
        names = {name: public(self._exercises[name]) for name in self._answers}
        self._resolution = Resolution(self._parts, names, self._notes)
        for name in self._resolution.order:
            self._note_rewritten(name, names[name])

    def run(self) -> Extracted:
        for name in self._resolution.order:
            self._assemble(name)
        for name, cell in self._parts.broken.items():
            rows = [(line, cell.number, i) for i, line in enumerate(cell.source.split("\n"), start=1)]
            self._put(name, rows, cell.number)
        notebook = self._notes.notebook
        for name, exercise in self._exercises.items():
            path = exercise.path
            if name in self._answers and self._answers[name].untouched:
                self._result.untouched.add(path)
            if name not in self._answers:
                self._result.missing.add(path)
                self._result.problems[path] = (
                    f"{notebook} has no answer cell for {name}: fetch the notebook again, and copy your code into its "
                    f"answer cell for {name}"
                )
        self._take_notes()
        return self._result

    def _note_rewritten(self, name: str, public: frozenset[str]) -> None:
        """Notes public names that an untagged cell around the answer cell defines too."""
        answers = self._parts.answers(name)
        section = answers[-1].section
        near = [part for part in self._parts.parts if not part.answers and not part.aside]
        above = [part for part in near if part.owner == name and part.section <= section]
        below = [part for part in near if part.section == section + 1]
        for text in rewritten(name, public, answers, above, below):
            self._notes.add(f"{self._notes.notebook}, {text}", name)

    def _take_notes(self) -> None:
        notes = [text for text, _ in self._notes.entries]
        more = [f"and {len(notes) - MAX_NOTES} more"] if len(notes) > MAX_NOTES else []
        self._result.notes = [*notes[:MAX_NOTES], *more]
        for text, name in self._notes.entries:
            if name:
                self._result.notes_on.setdefault(self._exercises[name].path, []).append(text)

    def _assemble(self, name: str) -> None:
        parts, needs = self._parts.parts, self._resolution.needs[name]
        answer = self._parts.answers(name)[-1]
        number = answer.cell.number
        futures, stars = [], []
        for part in parts:
            for statement in part.code.statements:
                if part.cell.number <= number and statement.is_future:
                    futures.append((ast.unparse(statement.node), part.cell.number, statement.node.lineno))
                elif statement.is_star and part.answers != name:
                    stars.append((ast.unparse(statement.node), part.cell.number, statement.node.lineno))
        rows: list[_Row] = futures[:1] + stars
        rows += [(line, *place) for line, place in needs.imports.items()]
        rows += [(f"from .{other} import {used}", number, 1) for other, used in sorted(needs.siblings)]
        kept = {
            index: [s for s in parts[index].code.statements if s in needs.kept[index] and not s.is_future]
            for index in sorted(needs.kept)
        }
        for index in _in_order(kept):
            text = parts[index].code.text(kept[index])
            rows += [(line, parts[index].cell.number, i) for i, line in enumerate(text, start=1)]
        self._put(name, rows or [("", number, 1)], number)

    def _put(self, name: str, rows: list[_Row], answer: int) -> None:
        """Stores a module. `answer`: the number of its answer cell."""
        pieces = []
        for index, (_, cell, line) in enumerate(rows, start=1):
            if index == 1 or (cell, line - 1) != rows[index - 2][1:]:
                pieces.append((index, cell, line))
        path = self._exercises[name].path
        self._result.files[path] = ("\n".join(row[0] for row in rows) + "\n").encode()
        self._result.places[path] = Places(self._notes.notebook, tuple(pieces), answer)


def _in_order(kept: dict[int, list[Statement]]) -> list[int]:
    """The indices of the cells in the order of the notebook, but each after the cells whose names it needs at once."""
    binders: dict[str, list[int]] = {}
    for index, statements in kept.items():
        for name in {name for statement in statements for name in statement.binds}:
            binders.setdefault(name, []).append(index)
    order: dict[int, None] = {}
    for start in kept:
        stack, opened = [start], {start}
        while stack:
            index = stack[-1]
            eager = {name for statement in kept[index] for name in statement.eager if name in binders}
            first = sorted({_nearest(binders[name], index) for name in eager} - opened - order.keys())
            opened |= set(first[:1])
            if first:
                stack.append(first[0])
            else:
                order.setdefault(stack.pop())
    return list(order)


def _nearest(indices: list[int], index: int) -> int:
    """The last of these indices up to `index`, or else the first one after it."""
    return max((i for i in indices if i <= index), default=indices[0])
