"""Compares what two extractions give one exercise: what each name of its module stands for, wherever that is defined."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.submissions.notebooks.statements import CellSyntaxError, Statement, read_code

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Differences:
    """The names for which two modules differ, each sorted."""

    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: bool = False
    """Whether the modules do the same. They may differ in no name, as two cells with different syntax errors do."""


def differences(first: Files, second: Files, path: str) -> Differences:
    """The differences of the module at `path`. Comments, layout and the order of cells do not matter."""
    if first.get(path) == second.get(path) and b"from ." not in first.get(path, b""):
        return Differences(same=True)  # also if it is not valid Python
    return _compared(_Modules(first), _Modules(second), path)


def _compared(first: _Modules, second: _Modules, path: str) -> Differences:
    if first.is_broken(path) or second.is_broken(path):
        return Differences(same=False)
    mine, theirs = first.needed(path), second.needed(path)
    waiting = [(path, path, name) for name in mine & theirs if first.binds(path, name) and second.binds(path, name)]
    seen = set(waiting)
    changed: set[str] = set()
    while waiting:
        one, two, name = waiting.pop()
        (one, ours), (two, others) = first.behind(one, name), second.behind(two, name)
        if _texts(ours, name) != _texts(others, name):
            changed.add(name)
            continue
        used = {(one, two, other) for statement in ours for other in statement.uses} - seen
        seen |= used
        waiting += used
    stars = first.stars(path) == second.stars(path)
    return Differences(
        tuple(sorted(mine - theirs)),
        tuple(sorted(theirs - mine)),
        tuple(sorted(changed & mine & theirs)),
        mine == theirs and not changed and stars,
    )


def _texts(statements: list[Statement], name: str) -> list[str]:
    """The statements that bind a name, without comments and layout."""
    return [s.importing(name) if s.is_import else ast.unparse(s.node) for s in statements]


class _Modules:
    """The modules of a practical, parsed on demand."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._broken: set[str] = set()
        self._parsed: dict[str, list[Statement]] = {}
        self._binders: dict[str, dict[str, list[Statement]]] = {}

    def is_broken(self, path: str) -> bool:
        """Whether a module is an answer cell that is not valid Python, which is taken as it is."""
        self._statements(path)
        return path in self._broken

    def stars(self, path: str) -> set[str]:
        """What a module imports as a whole."""
        return {ast.unparse(statement.node) for statement in self._statements(path) if statement.is_star}

    def binds(self, path: str, name: str) -> bool:
        self._statements(path)
        return name in self._binders[path]

    def behind(self, path: str, name: str) -> tuple[str, list[Statement]]:
        """The statements that bind a name, and the module that they stand in, if not in this one."""
        for _ in range(len(self._files)):
            self._statements(path)
            found = self._binders[path].get(name, [])
            sibling = _sibling(path, found[-1]) if found else ""
            if not sibling or sibling not in self._files:
                break
            path = sibling
        return path, found

    def needed(self, path: str) -> set[str]:
        """The names that a module binds, and those that they need in modules beside it."""
        waiting = [(path, name) for statement in self._statements(path) for name in statement.binds]
        seen = set(waiting)
        while waiting:
            home, statements = self.behind(*waiting.pop())
            used = {(home, other) for s in statements for other in s.uses if self.binds(home, other)} - seen
            seen |= used
            waiting += used
        return {name for _, name in seen}

    def _statements(self, path: str) -> list[Statement]:
        if path not in self._parsed:
            try:
                self._parsed[path] = read_code(self._files.get(path, b"").decode("utf-8", "replace")).statements
            except CellSyntaxError:
                self._parsed[path] = []
                self._broken.add(path)
            binders = self._binders[path] = {}
            for statement in self._parsed[path]:
                for name in statement.binds:
                    binders.setdefault(name, []).append(statement)
        return self._parsed[path]


def _sibling(path: str, statement: Statement) -> str:
    """The path of the module beside this one that a statement imports from, or ""."""
    node = statement.node
    if not isinstance(node, ast.ImportFrom) or node.level != 1 or statement.is_star:
        return ""
    return f"{path.rpartition('/')[0]}/{node.module}.py"
