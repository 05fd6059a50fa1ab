"""Explains an answer as a function of the right one: a multiple, a sum with a constant, a square, …, or of the inputs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import torch
from torch import Tensor

from autograder.checks.cause import Cause
from autograder.checks.explanations.context import AnswerContext, distinct, near, shown_factor

CONSTANTS: dict[str, tuple[float, str]] = {
    "2": (2.0, ""),
    "1/2": (0.5, ""),
    "100": (100.0, ": is it a percentage? A fraction is expected"),
    "1/100": (0.01, ""),
    "255": (255.0, ", the largest value of a byte"),
    "1/255": (1 / 255, ", where 255 is the largest value of a byte"),
    "1.443": (1 / math.log(2), ", one over ln 2: the logarithm has base 2, but the natural one is expected"),
    "0.4343": (1 / math.log(10), ", one over ln 10: the logarithm has base 10, but the natural one is expected"),
    "0.6931": (math.log(2), ", the natural logarithm of 2"),
}
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "the square of": torch.square,
    "the square root of": torch.sqrt,
    "the logarithm of": torch.log,
    "minus the logarithm of": lambda x: -x.log(),
    "the exponential of": torch.exp,
    "one over": torch.reciprocal,
    "one minus": lambda x: 1 - x,
    "one minus the square of": lambda x: 1 - x**2,
    "the tanh of": torch.tanh,
    "the sigmoid of": torch.sigmoid,
}
OF_INPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda x: x,  # first: ones and zeros are their own squares and roots
    **FUNCTIONS,
    "the ReLU of": torch.relu,
    "the GELU of": torch.nn.functional.gelu,
}
NEARLY = "is right only to"
_SUM = ": is there a sum instead of a mean, or a division missing?"
_MEAN = ": is there a mean instead of a sum, or one division too many?"


def scaled(
    got: Tensor,
    expected: Tensor,
    tol: float,
    context: AnswerContext,
    *,
    shape: tuple[int, ...] | None = None,
    named_only: bool = False,
) -> str:
    """Recognises one factor for all numbers. A factor without a name must fit three different numbers or more.

    shape: the shape of the whole answer, if `got` is only a part of it.
    named_only: whether to leave out factors without a name.
    """
    got, expected = got.detach(), expected.detach()
    square = float((expected * expected).sum())
    if square == 0:
        return ""
    factor = float((got * expected).sum()) / square
    if abs(factor) < 1e-12 or abs(factor - 1) < 1e-3 * (got.numel() > 1) or not near(got, factor * expected, tol):
        return ""
    names = _names_of(factor, context, got.shape if shape is None else shape, max(tol, 2e-6))
    if names:
        text = f"is the right answer times {' or '.join(names)}"
        return Cause(text) if len(names) == 1 else text
    if named_only or distinct(expected) < 3:
        return ""
    return f"is the right answer times {shown_factor(factor)}{_over_a_whole_number(factor, context)}"


def scaled_beside_zeros(got: Tensor, expected: Tensor, tol: float, context: AnswerContext) -> str:
    """Recognises one factor wherever the right answer is not 0, and other numbers where it should be 0."""
    zero = expected.abs() <= 1e-12 * expected.abs().max()
    nonzero = int((got[zero].abs() > tol * expected.abs().max()).sum())
    if not nonzero or distinct(expected[~zero]) < 3:
        return ""
    factor = scaled(got[~zero], expected[~zero], tol, context, shape=got.shape)
    if not factor:
        return ""
    return (
        f"{factor}, except that it is not 0 in {nonzero} of the {int(zero.sum())} places where it should be: is a mask "
        "missing?"
    )


def _names_of(factor: float, context: AnswerContext, shape: tuple[int, ...], tol: float) -> list[str]:
    """All names that a factor has here, the last one with a hint."""
    if _is(factor, -1.0, tol):
        return ["−1 (the sign)"]
    minus, besides = ("−", ", so the sign is wrong as well") if factor < 0 else ("", "")
    sizes = _sizes(context, shape)
    found: list[tuple[str, str]] = []
    for candidates in (_plain(sizes), _compound(sizes, context)):
        found = found or [(name, hint) for name, value, hint in candidates if _is(abs(factor), value, tol)]
    if not found:
        return []
    *names, last = dict.fromkeys(f"{minus}{name}" for name, _ in found)
    return [*names, f"{last}{besides}{found[0][1]}"]


def _is(factor: float, value: float, tol: float) -> bool:
    return math.isclose(factor, value, rel_tol=tol)


def _sizes(context: AnswerContext, shape: tuple[int, ...]) -> dict[str, float]:
    """The factors that the check names; if it names none, the lengths of the axes."""
    sizes = {name: float(size) for name, size in context.factors.items() if size not in (0, 1)}
    if sizes:
        return sizes
    for axis, length in enumerate(shape):
        if length > 2 and length not in sizes.values():
            sizes[f"the length of axis {axis}"] = float(length)
    count = math.prod(shape)
    if count > 3 and count not in sizes.values():
        sizes["the number of entries"] = float(count)
    return sizes


def _plain(sizes: dict[str, float]) -> Iterator[tuple[str, float, str]]:
    """Simple factors: name, value and hint."""
    for name, n in sizes.items():
        count = n >= 2 and n == round(n)
        yield f"{n:g}, {name}", n, _SUM * count
        yield f"1/{n:g}, one over {name}", 1 / n, _MEAN * count
    named = {value for n in sizes.values() for value in (n, 1 / n)}
    for name, (value, hint) in CONSTANTS.items():
        if value not in named:  # "2, the batch size" says more than "2"
            yield name, value, hint


def _compound(sizes: dict[str, float], context: AnswerContext) -> Iterator[tuple[str, float, str]]:
    """Further factors, for when no simple one fits: name, value and hint."""
    for name, n in sizes.items():
        yield f"{n * n:g}, {name} squared", n * n, ""
        yield f"1/{n * n:g}, one over {name} squared", n**-2.0, ""
        if n > 0:
            yield f"√{n:g}, the root of {name}", n**0.5, ""
            yield f"1/√{n:g}, one over the root of {name}", n**-0.5, ""
        if n > 2:
            hint = f": {n:g} is {name}; is there an n − 1 instead of n, or n instead of n − 1?"
            for words, value in ((f"{n - 1:g}/{n:g}", (n - 1) / n), (f"{n:g}/{n - 1:g}", n / (n - 1))):
                yield words, value, hint
                yield f"√({words})", value**0.5, hint
    for (one, n), (other, m) in itertools.permutations(context.factors.items(), 2):
        if n != m and m and "×" not in one + other:
            yield f"{n:g}/{m:g}, {one} over {other}", n / m, ""


def _over_a_whole_number(factor: float, context: AnswerContext) -> str:
    """Names a factor as a quotient, such as 0.6 as 6, the batch size, over 10."""
    for name, n in context.factors.items():
        other = n / factor
        if n > 1 and 2 <= round(other) <= 1000 and math.isclose(other, round(other), rel_tol=1e-6):
            return f", which is {n:g}, {name}, over {round(other)}"
        if 0 < n < 1 and factor > 0:
            return f", as if {name} were {factor * n:.4g} instead of {n:g}"
    simple = Fraction(factor).limit_denominator(20)
    if simple.denominator > 1 and math.isclose(factor, float(simple), rel_tol=1e-6):
        return f" ({simple})"
    return ""


def precision(got: Tensor, expected: Tensor, rtol: float) -> str:
    """Recognises an answer that is right to a few digits only."""
    size = expected.abs() + 0.01 * expected.abs().max()
    error = float(((got - expected).abs() / size).max()) if bool((size > 0).all()) else math.inf
    if not error < (1e-3 if got.numel() > 1 else 1e-4):
        return ""
    text = f"{NEARLY} {error:.0e}, but should be right to {rtol:.0e}"
    if torch.equal(got, got.float().double()) and error < 1e-5 and rtol < 1e-6:
        text += f": {'all its numbers are' if got.numel() > 1 else 'it is'} exact in float32, but float64 was given"
        return Cause(f"{text}: what converts {'them' if got.numel() > 1 else 'it'}?", text)
    if error < 2e-6 and rtol < 1e-7 and got.numel() > 1:
        return f"{text}: that is the precision of float32: is a part computed in float32, or a constant rounded?"
    return f"{text}: is a guard against zero too large, a constant rounded, or a part computed in a lower precision?"


def offset(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises a constant that is added everywhere, alone or after a factor."""
    if got.numel() < 3 or distinct(expected) < 3:
        return ""
    by = float((got - expected).median())
    if near(got, expected + by, tol) and abs(by) > 10 * tol * float(expected.abs().max()):
        for words, number in (
            ("mean", expected.mean()), ("largest number", expected.max()), ("smallest number", expected.min()),
        ):  # fmt: skip
            if math.isclose(by, -float(number), rel_tol=tol):
                return Cause(f"is the right answer minus its {words}")
        return f"is the right answer plus {by:.4g} everywhere"
    if distinct(expected) < 5 or float(expected.std()) == 0:
        return ""
    centred = expected - expected.mean()
    factor = float((got * centred).sum() / (centred * centred).sum())
    by = float(got.mean() - factor * expected.mean())
    if abs(factor) > 1e-6 and near(got, factor * expected + by, tol):
        return f"is the right answer times {shown_factor(factor)}, {'plus' if by > 0 else 'minus'} {abs(by):.4g}"
    return ""


def lost_signs(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises the absolute value, and 0 instead of every negative number."""
    if got.numel() < 3 or distinct(expected) < 2:
        return ""
    negative = expected < 0
    if bool((got >= 0).all()) and negative.any() and (~negative).any():
        if near(got, expected.abs(), tol):
            return Cause("is the absolute value of the right answer: negative signs are lost")
        if near(got, expected.clamp(min=0), tol) and distinct(got) > 1:
            return Cause("is 0 wherever the right answer is negative, and right elsewhere")
    return ""


def wrong_signs(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises right sizes with some wrong signs."""
    if got.numel() < 3 or distinct(expected) < 2:
        return ""
    if near(got.abs(), expected.abs(), tol):
        wrong = (got.sign() != expected.sign()) & (expected.abs() > tol * expected.abs().max())
        return f"has the right sizes but the wrong sign in {int(wrong.sum())} of {got.numel()} places"
    return ""


def cut_off(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises the right answer clamped to a range."""
    low, high = float(got.min()), float(got.max())
    inside = (expected > low) & (expected < high)
    if distinct(expected[inside]) < 3 or not near(got, expected.clamp(low, high), tol):
        return ""
    bounds = [
        f"{words} {bound:.4g}"
        for words, bound, beyond in (("from below at", low, expected < low), ("from above at", high, expected > high))
        if beyond.any()
    ]
    return Cause(
        f"is right, but cut off {' and '.join(bounds)}: is there a clamp or another bound that should not be there?"
    )


def function_of_the_right_answer(got: Tensor, expected: Tensor, tol: float) -> str:
    """Recognises an elementary function, a softmax or a rounding of the right answer."""
    if got.numel() > 1 and distinct(expected) < 3:
        return ""
    for words, function in [*FUNCTIONS.items(), *_softmaxes(expected)]:
        if near(got, function(expected), tol) and (got.numel() > 1 or abs(float(got)) > 1e-9):
            return Cause(f"is {words} the right answer")
    if got.numel() > 2 and torch.equal(got, got.round()) and not near(expected.round(), expected, 1e-3):
        for words, whole in (
            ("rounded to whole numbers", expected.round()),
            ("truncated to whole numbers", expected.trunc()),
        ):
            if torch.equal(got, whole) and distinct(got) > 1:
                return Cause(f"is the right answer {words}: is there a // or an integer dtype?")
    return ""


def _softmaxes(x: Tensor) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    for axis in range(x.dim()):
        if x.shape[axis] > 1:
            yield f"the softmax over axis {axis} of", lambda x, axis=axis: x.softmax(axis)  # type: ignore[misc]
            yield f"the log-softmax over axis {axis} of", lambda x, axis=axis: x.log_softmax(axis)  # type: ignore[misc]
            sums = x.sum(axis, keepdim=True)
            if bool((sums.abs() > 1e-9).all()):
                by_sum = f"the numbers divided by their sum along axis {axis} of"
                yield by_sum, lambda x, sums=sums: x / sums  # type: ignore[misc]
    if x.dim() > 1:
        yield "the softmax over all numbers of", lambda x: x.flatten().softmax(0).reshape(x.shape)


def made_of_inputs(got: Tensor, expected: Tensor, tol: float, context: AnswerContext) -> str:
    """Recognises a function of one input, or the right answer plus a multiple of an input."""
    if got.numel() < 3:
        return ""
    for name, value in context.inputs.items():
        x = value.detach().double()
        if x.shape != got.shape or not x.any():
            continue
        for words, function in [*OF_INPUTS.items(), *_softmaxes(x)]:
            if near(got, function(x), tol):
                return Cause(f"is {words} {name}" if words else f"is {name} itself")
        difference = got - expected
        factor = float((difference * x).sum() / (x * x).sum())
        if got.numel() > 5 and abs(factor) > 1e-6 and near(difference, factor * x, 10 * tol):
            times = "" if math.isclose(abs(factor), 1, rel_tol=1e-6) else f"{shown_factor(abs(factor))} times "
            return Cause(f"is the right answer {'plus' if factor > 0 else 'minus'} {times}{name}")
    return ""


def a_little_of_an_input(got: Tensor, expected: Tensor, context: AnswerContext) -> str:
    """Recognises a small difference from the right answer that is a multiple of an input, such as a weight decay."""
    difference = got - expected
    for name, value in context.inputs.items():
        x = value.detach().double()
        if x.shape != got.shape or distinct(x) < 5:
            continue
        factor = float((difference * x).sum() / (x * x).sum())
        if float((difference - factor * x).norm()) < 0.02 * float(difference.norm()):
            return Cause(f"is the right answer {'plus' if factor > 0 else 'minus'} {abs(factor):.2g} times {name}")
    return ""


def combination_of_parts(got: Tensor, tol: float, context: AnswerContext) -> str:
    """Recognises other statistics of the numbers whose mean is the right answer."""
    if context.parts is None or got.numel() != 1 or context.parts.numel() < 3:
        return ""
    parts = context.parts.detach().double().flatten()
    n = len(parts)
    combinations = {
        "is the largest of the {n} numbers whose mean is expected": parts.max(),
        "is the smallest of the {n} numbers whose mean is expected": parts.min(),
        "is the median of the {n} numbers whose mean is expected": parts.median(),
        "is the mean of all but the last of {n} numbers": parts[:-1].mean(),
        "is the mean of all but the first of {n} numbers": parts[1:].mean(),
        "is the mean of the absolute values of {n} numbers": parts.abs().mean(),
        "is the product of {n} numbers, but their mean is expected": parts.prod(),
    }
    combinations |= {
        f"is the value of example {i} alone, but the mean of {{n}} is expected": parts[i] for i in range(n)
    }
    combinations |= {f"is the sum of all but example {i}": parts.sum() - parts[i] for i in range(n)}
    for words, value in combinations.items():
        if near(value.reshape(1), parts.mean().reshape(1), 10 * tol):
            continue  # as the mean of the absolute values is, if no number is negative
        if near(got.reshape(1), value.reshape(1), tol):
            return Cause(words.format(n=n))
    return ""
