"""Reads known mistakes: for each exercise a file of wrong functions and classes, each in place of one of the reference.

    @instead_of("softmax")
    def softmax_over_the_batch(ytilde):
        \"\"\"What the student sees, why it happens, where to look.\"\"\"
        ...

The title that students read is the name in plain words, unless another is given: `@instead_of("...", title="...")`. The
docstring is the hint. The file is parsed and never imported. To run a mistake, it is appended to the reference solution.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from autograder.course.catalogue import Exercise, SourceError
from autograder.course.titles import title_from, title_problem

T = TypeVar("T", bound=Callable[..., object])
_Definition = ast.FunctionDef | ast.ClassDef


class MistakeError(SourceError):
    """A file of known mistakes has an error."""


def instead_of(_replaces: str, *, title: str | None = None) -> Callable[[T], T]:
    """Declares which public name of the solution a mistake replaces, and its title if the name in words is not good enough.

    It returns the function or class unchanged; both arguments are read from the source.
    """

    def mark(definition: T) -> T:
        return definition

    return mark


@dataclass(frozen=True)
class Mistake:
    """A known mistake of an exercise ("p1_mlp/mlp_nn")."""

    exercise: str
    name: str
    title: str
    """What is wrong, in a few words for students."""
    hint: str
    replaces: str
    """The public name of the solution that it replaces."""
    source: str
    """Its Python source."""

    @property
    def of_class(self) -> bool:
        """Whether it replaces a class and not a function."""
        return f"\nclass {self.name}" in f"\n{self.source}"


def load_mistakes(exercise: Exercise) -> list[Mistake]:
    """The known mistakes of an exercise, in the order of the file; empty if there is no file.

    MistakeError, with file and line, if one has no hint, does not say what it replaces, has a name or title that is used
    already, or a title that is not plain words.
    """
    path = exercise.mistakes
    if not path.is_file():
        return []
    source = path.read_text(encoding="utf-8")
    solution = _definitions(_parsed(exercise.solution.read_text(encoding="utf-8"), exercise.solution))
    mistakes: dict[str, Mistake] = {}
    lines = source.split("\n")
    for node in _parsed(source, path).body:
        if _is_docstring(node) or (isinstance(node, ast.ImportFrom) and node.module == __name__):
            continue
        if not isinstance(node, _Definition):
            raise MistakeError(
                path, node.lineno, "this file may contain only mistakes", "Move this into the mistake that needs it."
            )
        if node.name in mistakes:
            raise MistakeError(
                path, node.lineno, f"there are two mistakes {node.name!r}", "Rename or delete one of them."
            )
        if node.name in solution:
            remedy = "Name the mistake for what is wrong with it."
            raise MistakeError(path, node.lineno, f"{node.name!r} is also a name in the solution", remedy)
        mistake = _mistake(node, lines, exercise, solution)
        for other in mistakes.values():
            if other.title.casefold() == mistake.title.casefold():
                remedy = 'Give it another title: @instead_of("...", title="...").'
                problem = f"{node.name!r} has the same title as {other.name!r}, {mistake.title!r}"
                raise MistakeError(path, node.lineno, problem, remedy)
        mistakes[node.name] = mistake
    return list(mistakes.values())


def submission_source(solution_source: str, mistake: Mistake) -> str:
    """The source of a submission that makes this mistake and no other: the solution with the mistake appended."""
    return f"{solution_source.rstrip()}\n\n\n{mistake.source}\n\n\n{mistake.replaces} = {mistake.name}\n"


def _mistake(node: _Definition, lines: list[str], exercise: Exercise, solution: dict[str, _Definition]) -> Mistake:
    path = exercise.mistakes
    replaces, title = _replaced_name_and_title(node, path)
    if replaces not in solution:
        remedy = f"The solution has: {', '.join(name for name in solution if not name.startswith('_'))}."
        unknown = f"{node.name!r} replaces {replaces!r}, which is not in the solution"
        raise MistakeError(path, node.lineno, unknown, remedy)
    if problem := title_problem(title):
        remedy = 'Say in plain words what is wrong: @instead_of("...", title="...").'
        raise MistakeError(path, node.lineno, f"{node.name!r} has the title {title!r}: {problem}", remedy)
    hint = ast.get_docstring(node)
    if not hint:
        remedy = "Give it a docstring: what the student sees, why, and where to look."
        raise MistakeError(path, node.lineno, f"{node.name!r} has no hint", remedy)
    expected = _arguments(solution[replaces])
    if _arguments(node) != expected:
        remedy = f"Give it the arguments of {replaces!r}: ({', '.join(expected)})."
        raise MistakeError(path, node.lineno, f"{node.name!r} takes ({', '.join(_arguments(node))})", remedy)
    segment = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return Mistake(exercise.id, node.name, title, _one_line_a_paragraph(hint), replaces, segment)


def _replaced_name_and_title(node: _Definition, path: Path) -> tuple[str, str]:
    match node.decorator_list:
        case [ast.Call(func=ast.Name(id="instead_of"), args=[ast.Constant(value=str(replaces))], keywords=keywords)]:
            match keywords:
                case []:
                    return replaces, title_from(node.name)
                case [ast.keyword(arg="title", value=ast.Constant(value=str(title)))]:
                    return replaces, title
    remedy = 'Write @instead_of("...") or @instead_of("...", title="...") above it, and no other decorator.'
    raise MistakeError(path, node.lineno, f"{node.name!r} does not say what it replaces", remedy)


def _arguments(node: _Definition) -> list[str]:
    """The names of the arguments of a function, or of a class's constructor."""
    if isinstance(node, ast.ClassDef):
        inits = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"]
        return _arguments(inits[0])[1:] if inits else []
    every = [*node.args.posonlyargs, *node.args.args, node.args.vararg, *node.args.kwonlyargs, node.args.kwarg]
    return [argument.arg for argument in every if argument]


def _definitions(tree: ast.Module) -> dict[str, _Definition]:
    return {node.name: node for node in tree.body if isinstance(node, _Definition)}


def _parsed(source: str, path: Path) -> ast.Module:
    try:
        return ast.parse(source, str(path))
    except SyntaxError as error:
        raise MistakeError.of_syntax(path, error) from error


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _one_line_a_paragraph(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
