"""Explanations by axis: numbers that are repeated, scaled or summed along an axis where they should not be."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from autograder.checks.cause import Cause
from autograder.checks.explanations.context import distinct, near


def sums_to(total: float, values: Tensor, axis: int) -> bool:
    sums = values.sum(axis)
    return bool(((sums - total).abs() <= _room(total, values)).all())


def _room(total: float, values: Tensor) -> float:
    """How far a sum may be from the total. It depends on the size of the numbers: sums of tiny ones are always nearly 0."""
    return 1e-5 * max(abs(total), float(values.abs().max()))


def axis_where_it_sums_to(total: float, values: Tensor) -> int | None:
    """The last axis of length 2 or more along which every sum is `total`, or None."""
    if distinct(values) < 3:
        return None  # one-hot rows and the like sum to 1 as well
    axes = [axis for axis in range(values.dim()) if values.shape[axis] > 1 and sums_to(total, values, axis)]
    return axes[-1] if axes else None


def same_along_an_axis(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises a row or another slice that is repeated although the right ones differ, as after a broadcast."""
    for axis in range(got.dim()):
        if got.shape[axis] < 2 or got.dim() < 2 or distinct(got) < 2:
            continue
        first = got.select(axis, 0).unsqueeze(axis)
        if not torch.allclose(got, first.expand_as(got), rtol=1e-6, atol=1e-12 * float(got.abs().max())):
            continue
        if near(expected, expected.select(axis, 0).unsqueeze(axis).expand_as(expected), tol):
            continue
        what = f"is the same at all {got.shape[axis]} indices of axis {axis}, but should differ"
        for words, one in (
            ("the mean of the right answers there", expected.mean(axis, keepdim=True)),
            ("the sum of the right answers there", expected.sum(axis, keepdim=True)),
            ("the first of the right answers there", expected.select(axis, 0).unsqueeze(axis)),
            ("the last of the right answers there", expected.select(axis, -1).unsqueeze(axis)),
        ):
            if near(first, one, tol):
                text = f"{what}: it is {words}"
                return Cause(text, text)
        return f"{what}: what is summed, averaged or broadcast over that axis?"
    for axis in range(got.dim()):
        if got.shape[axis] > 2 and distinct(expected) > 2 and near(got, expected.cumsum(axis), tol):
            return Cause(
                f"is a cumulative sum along axis {axis}: each number is the sum of the right answers up to its index"
            )
    return ""


def own_factor_of_each_slice(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises a factor or an added number that is constant in each row, column or other slice but differs between them."""
    for count in range(1, got.dim()):
        for axes in itertools.combinations(range(got.dim()), count):
            rest = tuple(axis for axis in range(got.dim()) if axis not in axes)
            slices, inside = (math.prod(got.shape[axis] for axis in some) for some in (axes, rest))
            if slices < 2 or inside < 2 or slices * (inside - 1) < 4:
                continue
            each = _each(axes, got.dim())
            square = (expected * expected).sum(rest, keepdim=True)
            if bool((square > 0).all()):
                factors = (got * expected).sum(rest, keepdim=True) / square
                if near(got, factors * expected, tol):
                    by = f"{float(factors.min()):.4g} to {float(factors.max()):.4g}"
                    return f"is, {each}, the right answer times a different number, from {by}"
            added = (got - expected).mean(rest, keepdim=True)
            if near(got, expected + added, tol):
                by = f"{float(added.min()):.4g} to {float(added.max()):.4g}"
                return f"is, {each}, the right answer plus a different number, from {by}"
    return ""


def _each(axes: tuple[int, ...], dims: int) -> str:
    if dims == 2:
        return ("in each row", "in each column")[axes[0]]
    if len(axes) == 1:
        return f"for each index of axis {axes[0]}"
    return f"for each index of axes {' and '.join(map(str, axes))} together"


def sums_along_another_axis(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises sums of 1 (or 0) along the wrong axis, or over the whole answer."""
    for total in (1.0, 0.0):
        axis = axis_where_it_sums_to(total, expected)
        if axis is None or distinct(got) < 3 or sums_to(total, got, axis):
            continue
        where = ""
        for other in range(got.dim()):
            if other != axis and got.shape[other] > 1 and sums_to(total, got, other):
                where = f"along axis {other}"
        if not where and total and got.numel() > got.shape[axis] and abs(float(got.sum()) - 1) < 1e-5:
            where = "as a whole"
        if where:
            return Cause(
                f"sums to {total:g} {where}, but should do so along axis {axis}: over which axis does your sum, mean or "
                "softmax run?"
            )
    return ""


def sums_to_something_else(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises an answer that should sum to 1 along an axis but does not."""
    axis = axis_where_it_sums_to(1.0, expected)
    if axis is None or sums_to(1.0, got, axis):
        return ""
    sums = got.sum(axis, keepdim=True)
    along = f"along axis {axis}" if got.dim() > 1 else "in total"
    if bool((sums.abs() > 1e-9).all()) and near(got / sums, expected, tol):
        return Cause(
            f"is not normalized: its numbers should sum to 1 {along}; divided by their sum, they would be right"
        )
    wrong = int(((sums - 1).abs() > _room(1.0, got)).flatten().int().argmax())
    where = f" at {'the first index' if wrong == 0 else f'index {wrong}'}" if got.dim() > 1 else ""
    first = f"sum to {float(sums.flatten()[wrong]):.4g}{where}"
    negative = (
        "; some are negative, but a probability never is" if bool((got < 0).any() and (expected >= 0).all()) else ""
    )
    return f"has numbers that should sum to 1 {along}, but they {first}{negative}"
