"""The graders that there are: folders and names are the catalogue."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from autograder.checks.declare import CheckSpec, ExerciseSpec, spec_of

GRADERS = Path(__file__).resolve().parents[1] / "graders"


@dataclass(frozen=True)
class Check:
    """One check: what it is called, what it claims, and the function that proves it."""

    id: str
    title: str
    function: Callable[..., None]
    spec: CheckSpec


@dataclass(frozen=True)
class Grader:
    """All that is asked of one exercise."""

    id: str
    spec: ExerciseSpec
    checks: tuple[Check, ...]

    @property
    def module(self) -> str:
        """The student's module, as "p1_mlp.mlp_nn"."""
        return self.id.replace("/", ".")


def exercise_ids() -> list[str]:
    """ "p1_mlp/mlp_nn" and so on, for each grader file."""
    return sorted(f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in GRADERS.glob("*/test_*.py"))


def load_grader(exercise_id: str) -> Grader:
    practical, name = exercise_id.split("/")
    return grader_of(importlib.import_module(f"autograder.graders.{practical}.test_{name}"))


def grader_of(module: ModuleType) -> Grader:
    """The grader that a module of `autograder.graders` is."""
    practical, name = module.__name__.split(".")[-2:]
    exercise_id = f"{practical}/{name.removeprefix('test_')}"
    checks = []
    for function_name, function in vars(module).items():
        spec = spec_of(function)
        if spec is not None:
            title = " ".join((function.__doc__ or "").split())
            checks.append(Check(f"{exercise_id}::{function_name.removeprefix('test_')}", title, function, spec))
    return Grader(exercise_id, module.EXERCISE, tuple(checks))
