"""A grader as data: the checks of one exercise, as the module in `autograder.graders` declares them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from autograder.checks.declare import CheckSpec, ExerciseSpec, spec_of
from autograder.course.catalogue import GRADER_PREFIX, CheckId, ExerciseId


@dataclass(frozen=True)
class Check:
    """One check: its id, what it claims, and the function that proves it."""

    id: CheckId
    title: str
    function: Callable[..., None]
    spec: CheckSpec


@dataclass(frozen=True)
class Grader:
    """All that is asked of one exercise."""

    id: ExerciseId
    spec: ExerciseSpec
    checks: tuple[Check, ...]


def load_grader(exercise: ExerciseId) -> Grader:
    """The grader of an exercise; ModuleNotFoundError where there is none."""
    return grader_of(importlib.import_module(f"autograder.graders.{exercise.practical}.{GRADER_PREFIX}{exercise.name}"))


def grader_of(module: ModuleType) -> Grader:
    """The grader that a module of `autograder.graders` declares."""
    practical, name = module.__name__.split(".")[-2:]
    exercise = ExerciseId.of(practical, name.removeprefix(GRADER_PREFIX))
    checks = []
    for function_name, function in vars(module).items():
        spec = spec_of(function)
        if spec is not None:
            title = " ".join((function.__doc__ or "").split())
            checks.append(Check(exercise.check(function_name.removeprefix(GRADER_PREFIX)), title, function, spec))
    return Grader(exercise, module.EXERCISE, tuple(checks))
