"""What a student's file says, read by the grader without running it: what it imports, and names that a teacher should see.

What a worker says of its own code can be forged; the source cannot. So what an exercise does not allow is looked for here.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MAX_BYTES = 256 << 10
"""The largest file that is read. Code of students has a tenth of it."""

PRIVATE_MODULES = (
    "torch.ops", "torch.library", "torch.fx", "torch.jit", "torch.compiler", "torch.overrides",
    "torch.utils._python_dispatch", "gc", "ctypes", "_thread", "inspect", "importlib", "builtins", "pickle", "marshal",
    "copyreg", "linecache", "runpy", "socket", "subprocess", "multiprocessing", "signal", "autograder",
)  # fmt: skip
"""Modules that no exercise needs and that reach into the machinery around the student's code."""
PRIVATE_FUNCTIONS = (
    "sys.modules", "sys.meta_path", "sys.path_hooks", "sys._getframe", "sys.settrace", "sys.setprofile", "types.FunctionType",
    "types.CodeType", "os.write", "os.read", "os.dup", "os.dup2", "os.fdopen", "os.open", "os.fork", "os._exit", "os.kill",
)  # fmt: skip
PRIVATE_ATTRIBUTES = frozenset((
    "__closure__", "__wrapped__", "__globals__", "__builtins__", "__subclasses__", "__code__", "__mro__", "__import__",
    "__torch_function__", "__torch_dispatch__", "__reduce__", "cell_contents", "f_back", "f_globals", "f_locals",
    "gi_frame", "tb_frame", "next_functions",
))  # fmt: skip
PRIVATE_CALLS = frozenset(("eval", "exec", "compile", "__import__", "globals", "vars", "breakpoint"))


@dataclass(frozen=True)
class Found:
    """Something in a file: a dotted name, and its line."""

    name: str
    line: int


class Source:
    """One Python file of a submission. Nothing is known of a file that is too large or not valid Python.

    `public`: the functions and classes that are called. What none of them mentions is not read, such as a helper that plots;
    None if all of them may be called.
    """

    def __init__(self, data: bytes, public: Collection[str] | None = None) -> None:
        self.too_large = len(data) > MAX_BYTES
        self._public = public
        self._tree = None if self.too_large else _parsed(data)

    @functools.cached_property
    def parameter_names(self) -> dict[str, list[str]]:
        """The parameters of each function and class at the top of the file, by name; without `self`, `*` and `**`."""
        names = {}
        for node in self._tree.body if self._tree is not None else ():
            if isinstance(node, ast.ClassDef):
                parts = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
                names[node.name] = _parameters(parts[0])[1:] if parts else []
            elif isinstance(node, ast.FunctionDef):
                names[node.name] = _parameters(node)
        return names

    @functools.cached_property
    def imports(self) -> list[Found]:
        """The modules that the file imports and uses, without the leading dots of relative ones.

        A block that only runs when the file is started as a program does not count, nor does a name that is never used.
        """
        used = {node.id for node in self._nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        found = []
        for node in self._nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if (alias.asname or alias.name.partition(".")[0]) in used:
                        found.append(Found(alias.name, node.lineno))
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = {alias.asname or alias.name for alias in node.names}
                if "*" in names or names & used:
                    found.append(Found(node.module, node.lineno))
        return sorted(found, key=lambda one: one.line)

    @functools.cached_property
    def modules(self) -> list[tuple[int, str, tuple[str, ...] | None]]:
        """All modules that it may import: how many dots stand before the name, the name, and what is imported of it.

        None if that may be anything.
        """
        found: list[tuple[int, str, tuple[str, ...] | None]] = []
        for node in self._nodes:
            if isinstance(node, ast.Import):
                found += [(0, alias.name, None) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = tuple(alias.name for alias in node.names)
                if node.module:
                    found.append((node.level, node.module, None if "*" in names else names))
                found += [(node.level, f"{node.module}.{name}" if node.module else name, None) for name in names]
        return found

    @functools.cached_property
    def packages(self) -> set[str]:
        """The packages behind `imports`: "torch" for torch.nn."""
        return {found.name.partition(".")[0] for found in self.imports}

    @functools.cached_property
    def to_look_at(self) -> list[Found]:
        """Names with which code can reach what it should not: private parts of torch, of Python, and of the grader.

        Right code hardly needs them, but may: so they are for a teacher to look at, and change no points.
        """
        found: dict[str, int] = {}
        attributes = [node for node in self._nodes if isinstance(node, ast.Attribute)]
        inner = {id(node.value) for node in attributes if isinstance(node.value, ast.Attribute)}  # of a longer name
        for node in self._nodes:
            for name in self._reaching(node):
                if id(node) not in inner or name in PRIVATE_ATTRIBUTES:
                    found.setdefault(name, node.lineno)  # type: ignore[attr-defined]  # statements and expressions have one
        return [Found(name, line) for name, line in sorted(found.items(), key=lambda one: one[1])]

    def _reaching(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Attribute):
            name = self._dotted(node)
            if node.attr in PRIVATE_ATTRIBUTES:
                yield node.attr
            elif name and (_is_private(name) or (isinstance(node.ctx, ast.Store) and "." in name)):
                yield name
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_private(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in names if _is_private(name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = node.func.id
            if called in PRIVATE_CALLS:
                yield f"{called}()"
            elif called in ("getattr", "setattr") and node.args and (name := self._dotted(node.args[0])):
                yield f"{called}({name}, …)"

    def _dotted(self, node: ast.AST) -> str:
        """The full name of `F.softmax` and the like, if its first part is an imported module; else "" """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._modules:
            return ""
        return ".".join([self._modules[node.id], *reversed(parts)])

    @functools.cached_property
    def _modules(self) -> dict[str, str]:
        """What each imported name stands for."""
        names = {}
        for node in self._nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    names[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        return names

    @functools.cached_property
    def _nodes(self) -> list[ast.AST]:
        """The nodes that can run when one of the public functions is called.

        These are statements at the top and the definitions that are mentioned in them or in public functions, without blocks
        that only run as a program or for a type checker.
        """
        body = self._tree.body if self._tree is not None else []
        apart: dict[str, list[ast.stmt]] = {}
        waiting: list[ast.AST] = []
        for statement in reversed(body):
            if isinstance(statement, ast.FunctionDef | ast.ClassDef) and not statement.decorator_list:
                apart.setdefault(statement.name, []).append(statement)
            else:
                waiting.append(statement)
        for name in list(apart) if self._public is None else self._public:
            waiting += apart.pop(name, [])
        nodes: list[ast.AST] = []
        while waiting:
            node = waiting.pop()
            nodes.append(node)
            if isinstance(node, ast.Name):
                waiting += apart.pop(node.id, [])
            elif isinstance(node, ast.If) and _is_for_programs(node.test):
                waiting += node.orelse
            else:
                waiting += ast.iter_child_nodes(node)
        return nodes


@functools.lru_cache(maxsize=4)  # the files of one exercise; the tree of a large file has a hundred times its size
def _parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]


def _is_for_programs(test: ast.expr) -> bool:
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    return "TYPE_CHECKING" in names | attributes or (names == {"__name__"} and isinstance(test, ast.Compare))


def _is_private(name: str) -> bool:
    """Whether a full name is among those to look at, or a private part of torch."""
    first, *rest = name.split(".")
    if first == "torch" and any(part[0] == "_" and not part.startswith("__") for part in rest if part):
        return True
    return any(name == one or name.startswith(f"{one}.") for one in (*PRIVATE_MODULES, *PRIVATE_FUNCTIONS))
