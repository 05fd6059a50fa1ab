"""Whether a function of whole numbers gives the right ones and, where it does not, which other count it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import call_text
from autograder.sandbox.host.student_module import StudentModule

Case = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional arguments and options of one call."""
Ways = dict[str, Callable[..., Any]]
"""What is wrong with an answer, in words → what gives that answer, for the same arguments."""


def as_count(what: str, value: Any) -> float:
    """An int or any number, 0-d tensors and arrays included, or a failed check; a bool is none."""
    return as_number(what, value.item() if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0 else value)


def expect_counts(
    student: StudentModule, name: str, cases: list[Case], reference: Callable[..., int], ways: Ways
) -> None:
    """Fails unless the student's function `name` equals the reference in every case.

    The reason given is the first of `ways` that explains all the answers, the right ones among them included.
    """
    function = getattr(student, name)
    got = [as_count(call_text(name, args, options), function(*args, **options)) for args, options in cases]
    expected = [reference(*args, **options) for args, options in cases]
    wrong = [number for number in range(len(cases)) if got[number] != expected[number]]
    if not wrong:
        return
    first = wrong[0]
    what = f"{call_text(name, *cases[first])} should be {expected[first]:,} but is {show_count(got[first])}"
    for words, way in ways.items():
        if got == [way(*args, **options) for args, options in cases]:
            raise CheckFailed(f"{what}: {words}")
    if not got[first].is_integer():
        raise CheckFailed(f"{what}, which is no whole number")
    raise CheckFailed(f"{what}; {len(wrong)} of {len(cases)} answers are wrong")


def show_count(number: float) -> str:
    """As a person would write it: no ".0", commas between thousands."""
    return f"{int(number):,}" if number.is_integer() else f"{number:,.6g}"
