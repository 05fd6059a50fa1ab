"""Explains where an answer is wrong: in the last row, in the rows of one class, where the right answer is negative, …"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from autograder.checks.cause import preceded
from autograder.checks.explanations.context import AnswerContext

Explain = Callable[[Tensor, Tensor], str]
"""Explains the wrong numbers alone, (got, expected), both flat, with a predicate; "" if no pattern fits."""


def wrong_places(got: Tensor, expected: Tensor, rtol: float) -> Tensor:
    """A mask of the numbers that are wrong, NaN included."""
    return ~((got - expected).abs() <= rtol * (1 + expected.abs()))


def where_it_is_wrong(got: Tensor, expected: Tensor, rtol: float) -> str:
    """How many numbers are wrong, the first of them and the worst, as a predicate."""
    wrong = wrong_places(got, expected, rtol)
    if got.dim() == 0:
        return (
            f"is {float(got):.4g}, but {float(expected):.4g} is expected. The two differ by no simple factor, so scale "
            "and sign are not the only problem: compare your code with the formula, term by term"
        )
    first = tuple(wrong.nonzero()[0].tolist())
    worst = _place(int((got - expected).abs().flatten().argmax()), got)
    count = f"all {wrong.numel()}" if wrong.all() else f"{int(wrong.sum())} of {wrong.numel()}"
    text = f"is wrong in {count} places; {_shown(got, expected, first, 'the first')}"
    return text if worst == first else f"{text}; {_shown(got, expected, worst, 'the worst')}"


def _place(flat: int, values: Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, tuple(values.shape)))


def _shown(got: Tensor, expected: Tensor, place: tuple[int, ...], which: str) -> str:
    return f"{which} is at {list(place)}: expected {float(expected[place]):.4g}, got {float(got[place]):.4g}"


def explain_places(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext, explain: Explain) -> str:
    """Explains an answer that is wrong in some places only: a rule for which they are, and what is wrong there."""
    wrong = wrong_places(got, expected, rtol)
    count = int(wrong.sum())
    if got.dim() == 0 or got.numel() < 4 or not 0 < count < got.numel():
        return ""
    worst = _place(int(((got - expected).abs() * wrong).flatten().argmax()), got)
    if count == 1:
        return f"is right except for one of {wrong.numel()} numbers; {_shown(got, expected, worst, 'it')}"
    where = next(_rules(wrong, expected, context), "")
    if not where:
        return ""
    explanation = explain(got[wrong], expected[wrong])
    if explanation:
        return preceded(f"is right except {where}: there it ", explanation)
    return f"is right except {where}; {count} numbers are wrong, and {_shown(got, expected, worst, 'the worst')}"


def _rules(wrong: Tensor, expected: Tensor, context: AnswerContext) -> Iterator[str]:
    """All rules that describe the wrong places exactly, and then some that describe most of them, in words."""
    conditions = dict(_conditions(expected, context))
    for words, condition in conditions.items():
        if condition.shape == wrong.shape and torch.equal(wrong, condition) and _means_something(condition):
            yield f"exactly {words}"
    rows = wrong.flatten(1).any(1) if wrong.dim() > 1 else wrong
    if context.labels is not None and context.labels.shape == rows.shape:
        for label in sorted(set(context.labels.tolist())):
            if torch.equal(rows, context.labels == label) and _means_something(rows):
                yield f"in all rows of class {label}, and in no others"
    yield from _along_axes(wrong)
    if wrong.dim() >= 2 and wrong.shape[-1] == wrong.shape[-2] > 2:
        square = torch.ones(wrong.shape[-2:], dtype=torch.bool)
        for words, part in (
            ("on the diagonal", torch.eye(len(square)).bool()),
            ("off the diagonal", ~torch.eye(len(square)).bool()),
            ("above the diagonal", square.triu(1)),
            ("below the diagonal", square.tril(-1)),
        ):
            if torch.equal(wrong, part.expand_as(wrong)):
                yield words
    if wrong.dim() == 4 and min(wrong.shape[2:]) > 2 and not wrong[:, :, 1:-1, 1:-1].any():
        yield "at the border, in the outermost rows and columns"
    for words, condition in conditions.items():
        if condition.shape != wrong.shape or not _means_something(condition):
            continue
        if bool((wrong <= condition).all()) and int(wrong.sum()) > max(2, 0.5 * int(condition.sum())):
            yield f"{words} (though not in all such places)"


def _means_something(condition: Tensor) -> bool:
    """Whether a condition holds in at least 2 of at least 6 places, and fails in at least 2."""
    inside = int(condition.sum())
    return condition.numel() >= 6 and inside >= 2 and condition.numel() - inside >= 2


def _along_axes(wrong: Tensor) -> Iterator[str]:
    """Rules for wrong places that all lie in a few slices of one axis, the axis with the smallest share first."""
    found = []
    for axis, length in enumerate(wrong.shape):
        others = tuple(other for other in range(wrong.dim()) if other != axis)
        hit = (wrong.any(dim=others) if others else wrong).nonzero().flatten().tolist()
        if length > 1 and len(hit) < length and (len(hit) <= max(1, length // 2)):
            found.append((len(hit) / length, axis, length, hit))
    for _, axis, length, hit in sorted(found):
        yield f"{_slices(wrong.dim(), axis, hit, length)}"


def _slices(dims: int, axis: int, hit: list[int], length: int) -> str:
    if dims == 1:
        one, many, of = "place", "places", f" of {length}"
    elif dims == 2:
        one, many, of = *(("row", "rows"), ("column", "columns"))[axis], f" of {length}"
    else:
        one, many, of = "index", "indices", f" of axis {axis}, which has {length}"
    run = len(hit) > 1 and hit == list(range(hit[0], hit[-1] + 1))
    if len(hit) == 1:
        name = {0: f"the first {one}", length - 1: f"the last {one}"}.get(hit[0], f"{one} {hit[0]}, counted from 0,")
        return f"in {name}{of}"
    if run and hit[-1] == length - 1:
        return f"in the last {len(hit)} {many}{of}"
    if run and not hit[0]:
        return f"in the first {len(hit)} {many}{of}"
    if hit == list(range(hit[0], length, 2)) and hit[0] < 2 and len(hit) > 2:
        return f"in the {('even', 'odd')[hit[0]]} {many}, counted from 0,{of}"
    return f"in {many} {', '.join(map(str, hit[:6]))}{' …' * (len(hit) > 6)}, counted from 0,{of}"


def _conditions(expected: Tensor, context: AnswerContext) -> Iterator[tuple[str, Tensor]]:
    size = float(expected.abs().max())
    yield "where the right answer is negative", expected < 0
    yield "where the right answer is positive", expected > 0
    yield "where the right answer is 0", expected.abs() <= 1e-12 * size
    yield "where the right answer is not 0", expected.abs() > 1e-12 * size
    if expected.dim() == 2 and expected.shape[1] > 2:
        yield "where the right answer is the largest of its row", expected == expected.amax(1, keepdim=True)
    for name, value in context.inputs.items():
        if value.shape != expected.shape:
            continue
        x = value.detach().double()
        yield f"where {name} is 0", x == 0
        yield f"where {name} is 1", x == 1
        yield f"where {name} is negative", x < 0
        yield f"where {name} is positive", x > 0
        if x.dim() == 2 and x.shape[1] > 2:
            yield f"where {name} is the largest of its row", x == x.amax(1, keepdim=True)
