"""Parses the statements of a code cell that can count: imports, definitions and assignments. Nothing is run."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

_MAGIC = re.compile(r"\s*(?:[%!?]|\w[\w, ]*=\s*[%!](?!=))")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_RUNS_ITS_CELL = {"time", "timeit", "capture", "prun"}
DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.M)
"""Finds the definitions of a cell that is not valid Python."""
_MAX_MAGICS = 20
_OURS = {"autograder", "IPython", "ipywidgets", "nbgrader"}
"""Packages that only the notebook uses. Their imports are dropped, since a worker does not have them."""
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Import = ast.Import | ast.ImportFrom


class CellSyntaxError(Exception):
    """A cell is not valid Python. `message` says why, `line` is the line in the cell."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement of a cell.

    `binds`: the names it binds; `uses`: the global names it reads; `eager`: those of them that it reads at once, as in a
    decorator, a default or a base class; `calls`: the names at the start of what it calls.
    """

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    eager: frozenset[str] = frozenset()

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

    @property
    def unwritten(self) -> int:
        """How many functions in it only raise NotImplementedError, as in a stub."""
        return sum(_is_stub(node) for node in ast.walk(self.node)) if self.is_definition else 0

    def importing(self, name: str) -> str:
        """An import statement for this name alone; the last one, if the statement binds the name several times."""
        assert isinstance(self.node, _Import)
        bound = list(_bound_by(self.node))
        alias = self.node.names[len(bound) - 1 - bound[::-1].index(name)]
        if isinstance(self.node, ast.Import):
            return ast.unparse(ast.Import([alias]))
        return ast.unparse(ast.ImportFrom(self.node.module, [alias], self.node.level))


@dataclass
class Code:
    """A cell's statements, in order. `skipped`: the lines of statements that do not count, except expressions."""

    lines: list[str]
    tree: list[ast.stmt]
    statements: list[Statement] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)

    def text(self, kept: list[Statement]) -> list[str]:
        """The lines of the cell with only these statements, each on its original line."""
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
    """Parses the statements of a cell that can count; skips IPython magics. Raises CellSyntaxError."""
    lines = source.split("\n")
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in _RUNS_ITS_CELL:
        return Code(lines, [])
    try:
        with warnings.catch_warnings():  # such as "\\d" in a string
            warnings.simplefilter("ignore")
            lines, tree = _parse(lines)
            code = Code(lines, tree.body)
            for node in tree.body:
                statement = _statement(node)
                if statement is not None:
                    code.statements.append(statement)
                elif not isinstance(node, (ast.Expr, ast.Assert, ast.Pass, ast.Import, ast.ImportFrom)):
                    code.skipped.append(node.lineno)
        return code
    except (ValueError, RecursionError, MemoryError) as error:  # NUL characters, very deep nesting
        raise CellSyntaxError(str(error) or type(error).__name__, 1) from None


def _parse(lines: list[str]) -> tuple[list[str], ast.Module]:
    """Parses the lines, after replacing those that look like magics and are not valid Python by `pass`."""
    lines = list(lines)
    for _ in range(_MAX_MAGICS):
        try:
            return lines, ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = error.lineno or 1
            if not 0 < number <= len(lines) or not _is_magic(lines[number - 1]):
                raise CellSyntaxError(error.msg, number) from None
            line = lines[number - 1]
            lines[number - 1] = line[: len(line) - len(line.lstrip())] + "pass"
    raise CellSyntaxError("there are too many magics", 1)


def _is_magic(line: str) -> bool:
    """Whether only IPython understands the line: `%time x`, `!ls`, `files = !ls`, `torch.mean?`."""
    return _MAGIC.match(line) is not None or line.rstrip().endswith("?")


def _statement(node: ast.stmt) -> Statement | None:
    """The statement, or None if it is not of a kind that counts."""
    if isinstance(node, _Import):
        return None if _is_ours(node) else Statement(node, frozenset(_bound_by(node)))
    if isinstance(node, _Definition):
        uses, eager = _globals_of(node)
        return Statement(node, frozenset({node.name}), uses, eager=eager)
    if isinstance(node, ast.Assign):
        plain = all(isinstance(target, (ast.Name, ast.Tuple, ast.List)) for target in node.targets)
    else:
        plain = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    if not plain or any(isinstance(child, (ast.Await, ast.NamedExpr)) for child in ast.walk(node)):
        return None
    roots = [_root(child.func) for child in ast.walk(node) if isinstance(child, ast.Call)]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    binds = {name for target in targets for name in _stored(target)}
    uses, eager = _globals_of(node)
    return Statement(node, frozenset(binds), uses, frozenset(filter(None, roots)), eager)


def _root(function: ast.expr) -> str:
    """The name at the start of a called expression, such as "torch" in `torch.zeros`, or ""."""
    while isinstance(function, (ast.Attribute, ast.Subscript, ast.Call)):
        function = function.func if isinstance(function, ast.Call) else function.value
    return function.id if isinstance(function, ast.Name) else ""


def _globals_of(node: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """The global names that a statement reads, also inside function bodies, and those that it reads at once."""
    try:
        table = symtable.symtable(ast.unparse(node), "cell", "exec")
    except SyntaxError as error:  # errors that only the compiler detects, such as `return` outside a function
        raise CellSyntaxError(error.msg, node.lineno) from None
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    eager = set(names)
    waiting = [(scope, True) for scope in table.get_children()]
    while waiting:
        scope, at_once = waiting.pop()
        at_once = at_once and (scope.get_type() == "class" or scope.get_name() in _COMPREHENSIONS)
        found = {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        names |= found
        eager |= found if at_once else set()
        waiting += [(child, at_once) for child in scope.get_children()]
    return frozenset(names), frozenset(eager)


def _is_stub(node: ast.AST) -> bool:
    """Whether a function consists of a docstring, if any, and `raise NotImplementedError`."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    *before, last = node.body
    if not isinstance(last, ast.Raise) or not all(isinstance(s, ast.Expr) for s in before) or len(before) > 1:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


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
    """The first and the last line of a statement with its decorators, counted from 1."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or node.lineno
