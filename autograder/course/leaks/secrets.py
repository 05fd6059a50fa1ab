"""Collects the secrets of a course: solutions between their markers, variants, mistakes, mark schemes, expected answers.

Not secret are the docstrings of mistakes, which are hints for students, and imports and signatures, which are in the stubs.
"""

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.catalogue import Project, SourceError
from autograder.course.leaks import bytecode, text
from autograder.course.leaks.code import fragments, is_text
from autograder.course.markers import find_regions

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
_OPTION = re.compile(r"\b(\w+)=")


@dataclass(frozen=True)
class Source:
    """Where a secret is in the teacher's repository, such as "a solution", "solutions/p1_mlp/mlp_nn.py", 12."""

    kind: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.path}:{self.line}"


@dataclass
class Secrets:
    """All secrets, in the forms in which they are compared, each with its source."""

    code: dict[str, Source] = field(default_factory=dict)
    """By fragments of code."""
    compiled: dict[str, Source] = field(default_factory=dict)
    """By compiled functions."""
    words: dict[str, Source] = field(default_factory=dict)
    """By runs of words."""
    answers: list[tuple[re.Pattern[str], Source]] = field(default_factory=list)
    """Patterns of expected answers beside their names, in text without spaces and quotes."""

    def add_code(self, kind: str, path: str, body: list[ast.stmt], hidden: str) -> None:
        """Adds statements, and the text that contains them. Their line numbers are those of the file."""
        for fragment in fragments(body):
            self.code.setdefault(fragment.key, Source(kind, path, fragment.line))
        self.add_text(kind, path, hidden)

    def add_compiled(self, kind: str, path: str, source: str) -> None:
        """Adds all functions of a source in compiled form."""
        for function in bytecode.functions(compile(source, path, "exec", dont_inherit=True)):
            self.compiled.setdefault(function.key, Source(kind, path, function.line))

    def add_text(self, kind: str, path: str, hidden: str, first_line: int = 1) -> None:
        """Adds the words of a text. `first_line`: the line of the file on which it starts."""
        for run in text.runs(hidden, first_line):
            self.words.setdefault(run.key, Source(kind, path, run.line))


def secrets_of(project: Project) -> Secrets:
    """The secrets of all exercises, released or not. SourceError if a file in `solutions/` is not valid Python."""
    secrets, folder = Secrets(), project.root / "solutions"
    for path in sorted(folder.glob("p*/*.py")):
        _add_solution(secrets, _name(project, path), path.read_text(encoding="utf-8"))
    for kind, pattern in (("a known mistake", "mistakes/*/*.py"), ("a variant", "variants/*/*/*.py")):
        for path in sorted(folder.glob(pattern)):
            source, name = path.read_text(encoding="utf-8"), _name(project, path)
            tree = _tree(source, name)
            secrets.add_code(kind, name, tree.body, _without_public_parts(source, tree))
            secrets.add_compiled(kind, name, source)
    hints = _hints(folder)
    for path in sorted(folder.glob("notebooks/*.py")):
        _add_notebook(secrets, _name(project, path), path.read_text(encoding="utf-8"), hints)
    return secrets


def _name(project: Project, path: Path) -> str:
    return path.relative_to(project.root).as_posix()


def _add_solution(secrets: Secrets, name: str, source: str) -> None:
    lines = source.replace("\r\n", "\n").split("\n")
    _tree(source, name)
    for region in find_regions(source, name):
        first = region.begin + len(region.todo)  # the number of lines before the answer
        answer = textwrap.dedent("\n".join(lines[first : region.end - 1]))
        body = ast.parse(answer).body
        for node in body:
            ast.increment_lineno(node, first)
        kept = "\n".join(line if first <= i < region.end - 1 else "" for i, line in enumerate(lines))
        secrets.add_code("a solution", name, body, kept)
    secrets.add_compiled("a solution", name, source)


def _without_public_parts(source: str, tree: ast.Module) -> str:
    """The source with its imports, signatures and docstrings replaced by empty lines."""
    lines = source.replace("\r\n", "\n").split("\n")
    for node in ast.walk(tree):
        first = last = 0
        if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.Expr) and is_text(node)):
            first, last = node.lineno, node.end_lineno or node.lineno
        elif isinstance(node, _Scope):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            last = max(node.lineno, node.body[0].lineno - 1)
        lines[first - 1 : last] = [""] * (last - first + 1) if first else lines[first - 1 : last]
    return "\n".join(lines)


def _hints(folder: Path) -> set[str]:
    """The runs of words in the hints of mistakes. Students read these, so they are not secret in a mark scheme either."""
    found: set[str] = set()
    for path in folder.glob("mistakes/*/*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, _Scope):
                found.update(run.key for run in text.runs(ast.get_docstring(node) or ""))
    return found


def _add_notebook(secrets: Secrets, name: str, source: str, hints: set[str]) -> None:
    for line, options, content in cells(source):
        if "mark_scheme" in options:
            for run in text.runs(re.sub(r"^#", "", content, flags=re.MULTILINE), line + 1):
                if run.key not in hints:
                    secrets.words.setdefault(run.key, Source("a mark scheme", name, run.line))
        expected = options.get("expected")
        for answer, value in (expected if isinstance(expected, dict) else {}).items():
            values = "|".join(sorted({re.escape(squeezed(form)[0]) for form in _spellings(value)}))
            pattern = rf"(?<![a-z0-9_]){re.escape(answer.casefold())}[:=]+\W{{0,2}}(?:{values})(?!\w|\.\d)"
            secrets.answers.append((re.compile(pattern), Source("an expected answer", name, line)))


def cells(source: str) -> Iterator[tuple[int, dict[str, Any], str]]:
    """The cells of a py:percent notebook, each as the line of its head, its options, and its content."""
    heads = list(_CELL.finditer(source))
    for head, following in zip(heads, [*heads[1:], None]):
        line = source.count("\n", 0, head.start()) + 1
        yield line, _options(head[1]), source[head.end() + 1 : following.start() if following else len(source)]


def _options(head: str) -> dict[str, Any]:
    options, position = {}, 0
    while match := _OPTION.search(head, position):
        try:
            options[match[1]], position = json.JSONDecoder().raw_decode(head, match.end())
        except json.JSONDecodeError:
            position = match.end()
    return options


def _spellings(value: object) -> Iterator[str]:
    yield json.dumps(value)
    yield repr(value)
    if isinstance(value, list):
        yield repr(tuple(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:,}"
        yield f"{float(value)!r}"


def squeezed(value: str) -> tuple[str, list[int]]:
    """A text in lower case without spaces and quotes, and the line (from 0) of each remaining character."""
    kept, lines, line = [], [], 0
    for character in value:
        line += character == "\n"
        if not character.isspace() and character not in "\"'`\\":
            kept.append(character.casefold())
            lines.append(line)
    return "".join(kept), lines


def _tree(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source, name)
    except SyntaxError as error:
        raise SourceError.of_syntax(name, error) from error
