"""Explains right numbers in the wrong order: transposed, reversed, rolled, reshaped, or with rows exchanged."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from autograder.checks.cause import Cause
from autograder.checks.explanations.context import MOST, distinct, near

_READ_OTHERWISE = "has the right numbers in the wrong places: its axes were read in another order"
_VIEW = "`view` and `reshape` keep the order of the numbers in memory; only transpose and permute exchange axes"


def explain_order(got: Tensor, expected: Tensor, tol: float) -> str:
    """Explains, with a predicate, how the right numbers came to the wrong places; "" if there are other numbers."""
    if not 4 <= got.numel() <= MOST or distinct(expected) < 4 or not _same_numbers(got, expected, tol):
        return _repeated(got, expected, tol) if 4 <= got.numel() <= MOST else ""
    for pattern in (_permuted, _reversed_or_rolled, _sorted, _read_otherwise, _slices_exchanged):
        explanation = pattern(got, expected, tol)
        if explanation:
            return explanation
    return "has the right numbers in the wrong places"


def _same_numbers(got: Tensor, expected: Tensor, tol: float) -> bool:
    return near(got.flatten().sort().values, expected.flatten().sort().values, tol)


def _permuted(got: Tensor, expected: Tensor, tol: float) -> str:
    for order in itertools.permutations(range(got.dim())):
        moved = expected.permute(order)
        if order == tuple(range(got.dim())) or moved.shape != got.shape or not near(got, moved, tol):
            continue
        if got.dim() == 2:
            return Cause("is the transpose of the right answer")
        changed = [axis for axis, source in enumerate(order) if axis != source]
        if len(changed) == 2:
            return Cause(f"is the right answer with axes {changed[0]} and {changed[1]} exchanged")
        return Cause(f"is the right answer with its axes in the order {order}")
    return ""


def _reversed_or_rolled(got: Tensor, expected: Tensor, tol: float) -> str:
    along = [axis for axis in range(got.dim()) if got.shape[axis] > 1]
    for count in (1, 2):
        for axes in itertools.combinations(along, count):
            if near(got, expected.flip(axes), tol):
                return Cause(f"is the right answer in reverse order{_along(axes, got)}")
    for axis in along:
        for shift in range(1, min(got.shape[axis], 64)):
            if near(got, expected.roll(shift, axis), tol):
                back = got.shape[axis] - shift
                places, which = (shift, "forwards") if shift <= back else (back, "backwards")
                return Cause(
                    f"is the right answer rolled by {places} place{'s' * (places > 1)} {which}{_along((axis,), got)}: what "
                    "leaves at one end comes back at the other"
                )
    return ""


def _along(axes: tuple[int, ...], got: Tensor) -> str:
    return "" if got.dim() == 1 else f" along axis {' and axis '.join(map(str, axes))}"


def _sorted(got: Tensor, expected: Tensor, tol: float) -> str:
    if got.dim() == 1 and torch.equal(got, got.sort().values):
        return Cause("has the right numbers, but sorted: each should stay in its place")
    return ""


def _read_otherwise(got: Tensor, expected: Tensor, tol: float) -> str:
    if got.dim() < 2:
        return ""
    for order in itertools.permutations(range(got.dim())):
        if order == tuple(range(got.dim())):
            continue
        laid_out = tuple(expected.shape[axis] for axis in order)
        back = tuple(order.index(axis) for axis in range(got.dim()))
        for read in (expected.permute(order).reshape(expected.shape), expected.reshape(laid_out).permute(back)):
            if near(got, read, tol):
                return Cause(f"{_READ_OTHERWISE}. {_VIEW}", _READ_OTHERWISE)
    return ""


def _slices_exchanged(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises right rows, columns or other slices in the wrong order."""
    for axis in range(got.dim()):
        sources = _sources(got, expected, axis, tol)
        if sources and len(set(sources)) == len(sources):
            moved = next(i for i, source in enumerate(sources) if i != source)
            if got.dim() == 1:
                return f"has the right numbers in another order: index {moved} has the number of index {sources[moved]}"
            return (
                f"is right except for the order along axis {axis}: index {moved} has the numbers of index "
                f"{sources[moved]}"
            )
    return ""


def _repeated(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises right slices of which one occurs twice, so that another is missing."""
    for axis in range(got.dim()):
        if got.dim() < 2 or distinct(expected) < 4 or got.numel() // got.shape[axis] < 2:
            continue
        sources = _sources(got, expected, axis, tol)
        twice = next((source for source in sources if sources.count(source) > 1), None)
        if twice is not None and len(set(sources)) > 1:
            first, second = [place for place, source in enumerate(sources) if source == twice][:2]
            return f"is the same at indices {first} and {second} of axis {axis}: both have the numbers of index {twice}"
    return ""


def _sources(got: Tensor, expected: Tensor, axis: int, tol: float) -> list[int]:
    """For each index along the axis, the index of the right slice that is there; [] if one matches none, or all match."""
    if not 2 <= got.shape[axis] <= 64:
        return []
    rows, right = got.movedim(axis, 0), expected.movedim(axis, 0)
    found = []
    for i, row in enumerate(rows):
        order = [i, *(j for j in range(len(right)) if j != i)]
        source = next((j for j in order if near(row.reshape(-1), right[j].reshape(-1), tol)), None)
        if source is None:
            return []
        found.append(source)
    return [] if found == list(range(len(found))) else found
