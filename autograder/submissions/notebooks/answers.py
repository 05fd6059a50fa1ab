"""Answers to questions: plain values that a cell assigns, such as `q77_padding = 2`. They are parsed, never run.

They stand in the question's answer cell. Several edited ones count together, and of two values of one name the last one
counts, as in a kernel. An answer that is missing there is taken from another cell that assigns its name.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.submissions.notebooks.cells import ANSWER, Cell
from autograder.submissions.notebooks.copies import cells_in_words, counting
from autograder.submissions.notebooks.statements import CellSyntaxError, read_code

Value = bool | int | float | str | list[Any]
MAX_LENGTH = 32
MAX_DIGITS = 40


@dataclass
class Answers:
    """Answers by name: values, None for one still to be given, problems of those that are unusable, and notes."""

    values: dict[str, Value | None] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """Where an answer comes from, if it is not the one in the only answer cell."""
    absent: set[str] = field(default_factory=set)
    """The names among the problems that are not assigned at all."""

    def add(self, others: Answers) -> None:
        """Adds the answers of another cell, with other names."""
        self.values |= others.values
        self.problems |= others.problems
        self.absent |= others.absent


@dataclass(frozen=True)
class JudgedAnswer:
    """One answer. `status`: "passed", "failed", "error" or "not_started"; `message` never reveals the expected value."""

    name: str
    status: str
    message: str


def answers_of(cells: Sequence[Cell], question: str, names: Sequence[str]) -> Answers:
    """The answers to one question of a notebook. A problem with its cell is a problem of every name."""
    tagged = [cell for cell in cells if cell.tag == ANSWER + question and cell.kind == "code"]
    copies = [tagged[position] for position in counting([(cell.source, cell.untouched) for cell in tagged])]
    read = [(cell, read_answers(cell.source, names)) for cell in copies]
    if read:
        result = _merged(read, names)
    else:
        problem = f"the answer cell of {question} is missing: fetch the notebook again, and copy your answers into it"
        result = Answers(problems=dict.fromkeys(names, problem), absent=set(names))
    _take_from_elsewhere(result, question, [cell for cell in cells if cell.kind == "code" and cell not in tagged])
    return result


def _merged(read: Sequence[tuple[Cell, Answers]], names: Sequence[str]) -> Answers:
    """The answers in several cells. Of several values of one name the last one counts."""
    result = Answers()
    for name in names:
        given = [(cell, value) for cell, answers in read if (value := answers.values.get(name)) is not None]
        problems = [answers.problems[name] for _, answers in read if name in answers.problems.keys() - answers.absent]
        if given:
            result.values[name] = given[-1][1]
        elif problems:
            result.problems[name] = problems[-1]
        elif any(name in answers.values for _, answers in read):
            result.values[name] = None
        else:
            result.problems[name] = read[-1][1].problems[name]
            result.absent.add(name)
        if any(literal_text(value) != literal_text(given[-1][1]) for _, value in given):
            numbers = cells_in_words([cell.number for cell, _ in given])
            result.notes[name] = f"{numbers} assign {name} differently, and the last one counts: keep only one"
    return result


def _take_from_elsewhere(result: Answers, question: str, cells: Sequence[Cell]) -> None:
    """Takes the answers that are still missing from the last cell that gives one: it may have lost its tag."""
    lacking = {*result.absent, *(name for name, value in result.values.items() if value is None)}
    for cell in reversed(cells):
        wanted = sorted(name for name in lacking if name in cell.source)
        for name, value in read_answers(cell.source, wanted).values.items() if wanted else ():
            if value is not None:
                lacking.remove(name)
                result.values[name] = value
                result.problems.pop(name, None)
                result.absent.discard(name)
                result.notes[name] = f"{name} stands in cell {cell.number}: move it into the answer cell of {question}"


def read_answers(source: str, names: Sequence[str]) -> Answers:
    """The values that a cell assigns to these names. The last assignment counts."""
    result = Answers()
    try:
        code = read_code(source)
    except CellSyntaxError as error:
        problem = f"the cell is not valid Python (line {error.line}: {error.message}): fix that line"
        return Answers(problems=dict.fromkeys(names, problem))
    for name in names:
        nodes = [s.node for s in code.statements if name in s.binds and isinstance(s.node, (ast.Assign, ast.AnnAssign))]
        if not nodes:
            result.problems[name] = f"{name} is not assigned: write a line {name} = ... with your answer"
            result.absent.add(name)
            continue
        try:
            result.values[name] = _plain(nodes[-1])
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            result.problems[name] = (
                f"{name} is not a plain value: write a number, a tuple of numbers or a letter in quotes, as in {name} = 2"
            )
    return result


def assigned_names(source: str, question: str) -> list[str]:
    """The names of a question's answers that a cell assigns, in order: for "q08" those that begin with "q08_"."""
    try:
        code = read_code(source)
    except CellSyntaxError:
        return []
    names = [
        name
        for statement in code.statements
        if isinstance(statement.node, (ast.Assign, ast.AnnAssign))
        for name in sorted(statement.binds)
        if name.startswith(f"{question}_")
    ]
    return list(dict.fromkeys(names))


def _plain(node: ast.Assign | ast.AnnAssign) -> Value | None:
    if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name):
        raise ValueError("assigns several names at once")
    value = ast.literal_eval(node.value) if node.value is not None else None
    return None if value is None else _checked(value)


def _checked(value: object) -> Value:
    if isinstance(value, (tuple, list)):
        if len(value) > MAX_LENGTH:
            raise ValueError("too long")
        return [_checked(item) for item in value]
    if isinstance(value, str) and len(value) <= MAX_LENGTH:
        return value
    if isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 10**MAX_DIGITS):
        return value
    raise ValueError("not a plain value")


def judge(answers: Answers, expected: Mapping[str, Value], tolerance: float) -> list[JudgedAnswer]:
    """Compares each answer with the expected one. Numbers may differ by `tolerance`; the case of letters is ignored."""
    judged = []
    for name, right in expected.items():
        value = answers.values.get(name)
        note = f" ({answers.notes[name]})" if name in answers.notes else ""
        if name in answers.problems:
            judged.append(JudgedAnswer(name, "error", answers.problems[name]))
        elif value is None:
            judged.append(JudgedAnswer(name, "not_started", f"{name} is not answered yet"))
        elif matches(value, right, tolerance):
            judged.append(JudgedAnswer(name, "passed", f"{name} = {literal_text(value)} is right{note}"))
        else:
            message = f"{name} = {literal_text(value)} is not right{_expected_kind(value, right)}{note}"
            judged.append(JudgedAnswer(name, "failed", message))
    return judged


def matches(value: Value, expected: Value, tolerance: float) -> bool:
    """Whether an answer is right. 2.0 equals 2, (1, 2) equals [1, 2], and "b" equals "B"; True does not equal 1."""
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(matches(item, expected_item, tolerance) for item, expected_item in zip(value, expected))
        )
    if isinstance(expected, str):
        return isinstance(value, str) and value.strip().casefold() == expected.strip().casefold()
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return abs(value - expected) <= tolerance


def literal_text(value: Value) -> str:
    """The value as Python source; a list is written as a tuple."""
    if isinstance(value, list):
        items = ", ".join(literal_text(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def _expected_kind(value: Value, expected: Value) -> str:
    """A clause that names the expected kind of answer, if it differs from the given kind. The question states it too."""
    kinds = {bool: "True or False", int: "a number", float: "a number", str: "a letter in quotes", list: "a tuple"}
    return "" if kinds[type(value)] == kinds[type(expected)] else f": it should be {kinds[type(expected)]}"
