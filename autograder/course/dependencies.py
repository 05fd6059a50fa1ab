"""What a piece of code depends on: the modules that it reaches, and digests that only a change of code changes.

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
"""How a probe is named in a string: "modules.parameters"."""
_MARKS_OF_CHECKS = {"check", "accuracy"}
_VOID = {"ctx", "kind", "type_comment", "type_ignores"}
"""Fields of a syntax tree that say nothing, or what others say too."""


@dataclass(frozen=True)
class Source:
    """What the text of one module says."""

    digest: str
    titles: tuple[str, ...] = ()
    """What the checks in it claim: the docstrings of functions under @check or @accuracy."""
    imports: frozenset[tuple[int, str]] = frozenset()
    """(level, name) of each import, function-level ones too; `from a import b` is there as a and as a.b."""
    arguments: frozenset[str] = frozenset()
    """The names of all arguments of functions."""
    probes: frozenset[str] = frozenset()
    """What strings may mean as the module of a probe."""


@functools.cache
def read(text: bytes) -> Source:
    """What a source says; of one that is not Python, the digest of its bytes."""
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
    """Of several texts in their order."""
    return hashlib.sha256("\n".join(map(ascii, parts)).encode()).hexdigest()


class Modules:
    """The modules below a folder, as they are when each is first looked at. `package`: what the folder is imported as;
    nothing where its subfolders are packages themselves, as in `solutions/`."""

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
        """LookupError where there is no such module: a list that names it is out of date."""
        if module not in self._sources:
            if module not in self._files:
                raise LookupError(f"there is no module {module} in {self._folder}")
            self._sources[module] = read(self._files[module].read_bytes())
        return self._sources[module]

    def reached(self, roots: Iterable[str], without: tuple[str, ...] = ()) -> frozenset[str]:
        """The roots and all that they import or name as a probe, and so on; but nothing by way of `without`, modules and
        packages."""
        waiting, found = list(roots), set[str]()
        while waiting:
            module = waiting.pop()
            if module not in found:
                found.add(module)
                used = self.used(module, self.source(module))
                waiting += [name for name in used if not _within(name, without)]
        return frozenset(found)

    def used(self, module: str, source: Source) -> set[str]:
        """The modules here that a source uses itself, if it stands in this module's place.

        The top package, which holds nothing but its version, is left out.
        """
        package = module.split(".")
        if self._files.get(module, Path()).name != "__init__.py":
            package.pop()
        names = {f"{PACKAGE}.probes.{name}" for name in source.probes}
        for level, name in source.imports:
            above = package[: len(package) - level + 1] if level else []
            names.add(".".join([*above, name]))
            if not level:  # as in a script, the bare name of a file beside this one
                names.add(".".join([*package, name]))
        names &= self._files.keys()
        packages = {name[: dot.start()] for name in names for dot in re.finditer(r"\.", name)}
        return {name for name in names | (packages & self._files.keys()) if "." in name}

    def digest(self, modules: Iterable[str], titles: bool = False) -> str:
        """Of the code of these modules, with the titles of checks or without."""
        parts = []
        for module in sorted(modules):
            source = self.source(module)
            parts += [module, source.digest, *(source.titles if titles else ())]
        return digest_of(parts)


class _Reader:
    """Goes once through a syntax tree. `code` is the same in all versions of Python: what is empty is left out, since
    later versions have further fields."""

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
        elif isinstance(node, ast.FunctionDef) and any(map(_marks_a_check, node.decorator_list)):
            self.titles.append(" ".join((ast.get_docstring(node) or "").split()))


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is only a string: a docstring, of whatever."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _marks_a_check(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "id", getattr(function, "attr", "")) in _MARKS_OF_CHECKS


def _within(module: str, places: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)
