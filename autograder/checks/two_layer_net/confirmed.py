"""Numbers that are explained only if the explanation holds for a second question too.

A single number fits many patterns by chance: a wrong loss may be 3/2 of some other loss. It does not do so twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from autograder.checks.cause import behind, failed, preceded
from autograder.checks.closeness import as_number, is_close
from autograder.checks.comparisons import Comparison, report
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explanations
from autograder.checks.explanations.infinities import explain_infinities
from autograder.checks.explanations.places import where_it_is_wrong
from autograder.checks.explanations.values import NEARLY
from autograder.checks.failure import CheckFailed


@dataclass(frozen=True)
class Answer:
    """A student's answer to a question with random inputs, the right one, and what is known about it.

    `look` asks the student's code more, to see what a wrong answer does; it returns a clause, or "".
    """

    value: Any
    expected: float
    context: AnswerContext
    look: Callable[[], str] = field(default=lambda: "")


def expect_number_each_time(what: str, ask: Callable[[], Answer], *, rtol: float) -> None:
    """Fails unless the answer is the right number; a cause is named only if two more answers do not speak against it.

    Args:
        what: how the message names the answer.
        ask: asks the student's code a new question of the same sizes.
        rtol: the tolerance; see `closeness.TOLERANCE`.
    """
    first = ask()
    got, expected = _number(what, first), _tensor(first.expected)
    report(Comparison(what, got, expected, rtol))
    if is_close(got, expected, rtol=rtol):
        return
    if not math.isfinite(float(got)):
        raise CheckFailed(f"{what} {explain_infinities(got, first.context)}")
    found = _causes(what, first, rtol)
    cause = _first_in_both(found, ask, what, rtol) if found else ""
    if not cause and (seen := first.look()):
        raise failed(behind(f"{what} is {float(got):.4g}, but {float(expected):.4g} is expected; ", seen))
    raise failed(preceded(f"{what} ", cause or where_it_is_wrong(got, expected, rtol)))


def _first_in_both(found: list[str], ask: Callable[[], Answer], what: str, rtol: float) -> str:
    """The first of the causes that explains the next answer too; if that answer is right, then the one after it."""
    for _ in range(2):
        again = _causes(what, ask(), rtol)
        if again:
            return next((cause for cause in found if cause in again or _nearly_right(cause, again)), "")
    return ""


def _nearly_right(cause: str, again: list[str]) -> bool:
    """Whether the cause says how many digits are right, and so does one of the others: the number differs each time."""
    return cause.startswith(NEARLY) and any(other.startswith(NEARLY) for other in again)


def _causes(what: str, answer: Answer, rtol: float) -> list[str]:
    return explanations(_number(what, answer), _tensor(answer.expected), rtol, answer.context)


def _number(what: str, answer: Answer) -> Tensor:
    return _tensor(as_number(what, answer.value))


def _tensor(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)
