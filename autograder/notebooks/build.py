"""Builds the instructor's notebooks and the mark schemes from solutions/, and strips the notebooks for students.

A notebook is a plain JSON object in nbformat 4.5 with nbgrader's metadata. Hidden text only occurs in regions between
`### BEGIN SOLUTION` and `### END SOLUTION`. Two builds from the same source are equal byte by byte.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.build import SEAL, sealed
from autograder.course.catalogue import Exercise, Project
from autograder.course.markers import BEGIN, END, strip_solutions
from autograder.notebooks.sources import ExerciseCell, Narrative, NotebookSource, Question, sources
from autograder.submissions.notebooks.answers import Value, literal_text
from autograder.submissions.notebooks.cells import ANSWER, CHECKS, OURS, QUESTION, RELEASED, TEXT, digest, marker

Notebook = dict[str, Any]
Cell = dict[str, Any]
TEXT_STUB = "YOUR ANSWER HERE"


@dataclass(frozen=True)
class Points:
    """The points of a cell. In nbgrader a bonus cell has 0 points, and its points are given as extra credit."""

    maximum: float
    bonus: bool = False

    @property
    def in_nbgrader(self) -> float:
        return 0 if self.bonus else self.maximum

    def __str__(self) -> str:
        return f"{self.maximum:g} {'bonus ' if self.bonus else ''}point{'' if self.maximum == 1 else 's'}"


Worth = Callable[[Exercise], Points]


def worth(exercise: Exercise) -> Points:
    """The points of an exercise's checks."""
    from autograder.checks.grader import load_grader

    grader = load_grader(exercise.id)
    return Points(sum(check.spec.points for check in grader.checks), grader.spec.bonus)


def generated(project: Project, points: Worth = worth) -> Iterator[tuple[Path, str]]:
    """Every generated file of assignments/ with its text: a notebook and a mark scheme for each practical."""
    for source in sources(project):
        folder = project.root / "assignments"
        notebook = instructor_notebook(source, points)
        notebook["metadata"][OURS]["seal"] = SEAL
        yield folder / "source" / source.practical / f"{source.practical}.ipynb", sealed(to_text(notebook))
        yield folder / "mark_schemes" / f"{source.practical}.md", mark_schemes(source)


def instructor_notebook(source: NotebookSource, points: Worth = worth) -> Notebook:
    """The notebook with all answers. It runs from top to bottom."""
    cells: list[Cell] = []
    for cell in source.cells:
        if isinstance(cell, Narrative):
            cells.append(_cell(cell.kind, cell.text))
        elif isinstance(cell, ExerciseCell):
            cells += _exercise_cells(cell.exercise, points(cell.exercise))
        else:
            cells += _question_cells(cell)
    _give_ids(cells)
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            OURS: {"practical": source.practical},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def student_notebook(notebook: Notebook) -> Notebook:
    """The notebook without answers, outputs and the seal of a generated file."""
    released = copy.deepcopy(notebook)
    released["metadata"][OURS].pop("seal", None)
    for cell in released["cells"]:
        cell["source"] = stripped(cell)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return released


def stripped(cell: Cell) -> str:
    """A cell's text as released to students. Raises MarkerError if the markers in it are malformed."""
    tag, text = cell["metadata"].get("nbgrader", {}).get("grade_id", ""), str(cell["source"])
    if tag.startswith(TEXT):
        return TEXT_STUB
    if not tag.startswith(ANSWER):
        return text
    if QUESTION.fullmatch(tag.removeprefix(ANSWER)):
        return text[: text.index(BEGIN)].rstrip("\n")
    return strip_solutions(text, f"the cell {tag}").rstrip("\n")


def to_text(notebook: Notebook) -> str:
    """The text of an .ipynb file, formatted as nbformat formats it."""
    lines = copy.deepcopy(notebook)
    for cell in lines["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return json.dumps(lines, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def mark_schemes(source: NotebookSource) -> str:
    """The page for markers: each question with its answers, its model answer and its marks."""
    parts = [
        f"<!-- GENERATED from solutions/notebooks/{source.practical}.py by `autograder build`. For teachers only. -->\n"
        f"<!-- {SEAL} -->\n\n# {source.practical}: mark schemes\n"
    ]
    total = sum(question.points for question in source.questions if not question.bonus)
    extra = sum(question.points for question in source.questions if question.bonus)
    by_hand = sum(question.points for question in source.questions if not question.expected)
    more = f" and {Points(extra, True)} given as extra credit" if extra else ""
    number = f"{len(source.questions)} question{'' if len(source.questions) == 1 else 's'}"
    parts.append(f"{number}, {Points(total)}{more}; marked by hand: {Points(by_hand)}.\n")
    for question in source.questions:
        how = "graded automatically" if question.expected else "marked by hand"
        parts.append(f"## {question.id} ({_points(question)}, {how})\n\n{_quoted(question.text)}\n")
        if question.expected:
            rows = [f"    {name} = {literal_text(value)}" for name, value in question.expected.items()]
            off = [f"    (within {question.tolerance:g})"] if question.tolerance else []
            parts.append("\n".join(rows + off) + "\n")
        if question.mark_scheme:
            parts.append(f"{question.mark_scheme.rstrip()}\n")
    return sealed("\n".join(parts))


def _exercise_cells(exercise: Exercise, points: Points) -> list[Cell]:
    origin = exercise.solution.relative_to(exercise.root).as_posix()
    code = without_sibling_imports(exercise.solution.read_text(encoding="utf-8"))
    answer = _cell("code", f"{marker(exercise.name)}\n{code}", ANSWER + exercise.name, solution=True)
    answer["metadata"][OURS] = {RELEASED: digest(strip_solutions(answer["source"], origin))}
    text = (
        f"# {points}. Grades the cell above and says which checks fail and why. There is nothing to write here.\n"
        f'from autograder.notebooks import check\n\ncheck("{exercise.name}")'
    )
    return [answer, _cell("code", text, CHECKS + exercise.name, grade=True, locked=True, points=points)]


def _question_cells(question: Question) -> list[Cell]:
    points = _points(question)
    asked = _cell("markdown", f"{question.text.rstrip()}\n\n*{points}*")
    if not question.expected:
        text = f"{BEGIN}\n{question.mark_scheme.rstrip()}\n{END}"
        return [asked, _cell("markdown", text, TEXT + question.id, grade=True, solution=True, points=points)]
    blank = [f"{name} = None  # {_kind_of_answer(value)}" for name, value in question.expected.items()]
    right = [f"{name} = {literal_text(value)}" for name, value in question.expected.items()]
    answer = _cell("code", "\n".join([*blank, BEGIN, *right, END]), ANSWER + question.id, solution=True)
    answer["metadata"][OURS] = {RELEASED: digest("\n".join(blank))}
    text = (
        f"# {points}, graded after you hand in. Shows the answers above as they will be read.\n"
        f'from autograder.notebooks import check\n\ncheck("{question.id}")'
    )
    return [asked, answer, _cell("code", text, CHECKS + question.id, grade=True, locked=True, points=points)]


def without_sibling_imports(source: str) -> str:
    """A module's text without `from .sibling import name`: in a notebook the name comes from an earlier cell."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and node.level:
            del lines[node.lineno - 1 : node.end_lineno]
            after = node.lineno - 1  # removes one of two blank lines that are adjacent now
            if after < len(lines) and not lines[after].strip() and not lines[after - 1].strip():
                del lines[after]
    return "\n".join(lines).rstrip("\n")


def _cell(kind: str, text: str, tag: str = "", *, points: Points | None = None, **flags: bool) -> Cell:
    """One cell. `flags`: the nbgrader flags (grade, solution, locked) that are true."""
    cell: Cell = {"cell_type": kind, "metadata": {}, "source": text.rstrip("\n")}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    if tag:
        about: dict[str, Any] = {name: flags.get(name, False) for name in ("grade", "solution", "locked", "task")}
        about |= {"grade_id": tag, "schema_version": 3} | ({} if points is None else {"points": points.in_nbgrader})
        cell["metadata"]["nbgrader"] = about
    return cell


def _give_ids(cells: list[Cell]) -> None:
    """Gives each cell its tag as id, or else a digest of its text, so that equal notebooks have equal ids."""
    seen: dict[str, int] = {}
    for cell in cells:
        tag = cell["metadata"].get("nbgrader", {}).get("grade_id")
        name = tag or hashlib.sha256(f"{cell['cell_type']}\n{cell['source']}".encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        cell["id"] = name[:60] if seen[name] == 1 else f"{name}-{seen[name]}"


def _kind_of_answer(value: Value) -> str:
    """The kind of value that the student has to write."""
    if isinstance(value, bool):
        return "True or False"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, list):
        return "a tuple such as (1, 2)"
    return 'a letter such as "A"' if len(value) == 1 else "a word in quotes"


def _points(question: Question) -> Points:
    return Points(question.points, question.bonus)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.rstrip().split("\n"))
