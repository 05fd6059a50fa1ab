"""Dependencies of code: the modules that it imports directly or indirectly, and digests that only changed code changes.

Sources are parsed and never imported. A digest leaves out comments, docstrings, blank lines and formatting; the titles
of checks, which are docstrings that a report shows, can be had beside it.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "autograder"
_PROBE = re.compile(r"(?:probe:)?([a-z_]+)\.[a-z_]*")
"""The name of a probe in a string, such as "modules.parameters"."""
_MARKS_OF_CHECKS = {"check", "accuracy"}
_VOID = {"ctx", "kind", "type_comment", "type_ignores"}
"""Fields of a syntax tree that contain no information, or repeat other fields."""


@dataclass(frozen=True)
class Source:
    """What is known of one module from its source."""

    digest: str
    titles: tuple[str, ...] = ()
    """The titles of its checks: the docstrings of functions under @check or @accuracy."""
    imports: frozenset[tuple[int, str]] = frozenset()
    """(level, name) of each import, also inside functions. `from a import b` is listed as a and as a.b."""
    arguments: frozenset[str] = frozenset()
    """The names of all arguments of functions."""
    probes: frozenset[str] = frozenset()
    """The modules of probes that its strings may refer to."""


@functools.cache
def read(text: bytes) -> Source:
    """Reads a source. If it is not valid Python, its digest is that of its bytes."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Source(hashlib.sha256(text).hexdigest())
    reader = _Reader()
    reader.visit(tree)
    return Source(
        digest_of(reader.code),
        tuple(reader.titles),
        frozenset(reader.imports),
        frozenset(reader.arguments),
        frozenset(reader.probes),
    )


def digest_of(parts: Iterable[str]) -> str:
    """The digest of several texts in this order."""
    return hashlib.sha256("\n".join(map(ascii, parts)).encode()).hexdigest()


class Modules:
    """The modules below a folder. Each is read when it is first needed.

    Args:
        folder: the folder.
        package: the name under which the folder is imported; "" if its subfolders are imported as packages, as those of
            `solutions/`.
    """

    def __init__(self, folder: Path, package: str = "") -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        for path in folder.rglob("*.py"):
            parts = [*package.split(), *path.relative_to(folder).with_suffix("").parts]
            self._files[".".join(parts[:-1] if path.name == "__init__.py" else parts)] = path
        self._sources: dict[str, Source] = {}

    def __contains__(self, module: object) -> bool:
        return module in self._files

    def source(self, module: str) -> Source:
        """What is known of a module. LookupError if it does not exist."""
        if module not in self._sources:
            if module not in self._files:
                raise LookupError(f"there is no module {module} in {self._folder}")
            self._sources[module] = read(self._files[module].read_bytes())
        return self._sources[module]

    def reached(self, roots: Iterable[str], without: tuple[str, ...] = ()) -> frozenset[str]:
        """The roots and all modules that they import or name as a probe, directly or indirectly.

        `without`: modules and packages that are not followed.
        """
        waiting, found = list(roots), set[str]()
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                used = self.used(module, self.source(module))
                waiting += [name for name in used if not _within(name, without)]
        return frozenset(found)

    def used(self, module: str, source: Source) -> set[str]:
        """The modules that a source imports directly if it is the source of this module.

        The top package is left out, since it contains only the version.
        """
        package = module.split(".")
        if self._files.get(module, Path()).name != "__init__.py":
            package.pop()
        names = {f"{PACKAGE}.probes.{name}" for name in source.probes}
        for level, name in source.imports:
            above = package[: len(package) - level + 1] if level else []
            names.add(".".join([*above, name]))
            if not level:  # in a script, this may be a file in the same folder
                names.add(".".join([*package, name]))
        names &= self._files.keys()
        packages = {name[: dot.start()] for name in names for dot in re.finditer(r"\.", name)}
        return {name for name in names | (packages & self._files.keys()) if "." in name}

    def digest(self, modules: Iterable[str], titles: bool = False) -> str:
        """The digest of the code of these modules; with `titles`, the titles of their checks count too."""
        parts = []
        for module in sorted(modules):
            source = self.source(module)
            parts += [module, source.digest, *(source.titles if titles else ())]
        return digest_of(parts)


class _Reader:
    """Visits a syntax tree once.

    `code` is the same in all versions of Python: later versions add fields, so empty fields are left out.
    """

    def __init__(self) -> None:
        self.code: list[str] = []
        self.titles: list[str] = []
        self.imports: set[tuple[int, str]] = set()
        self.arguments: set[str] = set()
        self.probes: set[str] = set()

    def visit(self, node: ast.AST) -> None:
        self._note(node)
        self.code.append(type(node).__name__)
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or value == [] or name in _VOID:
                continue
            self.code.append(name)
            for part in value if isinstance(value, list) else [value]:
                if not isinstance(part, ast.AST):
                    self.code.append(ascii(part))
                elif not _is_text(part):
                    self.visit(part)
        self.code.append("end")

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if match := _PROBE.fullmatch(node.value):
                self.probes.add(match[1])
        elif isinstance(node, ast.arg):
            self.arguments.add(node.arg)
        elif isinstance(node, ast.Import):
            self.imports |= {(0, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = [node.module] if node.module else []
            self.imports |= {(node.level, ".".join([*start, alias.name])) for alias in node.names}
            self.imports |= {(node.level, name) for name in start}
        elif isinstance(node, ast.FunctionDef) and any(map(is_check_decorator, node.decorator_list)):
            self.titles.append(" ".join((ast.get_docstring(node) or "").split()))


def _is_text(node: ast.AST) -> bool:
    """Whether a statement consists of a string only, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_check_decorator(decorator: ast.expr) -> bool:
    """Whether a decorator makes a function a check: @check(...) or @accuracy(...)."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "id", getattr(function, "attr", "")) in _MARKS_OF_CHECKS


def _within(module: str, places: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)
