"""Reads solutions/notebooks/<practical>.py, the source of a notebook, into typed cells.

The source is a jupytext py:percent file. The first line of a cell gives its kind:

    # %% [markdown]                                  narrative, as it is
    # %%                                             code, as it is: an experiment, a figure
    # %% exercise="mlp_by_hand"                      empty: replaced by the exercise's answer cell and check cell
    # %% [markdown] question="q01" points=2          a question that is answered in words, followed by
    # %% [markdown] mark_scheme="q01"                the model answer and the marks, for teachers only
    # %% [markdown] question="q21" points=1 bonus=true    a question with bonus points
    # %% [markdown] question="q08" points=1 expected={"q77_padding": 2} tolerance=0
                                                     a question that is answered by values and graded automatically

A code cell that only contains `check("mlp_by_hand")`, right after that exercise, is dropped, since it would repeat the
exercise's check cell.
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
_IGNORED = {"lines_to_next_cell", "cell_marker"}  # set by jupytext
_NAME = re.compile(r"(q[0-9]{2}[a-z]?)_[A-Za-z][A-Za-z0-9_]*")
_SECRET = re.compile(r"#+ *(BEGIN|END) (SOLUTION|HIDDEN TESTS)|={3} *(BEGIN|END) MARK SCHEME")


class MissingTool(CourseError):
    """A package from the extra `nbgrader` is not installed."""


@dataclass(frozen=True)
class Narrative:
    """Text or code that is released unchanged. `kind`: "markdown" or "code"."""

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
    """A question.

    `expected` maps names to values, and is empty for a question answered in words. `mark_scheme` may be "". `bonus`: its
    points are extra credit.
    """

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
    """The source of one practical's notebook."""

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
    """All notebook sources, sorted by practical. Raises SourceError or MissingTool."""
    return [read_source(project, path) for path in sorted((project.root / "solutions" / "notebooks").glob("*.py"))]


def read_source(project: Project, path: Path) -> NotebookSource:
    """Reads one notebook source. Raises SourceError, with file, line and remedy, if something in it is wrong."""
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
        """The line of each exercise and question."""

    def read(self, text: str) -> list[SourceCell]:
        cells: list[SourceCell] = []
        for raw in self._raw_cells(text):
            if "mark_scheme" in raw.options:
                cells[-1:] = [self._with_scheme(raw, cells[-1] if cells else None)]
            elif not self._repeats_check(raw, cells):
                cells.append(self._cell(raw))
        for cell in cells:
            if isinstance(cell, Question) and not cell.expected and not cell.mark_scheme:
                remedy = f'Add a cell `# %% [markdown] mark_scheme="{cell.id}"` with the model answer right after it.'
                self._fail(cell.line, f"the question {cell.id} has no mark scheme", remedy)
        for name in self._exercises:
            if name not in self._lines:
                self._fail(1, f"the exercise {name} has no cell", f'Add a cell `# %% exercise="{name}"`.')
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
        # Text above the first marker forms a cell.
        starts = [1] * (len(notebook.cells) - len(starts)) + starts
        raw = []
        for start, cell in zip(starts, notebook.cells):
            options = {key: value for key, value in cell.metadata.items() if key not in _IGNORED}
            if "incorrectly_encoded_metadata" in options:
                what = str(options["incorrectly_encoded_metadata"])
                self._fail(
                    start, f"{what!r} cannot be read", 'Write key=value with JSON values: question="q01" points=2.'
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
            self._fail(raw.line, "a cell is both an exercise and a question", "Split it into two cells.")
        if "exercise" in options:
            return self._exercise(raw)
        if "question" in options:
            return self._question(raw)
        self._fail(raw.line, f"a cell has {_listed(options)} without a question", 'Add question="q01", or delete it.')

    def _exercise(self, raw: _Raw) -> ExerciseCell:
        name = raw.options["exercise"]
        if len(raw.options) > 1:
            more = _listed(raw.options.keys() - {"exercise"})
            remedy = "Delete it: an exercise has no other options, and its points come from its checks."
            self._fail(raw.line, f"the exercise {name} has the option {more}", remedy)
        if name not in self._exercises:
            self._fail(raw.line, f"there is no exercise {name!r}", f"The exercises are: {_listed(self._exercises)}.")
        if raw.kind != "code" or raw.text.strip():
            remedy = "Make it an empty code cell; the code comes from the solution."
            self._fail(raw.line, f"the cell of the exercise {name} is not empty", remedy)
        self._once(raw, name, f"the exercise {name}")
        return ExerciseCell(raw.line, self._exercises[name])

    def _question(self, raw: _Raw) -> Question:
        options, name = raw.options, raw.options["question"]
        if not isinstance(name, str) or not QUESTION.fullmatch(name):
            remedy = "Write q, two digits, and optionally a letter, such as q01 or q04w."
            self._fail(raw.line, f"{name!r} is not the name of a question", remedy)
        self._once(raw, name, f"the question {name}")
        if raw.kind != "markdown" or not raw.text.strip():
            self._fail(raw.line, f"the question {name} has no text", "Make it a [markdown] cell with the question.")
        self._refuse_markers(raw)
        points = options.get("points", 0)
        if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 < points < math.inf:
            problem = f"has points={points!r}" if "points" in options else "has no points"
            self._fail(
                raw.line, f"the question {name} {problem}", "Write a positive number on its line, such as points=1."
            )
        bonus = options.get("bonus", False)
        if not isinstance(bonus, bool):
            self._fail(raw.line, f"the question {name} has bonus={bonus!r}", "Write bonus=true, or delete it.")
        expected = options.get("expected", {})
        if "expected" in options:
            self._check_expected(raw, name, expected)
        tolerance = options.get("tolerance", 0)
        if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 <= tolerance < math.inf:
            self._fail(raw.line, f"the question {name} has tolerance={tolerance!r}", "Write a number of at least 0.")
        if "tolerance" in options and not expected:
            remedy = "Delete the tolerance, or add expected values."
            self._fail(raw.line, f"the question {name} has a tolerance but no expected values", remedy)
        return Question(raw.line, name, raw.text, points, expected, tolerance, bonus)

    def _check_expected(self, raw: _Raw, question: str, expected: object) -> None:
        if not isinstance(expected, dict) or not expected:
            remedy = f'Write expected={{"{question}_name": value}}.'
            self._fail(raw.line, f"the question {question} has expected={expected!r}", remedy)
        for name, value in expected.items():
            match = _NAME.fullmatch(name)
            if match is None or match[1] != question:
                remedy = f"Start it with {question}_, such as {question}_size."
                self._fail(raw.line, f"{name!r} is not a valid name for an answer to {question}", remedy)
            if not _is_value(value):
                remedy = f"Use a number, true or false, a letter or word, or a list of at most {MAX_LENGTH} of these."
                self._fail(raw.line, f"{name} is expected to be {value!r}, which is not a valid answer", remedy)

    def _with_scheme(self, raw: _Raw, before: SourceCell | None) -> Question:
        name = raw.options["mark_scheme"]
        if not isinstance(before, Question) or before.id != name:
            remedy = "Move it right after its question."
            self._fail(raw.line, f"the mark scheme of {name!r} does not follow its question", remedy)
        if before.mark_scheme:
            self._fail(raw.line, f"{name} has two mark schemes", "Merge them into one cell.")
        if len(raw.options) > 1 or raw.kind != "markdown" or not raw.text.strip():
            remedy = "Make it a [markdown] cell with text and no other option."
            self._fail(raw.line, f"the mark scheme of {name} is not a text cell", remedy)
        self._refuse_markers(raw)
        return replace(before, mark_scheme=raw.text)

    def _once(self, raw: _Raw, name: str, what: str) -> None:
        if name in self._lines:
            remedy = f"Its first cell is on line {self._lines[name]}; delete or rename one of them."
            self._fail(raw.line, f"{what} occurs twice", remedy)
        self._lines[name] = raw.line

    def _refuse_markers(self, raw: _Raw) -> None:
        """Refuses the markers of hidden regions in a source, since only the builder may add them."""
        if match := _SECRET.search(raw.text):
            remedy = "Put a model answer into a cell with mark_scheme=..., and code into the exercise's solution."
            self._fail(raw.line, f"the cell contains {match[0]!r}", remedy)

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
