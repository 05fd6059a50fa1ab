"""Checks of functions that return whole numbers, with explanations of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.comparisons import Comparison, report
from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import call_text
from autograder.sandbox.host.student_module import StudentModule

Case = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments of one call."""
Ways = dict[str, Callable[..., Any]]
"""Known mistakes: words that explain one → a function that makes it, with the arguments of the student's."""


def as_count(what: str, value: Any) -> float:
    """Returns a number, or a tensor or array of shape (), as a float; raises CheckFailed for anything else, also a bool."""
    return as_number(what, value.item() if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0 else value)


def expect_counts(
    student: StudentModule, name: str, cases: list[Case], reference: Callable[..., int], ways: Ways
) -> None:
    """Fails unless the student's function `name` returns what the reference returns, in all cases.

    The message has the first of `ways` that gives exactly the student's answers, the right ones included.
    """
    function = getattr(student, name)
    got = [as_count(call_text(name, args, options), function(*args, **options)) for args, options in cases]
    expected = [reference(*args, **options) for args, options in cases]
    for number, (args, options) in enumerate(cases):
        report(Comparison(call_text(name, args, options), got[number], expected[number], rtol=0))
    wrong = [number for number in range(len(cases)) if got[number] != expected[number]]
    if not wrong:
        return
    first = wrong[0]
    what = f"{call_text(name, *cases[first])} should be {expected[first]:,} but is {show_count(got[first])}"
    for words, way in ways.items():
        if got == [way(*args, **options) for args, options in cases]:
            raise CheckFailed(f"{what}: {words}")
    if not got[first].is_integer():
        raise CheckFailed(f"{what}, which is not a whole number")
    raise CheckFailed(f"{what}; {len(wrong)} of {len(cases)} answers are wrong")


def show_count(number: float) -> str:
    """A number as text, without ".0" and with commas between thousands.

    >>> show_count(12544.0)
    '12,544'
    """
    return f"{int(number):,}" if number.is_integer() else f"{number:,.6g}"
