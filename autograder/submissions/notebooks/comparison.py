"""Compares what two extractions give one exercise: the statements that its module needs, wherever they stand."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.submissions.notebooks.statements import CellSyntaxError, Statement, read_code

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Differences:
    """The names for which two modules differ, each sorted."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    changed: tuple[str, ...]
    same: bool


def differences(first: Files, second: Files, path: str) -> Differences:
    """The differences of the module at `path`. Comments, layout and the order of cells do not matter."""
    one, two = needed(first, path), needed(second, path)
    mine = {name for text, names in one.items() if text not in two for name in names}
    theirs = {name for text, names in two.items() if text not in one for name in names}
    all_mine = {name for names in one.values() for name in names}
    all_theirs = {name for names in two.values() for name in names}
    return Differences(
        tuple(sorted(mine - all_theirs)),
        tuple(sorted(theirs - all_mine)),
        tuple(sorted((mine & all_theirs) | (theirs & all_mine))),
        one.keys() == two.keys(),
    )


def needed(files: Files, path: str) -> dict[str, frozenset[str]]:
    """The text of each statement that a module needs, also from modules beside it, with the names that it binds."""
    found: dict[str, frozenset[str]] = {}
    modules: dict[str, Sequence[Statement]] = {}
    try:
        waiting = [(path, statement) for statement in _statements(modules, files, path)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            home, statement = waiting.pop()
            used: list[tuple[str, str]] = []
            if isinstance(statement.node, ast.ImportFrom) and statement.node.level and not statement.is_star:
                sibling = f"{home.rpartition('/')[0]}/{statement.node.module}.py"
                used = [(sibling, alias.name) for alias in statement.node.names]
            elif statement.is_import and not statement.is_star:
                found |= {statement.importing(name): frozenset({name}) for name in statement.binds}
            else:
                found[ast.unparse(statement.node)] = statement.binds
                used = [(home, name) for name in statement.uses]
            for module, name in used:
                if (module, name) not in seen:
                    seen.add((module, name))
                    statements = _statements(modules, files, module)
                    waiting += [(module, s) for s in statements if name in s.binds]
    except CellSyntaxError:  # of a module that is taken as it is
        return {files.get(path, b"").decode("utf-8", "replace"): frozenset()}
    return found


def _statements(modules: dict[str, Sequence[Statement]], files: Files, path: str) -> Sequence[Statement]:
    if path not in modules:
        modules[path] = read_code(files.get(path, b"").decode("utf-8", "replace")).statements
    return modules[path]
