"""Checks of functions that return whole numbers, with explanations of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.comparisons import Comparison, report
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import StudentModule

Case = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments of one call."""
Ways = dict[str, Callable[..., Any]]
"""Known mistakes: words that explain one → a function that makes it, with the arguments of the student's."""


def as_count(what: str, value: Any) -> float:
    """Returns a number, or a tensor or array of shape (), as a float; raises CheckFailed for anything else, also a bool."""
    return as_number(what, value.item() if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0 else value)


def expect_counts(
    student: StudentModule,
    name: str,
    cases: list[Case],
    reference: Callable[..., int],
    ways: Ways,
    *,
    from_others: Callable[..., Any] | None = None,
    others: str = "",
    otherwise: Callable[[list[Case], list[float]], str] = lambda cases, got: "",
) -> None:
    """Fails unless the student's function `name` returns what the reference returns, in all cases.

    The message has the first of `ways` that gives exactly the student's answers, the right ones included.

    Args:
        from_others: computes the answer from other functions of the student's, named by `others`. If that gives the wrong
            answers, `name` is right but for these functions, whatever else would explain them.
        otherwise: what else can be said of wrong answers, from the cases that are wrong and the answers to them.
    """
    function = getattr(student, name)
    got = [as_count(function.in_words(*args, **options), function(*args, **options)) for args, options in cases]
    expected = [reference(*args, **options) for args, options in cases]
    for number, (args, options) in enumerate(cases):
        report(Comparison(function.in_words(*args, **options), got[number], expected[number], rtol=0))
    wrong = [number for number in range(len(cases)) if got[number] != expected[number]]
    if not wrong:
        return
    first = wrong[0]
    args, options = cases[first]
    what = f"{function.in_words(*args, **options)} should be {expected[first]:,} but is {show_count(got[first])}"
    if from_others is not None and got == _composed(from_others, cases):
        raise CheckFailed(f"{what}, as it follows from {others}: look there first")
    for words, way in ways.items():
        if got == [way(*args, **options) for args, options in cases]:
            raise CheckFailed(f"{what}: {words}", mistake=words)
    if not got[first].is_integer():
        raise CheckFailed(f"{what}, which is not a whole number")
    more = otherwise([cases[number] for number in wrong], [got[number] for number in wrong])
    raise CheckFailed(f"{what}{f': {more}' if more else f'; {_what_is_common(cases, got, expected, wrong)}'}")


def _composed(from_others: Callable[..., Any], cases: list[Case]) -> list[float]:
    try:
        return [float(from_others(*args, **options)) for args, options in cases]
    except (StudentProblem, TypeError, ValueError):  # one of the other functions fails, or returns no number
        return []


def _what_is_common(cases: list[Case], got: list[float], expected: list[int], wrong: list[int]) -> str:
    """What the wrong answers have in common, as far as all the cases show it."""
    differences = {got[number] - expected[number] for number in range(len(cases))}
    ratios = {got[number] / expected[number] for number in range(len(cases)) if expected[number]}
    if len(differences) == 1:
        difference = differences.pop()
        return (
            f"all {len(cases)} answers are {show_count(abs(difference))} too {'large' if difference > 0 else 'small'}"
        )
    if len(ratios) == 1 and 0 not in ratios:
        return f"all {len(cases)} answers are {show_count(ratios.pop())} times the right ones"
    shared, right_too = _shared_options(cases, wrong)
    if not shared:
        return f"{len(wrong)} of {len(cases)} answers are wrong"
    if right_too:
        return f"all wrong answers, {len(wrong)} of {len(cases)}, have {shared}, as have {right_too} right ones"
    return f"all wrong answers, {len(wrong)} of {len(cases)}, are those with {shared}"


def _shared_options(cases: list[Case], wrong: list[int]) -> tuple[str, int]:
    """The options that all wrong cases have and that some right ones lack, in words, and how many right ones have them."""
    options: dict[str, Callable[[dict[str, Any]], bool]] = {
        "a padding": lambda o: o.get("padding", 0) > 0,
        "a stride above 1": lambda o: o.get("stride", 1) > 1,
        "ceil_mode=True": lambda o: o.get("ceil_mode", False),
        "bias=False": lambda o: o.get("bias") is False,
        "biases": lambda o: "bias" in o and o["bias"],
    }
    shared = [words for words, has in options.items() if all(has(cases[number][1]) for number in wrong)]
    apart = [words for words in shared if not all(options[words](given) for _, given in cases)]
    having = sum(all(options[words](given) for words in apart) for _, given in cases)
    return " and ".join(apart), having - len(wrong)


def show_count(number: float) -> str:
    """A number as text, without ".0" and with commas between thousands.

    >>> show_count(12544.0)
    '12,544'
    """
    return f"{int(number):,}" if number.is_integer() else f"{number:,.6g}"
