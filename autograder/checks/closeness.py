"""Compares answers of a student's code with the right ones, and explains how a wrong one is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checks.cause import failed, preceded
from autograder.checks.comparisons import Comparison, report
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explain_or_show
from autograder.checks.explanations.shapes import explain_shape
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.calls_in_words import describe_value

TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-5}
"""The usual `rtol` for answers of each dtype."""


def as_tensor(what: str, value: Any, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> Tensor:
    """Returns `value`, detached, if it is a tensor of this shape and dtype.

    Args:
        what: how the message names the value, for example "forward(x)".
        value: anything that a student's function returned.
        shape: the shape it must have.
        dtype: the dtype it must have; None to accept any.

    Raises:
        CheckFailed: it is something else; the message says what, and how the shape may have come about.

    >>> as_tensor("forward(x)", torch.zeros(3, 2), (2, 3))
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: forward(x) should have shape (2, 3) but has (3, 2): that is its transpose
    """
    if not isinstance(value, Tensor):
        raise CheckFailed(
            f"{what} should be a tensor of shape {shape} but is {describe_value(value)}{_ask_for_return(value)}"
        )
    if tuple(value.shape) != shape:
        explanation = explain_shape(tuple(value.shape), shape)
        raise CheckFailed(
            f"{what} should have shape {shape} but has {tuple(value.shape)}{f': {explanation}' if explanation else ''}"
        )
    if dtype is not None and value.dtype != dtype:
        raise CheckFailed(
            f"{what} should have the inputs' dtype, {dtype}, but has {value.dtype}: is a number or tensor of another "
            "dtype mixed in, or is there a conversion such as .float()?"
        )
    return value.detach()


def as_number(what: str, value: Any) -> float:
    """Returns a number, or a tensor or array of shape (), as a float.

    Args:
        what: how the message names the value.
        value: anything that a student's function returned.

    Raises:
        CheckFailed: it is something else; a bool counts as something else, too.

    >>> as_number("the loss", torch.tensor(0.5))
    0.5
    >>> as_number("the loss", None)
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: the loss should be a number but is None: is a return missing?
    """
    if isinstance(value, (Tensor, np.ndarray)):
        if math.prod(value.shape) != 1 or len(value.shape) > 0:
            raise CheckFailed(f"{what} should be one number but is {describe_value(value)}: is a mean or sum missing?")
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CheckFailed(f"{what} should be a number but is {describe_value(value)}{_ask_for_return(value)}")
    return float(value)


def _ask_for_return(value: Any) -> str:
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
    """Fails unless |got − expected| ≤ rtol · (1 + |expected|) everywhere.

    Args:
        what: how the message names the answer, for example "the gradient".
        got: the student's answer, a tensor of any dtype.
        expected: the right answer, in the shape that `got` must have.
        rtol: the tolerance; see TOLERANCE.
        factors: numbers that a wrong answer may be off by, by name, such as {"the batch size": 7}.
        context: what else is known about the answer; it helps to explain a wrong one.

    Raises:
        CheckFailed: the shape or a number is wrong; the message explains how, if a pattern is recognised, and otherwise
            shows the first and the worst of the wrong numbers.

    >>> right = torch.tensor([0.3, -1.2])
    >>> expect_close("the gradient", 7 * right, right, rtol=1e-5, factors={"the batch size": 7})
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: the gradient is the right answer times 7, the batch size: ...
    """
    report(Comparison(what, got, expected, rtol))
    got, expected = as_tensor(what, got, tuple(expected.shape)).double(), expected.detach().double()
    if not is_close(got, expected, rtol=rtol):
        context = context or AnswerContext()
        context = replace(context, factors={**context.factors, **(factors or {})})
        text = preceded(f"{what} ", explain_or_show(got, expected, rtol, context))
        raise failed(text) if got.numel() > 1 else CheckFailed(text)  # a single number fits a pattern by chance


def is_close(got: Tensor, expected: Tensor, *, rtol: float) -> bool:
    """Whether |got − expected| ≤ rtol · (1 + |expected|) everywhere; NaN is never close."""
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
    """Like `expect_close`, for a single number: `value` is a number or a tensor of shape ().

    >>> expect_number("the loss L", torch.tensor(1.2345), 1.2345, rtol=1e-6)
    >>> expect_number("the loss L", -1.2345, 1.2345, rtol=1e-6)
    Traceback (most recent call last):
        ...
    autograder.checks.failure.CheckFailed: the loss L is the right answer times −1 (the sign)
    """
    got = torch.tensor(as_number(what, value), dtype=torch.float64)
    expect_close(what, got, torch.tensor(expected, dtype=torch.float64), rtol=rtol, factors=factors, context=context)


def expect_unchanged(student: Any) -> None:
    """Fails if a call of the student's code so far wrote into one of its arguments."""
    for call in student.calls:
        if call.changed:
            number, _, name = call.changed[0].partition(" ")
            named = name.strip("()") or f"number {number.lstrip('#')}"
            mistake = f"{call.function} changes its argument {named}"
            raise CheckFailed(
                f"{mistake}, which belongs to the caller: compute a new tensor instead (x - y, not x -= y; x.sub, not "
                "x.sub_; copy before you assign to an element)",
                mistake=mistake,
            )


@contextmanager
def expecting_unchanged(student: Any) -> Iterator[None]:
    """Like `expect_unchanged` after the body, and before a failure of the body: overwritten arguments give wrong values."""
    try:
        yield
    except CheckFailed:
        expect_unchanged(student)
        raise
    expect_unchanged(student)
