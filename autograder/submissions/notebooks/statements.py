"""What of a code cell can count: imports, definitions and assignments. It is read and never run; all else is passed over."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

_MAGIC = re.compile(r"\s*(?:[%!?]|[\w, ]+=\s*[%!](?!=))|.*\?\s*$")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_RUNS_ITS_CELL = {"time", "timeit", "capture", "prun"}
_MAX_MAGICS = 20
_OURS = {"autograder", "IPython", "ipywidgets", "nbgrader"}
"""Packages that belong to the notebook and not to an exercise: a worker has none of them."""
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Import = ast.Import | ast.ImportFrom


class CellSyntaxError(Exception):
    """A cell is no Python: what is wrong, and on which of its lines."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement at the top level of a cell. `uses`: the global names it needs; `calls`: those of them it calls."""

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, _Import)

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, _Definition)

    @property
    def is_star(self) -> bool:
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def is_future(self) -> bool:
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    def importing(self, name: str) -> str:
        """The import of this one name, as a line; the last, if the statement binds it more than once."""
        assert isinstance(self.node, _Import)
        bound = list(_bound_by(self.node))
        alias = self.node.names[len(bound) - 1 - bound[::-1].index(name)]
        if isinstance(self.node, ast.Import):
            return ast.unparse(ast.Import([alias]))
        return ast.unparse(ast.ImportFrom(self.node.module, [alias], self.node.level))


@dataclass
class Code:
    """A cell's statements, in order. `passed_over`: the lines of statements that do not count, expressions apart."""

    lines: list[str]
    tree: list[ast.stmt]
    statements: list[Statement] = field(default_factory=list)
    passed_over: list[int] = field(default_factory=list)

    def text(self, kept: list[Statement]) -> list[str]:
        """The lines of the cell with nothing on them but these statements, each where it stands in the cell."""
        out = [""] * len(self.lines)
        joined: dict[int, list[str]] = {}
        spans = [(0, 0), *map(_span, self.tree), (len(out) + 1, 0)]
        alone = {
            node
            for node, before, here, after in zip(self.tree, spans, spans[1:], spans[2:])
            if before[1] < here[0] and here[1] < after[0]
        }
        for statement in kept:
            first, last = _span(statement.node)
            if statement.node in alone:
                out[first - 1 : last] = self.lines[first - 1 : last]
            else:
                joined.setdefault(first, []).append(ast.unparse(statement.node))
        for line, texts in joined.items():
            out[line - 1] = "; ".join(texts)
        while out and not out[-1].strip():
            out.pop()
        return out


def read_code(source: str) -> Code:
    """The statements of a cell that can count; IPython's magics are passed over. CellSyntaxError."""
    lines = source.split("\n")
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in _RUNS_ITS_CELL:
        return Code(lines, [])
    try:
        with warnings.catch_warnings():  # "\\d" in a string is for its author to hear about
            warnings.simplefilter("ignore")
            lines, tree = _parse(lines)
            code = Code(lines, tree.body)
            for node in tree.body:
                statement = _statement(node)
                if statement is not None:
                    code.statements.append(statement)
                elif not isinstance(node, (ast.Expr, ast.Assert, ast.Pass, ast.Import, ast.ImportFrom)):
                    code.passed_over.append(node.lineno)
        return code
    except (ValueError, RecursionError, MemoryError) as error:  # NUL, nesting without end
        raise CellSyntaxError(str(error) or type(error).__name__, 1) from None


def _parse(lines: list[str]) -> tuple[list[str], ast.Module]:
    """Lines that are no Python and look like magics give way to `pass`, one after the other."""
    lines = list(lines)
    for _ in range(_MAX_MAGICS):
        try:
            return lines, ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = error.lineno or 1
            if not 0 < number <= len(lines) or not _MAGIC.match(lines[number - 1]):
                raise CellSyntaxError(error.msg, number) from None
            line = lines[number - 1]
            lines[number - 1] = line[: len(line) - len(line.lstrip())] + "pass"
    raise CellSyntaxError("there are too many magics", 1)


def _statement(node: ast.stmt) -> Statement | None:
    """None where it is none of the kinds that count."""
    if isinstance(node, _Import):
        return None if _is_ours(node) else Statement(node, frozenset(_bound_by(node)))
    if isinstance(node, _Definition):
        return Statement(node, frozenset({node.name}), frozenset(_globals_of(node)))
    if isinstance(node, ast.Assign):
        plain = all(isinstance(target, (ast.Name, ast.Tuple, ast.List)) for target in node.targets)
    else:
        plain = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    if not plain or any(isinstance(child, (ast.Await, ast.NamedExpr)) for child in ast.walk(node)):
        return None
    roots = [_root(child.func) for child in ast.walk(node) if isinstance(child, ast.Call)]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    binds = {name for target in targets for name in _stored(target)}
    return Statement(node, frozenset(binds), frozenset(_globals_of(node)), frozenset(filter(None, roots)))


def _root(function: ast.expr) -> str:
    """The name that what is called begins with: "torch" of `torch.zeros`, and "" where there is none."""
    while isinstance(function, (ast.Attribute, ast.Subscript, ast.Call)):
        function = function.func if isinstance(function, ast.Call) else function.value
    return function.id if isinstance(function, ast.Name) else ""


def _globals_of(node: ast.stmt) -> set[str]:
    """The names that a statement reads from its module, in function bodies too."""
    try:
        table = symtable.symtable(ast.unparse(node), "cell", "exec")
    except SyntaxError as error:  # a `return` outside of a function: what only the compiler notices
        raise CellSyntaxError(error.msg, node.lineno) from None
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    waiting = list(table.get_children())
    while waiting:
        scope = waiting.pop()
        found |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        waiting += scope.get_children()
    return found


def _bound_by(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        yield alias.asname or (alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name)


def _is_ours(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").split(".")[0] in _OURS
    return all(alias.name.split(".")[0] in _OURS for alias in node.names)


def _stored(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id


def _span(node: ast.stmt) -> tuple[int, int]:
    """First and last line, from 1, decorators included."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or node.lineno
