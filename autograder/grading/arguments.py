"""A check's function with its arguments: the submission, random inputs, datasets. Made from the seed."""

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
    """The check's function with its arguments; calling it again goes on drawing."""
    draw = Draw(seed, check.id)
    student.begin_check(draw.seed(), check.spec.cpu_seconds(tier), deep=not check.spec.trains)
    arguments = fixture_values(check.function, Surroundings(student, draw, tier, data_root))
    return functools.partial(check.function, **arguments)
