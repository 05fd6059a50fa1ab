"""Fixtures: the values that a check gets by naming its arguments after them. `FIXTURES` lists all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.checks.inputs import Draw
    from autograder.data.dataset import Dataset
    from autograder.sandbox.host.student_module import StudentModule

# Datasets are imported on use: the layout check reads the names in this module and should not have to import torch.


@dataclass(frozen=True)
class Surroundings:
    """What one run of a check makes its fixtures from."""

    student: StudentModule
    draw: Draw
    tier: str
    data_root: Path | None


def student(run: Surroundings) -> StudentModule:
    """the student's module: `student.f(x)` calls its function in the worker"""
    return run.student


def draw(run: Surroundings) -> Draw:
    """random inputs, made from the run seed and the check's id"""
    return run.draw


def circles(run: Surroundings) -> Dataset:
    """two rings of points in the plane, labels one-hot"""
    from autograder.data.circles import load_circles
    from autograder.data.roots import data_roots

    return load_circles(data_roots(run.data_root))


def mnist(run: Surroundings) -> Dataset:
    """digits: a few thousand in the fast tier, all of MNIST in the full one"""
    from autograder.data.mnist import load_mnist
    from autograder.data.roots import data_roots

    return load_mnist(data_roots(run.data_root), run.tier)


def cifar(run: Surroundings) -> Dataset:
    """small colour images: a set made here in the fast tier, CIFAR-10 in the full one"""
    from autograder.data.cifar import load_cifar
    from autograder.data.roots import data_roots

    return load_cifar(data_roots(run.data_root), run.tier)


FIXTURES: dict[str, Callable[[Surroundings], Any]] = {
    function.__name__: function for function in (student, draw, circles, mnist, cifar)
}


def fixture_values(check: Callable[..., Any], run: Surroundings) -> dict[str, Any]:
    """The values of the fixtures that a check has as arguments, by name."""
    return {name: FIXTURES[name](run) for name in inspect.signature(check).parameters}


def unknown_fixture(name: str) -> tuple[str, str]:
    """The problem with an argument that is not a fixture, and how to fix it.

    >>> unknown_fixture("studnet")
    ("'studnet' is not a fixture", "Did you mean 'student'? The fixtures are: student, draw, circles, mnist, cifar.")
    """
    close = get_close_matches(name, FIXTURES, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return f"{name!r} is not a fixture", f"{meant}The fixtures are: {', '.join(FIXTURES)}."
