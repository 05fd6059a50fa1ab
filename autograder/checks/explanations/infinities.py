"""Explains NaN and infinity: which of them occur, where, and what the inputs are there."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.explanations.context import AnswerContext

LIMITS = {torch.float64: (709.0, -745.0), torch.float32: (88.0, -103.0)}
"""The exponential of a number above the first is infinite, of a number below the second it is 0."""
FAR = 10.0
"""Inputs up to this size are not blamed for an overflow: among a few rows, one is the largest by chance."""


def explain_infinities(got: Tensor, context: AnswerContext) -> str:
    """Explains, with a predicate, an answer that has numbers that are not finite."""
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
                    f": {name} ranges from {float(value.min()):,.0f} to {float(value.max()):,.0f}. In "
                    f"{str(value.dtype).removeprefix('torch.')} exp(x) is infinite for x > {above:.0f} and 0 for "
                    f"x < {below:.0f}, and the logarithm of 0 is infinite: which of these happens here?"
                )
    for name, value in context.inputs.items():
        zeros = int((value == 0).sum())
        if zeros:
            return (
                f": {name} is 0 in {zeros} of {value.numel()} places: is there a logarithm of it, or a division by it?"
            )
    return ": does an exponential overflow, or is there a logarithm of 0 or a division by 0?"


def _of_overflowing_rows(bad: Tensor, context: AnswerContext) -> str:
    rows = bad.flatten(1).any(1) if bad.dim() > 1 else bad
    for name, value in context.inputs.items():
        if value.dim() < 1 or len(value) != len(rows) or not value.is_floating_point() or not value.numel():
            continue
        above, below = LIMITS.get(value.dtype, LIMITS[torch.float32])
        highest = value.reshape(len(value), -1).amax(1)
        if bool((highest > above).any()) and torch.equal(rows, (highest > above) | (highest < below)):
            none = (
                f", or with no number above {below:.0f}, so that all exponentials are 0"
                if (highest < below).any()
                else ""
            )
            return f"exactly in the rows with a number of {name} above {above:.0f}, whose exponential is infinite{none}"
    return ""


def _of_places(bad: Tensor, context: AnswerContext) -> str:
    for name, value in context.inputs.items():
        if value.shape != bad.shape:
            continue
        if torch.equal(bad, value == 0):
            return f"exactly where {name} is 0: is there a logarithm of it, or a division by it?"
        if torch.equal(bad, value < 0):
            return f"exactly where {name} is negative: is there a root or a logarithm of it?"
        sizes = value.double().abs()
        if float(sizes[bad].min()) > max(FAR, float(sizes[~bad].max())):
            return f"exactly where the size of {name} is {float(sizes[bad].min()):.4g} or more: does an exponential overflow?"
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
            return (
                f"in the rows where all numbers of {name} are equal: is there a division by their spread, which is 0?"
            )
        if torch.equal(rows, (x == 0).any(1)):
            return f"in the rows where {name} contains a 0: is there a logarithm of it, or a division by it?"
        if float(high[rows].min()) > max(FAR, float(high[~rows].max())):
            return (
                f"in the rows whose largest number of {name} is {float(high[rows].min()):,.4g} or more: does an "
                "exponential overflow?"
            )
        if float(high[rows].max()) < min(-FAR, float(high[~rows].min())):
            return (
                f"in the rows where no number of {name} is above {float(high[rows].max()):,.4g}: are all exponentials 0, "
                "and is there a division by their sum, or a logarithm of it?"
            )
        spread = high - low
        if float(spread[rows].min()) > max(FAR, float(spread[~rows].max())):
            return (
                f"in the rows where the numbers of {name} are furthest apart: does an exponential overflow, or is there a "
                "logarithm of an exponential that is 0?"
            )
        extreme = x.abs().amax(1)
        if float(extreme[rows].min()) > max(FAR, float(extreme[~rows].max())):
            return (
                f"in the rows where {name} reaches a size of {float(extreme[rows].min()):,.4g} or more: does an exponential "
                "overflow, or become 0?"
            )
    return ""
