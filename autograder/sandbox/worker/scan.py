"""The second net for forbidden callables: reads the source for calls in branches that no check happens to run.

Only what the graded functions can reach counts, so a helper that checks one's own gradient with autograd is no offence.
Aliases of imports are followed; a method of an unknown object is not guessed at, the nets that watch the run see those.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any

from autograder.sandbox.wire.messages import ForbiddenRules
from autograder.sandbox.worker.forbidden import resolve


def forbidden_in_source(source: bytes, public: tuple[str, ...], rules: ForbiddenRules) -> dict[str, list[str]]:
    """For each public function the forbidden calls that it reaches, as "torch.softmax (line 12)"."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}  # importing it will say what is wrong
    aliases = _imported_names(tree)
    names = rules.functions + rules.entry_points
    forbidden = {id(found): name for name in names if (found := resolve(name)) is not None}
    uses: dict[str, list[str]] = {function: [] for function in public}
    for function in public:
        for definition in _reachable(tree, function):
            for node in ast.walk(definition):
                if isinstance(node, ast.Call) and (dotted := _dotted(node.func, aliases)):
                    found = _look_up(dotted)
                    name = forbidden.get(id(found)) or _forbidden_class(found, rules)
                    if found is not None and name:
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


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in aliases:
        return ""
    return ".".join([aliases[node.id], *reversed(parts)])


def _look_up(dotted: str) -> Any:
    """The object behind a name of a module that is already imported; nothing is imported for the student's sake."""
    return resolve(dotted) if dotted.split(".")[0] in sys.modules and dotted.startswith("torch.") else None


def _forbidden_class(found: Any, rules: ForbiddenRules) -> str:
    if not isinstance(found, type) or not rules.modules:
        return ""
    name = f"{found.__module__}.{found.__qualname__}"
    allowed = bool(rules.allowed_modules) and name.startswith(rules.allowed_modules)
    return name if name.startswith(rules.modules) and not allowed else ""
