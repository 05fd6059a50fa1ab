"""Explains how a wrong answer is wrong, from its numbers alone.

A pattern is claimed only if it fits every number up to a tolerance, and if there are enough different numbers to rule out
coincidence. If no pattern fits, the first and the worst difference are shown, never the whole right answer.
The patterns: factors and functions (`values`), repeated or scaled slices (`axes`), numbers in another order (`order`),
only some of the numbers (`places`), NaN and infinity (`infinities`). Wrong shapes are explained in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from autograder.checks.cause import Cause
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
    a_little_of_an_input,
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
    """Explains how `got` is wrong with a predicate such as "is the right answer times 2".

    Args:
        got: the answer.
        expected: the right answer, in the same shape.
        rtol: the tolerance of the check.
        context: what else is known about the answer.

    Returns:
        The predicate, or "" if the answer is right or no pattern fits.

    >>> right = torch.tensor([0.3, -1.2, 0.7])
    >>> explain(right.square(), right, 1e-5)
    'is the square of the right answer'
    """
    return next(_explanations(got, expected, rtol, context or AnswerContext()), "")


def explanations(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext) -> list[str]:
    """All predicates that fit, the one that `explain` returns first."""
    return list(_explanations(got, expected, rtol, context))


def _explanations(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext) -> Iterator[str]:
    got, expected = got.detach().double(), expected.detach().double()
    if not wrong_places(got, expected, rtol).any():
        return
    if not torch.isfinite(got).all():
        yield explain_infinities(got, context)
    elif torch.isfinite(expected).all():
        tol = tolerance(rtol, expected)
        yield from filter(None, _patterns(got, expected, rtol, tol, context))


def explain_or_show(got: Tensor, expected: Tensor, rtol: float, context: AnswerContext | None = None) -> str:
    """Like `explain`, but if no pattern fits, shows how many numbers are wrong, the first of them and the worst."""
    explanation = explain(got, expected, rtol, context)
    if explanation:
        return explanation
    got, expected = got.detach().double(), expected.detach().double()
    return where_it_is_wrong(got, expected, rtol) + _what_is_right(got, expected)


def _patterns(got: Tensor, expected: Tensor, rtol: float, tol: float, context: AnswerContext) -> Iterator[str]:
    """Tries all patterns, the most specific first; yields "" for one that does not fit."""

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
    yield _another_answer_nearby(got, expected, context, tol)
    near_miss = precision(got, expected, rtol)
    yield (near_miss and a_little_of_an_input(got, expected, context)) or near_miss
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
    """Explains the wrong part of an answer of this shape; `got` and `expected` are that part, flat."""
    patterns: tuple[Callable[[], str], ...] = (
        lambda: _one_number_everywhere(got, expected, tol),
        lambda: scaled(got, expected, tol, context, shape=shape),
        lambda: precision(got, expected, rtol),
        lambda: offset(got, expected, tol),
        lambda: lost_signs(got, expected, tol),
        lambda: wrong_signs(got, expected, tol),
        lambda: function_of_the_right_answer(got, expected, tol),
    )
    return next((explanation for pattern in patterns if (explanation := pattern())), "")


def _one_number_everywhere(got: Tensor, expected: Tensor, tol: float) -> str:
    if not got.any():
        return "is zero everywhere" if got.numel() > 1 else "is zero"
    if got.numel() < 3 or float(got.max() - got.min()) > 1e-12 * float(got.abs().max()):
        return ""
    if float(expected.max() - expected.min()) <= tol * float(expected.abs().max()):
        return ""  # the right answers are equal too, and the factor says more
    value = got.flatten()[:1]
    for words, one in (("mean", expected.mean()), ("sum", expected.sum())):
        if near(value, one.reshape(1), tol):
            return Cause(f"is {float(value):.4g} everywhere, the {words} of the right answers, but those differ")
    return f"is {float(value):.4g} everywhere, but the right answers differ"


def _another_answer(got: Tensor, expected: Tensor, context: AnswerContext, tol: float) -> str:
    """Recognises one of the wrong answers that the check knows, or a known multiple of one."""
    # A known mistake may give the right answer here: with one-hot targets, the largest is the only one.
    others = {
        words: other.double()
        for words, other in context.others().items()
        if other.shape == got.shape and not near(other.double(), expected, 10 * tol)
    }
    fitting = [Cause(words) for words, other in others.items() if near(got, other, tol)]
    if fitting:
        several = len({words.mistake for words in fitting}) > 1
        return str(fitting[0]) if several else fitting[0]
    for words, other in others.items():
        if other.numel() == 1 or distinct(other) > 2:
            factor = scaled(got, other, tol, context, named_only=True)
            if factor:
                return Cause(f"{words}; in addition, it {factor.replace('the right answer', 'that')}")
    return ""


def _another_answer_nearby(got: Tensor, expected: Tensor, context: AnswerContext, tol: float) -> str:
    """Recognises a wrong answer that is nearly right, such as one with a small guard, by its difference from the right one.

    Only the first digits of the difference are reliable, so no other known answer may fit.
    """
    if not near(got, expected, 10 * tol):
        return ""
    found = [
        words
        for words, other in context.others().items()
        if other.shape == got.shape and near(got - expected, other.double() - expected, 0.01)
    ]
    return Cause(found[0]) if len(found) == 1 else ""


def _what_is_right(got: Tensor, expected: Tensor) -> str:
    """What is right about a wrong answer, in parentheses."""
    right = []
    for total in (1.0, 0.0):
        axis = axis_where_it_sums_to(total, expected)
        if axis is not None and axis_where_it_sums_to(total, got) == axis:
            right.append(f"it does sum to {total:g} along axis {axis}, as it should")
    if got.dim() and got.numel() > 5 and torch.equal(got.flatten().argsort(), expected.flatten().argsort()):
        right.append("the order of the numbers by size is right, only the sizes are wrong")
    elif got.numel() > 5 and bool((got.sign() == expected.sign()).all()) and bool((expected < 0).any()):
        right.append("all signs are right")
    return f" ({' and '.join(right)})" if right else ""
