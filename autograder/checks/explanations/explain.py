"""In what way a wrong answer is wrong, where no known mistake is recognised: what a look at the numbers can say.

A pattern is claimed only where it fits every number to the tolerance and where so many numbers differ that it does not fit
by accident. Where none is seen, the first and the worst difference are shown, and never the whole of a right answer.
The patterns: factors and functions (`explanations_of_values`), numbers in another order (`explanations_of_order`), only
some of the places (`explanations_of_places`), NaN and infinity (`explanations_of_infinities`), and what came in place of
the shape that was asked for (`explanations_of_shapes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from autograder.checks.explanations.axes import (
    axis_where_it_sums_to,
    own_factor_of_each_slice,
    same_along_an_axis,
    sums_along_another_axis,
    sums_to_something_else,
)
from autograder.checks.explanations.context import MOST, AnswerContext, distinct, is_plain_fraction, near, tolerance
from autograder.checks.explanations.infinities import explain_infinities
from autograder.checks.explanations.order import explain_order
from autograder.checks.explanations.places import explain_places, where_it_is_wrong, wrong_places
from autograder.checks.explanations.values import (
    combination_of_parts,
    cut_off,
    function_of_the_right_answer,
    lost_signs,
    made_of_inputs,
    offset,
    precision,
    scaled,
    scaled_beside_zeros,
    wrong_signs,
)


def explain(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext | None = None) -> str:
    """The way in which `got` is wrong, as a predicate ("is the right answer times 2"), or "" where none is seen.

    Both have the same shape; `rtol` is what the check allows. An answer within it is right, and nothing is said of it.
    """
    context = context or AnswerContext()
    got, expected = got.detach().double(), expected.detach().double()
    if not wrong_places(got, expected, rtol).any():
        return ""
    if not torch.isfinite(got).all():
        return explain_infinities(got, context)
    if not torch.isfinite(expected).all():
        return ""
    tol = tolerance(rtol, expected)
    return next((reason for reason in _patterns(got, expected, rtol, tol, context) if reason), "")


def explain_or_show(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext | None = None) -> str:
    """The same; where no pattern is seen, how many places are wrong, the first of them and the worst."""
    reason = explain(got, expected, rtol, context)
    if reason:
        return reason
    got, expected = got.detach().double(), expected.detach().double()
    return where_it_is_wrong(got, expected, rtol) + _what_is_right(got, expected)


def _patterns(got: Tensor, expected: Tensor, rtol: float, tol: float, context: AnswerContext) -> Iterator[str]:
    """The more exact a pattern, the earlier it comes; "" where it does not fit."""

    def in_places(got_there: Tensor, expected_there: Tensor) -> str:
        return _in_places(got_there, expected_there, rtol, tol, context, tuple(got.shape))

    plain = got.numel() == 1 and is_plain_fraction(expected)  # 0.25 is 1/2 of 0.5, 1 − 0.75, and 0.5 squared
    factors = scaled(got, expected, tol, context)
    if plain:
        yield factors if "100" in factors else ""
        return
    yield _one_number_everywhere(got, expected, tol)
    yield scaled(got, expected, tol, context, named_only=True)
    yield _another_answer(got, expected, context, tol)
    yield factors
    yield precision(got, expected, rtol)
    yield combination_of_parts(got, tol, context)
    for pattern in (offset, lost_signs, cut_off, explain_order):
        yield pattern(got, expected, tol)
    if got.numel() > MOST:
        yield explain_places(got, expected, rtol, context, in_places)
        return
    yield made_of_inputs(got, expected, tol, context)
    yield function_of_the_right_answer(got, expected, tol)
    yield same_along_an_axis(got, expected, tol)
    yield explain_places(got, expected, rtol, context, in_places)
    yield scaled_beside_zeros(got, expected, tol, context)
    for pattern in (wrong_signs, sums_along_another_axis, sums_to_something_else, own_factor_of_each_slice):
        yield pattern(got, expected, tol)


def _in_places(
    got: Tensor, expected: Tensor, rtol: float, tol: float, context: AnswerContext, shape: tuple[int, ...]
) -> str:
    """What holds in the wrong places of an answer of this shape that is right elsewhere; both are flat."""
    patterns: tuple[Callable[[], str], ...] = (
        lambda: _one_number_everywhere(got, expected, tol),
        lambda: scaled(got, expected, tol, context, shape=shape),
        lambda: precision(got, expected, rtol),
        lambda: offset(got, expected, tol),
        lambda: lost_signs(got, expected, tol),
        lambda: wrong_signs(got, expected, tol),
        lambda: function_of_the_right_answer(got, expected, tol),
    )
    return next((reason for pattern in patterns if (reason := pattern())), "")


def _one_number_everywhere(got: Tensor, expected: Tensor, tol: float) -> str:
    if not got.any():
        return "is zero everywhere" if got.numel() > 1 else "is zero"
    if got.numel() < 3 or float(got.max() - got.min()) > 1e-12 * float(got.abs().max()):
        return ""
    if float(expected.max() - expected.min()) <= tol * float(expected.abs().max()):
        return ""  # so are the right answers: the factor says more
    value = got.flatten()[:1]
    for words, one in (("mean", expected.mean()), ("sum", expected.sum())):
        if near(value, one.reshape(1), tol):
            return f"is {float(value):.4g} everywhere, the {words} of the right answers, which differ from one another"
    return f"is {float(value):.4g} everywhere, where the right answers differ from one another"


def _another_answer(got: Tensor, expected: Tensor, context: AnswerContext, tol: float) -> str:
    """What the check thought of: an answer to another question, or that answer times a number that has a name."""
    # Some questions have the right answer here: the largest target is all there is of one-hot ones.
    others = {
        words: other.double()
        for words, other in context.others().items()
        if other.shape == got.shape and not near(other.double(), expected, 10 * tol)
    }
    for words, other in others.items():
        if near(got, other, tol):
            return words
    for words, other in others.items():
        if other.numel() == 1 or distinct(other) > 2:
            factor = scaled(got, other, tol, context, named_only=True)
            if factor:
                return f"{words}; and besides, it {factor.replace('the right answer', 'that')}"
    return ""


def _what_is_right(got: Tensor, expected: Tensor) -> str:
    """What holds of a wrong answer all the same."""
    right = []
    for total in (1.0, 0.0):
        axis = axis_where_it_sums_to(total, expected)
        if axis is not None and axis_where_it_sums_to(total, got) == axis:
            right.append(f"it does sum to {total:g} along axis {axis}, as it should")
    if got.dim() and got.numel() > 5 and torch.equal(got.flatten().argsort(), expected.flatten().argsort()):
        right.append("larger and smaller numbers are where they should be, only their sizes are not right")
    elif got.numel() > 5 and bool((got.sign() == expected.sign()).all()) and bool((expected < 0).any()):
        right.append("all signs are right")
    return f" ({' and '.join(right)})" if right else ""
