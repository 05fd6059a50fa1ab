"""The code cells of a notebook, parsed: which exercise each belongs to, and which of its statements can count."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.submissions.notebooks.answer_cells import AnswerCells
from autograder.submissions.notebooks.cells import Cell
from autograder.submissions.notebooks.statements import CellSyntaxError, Code, Statement, read_code

BUILTINS = frozenset(vars(builtins)) | {"__name__", "__doc__", "__file__"}


@dataclass
class Notes:
    """Remarks on a notebook, in order, each with the exercise that it is about, or ""."""

    notebook: str
    entries: list[tuple[str, str]] = field(default_factory=list)

    def add(self, text: str, exercise: str = "") -> None:
        self.entries.append((text, exercise))

    def where(self, cell: Cell) -> str:
        return f"{self.notebook}, cell {cell.number}"


@dataclass(eq=False)
class Part:
    """One code cell.

    answers: the exercise whose answer cell it is, or "".
    owner: the exercise that it belongs to: that of the next answer cell at or below it, or "" if there is none.
    section: how many answer cells stand above it.
    aside: whether it is one of the generated cells that are no exercise's, whose code counts only if no other does.
    """

    cell: Cell
    code: Code
    answers: str
    section: int
    aside: bool
    owner: str = ""


@dataclass
class Parts:
    """The parts of a notebook, in order.

    broken: the answer cells that are not valid Python, by exercise. They are not among the parts.
    """

    parts: list[Part]
    broken: dict[str, Cell]

    def __post_init__(self) -> None:
        self.binders: dict[str, dict[int, list[Statement]]] = {}
        """The statements that bind a name, by the index of their part."""
        for index, part in enumerate(self.parts):
            for statement in part.code.statements:
                for name in statement.binds:
                    self.binders.setdefault(name, {}).setdefault(index, []).append(statement)

    def answers(self, exercise: str) -> list[Part]:
        return [part for part in self.parts if part.answers == exercise]


def read_parts(cells: Sequence[Cell], answers: dict[str, AnswerCells], notes: Notes) -> Parts:
    """Parses a notebook's code cells. Copies of answer cells that do not count are left out."""
    homes = {cell.number: name for name, found in answers.items() for cell in found.cells}
    unused = {cell.number for cell in cells if cell.exercise in answers and cell.number not in homes}
    parts: list[Part] = []
    waiting: list[Part] = []
    broken: dict[str, Cell] = {}
    section = 0
    for cell in cells:
        name = homes.get(cell.number, "")
        if cell.kind != "code" or cell.number in unused:
            continue
        try:
            part = Part(cell, read_code(cell.source), name, section, aside=bool(cell.tag) and not name)
        except CellSyntaxError as error:
            if not name or len(answers[name].cells) > 1:
                what = f"line {error.line}: {error.message}"
                notes.add(f"{notes.where(cell)} was skipped: it is not valid Python ({what})", name)
            if name:
                broken[name] = cell
                waiting, section = [], section + 1
            continue
        parts.append(part)
        waiting.append(part)
        if name:
            for each in waiting:
                each.owner = name
            waiting, section = [], section + 1
            for line in part.code.skipped:
                text = f"line {line} was skipped: it is not an import, a definition or a constant"
                notes.add(f"{notes.where(cell)}: {text}", name)
    _drop_experiments(parts, notes)
    valid = {part.answers for part in parts}
    return Parts(parts, {name: cell for name, cell in broken.items() if name not in valid})


def _drop_experiments(parts: list[Part], notes: Notes) -> None:
    """Drops assignments of values that are not constants: computed by the student's functions, or from dropped names."""
    kinds: dict[str, str] = {}
    kept: list[_Placed] = []
    dropped: list[_Placed] = []
    star = False
    for index, part in enumerate(parts):
        for statement in part.code.statements:
            placed = _Placed(index, part, statement)
            if statement.is_import or statement.is_definition:
                star = star or statement.is_star
                kinds |= dict.fromkeys(statement.binds, "import" if statement.is_import else "definition")
                kept.append(placed)
                continue
            placed.called = any(kinds.get(name) == "definition" for name in statement.calls)
            placed.unknown = set() if star else set(statement.uses - kinds.keys() - BUILTINS)
            if placed.unknown or placed.called:
                dropped.append(placed)
                for name in statement.binds:
                    kinds.pop(name, None)
            else:
                kinds |= dict.fromkeys(statement.binds, "constant")
                kept.append(placed)
    constants = {placed.statement for placed in kept} | _known_below(kept, dropped)
    for part in parts:
        part.code.statements = [statement for statement in part.code.statements if statement in constants]
    for placed in dropped:
        if placed.part.answers and placed.statement not in constants:
            line = f"line {placed.statement.node.lineno}"
            text = f"{line} was skipped: it is not a constant, since your own code computes it"
            notes.add(f"{notes.where(placed.part.cell)}: {text}", placed.part.answers)


@dataclass(eq=False)
class _Placed:
    """A statement with its cell, the part with this index.

    `unknown`: the names in it that nothing above binds; `called`: whether it runs the student's own code.
    """

    index: int
    part: Part
    statement: Statement
    unknown: set[str] = field(default_factory=set)
    called: bool = False


def _known_below(kept: list[_Placed], dropped: list[_Placed]) -> set[Statement]:
    """The dropped constants that only lack names from cells below, since those may have run first."""
    lowest: dict[str, int] = {}
    lowest_definition: dict[str, int] = {}
    for placed in kept:
        for name in placed.statement.binds:
            lowest[name] = placed.index
            if placed.statement.is_definition:
                lowest_definition[name] = placed.index
    lacking: dict[str, list[_Placed]] = {}
    for placed in dropped:
        for name in placed.unknown:
            lacking.setdefault(name, []).append(placed)
    constants: set[Statement] = set()
    waiting = [name for name in lowest if name in lacking]
    while waiting:
        name = waiting.pop()
        for placed in lacking[name]:
            index, statement = placed.index, placed.statement
            runs_code = name in statement.calls and lowest_definition.get(name, -1) > index
            if lowest[name] <= index or runs_code or name not in placed.unknown:
                continue
            placed.unknown.remove(name)
            if placed.unknown or placed.called:
                continue
            constants.add(statement)
            for bound in statement.binds:
                lowest[bound] = max(lowest.get(bound, -1), index)
                if bound in lacking:
                    waiting.append(bound)
    return constants
