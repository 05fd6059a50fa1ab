"""Searches the source for forbidden calls, to find those in branches that no check happens to run.

Only code that the graded functions can reach counts, so a helper that checks a gradient with autograd is allowed.
Import aliases are followed. Methods of unknown objects are left to the guard that watches the run.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any

from autograder.sandbox.wire.messages import ForbiddenRules
from autograder.sandbox.worker.forbidden import resolve


def forbidden_in_source(source: bytes, public: tuple[str, ...], rules: ForbiddenRules) -> dict[str, list[str]]:
    """Lists, for each public function, the forbidden calls that it reaches, as "torch.softmax (line 12)"."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}  # the import reports what is wrong
    aliases = _imported_names(tree)
    # Of several names of one function, the first is the one that students know.
    names = (rules.functions + rules.entry_points)[::-1]
    forbidden = {id(target): name for name in names if (target := resolve(name)) is not None}
    uses: dict[str, list[str]] = {function: [] for function in public}
    constants = _constants(tree)
    for function in public:
        for definition in _reachable(tree, function):
            for node in _live(definition, constants):
                if isinstance(node, ast.Call) and (dotted := _dotted(node.func, aliases)):
                    target = _look_up(dotted)
                    name = forbidden.get(id(target)) or _forbidden_class(target, rules)
                    if target is not None and name:
                        uses[function].append(f"{name} (line {node.lineno})")
    return uses


def _imported_names(tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _reachable(tree: ast.Module, function: str) -> Iterator[ast.AST]:
    definitions = {
        node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    waiting, seen = [function], {function}
    while waiting:
        definition = definitions.get(waiting.pop())
        if definition is None:
            continue
        yield definition
        mentioned = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        waiting.extend(mentioned - seen)
        seen |= mentioned


def _constants(tree: ast.Module) -> dict[str, bool]:
    """The truth value of each name that the module binds exactly once, to a literal, such as `STABLE = True`."""
    bound: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.setdefault(node.id, []).append(None)
        elif isinstance(node, ast.arg):
            bound.setdefault(node.arg, []).append(None)
    literals = {
        node.targets[0].id: bool(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return {name: truth for name, truth in literals.items() if len(bound[name]) == 1}


def _live(node: ast.AST, constants: dict[str, bool]) -> Iterator[ast.AST]:
    """A node and its descendants, without branches that a constant disables: code that never runs does not count."""
    yield node
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.If, ast.IfExp)) and (truth := _truth(node.test, constants)) is not None:
        dead = node.orelse if truth else node.body
        dead_ids = {id(part) for part in (dead if isinstance(dead, list) else [dead])}
        children = [child for child in children if id(child) not in dead_ids]
    for child in children:
        yield from _live(child, constants)


def _truth(test: ast.expr, constants: dict[str, bool]) -> bool | None:
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Name):
        return constants.get(test.id)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth = _truth(test.operand, constants)
        return None if truth is None else not truth
    return None


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in aliases:
        return ""
    return ".".join([aliases[node.id], *reversed(parts)])


def _look_up(dotted: str) -> Any:
    """What a dotted name of torch or NumPy stands for, if its module is imported already; the scan itself imports nothing."""
    first = dotted.partition(".")[0]
    return resolve(dotted) if first in sys.modules and first in ("torch", "numpy") else None


def _forbidden_class(target: Any, rules: ForbiddenRules) -> str:
    if not isinstance(target, type) or not rules.modules:
        return ""
    name = f"{target.__module__}.{target.__qualname__}"
    allowed = bool(rules.allowed_modules) and name.startswith(rules.allowed_modules)
    if allowed or not name.startswith(rules.modules):
        return ""
    return f"nn.{target.__qualname__}" if name.startswith("torch.nn.") else name
