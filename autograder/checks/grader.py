"""Graders: the checks of each exercise, loaded from the modules in `autograder.graders`."""

from __future__ import annotations

import ast
import importlib
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from autograder.checks.declare import CheckSpec, ExerciseSpec, spec_of
from autograder.checks.fixtures import FIXTURES, unknown_fixture
from autograder.course.catalogue import GRADER_PREFIX, INSTALLED, CheckId, ExerciseId, SourceError

PACKAGE = "autograder.graders"
FOLDER = INSTALLED / "autograder" / "graders"


class GraderError(SourceError):
    """A grader that cannot be used."""


@dataclass(frozen=True)
class Check:
    """One check: its id, its title, the function that runs it, its spec, and the ids of the checks that it rests on."""

    id: CheckId
    title: str
    function: Callable[..., None]
    spec: CheckSpec
    needs: tuple[CheckId, ...] = ()
    """Checks that explain a failure of this one. They are defined above it."""
    counts_with: tuple[CheckId, ...] = ()
    """Checks without which this one is worth nothing."""


@dataclass(frozen=True)
class Grader:
    """The checks of one exercise, in the order of their definition, and what else the grader declares."""

    id: ExerciseId
    spec: ExerciseSpec
    checks: tuple[Check, ...]


def load_grader(exercise: ExerciseId) -> Grader:
    """Loads the grader of an exercise. Raises GraderError, with file and line, if it is missing or cannot be used."""
    path = FOLDER / exercise.practical / f"{GRADER_PREFIX}{exercise.name}.py"
    if not path.is_file():
        raise GraderError(
            _shown(path), 1, f"{exercise} has no grader", f"Write it: {_shown(FOLDER)}/README.md says how."
        )
    _refuse_no_package(path)
    try:
        module = importlib.import_module(f"{PACKAGE}.{exercise.practical}.{path.stem}")
    except Exception as error:
        line, problem = _line_in(path, error), f"importing it raises {type(error).__name__}: {error}"
        raise GraderError(_shown(path), line, problem, "Fix that first.") from error
    return grader_of(module)


def grader_of(module: ModuleType) -> Grader:
    """The grader that a module of `autograder.graders` declares. Raises GraderError if a declaration is missing or wrong."""
    path = Path(str(module.__file__))
    _refuse_no_package(path)
    if not isinstance(getattr(module, "EXERCISE", None), ExerciseSpec):
        raise GraderError(_shown(path), 1, "there is no EXERCISE", 'Add EXERCISE = ExerciseSpec(public=("...",)).')
    exercise = ExerciseId.of(path.parent.name, path.stem.removeprefix(GRADER_PREFIX))
    functions = {name: function for name, function in vars(module).items() if spec_of(function) is not None}
    checks: list[Check] = []
    for name, function in functions.items():
        spec = spec_of(function)
        assert spec is not None
        _refuse_unknown_fixtures(path, function)
        needs = [need.__name__ for need in spec.needs]
        _refuse_unknown_checks(path, function, "needs", needs, [check.function.__name__ for check in checks])
        others = [other for other in functions if other != name]
        _refuse_unknown_checks(path, function, "counts_with", spec.counts_with, others)
        title = " ".join((function.__doc__ or "").split())
        needed, counted = (tuple(_check_id(exercise, other) for other in group) for group in (needs, spec.counts_with))
        checks.append(Check(_check_id(exercise, name), title, function, spec, needed, counted))
    return Grader(exercise, module.EXERCISE, tuple(checks))


def _check_id(exercise: ExerciseId, function: str) -> CheckId:
    return exercise.check(function.removeprefix(GRADER_PREFIX))


def _refuse_unknown_checks(
    path: Path, function: Callable[..., object], argument: str, names: Sequence[str], known: Sequence[str]
) -> None:
    """Refuses names of checks that are not among those that this argument may name."""
    for name in names:
        if name not in known:
            where = " above it" if argument == "needs" else ""
            problem = f"{function.__name__} has {argument} {name}, but there is no such check{where}"
            remedy = f"The checks{where} are: {', '.join(known) or 'none'}."
            raise GraderError(_shown(path), function.__code__.co_firstlineno, problem, remedy)


def _refuse_no_package(path: Path) -> None:
    """Refuses a folder without `__init__.py`: Python can import from it, but pytest takes its files for top-level modules."""
    for folder in (path.parent, path.parent.parent):
        if not (folder / "__init__.py").is_file():
            remedy = "Add an empty one; without it pytest cannot collect the graders in this folder."
            raise GraderError(_shown(folder / "__init__.py"), 1, "the file is missing", remedy)


def _refuse_unknown_fixtures(path: Path, function: Callable[..., object]) -> None:
    for name in inspect.signature(function).parameters:
        if name not in FIXTURES:
            problem, remedy = unknown_fixture(name)
            raise GraderError(_shown(path), _line_of_argument(path, function, name), problem, remedy)


def _line_of_argument(path: Path, function: Callable[..., object], name: str) -> int:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                if argument.arg == name:
                    return argument.lineno
    return inspect.getsourcelines(function)[1]


def _line_in(path: Path, error: Exception) -> int:
    """The line of this file that raised the error, or 1."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (lines[-1] if lines else None) or 1


def _shown(path: Path) -> str:
    return path.relative_to(INSTALLED).as_posix() if path.is_relative_to(INSTALLED) else str(path)
