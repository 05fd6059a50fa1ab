"""Makes the arguments of a check from their names and a seed: the submission, random inputs, datasets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.checks.fixtures import Surroundings, fixture_values
from autograder.checks.grader import Check
from autograder.checks.inputs import Draw
from autograder.sandbox.host.student_module import StudentModule


def with_arguments(
    check: Check, student: StudentModule, seed: int, tier: str, data_root: Path | None
) -> Callable[[], Any]:
    """The check's function bound to its arguments.

    When it is called again, it continues to draw random numbers and does not repeat them.
    """
    draw = Draw(seed, check.id)
    student.begin_check(draw.seed(), check.spec.cpu_seconds(tier))
    arguments = fixture_values(check.function, Surroundings(student, draw, tier, data_root))
    return functools.partial(check.function, **arguments)
