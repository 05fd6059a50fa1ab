"""Extracts the modules of exercises, as bytes, from a notebook that was handed in. Nothing in it is run.

An exercise's module consists of imports, definitions and constants: all from the exercise's answer cell, and those that
it needs from the untagged cells since the previous answer cell, and from the notebook's imports. A name that the cells of
an earlier exercise define is imported from that exercise's module, since the kernel would have found it there.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course.catalogue import ExerciseId
from autograder.submissions.notebooks.cells import Cell
from autograder.submissions.notebooks.statements import CellSyntaxError, Code, Statement, read_code

_BUILTINS = frozenset(vars(builtins)) | {"__name__", "__doc__", "__file__"}
_DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.M)
MAX_NOTES = 20


@dataclass(frozen=True)
class Places:
    """The origin of a module's lines. Each piece is (its first line in the module, the cell's number, the line there)."""

    notebook: str
    pieces: tuple[tuple[int, int, int], ...]

    @property
    def answer_cell(self) -> str:
        """The exercise's answer cell, which is the last piece."""
        return f"{self.notebook}, cell {self.pieces[-1][1]}"

    def of(self, line: int) -> str:
        """The origin of a line of the module, as "p1_mlp.ipynb, cell 12, line 3"."""
        first, cell, start = max(
            (piece for piece in self.pieces if piece[0] <= line), default=(line, self.pieces[0][1], 1)
        )
        return f"{self.notebook}, cell {cell}, line {start + line - first}"


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


def extract(cells: Sequence[Cell], notebook: str, exercises: Sequence[ExerciseId]) -> Extracted:
    """Extracts the modules of one notebook.

    Args:
        cells: the result of `read_cells`.
        notebook: the notebook's name, for messages.
        exercises: the ids of all exercises of one practical, such as "p1_mlp/mlp_nn".
    """
    return _Extraction(cells, notebook, exercises).run()


def name_cells_in(text: str, path: str, places: Mapping[str, Places]) -> str:
    """Replaces lines of modules by the student's cells in a message about the exercise at `path`."""
    if path in places:  # the scan for forbidden calls gives the line without a file name
        text = re.sub(r"\(line (\d{1,6})\)", lambda match: f"({places[path].of(int(match[1]))})", text)
    if not places:
        return text
    reference = re.compile(r"\b(" + "|".join(map(re.escape, places)) + r")(?::(\d{1,6})\b)?")
    return reference.sub(lambda m: places[m[1]].of(int(m[2])) if m[2] else places[m[1]].answer_cell, text)


def practical_of(cells: Sequence[Cell], exercises: Sequence[ExerciseId]) -> str:
    """The practical that most of the answer cells belong to, or "" if there is no answer cell."""
    home = {exercise.name: exercise.practical for exercise in exercises}
    practicals = [home[cell.exercise] for cell in cells if cell.exercise in home]
    return max(sorted(set(practicals)), key=practicals.count, default="")


@dataclass
class _Part:
    """One code cell: its statements, and the exercise whose module it belongs to ("" after the last answer cell)."""

    cell: Cell
    code: Code
    is_answer: bool
    owner: str = ""
    kept: set[Statement] = field(default_factory=set)


class _Extraction:
    def __init__(self, cells: Sequence[Cell], notebook: str, exercises: Sequence[ExerciseId]) -> None:
        self._notebook = notebook
        self._practical = exercises[0].practical
        self._names = [exercise.name for exercise in exercises]
        self._result = Extracted()
        self._broken: dict[str, Cell] = {}
        self._siblings: dict[str, set[tuple[str, str]]] = {name: set() for name in self._names}
        self._imports: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in self._names}
        self._answers = self._find_answers(cells)
        self._parts = self._read(cells)
        self._order = [part.owner for part in self._parts if part.is_answer]
        self._drop_experiments()
        self._binders: dict[str, list[int]] = {}
        for index, part in enumerate(self._parts):
            for statement in part.code.statements:
                for bound in statement.binds:
                    self._binders.setdefault(bound, []).append(index)

    def run(self) -> Extracted:
        for name in reversed(self._order):  # later exercises first: an earlier one must keep what they import from it
            self._resolve(name)
        for name in self._order:
            self._assemble(name)
        for name, cell in self._broken.items():
            self._put(name, [(line, cell.number, i) for i, line in enumerate(cell.source.split("\n"), start=1)])
        for name in self._names:
            path = self._path(name)
            if name in self._answers and self._answers[name].untouched:
                self._result.untouched.add(path)
            if path not in self._result.files and path not in self._result.problems:
                self._result.missing.add(path)
                self._result.problems[path] = (
                    f"{self._notebook} has no answer cell for {name}: fetch the notebook again, and copy your code into "
                    f"its answer cell for {name}"
                )
        if len(self._result.notes) > MAX_NOTES:
            self._result.notes[MAX_NOTES:] = [f"and {len(self._result.notes) - MAX_NOTES} more"]
        return self._result

    def _path(self, name: str) -> str:
        return f"{self._practical}/{name}.py"

    def _where(self, cell: Cell) -> str:
        return f"{self._notebook}, cell {cell.number}"

    def _find_answers(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """The answer cell of each exercise. Several that differ are a problem, and none of them counts."""
        answers: dict[str, Cell] = {}
        for name in self._names:
            candidates = [cell for cell in cells if cell.exercise == name]
            if not candidates:  # the tag was changed, so the first line decides
                candidates = [cell for cell in cells if cell.kind == "code" and cell.marked == name]
            edited = [cell for cell in candidates if not cell.untouched] or candidates[:1]
            if len({cell.source.strip() for cell in edited}) > 1:
                numbers = " and ".join(str(cell.number) for cell in edited[:4])
                self._result.problems[self._path(name)] = (
                    f"cells {numbers} of {self._notebook} are answer cells for {name} and differ: keep only one"
                )
            elif edited:
                answers[name] = edited[0]
                if not edited[0].tag:
                    self._result.notes.append(f"{self._where(edited[0])} lost its tag; its first line names {name}")
        return answers

    def _read(self, cells: Sequence[Cell]) -> list[_Part]:
        """The relevant code cells, each with the exercise that it belongs to."""
        by_number = {cell.number: name for name, cell in self._answers.items()}
        parts: list[_Part] = []
        segment: list[_Part] = []
        for cell in cells:
            name = by_number.get(cell.number, "")
            if cell.kind != "code" or (cell.exercise and not name) or (cell.tag and not name):
                continue
            try:
                part = _Part(cell, read_code(cell.source), bool(name))
            except CellSyntaxError as error:
                if name:
                    self._broken[name] = cell
                    segment = []
                else:
                    what = f"line {error.line}: {error.message}"
                    self._result.notes.append(f"{self._where(cell)} was skipped: it is not valid Python ({what})")
                continue
            parts.append(part)
            segment.append(part)
            if name:
                for each in segment:
                    each.owner = name
                segment = []
                for line in part.code.skipped:
                    self._result.notes.append(
                        f"{self._where(cell)}: line {line} was skipped: it is not an import, a definition or a constant"
                    )
        return parts

    def _drop_experiments(self) -> None:
        """Drops assignments of values that are not constants: computed by the student's functions, or from dropped names."""
        kinds: dict[str, str] = {}
        star = False
        for part in self._parts:
            for statement in list(part.code.statements):
                if statement.is_import or statement.is_definition:
                    star = star or statement.is_star
                    kinds |= dict.fromkeys(statement.binds, "import" if statement.is_import else "definition")
                    continue
                known = all(name in kinds or name in _BUILTINS or star for name in statement.uses)
                if known and not any(kinds.get(name) == "definition" for name in statement.calls):
                    kinds |= dict.fromkeys(statement.binds, "constant")
                else:
                    part.code.statements.remove(statement)
                    if part.is_answer:
                        self._result.notes.append(
                            f"{self._where(part.cell)}: line {statement.node.lineno} was skipped: it is not a constant, "
                            "since your own code computes it"
                        )
                    for name in statement.binds:
                        kinds.pop(name, None)

    def _resolve(self, name: str) -> None:
        """Marks the statements that the module of an exercise needs, in its own cells and in others."""
        last = next(i for i, part in enumerate(self._parts) if part.is_answer and part.owner == name)
        answer = self._parts[last]
        answer.kept |= set(answer.code.statements)
        seen = {bound for s in answer.code.statements for bound in s.binds}
        waiting = [s for part in self._parts if part.owner == name for s in part.kept]
        while waiting:
            for used in sorted(waiting.pop().uses - seen):
                seen.add(used)
                waiting += self._find(used, name, last)

    def _find(self, used: str, name: str, last: int) -> list[Statement]:
        """Takes the statements that bind a name: in the last cell before the answer cell, or else an import after it."""
        places = self._binders.get(used, [])
        for index in [*reversed([i for i in places if i <= last]), *[i for i in places if i > last]]:
            part = self._parts[index]
            binding = [s for s in part.code.statements if used in s.binds and (index <= last or s.is_import)]
            if not binding:
                continue
            if binding[-1].is_import:
                line = binding[-1].importing(used)
                self._imports[name].setdefault(line, (part.cell.number, binding[-1].node.lineno))
                return []
            part.kept |= set(binding)
            if part.owner != name:
                self._siblings[name].add((part.owner, used))
                return []
            return binding
        if used not in _BUILTINS:
            for other, cell in self._broken.items():
                if cell.number < self._parts[last].cell.number and used in _DEFINED.findall(cell.source):
                    self._siblings[name].add((other, used))
        return []

    def _assemble(self, name: str) -> None:
        own = [part for part in self._parts if part.owner == name]
        number = own[-1].cell.number
        futures, stars = [], []
        for part in self._parts:
            for statement in part.code.statements:
                if part.cell.number <= number and statement.is_future:
                    futures.append((ast.unparse(statement.node), part.cell.number, statement.node.lineno))
                elif statement.is_star and part not in own[-1:]:
                    stars.append((ast.unparse(statement.node), part.cell.number, statement.node.lineno))
        rows = futures[:1] + stars
        rows += [(line, *place) for line, place in self._imports[name].items()]
        rows += [(f"from .{other} import {used}", number, 1) for other, used in sorted(self._siblings[name])]
        for part in own:
            kept = [s for s in part.code.statements if s in part.kept and not s.is_future]
            kept = [s for s in kept if part.is_answer or not s.is_import]
            text = part.code.text(kept)
            if text:
                rows += [(line, part.cell.number, i) for i, line in enumerate(text, start=1)]
        self._put(name, rows or [("", number, 1)])

    def _put(self, name: str, rows: list[tuple[str, int, int]]) -> None:
        """Stores a module. `rows`: each line of it, with the cell and the line there that it comes from."""
        pieces = []
        for index, (_, cell, line) in enumerate(rows, start=1):
            if index == 1 or (cell, line - 1) != rows[index - 2][1:]:
                pieces.append((index, cell, line))
        path = self._path(name)
        self._result.files[path] = ("\n".join(row[0] for row in rows) + "\n").encode()
        self._result.places[path] = Places(self._notebook, tuple(pieces))
