"""Reads solutions/notebooks/<practical>.py, the text that a notebook is built from, into typed cells.

A jupytext py:percent file. A cell says what it is in its first line:

    # %% [markdown]                                  narrative, as it is
    # %%                                             code, as it is: an experiment, a figure
    # %% exercise="mlp_by_hand"                      empty: the exercise's answer cell and its check come here
    # %% [markdown] question="q01" points=2          a question that is answered in words, followed by
    # %% [markdown] mark_scheme="q01"                the model answer and the marks, for teachers only
    # %% [markdown] question="q21" points=1 bonus=true    a question whose points come on top of all others
    # %% [markdown] question="q08" points=1 expected={"q77_padding": 2} tolerance=0
                                                     a question that is answered by values, and graded automatically

A code cell that is nothing but `check("mlp_by_hand")`, right after that exercise, would repeat the exercise's own check
cell, and is left out.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from autograder.course.catalogue import CourseError, Exercise, Project, SourceError
from autograder.submissions.notebooks.answers import MAX_LENGTH, Value
from autograder.submissions.notebooks.cells import QUESTION

_MARKER = re.compile(r"# ?%%(?:\s|$)")
_OPTIONS = {"exercise", "question", "points", "bonus", "expected", "tolerance", "mark_scheme"}
_IGNORED = {"lines_to_next_cell", "cell_marker"}  # jupytext's own
_NAME = re.compile(r"(q[0-9]{2}[a-z]?)_[A-Za-z][A-Za-z0-9_]*")
_SECRET = re.compile(r"#+ *(BEGIN|END) (SOLUTION|HIDDEN TESTS)|={3} *(BEGIN|END) MARK SCHEME")


class MissingTool(CourseError):
    """A package of the extra `nbgrader` is not installed."""


@dataclass(frozen=True)
class Narrative:
    """Text or code that is released as it is. `kind`: "markdown" or "code"."""

    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class ExerciseCell:
    """The place of an exercise."""

    line: int
    exercise: Exercise


@dataclass(frozen=True)
class Question:
    """A question. `expected`: name to value, empty where it is answered in words; `mark_scheme`: "" where there is none.
    `bonus`: whether its points come on top of all others."""

    line: int
    id: str
    text: str
    points: float
    expected: dict[str, Value]
    tolerance: float
    bonus: bool = False
    mark_scheme: str = ""


SourceCell = Narrative | ExerciseCell | Question


@dataclass(frozen=True)
class NotebookSource:
    """One practical's notebook, as it is written."""

    practical: str
    path: Path
    cells: tuple[SourceCell, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(cell for cell in self.cells if isinstance(cell, Question))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(cell.exercise for cell in self.cells if isinstance(cell, ExerciseCell))


def sources(project: Project) -> list[NotebookSource]:
    """All notebook sources that there are, by practical; a practical without one is left out. SourceError, MissingTool."""
    return [read_source(project, path) for path in sorted((project.root / "solutions" / "notebooks").glob("*.py"))]


def read_source(project: Project, path: Path) -> NotebookSource:
    """One notebook source; SourceError, with file, line and remedy, where something in it is wrong."""
    name = path.relative_to(project.root).as_posix()
    exercises = {e.name: e for e in project.exercises() if e.practical == path.stem and e.solution.is_file()}
    if not exercises:
        remedy = f"Name it after a folder of solutions/: {_listed({e.practical for e in project.exercises()})}."
        raise SourceError(name, 1, f"there is no practical {path.stem!r}", remedy)
    cells = _Reader(name, exercises).read(path.read_text(encoding="utf-8"))
    return NotebookSource(path.stem, path, tuple(cells))


@dataclass(frozen=True)
class _Raw:
    line: int
    kind: str
    text: str
    options: dict[str, Any]


class _Reader:
    def __init__(self, name: str, exercises: dict[str, Exercise]) -> None:
        self._name = name
        self._exercises = exercises
        self._lines: dict[str, int] = {}
        """Where each exercise and question was first met."""

    def read(self, text: str) -> list[SourceCell]:
        cells: list[SourceCell] = []
        for raw in self._raw_cells(text):
            if "mark_scheme" in raw.options:
                cells[-1:] = [self._with_scheme(raw, cells[-1] if cells else None)]
            elif not self._repeats_check(raw, cells):
                cells.append(self._cell(raw))
        for cell in cells:
            if isinstance(cell, Question) and not cell.expected and not cell.mark_scheme:
                remedy = f'Put a cell `# %% [markdown] mark_scheme="{cell.id}"` with the model answer right after it.'
                self._fail(cell.line, f"the question {cell.id} has no mark scheme", remedy)
        for name in self._exercises:
            if name not in self._lines:
                self._fail(1, f"the exercise {name} has no place", f'Add a cell `# %% exercise="{name}"`.')
        return cells

    def _fail(self, line: int, problem: str, remedy: str) -> NoReturn:
        raise SourceError(self._name, line, problem, remedy)

    def _raw_cells(self, text: str) -> list[_Raw]:
        try:
            import jupytext
        except ImportError:
            raise MissingTool(
                f"{self._name} is a notebook, and jupytext is not installed. Run: pip install 'autograder[nbgrader]'"
            ) from None
        notebook = jupytext.reads(text, fmt="py:percent")
        starts = [number for number, line in enumerate(text.split("\n"), start=1) if _MARKER.match(line)]
        # Text above the first marker is a cell of its own.
        starts = [1] * (len(notebook.cells) - len(starts)) + starts
        raw = []
        for start, cell in zip(starts, notebook.cells):
            options = {key: value for key, value in cell.metadata.items() if key not in _IGNORED}
            if "incorrectly_encoded_metadata" in options:
                what = str(options["incorrectly_encoded_metadata"])
                self._fail(
                    start, f"{what!r} cannot be read", 'Write key=value with JSON values, as question="q01" points=2.'
                )
            for key in sorted(options.keys() - _OPTIONS):
                self._fail(start, f"a cell has no option {key!r}", f"Options are {_listed(_OPTIONS)}.")
            raw.append(_Raw(start, cell.cell_type, cell.source, options))
        return raw

    def _cell(self, raw: _Raw) -> SourceCell:
        options = raw.options
        if not options:
            self._refuse_markers(raw)
            return Narrative(raw.line, raw.kind, raw.text)
        if "exercise" in options and "question" in options:
            self._fail(raw.line, "a cell is an exercise and a question", "Make two cells of it.")
        if "exercise" in options:
            return self._exercise(raw)
        if "question" in options:
            return self._question(raw)
        self._fail(raw.line, f"{_listed(options)} without a question", 'Add question="q01", or delete it.')

    def _exercise(self, raw: _Raw) -> ExerciseCell:
        name = raw.options["exercise"]
        if len(raw.options) > 1:
            more = _listed(raw.options.keys() - {"exercise"})
            self._fail(raw.line, f"the exercise {name} has the option {more}", "Its points are those of its checks.")
        if name not in self._exercises:
            self._fail(raw.line, f"there is no exercise {name!r}", f"There are: {_listed(self._exercises)}.")
        if raw.kind != "code" or raw.text.strip():
            remedy = "Leave the cell empty, a code cell; the code comes from the solution."
            self._fail(raw.line, f"the cell of the exercise {name} has something in it", remedy)
        self._once(raw, name, f"the exercise {name}")
        return ExerciseCell(raw.line, self._exercises[name])

    def _question(self, raw: _Raw) -> Question:
        options, name = raw.options, raw.options["question"]
        if not isinstance(name, str) or not QUESTION.fullmatch(name):
            self._fail(raw.line, f"{name!r} is no name of a question", "Write q and two digits, as q01 or q04w.")
        self._once(raw, name, f"the question {name}")
        if raw.kind != "markdown" or not raw.text.strip():
            self._fail(raw.line, f"the question {name} has no text", "Make it a [markdown] cell that asks it.")
        self._refuse_markers(raw)
        points = options.get("points", 0)
        if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 < points < math.inf:
            found = f"has points={points!r}" if "points" in options else "has no points"
            self._fail(raw.line, f"the question {name} {found}", "Write points=1 on its line, or 2, or 0.5.")
        bonus = options.get("bonus", False)
        if not isinstance(bonus, bool):
            self._fail(raw.line, f"the question {name} has bonus={bonus!r}", "Write bonus=true, or delete it.")
        expected = options.get("expected", {})
        if "expected" in options:
            self._check_expected(raw, name, expected)
        tolerance = options.get("tolerance", 0)
        if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 <= tolerance < math.inf:
            self._fail(raw.line, f"the question {name} has tolerance={tolerance!r}", "Write a number from 0 on.")
        if "tolerance" in options and not expected:
            self._fail(
                raw.line, f"the question {name} has a tolerance and no expected values", "Delete one, or add them."
            )
        return Question(raw.line, name, raw.text, points, expected, tolerance, bonus)

    def _check_expected(self, raw: _Raw, question: str, expected: object) -> None:
        if not isinstance(expected, dict) or not expected:
            remedy = f'Write expected={{"{question}_name": value}}.'
            self._fail(raw.line, f"the question {question} has expected={expected!r}", remedy)
        for name, value in expected.items():
            found = _NAME.fullmatch(name)
            if found is None or found[1] != question:
                remedy = f"Begin it with {question}_, as {question}_size."
                self._fail(raw.line, f"{name!r} is no name of an answer to {question}", remedy)
            if not _is_value(value):
                remedy = "A value is a number, true or false, a letter, or a list of at most 32 of these."
                self._fail(raw.line, f"{name} is expected to be {value!r}", remedy)

    def _with_scheme(self, raw: _Raw, before: SourceCell | None) -> Question:
        name = raw.options["mark_scheme"]
        if not isinstance(before, Question) or before.id != name:
            self._fail(raw.line, f"the mark scheme of {name!r} does not follow its question", "Put it right after it.")
        if before.mark_scheme:
            self._fail(raw.line, f"{name} has two mark schemes", "Make one cell of them.")
        if len(raw.options) > 1 or raw.kind != "markdown" or not raw.text.strip():
            self._fail(
                raw.line, f"the mark scheme of {name} is no text", "Make it a [markdown] cell with no other option."
            )
        self._refuse_markers(raw)
        return replace(before, mark_scheme=raw.text)

    def _once(self, raw: _Raw, name: str, what: str) -> None:
        if name in self._lines:
            remedy = f"Its first cell is in line {self._lines[name]}; delete or rename one."
            self._fail(raw.line, f"{what} is there twice", remedy)
        self._lines[name] = raw.line

    def _refuse_markers(self, raw: _Raw) -> None:
        """What nbgrader would cut out of a cell has no business in a source: it is the builder that puts it there."""
        if found := _SECRET.search(raw.text):
            remedy = "A model answer goes into a cell with mark_scheme=..., code into the exercise's solution."
            self._fail(raw.line, f"the cell holds {found[0]!r}", remedy)

    def _repeats_check(self, raw: _Raw, cells: Sequence[SourceCell]) -> bool:
        if raw.options or raw.kind != "code" or not cells or not isinstance(cells[-1], ExerciseCell):
            return False
        try:
            tree = ast.parse(raw.text)
        except SyntaxError:
            return False
        return ast.unparse(tree) == f"check({cells[-1].exercise.name!r})"


def _is_value(value: object, depth: int = 0) -> bool:
    if isinstance(value, list):
        return depth < 2 and 0 < len(value) <= MAX_LENGTH and all(_is_value(item, depth + 1) for item in value)
    if isinstance(value, str):
        return 0 < len(value) <= MAX_LENGTH
    return isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value))


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))
