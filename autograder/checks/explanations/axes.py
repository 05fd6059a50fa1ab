"""A wrong answer whose numbers belong together along an axis: repeated, scaled, or summed along the wrong one."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from autograder.checks.explanations.context import distinct, near


def sums_to(total: float, values: Tensor, axis: int) -> bool:
    sums = values.sum(axis)
    return bool(((sums - total).abs() <= _room(total, values)).all())


def _room(total: float, values: Tensor) -> float:
    """How far from the total a sum may be: relative to the numbers, since all sums of tiny ones are nearly 0."""
    return 1e-5 * max(abs(total), float(values.abs().max()))


def axis_where_it_sums_to(total: float, values: Tensor) -> int | None:
    """The last axis of two numbers or more along which the sums are all 1, or all 0; None where there is none."""
    if distinct(values) < 3:
        return None  # one-hot rows and the like sum to 1 as well
    axes = [axis for axis in range(values.dim()) if values.shape[axis] > 1 and sums_to(total, values, axis)]
    return axes[-1] if axes else None


def same_along_an_axis(got: Tensor, expected: Tensor, tol: float) -> str:
    """A row that is repeated, where each should have its own: a sum or mean over too much, or a broadcast."""
    for axis in range(got.dim()):
        if got.shape[axis] < 2 or got.dim() < 2 or distinct(got) < 2:
            continue
        first = got.select(axis, 0).unsqueeze(axis)
        if not torch.allclose(got, first.expand_as(got), rtol=1e-6, atol=1e-12 * float(got.abs().max())):
            continue
        if near(expected, expected.select(axis, 0).unsqueeze(axis).expand_as(expected), tol):
            continue
        what = f"is the same at all {got.shape[axis]} indices of axis {axis}, and should differ"
        for words, one in (
            ("the mean of the right answers there", expected.mean(axis, keepdim=True)),
            ("the sum of the right answers there", expected.sum(axis, keepdim=True)),
            ("the first of the right ones", expected.select(axis, 0).unsqueeze(axis)),
            ("the last of the right ones", expected.select(axis, -1).unsqueeze(axis)),
        ):
            if near(first, one, tol):
                return f"{what}: it is {words}"
        return f"{what}: what is summed, averaged or broadcast over that axis?"
    for axis in range(got.dim()):
        if got.shape[axis] > 2 and distinct(expected) > 2 and near(got, expected.cumsum(axis), tol):
            return f"is added up along axis {axis}: each number is the sum of the right ones up to its place"
    return ""


def own_factor_of_each_slice(got: Tensor, expected: Tensor, tol: float) -> str:
    """A factor, or a number added, that differs by row, by column, or by some of the axes."""
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
                    return f"is, {each}, the right answer times a number of its own, from {by}"
            added = (got - expected).mean(rest, keepdim=True)
            if near(got, expected + added, tol):
                by = f"{float(added.min()):.4g} to {float(added.max()):.4g}"
                return f"is, {each}, the right answer plus a number of its own, from {by}"
    return ""


def _each(axes: tuple[int, ...], dims: int) -> str:
    if dims == 2:
        return ("in each row", "in each column")[axes[0]]
    if len(axes) == 1:
        return f"for each index of axis {axes[0]}"
    return f"for each index of axes {' and '.join(map(str, axes))} together"


def sums_along_another_axis(got: Tensor, expected: Tensor, tol: float) -> str:
    """The right answer sums to 1 (or 0) along one axis, and this along another, or as a whole."""
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
            return (
                f"sums to {total:g} {where}, and should along axis {axis}: over which axis does your sum, mean or softmax "
                "run?"
            )
    return ""


def sums_to_something_else(got: Tensor, expected: Tensor, tol: float) -> str:
    """The right answer sums to 1 along an axis, and this does not."""
    axis = axis_where_it_sums_to(1.0, expected)
    if axis is None or sums_to(1.0, got, axis):
        return ""
    sums = got.sum(axis, keepdim=True)
    along = f"along axis {axis}" if got.dim() > 1 else "in all"
    if bool((sums.abs() > 1e-9).all()) and near(got / sums, expected, tol):
        return f"is not normalized: its numbers should sum to 1 {along}, and divided by their sum they would be right"
    wrong = int(((sums - 1).abs() > _room(1.0, got)).flatten().int().argmax())
    where = f" at {'the first index' if wrong == 0 else f'index {wrong}'}" if got.dim() > 1 else ""
    first = f"sum to {float(sums.flatten()[wrong]):.4g}{where}"
    negative = "; some are negative, which no probability is" if bool((got < 0).any() and (expected >= 0).all()) else ""
    return f"has numbers that should sum to 1 {along}, and {first}{negative}"
