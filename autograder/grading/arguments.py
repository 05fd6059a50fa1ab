"""Makes the arguments of a check from their names and a seed: the submission, random inputs, datasets."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.checks.grader import Check
from autograder.checks.inputs import Draw
from autograder.data.cifar import load_cifar
from autograder.data.circles import load_circles
from autograder.data.mnist import load_mnist
from autograder.data.roots import data_roots
from autograder.sandbox.host.student_module import StudentModule


def with_arguments(
    check: Check, student: StudentModule, seed: int, tier: str, data_root: Path | None
) -> Callable[[], Any]:
    """The check's function bound to its arguments.

    When it is called again, it continues to draw random numbers and does not repeat them.
    """
    draw = Draw(seed, check.id)
    student.begin_check(draw.seed(), check.spec.cpu_seconds(tier), deep=not check.spec.trains)
    available: dict[str, Callable[[], Any]] = {
        "student": lambda: student,
        "draw": lambda: draw,
        "circles": lambda: load_circles(data_roots(data_root)),
        "mnist": lambda: load_mnist(data_roots(data_root), tier),
        "cifar": lambda: load_cifar(data_roots(data_root), tier),
    }
    arguments = {name: available[name]() for name in inspect.signature(check.function).parameters}
    return functools.partial(check.function, **arguments)
