"""Says whether an answer is right and, where it is not, in what way it is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explain_or_show
from autograder.checks.explanations.shapes import explain_shape
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.student_module import describe_value

TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-5}


def as_tensor(what: str, value: Any, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> Tensor:
    """`value` as a tensor of that shape and dtype, or a failed check that says what came instead.

    >>> as_tensor("forward(x)", torch.zeros(3, 2), (2, 3))
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: forward(x) should have shape (2, 3), and has (3, 2): that is its transpose
    """
    if not isinstance(value, Tensor):
        raise CheckFailed(
            f"{what} should be a tensor of shape {shape}, and is {describe_value(value)}{_why_none(value)}"
        )
    if tuple(value.shape) != shape:
        reason = explain_shape(tuple(value.shape), shape)
        raise CheckFailed(
            f"{what} should have shape {shape}, and has {tuple(value.shape)}{f': {reason}' if reason else ''}"
        )
    if dtype is not None and value.dtype != dtype:
        raise CheckFailed(
            f"{what} should keep the inputs' dtype {dtype}, and is {value.dtype}: is a number or tensor of another "
            "dtype mixed in, or a conversion such as .float()?"
        )
    return value.detach()


def as_number(what: str, value: Any) -> float:
    """A float or a tensor of one element as a float, or a failed check.

    >>> as_number("the loss", torch.tensor(0.5))
    0.5
    >>> as_number("the loss", None)
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: the loss should be a number, and is None: is a return missing?
    """
    if isinstance(value, (Tensor, np.ndarray)):
        if math.prod(value.shape) != 1 or len(value.shape) > 0:
            raise CheckFailed(f"{what} should be one number, and is {describe_value(value)}: is a mean or sum missing?")
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CheckFailed(f"{what} should be a number, and is {describe_value(value)}{_why_none(value)}")
    return float(value)


def _why_none(value: Any) -> str:
    return ": is a return missing?" if value is None else ""


def expect_close(
    what: str,
    got: Tensor,
    expected: Tensor,
    *,
    rtol: float,
    factors: Mapping[str, float] | None = None,
    context: AnswerContext | None = None,
) -> None:
    """Fails unless |got − expected| ≤ rtol · (1 + |expected|) everywhere, and says in what way `got` is wrong.

    `factors` names what a ratio could be; `context`: what else is known of the answer.

    >>> right = torch.tensor([0.3, -1.2])
    >>> expect_close("the gradient", 7 * right, right, rtol=1e-5, factors={"the batch size": 7})
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: the gradient is the right answer times 7, the batch size: ...
    """
    got, expected = as_tensor(what, got, tuple(expected.shape)).double(), expected.detach().double()
    if not is_close(got, expected, rtol=rtol):
        context = context or AnswerContext()
        context = replace(context, factors={**context.factors, **(factors or {})})
        raise CheckFailed(f"{what} {explain_or_show(got, expected, rtol, context)}")


def is_close(got: Tensor, expected: Tensor, *, rtol: float) -> bool:
    """Whether |got − expected| ≤ rtol · (1 + |expected|) everywhere; NaN is close to nothing."""
    return bool(((got.detach().double() - expected).abs() <= rtol * (1 + expected.abs())).all())


def expect_number(
    what: str,
    value: Any,
    expected: float,
    *,
    rtol: float,
    factors: Mapping[str, float] | None = None,
    context: AnswerContext | None = None,
) -> None:
    """The same for one number."""
    got = torch.tensor(as_number(what, value), dtype=torch.float64)
    expect_close(what, got, torch.tensor(expected, dtype=torch.float64), rtol=rtol, factors=factors, context=context)


def expect_unchanged(student: Any) -> None:
    """Fails if one of the calls so far wrote into an argument."""
    for call in student.calls:
        if call.changed:
            raise CheckFailed(
                f"{call.function} writes into its argument {call.changed[0]}, which is the caller's: make something new "
                "(x - y in place of x -= y, no trailing underscore as in x.sub_, a copy before an assignment)"
            )
