"""NaN and infinity: which of them, where, and what of the inputs stands there."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.explanations.context import AnswerContext

LIMITS = {torch.float64: (709.0, -745.0), torch.float32: (88.0, -103.0)}
"""The exponential of more than the first is infinite, that of less than the second is 0."""
FAR = 10.0
"""Numbers nearer to 0 than this are blamed on no exponential: of a few rows, one is easily the largest by chance."""


def explain_infinities(got: Tensor, context: AnswerContext) -> str:
    """`got` has a number that is not finite; a predicate."""
    bad = ~torch.isfinite(got)
    kinds = [
        word
        for word, there in (
            ("NaN", got.isnan()), ("infinite", got == torch.inf), ("minus infinity", got == -torch.inf),
        ) if there.any()
    ]  # fmt: skip
    kind = " or ".join(kinds)
    if got.numel() == 1:
        return f"is {kind}{_of_all_inputs(context)}"
    if bad.all():
        return f"is {kind} everywhere{_of_all_inputs(context)}"
    where = _of_overflowing_rows(bad, context) or _of_places(bad, context) or _of_rows(bad, context)
    if where:
        return f"is {kind} in {int(bad.sum())} of {bad.numel()} places, {where}"
    rows = bad.flatten(1).any(1) if bad.dim() > 1 else bad
    row = int(rows.double().argmax())
    more = f", all in row {row} of {len(rows)}" if bad.dim() > 1 and int(rows.sum()) == 1 else ""
    first = bad.nonzero()[0].tolist()
    return f"is {kind} in {int(bad.sum())} of {bad.numel()} places{more}, first at {first}{_of_all_inputs(context)}"


def _of_all_inputs(context: AnswerContext) -> str:
    for name, value in context.inputs.items():
        if value.is_floating_point() and value.numel():
            above, below = LIMITS.get(value.dtype, LIMITS[torch.float32])
            if float(value.abs().max()) > above:
                return (
                    f": {name} goes from {float(value.min()):,.0f} to {float(value.max()):,.0f}. In "
                    f"{str(value.dtype).removeprefix('torch.')} the exponential of more than {above:.0f} is infinite and "
                    f"that of less than {below:.0f} is 0, whose logarithm is infinite: which of the two is met?"
                )
    for name, value in context.inputs.items():
        zeros = int((value == 0).sum())
        if zeros:
            return f": {name} is 0 in {zeros} of {value.numel()} places; does a logarithm or a division meet that?"
    return ": does an exponential overflow, a logarithm meet 0, or a division divide by 0?"


def _of_overflowing_rows(bad: Tensor, context: AnswerContext) -> str:
    rows = bad.flatten(1).any(1) if bad.dim() > 1 else bad
    for name, value in context.inputs.items():
        if value.dim() < 1 or len(value) != len(rows) or not value.is_floating_point() or not value.numel():
            continue
        above, below = LIMITS.get(value.dtype, LIMITS[torch.float32])
        highest = value.reshape(len(value), -1).amax(1)
        if bool((highest > above).any()) and torch.equal(rows, (highest > above) | (highest < below)):
            none = f", or with none above {below:.0f}, where all exponentials are 0" if (highest < below).any() else ""
            return f"exactly in the rows with a number of {name} above {above:.0f}, whose exponential is infinite{none}"
    return ""


def _of_places(bad: Tensor, context: AnswerContext) -> str:
    for name, value in context.inputs.items():
        if value.shape != bad.shape:
            continue
        if torch.equal(bad, value == 0):
            return f"exactly where {name} is 0: does a logarithm or a division meet it?"
        if torch.equal(bad, value < 0):
            return f"exactly where {name} is negative: does a root or a logarithm meet it?"
        sizes = value.double().abs()
        if float(sizes[bad].min()) > max(FAR, float(sizes[~bad].max())):
            return (
                f"which are those with the largest {name}, from {float(sizes[bad].min()):.4g} in size: does an "
                "exponential overflow?"
            )
    return ""


def _of_rows(bad: Tensor, context: AnswerContext) -> str:
    rows = bad.flatten(1).any(1) if bad.dim() > 1 else bad
    if rows.all():
        return ""
    for name, value in context.inputs.items():
        if value.dim() < 1 or len(value) != len(rows) or value.numel() == 0:
            continue
        x = value.double().reshape(len(value), -1)
        low, high = x.amin(1), x.amax(1)
        if torch.equal(rows, low == high) and x.shape[1] > 1:
            return f"in the rows where all of {name} is one number: does a division meet a spread of 0?"
        if torch.equal(rows, (x == 0).any(1)):
            return f"in the rows where {name} has a 0: does a logarithm or a division meet it?"
        if float(high[rows].min()) > max(FAR, float(high[~rows].max())):
            return (
                f"in the rows whose largest number of {name} is {float(high[rows].min()):,.4g} or more: does an "
                "exponential overflow?"
            )
        if float(high[rows].max()) < min(-FAR, float(high[~rows].min())):
            return (
                f"in the rows where no number of {name} is more than {float(high[rows].max()):,.4g}: do all exponentials "
                "come out as 0, and does a division or a logarithm meet that?"
            )
        spread = high - low
        if float(spread[rows].min()) > max(FAR, float(spread[~rows].max())):
            return (
                f"in the rows where the numbers of {name} are furthest apart: does an exponential overflow, or come out as 0 "
                "where a logarithm or a division meets it?"
            )
        extreme = x.abs().amax(1)
        if float(extreme[rows].min()) > max(FAR, float(extreme[~rows].max())):
            return (
                f"in the rows where {name} reaches {float(extreme[rows].min()):,.4g} in size or more: does an exponential "
                "overflow, or come out as 0?"
            )
    return ""
