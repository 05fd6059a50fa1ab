"""Finds problems in a grader's source without importing it. This takes milliseconds and gives the line of each."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.checks.fixtures import FIXTURES, unknown_fixture
from autograder.course.catalogue import GRADER_PREFIX, SourceError
from autograder.course.dependencies import is_check_decorator
from autograder.reports.terminal import worth


def grader_problems(name: str, text: str, solution: set[str]) -> Iterator[SourceError]:
    """The problems of a grader. `name`: its path; `solution`: the names that the reference defines."""
    try:
        tree = ast.parse(text, name)
    except SyntaxError as error:
        yield SourceError.of_syntax(name, error)
        return
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    checks = [(node, call) for node in functions if (call := _declared(node))]
    spec = _spec(tree)
    if spec is None:
        yield SourceError(name, 1, "there is no EXERCISE", 'Add EXERCISE = ExerciseSpec(public=("...",)).')
    else:
        yield from _public_names(name, spec, solution)
    yield from _twins(name, functions)
    for node in functions:
        if node.name.startswith(GRADER_PREFIX) and _declared(node) is None:
            yield SourceError(name, node.lineno, f"{node.name} is not a check", "Write @check(points=...) above it.")
    for node, _ in checks:
        yield from _check_problems(name, node)
    yield from _points(name, spec.lineno if spec else 1, checks)


def _declared(node: ast.FunctionDef) -> ast.expr | None:
    """The decorator that makes a function a check; None if there is none."""
    return next(filter(is_check_decorator, node.decorator_list), None)


def _spec(tree: ast.Module) -> ast.Call | None:
    """The call that creates EXERCISE; None if there is none."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="EXERCISE")], value=ast.Call() as call):
                return call
    return None


def _public_names(name: str, spec: ast.Call, solution: set[str]) -> Iterator[SourceError]:
    public = next((keyword.value for keyword in spec.keywords if keyword.arg == "public"), None)
    public = public or next(iter(spec.args), None)
    if not isinstance(public, ast.Tuple) or not public.elts:
        remedy = 'Write them as strings in a tuple: public=("forward", "backward"), with a comma after a single one.'
        yield SourceError(name, (public or spec).lineno, "the public names cannot be read", remedy)
        return
    for item in public.elts:
        if not isinstance(item, ast.Constant) or item.value not in solution:
            remedy = f"It defines: {', '.join(sorted(solution)) or 'nothing'}."
            yield SourceError(name, item.lineno, f"the solution has no {ast.unparse(item)}", remedy)


def _twins(name: str, functions: list[ast.FunctionDef]) -> Iterator[SourceError]:
    first: dict[str, int] = {}
    for node in functions:
        if node.name in first:
            problem = f"{node.name} is already defined in line {first[node.name]}, and Python keeps only the last one"
            yield SourceError(name, node.lineno, problem, "Rename one.")
        first.setdefault(node.name, node.lineno)


def _check_problems(name: str, node: ast.FunctionDef) -> Iterator[SourceError]:
    if not (ast.get_docstring(node) or "").strip():
        remedy = "Write one line that says what it checks; students read it."
        yield SourceError(name, node.lineno, f"the check {node.name} has no docstring", remedy)
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if argument.arg not in FIXTURES:
            yield SourceError(name, argument.lineno, *unknown_fixture(argument.arg))


def _points(name: str, line: int, checks: list[tuple[ast.FunctionDef, ast.expr]]) -> Iterator[SourceError]:
    total = 0.0
    for node, decorator in checks:
        points = _number(decorator)
        if points is None or points <= 0:
            remedy = "Write a number, such as @check(points=0.5)."
            yield SourceError(name, decorator.lineno, f"the points of {node.name} are not a number above 0", remedy)
        total += points or 0
    if not checks:
        yield SourceError(name, line, "there is no check", "Write a function marked @check(points=...).")
    elif total != int(total):
        problem = f"the checks sum to {worth(total)}, which is not a whole number"
        yield SourceError(name, line, problem, "Change the points of one check.")


def _number(decorator: ast.expr) -> float | None:
    if not isinstance(decorator, ast.Call):
        return None
    given = [keyword.value for keyword in decorator.keywords if keyword.arg == "points"] or decorator.args[:1]
    match given:
        case [ast.Constant(value=int() | float() as points)]:
            return float(points)
    return None
