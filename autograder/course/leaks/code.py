"""Turns Python code into fragments that do not depend on the names of variables and on formatting.

A fragment is a run of consecutive statements, or one expression. Names of variables are replaced by numbers; comments,
docstrings, signatures and type annotations are left out. So renamed or reformatted code gives the same fragments.

Short fragments prove nothing: anybody writes `x = x + 1`. A fragment counts as distinctive if its author had to make enough
choices. Choices are operators, attributes, keyword arguments, names of libraries, and constants other than 0, 1, True,
False and None. Variables, calls and brackets are not.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

DISTINCTIVE = 8
"""An equal fragment with this many choices counts as a copy.

Measured on this course's graders and checks, which were written independently of its solutions: 13 of their lines share 5
choices with a solution, 6 share 6, 3 share 7, 2 share 8, 1 shares 10 and none 12. With a lower limit there would be too
many false alarms."""

_COMMON = ("0", "1", "True", "False", "None")
_LIBRARIES = {"F", "math", "nn", "np", "numpy", "timm", "torch", "torchvision"}
_FIXED = frozenset(dir(builtins)) | _LIBRARIES
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")
_PROMPT = re.compile(r"^\s*(?:#+|>>>|\.\.\.|[-*>]|\d+\.)?\s?")
_HEADER = re.compile(r"\s*(?:for|while|if|with|elif)\b.*:\s*(?:#.*)?$")
_JOINED_LINES = 20
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Fragment(NamedTuple):
    """A comparable piece of code or text."""

    key: str
    """Equal for equal pieces."""
    line: int
    """The line on which it starts, from 1."""


class _Unit(NamedTuple):
    """A simple statement, the head of a compound one, or an expression, with its number of choices."""

    key: str
    choices: int
    line: int


def fragments(body: Iterable[ast.stmt]) -> Iterator[Fragment]:
    """All distinctive fragments: from each statement the shortest distinctive run, and each distinctive expression."""
    units: list[_Unit] = []
    expressions: list[_Unit] = []
    _collect(body, units, expressions)
    for start in range(len(units)):
        choices, keys = 0, []
        for unit in units[start:]:
            choices += unit.choices
            keys.append(unit.key)
            if choices >= DISTINCTIVE:
                yield Fragment("\n".join(keys), units[start].line)
                break
    yield from (Fragment(unit.key, unit.line) for unit in expressions if unit.choices >= DISTINCTIVE)


def statements_in(text: str, first_line: int = 1) -> list[ast.stmt]:
    """The Python statements in a text of any kind, in order: in a comment, in prose, in a log."""
    lines = [_PROMPT.sub("", line) for line in text.split("\n")]
    found: list[ast.stmt] = []
    number = 0
    while number < len(lines):
        length, parsed = _statement_at(lines, number)
        for node in parsed:
            ast.increment_lineno(node, first_line + number - 1)
        found += parsed
        number += length
    return found


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a source; None if it is not valid Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_text(node: ast.AST) -> bool:
    """Whether a statement consists of a string only, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _statement_at(lines: list[str], number: int) -> tuple[int, list[ast.stmt]]:
    """The number of lines of the statement that starts on this line, and its nodes; (1, []) if there is none."""
    line = lines[number].strip()
    if not re.search(r"[=(\[.+*/@-]|\breturn\b", line):  # no choices in it
        return 1, []
    if _HEADER.match(line):
        line = line.removeprefix("el") + " pass" if "#" not in line else line.removeprefix("el") + "\n pass"
    for length in range(1, _JOINED_LINES):
        tree = parsed(line)
        if tree is not None:
            return length, tree.body
        if number + length >= len(lines) or sum(map(line.count, "([{")) <= sum(map(line.count, ")]}")):
            break
        line += "\n" + lines[number + length]
    return 1, []


def _collect(body: Iterable[ast.AST], units: list[_Unit], expressions: list[_Unit]) -> None:
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or is_text(node):
            continue
        if not isinstance(node, _Scope):  # a signature is part of the question
            units.append(_unit(node))
            for child in _own_expressions(node):
                expressions.append(_unit(child))
        for name in _BODIES:
            _collect(getattr(node, name, ()), units, expressions)


def _own_expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a statement, without annotations and without those of nested statements."""
    for name, value in ast.iter_fields(node):
        if name == "annotation" or (name in _BODIES and not isinstance(node, ast.expr)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.expr) and not isinstance(child, ast.Constant | ast.Name):
                yield child
            if isinstance(child, ast.AST):
                yield from _own_expressions(child)


def _unit(node: ast.AST) -> _Unit:
    writer = _Writer()
    writer.write(node)
    return _Unit(" ".join(writer.words), writer.choices, getattr(node, "lineno", 1))


class _Writer:
    """Writes a statement or an expression as words that are equal for equal code; nested statements are left out."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.choices = 0
        self._names: dict[str, int] = {}

    def write(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name) if name in _FIXED:
                self._choose(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                self.words.append(f"v{self._names.setdefault(name, len(self._names))}")
            case ast.Constant(value=value):
                self._choose(repr(value), repr(value) not in _COMMON)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.write(ast.Assign([target], value))
            case ast.operator() | ast.unaryop() | ast.boolop() | ast.cmpop():
                self._choose(type(node).__name__)
            case ast.expr_context():
                pass
            case _:
                self._write_fields(node)

    def _write_fields(self, node: ast.AST) -> None:
        self.words.append(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            if name == "annotation" or (name in _BODIES and not isinstance(node, ast.expr)):
                continue
            items = value if isinstance(value, list) else [value]
            for item in sorted(items, key=lambda keyword: keyword.arg or "") if name == "keywords" else items:
                if isinstance(item, ast.AST):
                    self.write(item)
                elif isinstance(item, str) and name in ("attr", "arg"):
                    self._choose(f".{item}")
        self.words.append(")")

    def _choose(self, word: str, choices: int = 1) -> None:
        self.words.append(word)
        self.choices += choices
