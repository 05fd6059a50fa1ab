"""Answers to questions: plain values that a cell assigns, `q77_padding = 2`. They are read as literals and never run."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.submissions.notebooks.cells import ANSWER, Cell
from autograder.submissions.notebooks.statements import CellSyntaxError, read_code

Value = bool | int | float | str | list[Any]
MAX_LENGTH = 32
MAX_DIGITS = 40


@dataclass
class Answers:
    """What a cell answers: name to value, None where it is not answered yet, and name to why it cannot be read."""

    values: dict[str, Value | None] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """One answer. `status`: "passed", "failed", "error" or "not_started"; `message`: never says what was expected."""

    name: str
    status: str
    message: str


def answers_of(cells: Sequence[Cell], question: str, names: Sequence[str]) -> Answers:
    """The answers to one question of a notebook; what is wrong with its cell is the problem of every name."""
    found = [cell for cell in cells if cell.tag == ANSWER + question and cell.kind == "code"]
    begun = [cell for cell in found if not cell.untouched] or found[:1]
    if not begun:
        problem = f"the answer cell of {question} is missing: fetch the notebook again, and copy your answers into it"
    elif len({cell.source.strip() for cell in begun}) > 1:
        numbers = " and ".join(str(cell.number) for cell in begun[:4])
        problem = f"cells {numbers} both answer {question}, and they are not the same: keep one"
    else:
        return read_answers(begun[0].source, names)
    return Answers(problems=dict.fromkeys(names, problem))


def read_answers(source: str, names: Sequence[str]) -> Answers:
    """The values that a cell assigns to these names; the last assignment counts."""
    result = Answers()
    try:
        code = read_code(source)
    except CellSyntaxError as error:
        problem = f"the cell is no Python (line {error.line}: {error.message})"
        return Answers(problems=dict.fromkeys(names, problem))
    for name in names:
        nodes = [s.node for s in code.statements if name in s.binds and isinstance(s.node, (ast.Assign, ast.AnnAssign))]
        if not nodes:
            result.problems[name] = f"{name} is not assigned: write a line {name} = ... with your answer"
            continue
        try:
            result.values[name] = _plain(nodes[-1])
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            result.problems[name] = (
                f"{name} is not a plain value: write the number, the tuple of numbers or the letter itself, as {name} = 2"
            )
    return result


def _plain(node: ast.Assign | ast.AnnAssign) -> Value | None:
    if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name):
        raise ValueError("several names at once")
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
    raise ValueError("no plain value")


def judge(answers: Answers, expected: Mapping[str, Value], tolerance: float) -> list[Judged]:
    """Each answer against what is expected; numbers may be off by `tolerance`, letters may be small or capital."""
    judged = []
    for name, wanted in expected.items():
        value = answers.values.get(name)
        if name in answers.problems:
            judged.append(Judged(name, "error", answers.problems[name]))
        elif value is None:
            judged.append(Judged(name, "not_started", f"{name} is still to be answered"))
        elif matches(value, wanted, tolerance):
            judged.append(Judged(name, "passed", f"{name} = {literal_text(value)} is right"))
        else:
            judged.append(Judged(name, "failed", f"{name} = {literal_text(value)} is not right{_form(value, wanted)}"))
    return judged


def matches(value: Value, wanted: Value, tolerance: float) -> bool:
    """Whether an answer is right: 2.0 is 2, (1, 2) is [1, 2], "b" is "B"; True is not 1."""
    if isinstance(wanted, list):
        return (
            isinstance(value, list)
            and len(value) == len(wanted)
            and all(matches(one, other, tolerance) for one, other in zip(value, wanted))
        )
    if isinstance(wanted, str):
        return isinstance(value, str) and value.strip().casefold() == wanted.strip().casefold()
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return abs(value - wanted) <= tolerance


def literal_text(value: Value) -> str:
    """As one writes it in Python; a list as a tuple."""
    if isinstance(value, list):
        items = ", ".join(literal_text(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def _form(value: Value, wanted: Value) -> str:
    """What kind of answer is asked for, where it is another; the question says so too."""
    kinds = {bool: "True or False", int: "a number", float: "a number", str: "a letter in quotes", list: "a tuple"}
    return "" if kinds[type(value)] == kinds[type(wanted)] else f": it should be {kinds[type(wanted)]}"
