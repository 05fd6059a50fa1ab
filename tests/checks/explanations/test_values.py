"""The right answer times a number, plus a number, or under a function: what is claimed, and what is not."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autograder.checks.explanations import values
from autograder.checks.explanations.context import AnswerContext
from tests.checks.explanations.answers import EXACT, FEW, random

RIGHT = random(6, 4)
SIZES = AnswerContext(factors={"the batch size": 6, "the number of classes": 4})
NOTHING = AnswerContext()
SUM = ": is there a sum instead of a mean, or a division missing?"
MEAN = ": is there a mean instead of a sum, or one division too many?"


def scaled(factor: float, context: AnswerContext = SIZES, right: Tensor = RIGHT) -> str:
    return values.scaled(factor * right, right, EXACT, context)


# A factor.


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (6, f"6, the batch size{SUM}"),
        (1 / 6, f"1/6, one over the batch size{MEAN}"),
        (-1, "−1 (the sign)"),
        (-6, f"−6, the batch size, so the sign is wrong as well{SUM}"),
        (100, "100: is it a percentage? A fraction is expected"),
        (1 / 255, "1/255, where 255 is the largest value of a byte"),
        (math.log(2), "0.6931, the natural logarithm of 2"),
        (1 / math.log(10), "0.4343, one over ln 10: the logarithm has base 10, but the natural one is expected"),
        (36, "36, the batch size squared"),
        (4**-2, "1/16, one over the number of classes squared"),
        (6**0.5, "√6, the root of the batch size"),
        (6**-0.5, "1/√6, one over the root of the batch size"),
        (5 / 6, "5/6: 6 is the batch size; is there an n − 1 instead of n, or n instead of n − 1?"),
        ((6 / 5) ** 0.5, "√(6/5): 6 is the batch size; is there an n − 1 instead of n, or n instead of n − 1?"),
        (6 / 4, "6/4, the batch size over the number of classes"),
        (0.6, "0.6, which is 6, the batch size, over 10"),
        (0.37, "0.37"),
    ],
)
def test_a_factor_is_named_by_all_that_it_can_be(factor: float, name: str) -> None:
    assert scaled(factor) == f"is the right answer times {name}"


def test_a_size_is_named_rather_than_the_plain_number() -> None:
    assert (
        scaled(2, AnswerContext(factors={"the batch size": 2})) == f"is the right answer times 2, the batch size{SUM}"
    )


def test_without_sizes_the_lengths_of_the_axes_are_named() -> None:
    assert scaled(24, NOTHING) == f"is the right answer times 24, the number of entries{SUM}"
    assert scaled(1 / 4, NOTHING) == f"is the right answer times 1/4, one over the length of axis 1{MEAN}"


def test_numbers_that_are_part_of_an_answer_are_named_by_the_axes_of_the_whole() -> None:
    part = RIGHT[-1]
    assert values.scaled(6 * part, part, EXACT, NOTHING, shape=(6, 4)).startswith(
        "is the right answer times 6, the length of axis 0"
    )
    assert "axis 0" not in values.scaled(4 * part, part, EXACT, NOTHING, shape=(6, 4))


@pytest.mark.parametrize(("factor", "name"), [(0.3, "0.3, as if 1 − p were 0.21 instead of 0.7"), (-0.37, "-0.37")])
def test_a_probability_of_another_size_is_named_and_never_a_negative_one(factor: float, name: str) -> None:
    assert scaled(factor, AnswerContext(factors={"1 − p": 0.7})) == f"is the right answer times {name}"


def test_a_simple_fraction_is_shown_as_one() -> None:
    assert scaled(2 / 7, AnswerContext(factors={"the batch size": 1})) == "is the right answer times 0.2857 (2/7)"


def test_lengths_of_one_or_two_and_the_count_of_three_are_no_names() -> None:
    """With so few numbers any small factor would have one."""
    assert scaled(3, NOTHING, random(3, 1)).startswith("is the right answer times 3, the length of axis 0: ")
    assert scaled(2, NOTHING, random(2, 3)) == "is the right answer times 2"
    assert scaled(5, NOTHING, random(5, 1)).startswith("is the right answer times 5, the length of axis 0: ")


def test_what_is_no_count_hints_at_no_sum() -> None:
    assert scaled(0.7, AnswerContext(factors={"1 − p": 0.7})) == "is the right answer times 0.7, 1 − p"
    assert scaled(2.5, AnswerContext(factors={"the scale": 2.5})) == "is the right answer times 2.5, the scale"
    assert (
        scaled(1 / 2.5, AnswerContext(factors={"the scale": 2.5}))
        == "is the right answer times 1/2.5, one over the scale"
    )


def test_half_is_named_by_the_size_that_is_two() -> None:
    words = scaled(0.5, AnswerContext(factors={"the batch size": 2}))
    assert words == f"is the right answer times 1/2, one over the batch size{MEAN}"


def test_one_number_that_is_a_little_too_large_is_no_multiple_of_several() -> None:
    assert scaled(1.0005) == ""
    assert scaled(1.0005, AnswerContext(factors={"the scale": 1.0005}), RIGHT[0, 0]).endswith("1.0005, the scale")


def test_a_factor_without_a_name_needs_three_numbers() -> None:
    assert scaled(0.37, right=RIGHT[0, :3]) == "is the right answer times 0.37"
    assert scaled(0.37, right=RIGHT[0, :2]) == ""


def test_a_factor_of_a_few_numbers_is_claimed_where_it_has_a_name() -> None:
    assert scaled(6, right=RIGHT[0, :1]).startswith("is the right answer times 6, the batch size")


@pytest.mark.parametrize(
    "change", [lambda x: x + 0.01, lambda x: x * torch.linspace(1.9, 2.1, 24).reshape(6, 4), torch.zeros_like]
)
def test_what_is_no_multiple_gets_no_factor(change) -> None:
    assert values.scaled(change(RIGHT), RIGHT, EXACT, SIZES) == ""


def test_a_right_answer_of_zeros_has_no_multiples() -> None:
    assert values.scaled(RIGHT, torch.zeros_like(RIGHT), EXACT, SIZES) == ""


def test_where_names_are_asked_for_another_number_is_none() -> None:
    assert values.scaled(0.37 * RIGHT, RIGHT, EXACT, SIZES, named_only=True) == ""


@FEW
@given(size=st.integers(3, 400), over=st.booleans())
def test_any_batch_size_is_found_by_its_factor(size: int, over: bool) -> None:
    words = scaled(1 / size if over else size, AnswerContext(factors={"the batch size": size}))
    assert words.startswith(
        f"is the right answer times {f'1/{size}, one over ' if over else f'{size}, '}the batch size"
    )


@FEW
@given(st.floats(-50, 50).filter(lambda factor: abs(factor) > 0.01 and abs(factor - 1) > 0.01))
def test_any_factor_is_claimed(factor: float) -> None:
    assert scaled(factor, AnswerContext(factors={"the batch size": 1009})).startswith("is the right answer times ")


def test_a_missing_mask() -> None:
    right = RIGHT * (RIGHT > 0)
    zeros = int((right == 0).sum())
    assert values.scaled_beside_zeros(0.7 * RIGHT, right, EXACT, AnswerContext(factors={"1 − p": 0.7})) == (
        f"is the right answer times 0.7, 1 − p, except that it is not 0 in {zeros} of the {zeros} places where it should be: "
        "is a mask missing?"
    )


@pytest.mark.parametrize("got", [0.7 * RIGHT * (RIGHT > 0), RIGHT * RIGHT], ids=["zeros are kept", "no factor"])
def test_a_mask_that_is_there_or_another_mistake_is_no_missing_mask(got: Tensor) -> None:
    assert values.scaled_beside_zeros(got, RIGHT * (RIGHT > 0), EXACT, AnswerContext(factors={"1 − p": 0.7})) == ""


# Digits.


def test_float32_in_place_of_float64() -> None:
    assert values.precision(RIGHT.float().double(), RIGHT, 1e-9) == (
        "is right only to 5e-08, but should be right to 1e-09: all its numbers are exact in float32, but float64 was given: "
        "what converts them?"
    )


@pytest.mark.parametrize(
    ("error", "words"), [(1e-7, "is a part computed in float32"), (1e-5, "is a guard against zero too large")]
)
def test_how_many_digits_are_right_tells_what_to_look_for(error: float, words: str) -> None:
    found = values.precision(RIGHT * (1 + error * random(6, 4, seed=1).clamp(-1, 1)), RIGHT, 1e-9)
    assert found.startswith(f"is right only to {error:.0e}, but should be right to 1e-09: ")
    assert words in found


@pytest.mark.parametrize("right", [RIGHT, RIGHT[0, 0]], ids=["many", "one"])
def test_an_error_in_the_second_digit_is_no_matter_of_precision(right: Tensor) -> None:
    assert values.precision(1.01 * right, right, 1e-9) == ""


@pytest.mark.parametrize(
    ("numbers", "error", "claimed"), [(2, 5e-4, True), (2, 2e-3, False), (1, 5e-5, True), (1, 2e-4, False)]
)
def test_one_number_has_to_be_right_to_a_digit_more(numbers: int, error: float, claimed: bool) -> None:
    right = RIGHT.flatten()[:numbers]
    assert bool(values.precision(right * (1 + error), right, 1e-9)) is claimed


def test_a_zero_among_larger_numbers_may_be_off_by_a_hundredth_of_the_error() -> None:
    right = torch.tensor([0.0, 100.0, 50.0]).double()
    assert values.precision(right + torch.tensor([5e-4, 0, 0]), right, 1e-9)
    assert not values.precision(right + torch.tensor([5e-3, 0, 0]), right, 1e-9)


# A number added.


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (RIGHT + 0.3, "is the right answer plus 0.3 everywhere"),
        (RIGHT - RIGHT.mean(), "is the right answer minus its mean"),
        (RIGHT - RIGHT.max(), "is the right answer minus its largest number"),
        (RIGHT - RIGHT.min(), "is the right answer minus its smallest number"),
        (2 * RIGHT - 1, "is the right answer times 2, minus 1"),
        (0.5 * RIGHT + 0.25, "is the right answer times 0.5, plus 0.25"),
        (RIGHT + torch.linspace(0.29, 0.31, 24).reshape(6, 4), ""),
        (RIGHT**2, ""),
    ],
)
def test_a_number_added_everywhere(got: Tensor, words: str) -> None:
    assert values.offset(got, RIGHT, EXACT) == words


def test_a_line_through_few_numbers_is_no_claim() -> None:
    right = RIGHT[0]  # any three numbers of four lie near some line
    assert values.offset(2 * right - 1, right, EXACT) == ""


def test_a_number_is_no_claim_where_all_right_answers_are_the_same() -> None:
    assert values.offset(torch.full((6, 4), 3.0), torch.full((6, 4), 2.0), EXACT) == ""


# Signs and bounds.


def test_lost_signs() -> None:
    assert values.lost_signs(RIGHT.abs(), RIGHT, EXACT) == (
        "is the absolute value of the right answer: negative signs are lost"
    )
    assert values.lost_signs(RIGHT.relu(), RIGHT, EXACT) == (
        "is 0 wherever the right answer is negative, and right elsewhere"
    )


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (RIGHT.abs() + 0.1, RIGHT),
        (RIGHT.clamp(min=-0.1), RIGHT),
        (RIGHT.abs(), RIGHT.abs()),
        (RIGHT.abs(), -RIGHT.abs()),
    ],
    ids=["other sizes", "not cut at 0", "right", "all negative"],
)
def test_signs_that_are_not_lost(got: Tensor, right: Tensor) -> None:
    assert values.lost_signs(got, right, EXACT) == ""


def test_signs_of_two_numbers_say_little() -> None:
    right = torch.tensor([0.5, -0.25]).double()
    assert values.lost_signs(right.abs(), right, EXACT) == ""
    assert values.wrong_signs(right.abs(), right, EXACT) == ""
    three = torch.tensor([0.5, -0.25, 0.125]).double()
    assert values.lost_signs(three.abs(), three, EXACT).startswith("is the absolute value")
    assert values.wrong_signs(three.abs(), three, EXACT).endswith("in 1 of 3 places")


def test_signs_of_one_magnitude_say_little() -> None:
    right = torch.tensor([0.5, -0.5, 0.5, -0.5]).double()
    assert values.lost_signs(right.abs(), right, EXACT) == ""
    assert values.wrong_signs(right.abs(), right, EXACT) == ""


def test_zeros_and_one_number_are_no_relu() -> None:
    right = torch.tensor([-0.5, -0.25, 0.5, -1.5]).double()
    assert values.lost_signs(right.relu() * 0, right, EXACT) == ""


def test_wrong_signs_are_counted() -> None:
    flipped = RIGHT.clone()
    flipped[1, 2:] *= -1
    flipped[4, 0] *= -1
    assert values.wrong_signs(flipped, RIGHT, EXACT) == "has the right sizes but the wrong sign in 3 of 24 places"
    assert values.wrong_signs(1.1 * flipped, RIGHT, EXACT) == ""


END = ": is there a clamp or another bound that should not be there?"


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"min": -1}, "from below at -1"),
        ({"max": 0.5}, "from above at 0.5"),
        ({"min": -1, "max": 0.5}, "from below at -1 and from above at 0.5"),
    ],
)
def test_what_is_cut_off(bounds: dict[str, float], words: str) -> None:
    assert values.cut_off(RIGHT.clamp(**bounds), RIGHT, EXACT) == f"is right, but cut off {words}{END}"


@pytest.mark.parametrize("change", [lambda x: 0.9 * x.clamp(-1, 0.5), lambda x: x.clamp(0.9, 1), torch.tanh])
def test_what_is_not_right_between_its_bounds_is_not_cut_off(change) -> None:
    assert values.cut_off(change(RIGHT), RIGHT, EXACT) == ""


# Functions.

POSITIVE = RIGHT.abs() + 0.1


@pytest.mark.parametrize("words", values.FUNCTIONS)
def test_a_function_of_the_right_answer(words: str) -> None:
    right = POSITIVE / 4  # the square of 1 − x and so on are different there
    got = values.FUNCTIONS[words](right)
    assert values.function_of_the_right_answer(got, right, EXACT) == f"is {words} the right answer"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.softmax(0), "the softmax over axis 0 of"),
        (lambda x: x.log_softmax(1), "the log-softmax over axis 1 of"),
        (lambda x: x / x.sum(1, keepdim=True), "the numbers divided by their sum along axis 1 of"),
        (lambda x: x.flatten().softmax(0).reshape(x.shape), "the softmax over all numbers of"),
    ],
)
def test_a_softmax_too_many(change, words: str) -> None:
    assert values.function_of_the_right_answer(change(RIGHT), RIGHT, EXACT) == f"is {words} the right answer"


@pytest.mark.parametrize(
    ("change", "words"), [(torch.round, "rounded to whole numbers"), (torch.trunc, "truncated to whole numbers")]
)
def test_whole_numbers(change, words: str) -> None:
    right = 3 * RIGHT
    assert values.function_of_the_right_answer(change(right), right, EXACT) == (
        f"is the right answer {words}: is there a // or an integer dtype?"
    )
    assert values.function_of_the_right_answer(change(right) + 1, right, EXACT) == ""


@pytest.mark.parametrize("change", [torch.sin, lambda x: x**3, lambda x: 2 * x])
def test_another_function_is_not_claimed(change) -> None:
    assert values.function_of_the_right_answer(change(POSITIVE), POSITIVE, EXACT) == ""


def test_three_different_numbers_are_enough_for_a_function() -> None:
    right = torch.tensor([0.5, 0.25, 0.75]).double()
    assert values.function_of_the_right_answer(right**2, right, EXACT) == "is the square of the right answer"


def test_three_different_numbers_between_the_bounds_are_enough_for_a_cut() -> None:
    right = torch.tensor([0.1, 0.2, 0.3, 0.4, 9.0]).double()
    assert values.cut_off(right.clamp(max=1), right, EXACT) == f"is right, but cut off from above at 1{END}"
    assert values.cut_off(right[1:].clamp(max=1), right[1:], EXACT) == ""


def test_two_different_numbers_are_too_few_for_a_function() -> None:
    right = torch.tensor([0.5, 0.25, 0.5, 0.25]).double()
    assert values.function_of_the_right_answer(right**2, right, EXACT) == ""


# Inputs.

X = random(6, 4, seed=1)
of_X = partial(values.made_of_inputs, expected=RIGHT, tol=EXACT, context=AnswerContext(inputs={"X": X}))


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (X, "is X itself"),
        (X.relu(), "is the ReLU of X"),
        (X.sigmoid(), "is the sigmoid of X"),
        (torch.nn.functional.gelu(X), "is the GELU of X"),
        (X.softmax(0), "is the softmax over axis 0 of X"),
        (RIGHT + X, "is the right answer plus X"),
        (RIGHT - 0.25 * X, "is the right answer minus 0.25 times X"),
        (RIGHT + X**2, ""),
        (X + 0.01, ""),
    ],
)
def test_what_is_made_of_an_input(got: Tensor, words: str) -> None:
    assert of_X(got) == words


def test_ones_and_zeros_are_themselves_and_not_their_own_squares() -> None:
    Y = torch.eye(4).double()[[0, 1, 2, 3, 0, 1]]
    assert values.made_of_inputs(Y, RIGHT, EXACT, AnswerContext(inputs={"Y": Y})) == "is Y itself"


def test_an_input_of_another_shape_or_of_zeros_explains_nothing() -> None:
    context = AnswerContext(inputs={"short": X[:1], "zero": torch.zeros(6, 4)})
    assert values.made_of_inputs(X, RIGHT, EXACT, context) == ""


# One number, the mean of several.

PARTS = random(7).exp()


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (PARTS.max(), "is the largest of the 7 numbers whose mean is expected"),
        (PARTS.min(), "is the smallest of the 7 numbers whose mean is expected"),
        (PARTS.median(), "is the median of the 7 numbers whose mean is expected"),
        (PARTS[:-1].mean(), "is the mean of all but the last of 7 numbers"),
        (PARTS[1:].mean(), "is the mean of all but the first of 7 numbers"),
        (PARTS.prod(), "is the product of 7 numbers, but their mean is expected"),
        (PARTS[3], "is the value of example 3 alone, but the mean of 7 is expected"),
        (PARTS.sum() - PARTS[2], "is the sum of all but example 2"),
        (1.01 * PARTS.max(), ""),
        (PARTS, ""),
    ],
)
def test_another_number_made_of_the_parts_of_a_mean(got: Tensor, words: str) -> None:
    assert values.combination_of_parts(got, EXACT, AnswerContext(parts=PARTS)) == words


def test_the_mean_of_absolute_values() -> None:
    parts = random(7)
    assert values.combination_of_parts(parts.abs().mean(), EXACT, AnswerContext(parts=parts)) == (
        "is the mean of the absolute values of 7 numbers"
    )


def test_of_numbers_above_zero_the_mean_of_absolute_values_is_the_right_answer() -> None:
    assert values.combination_of_parts(PARTS.mean() + 1e-8, 1e-6, AnswerContext(parts=PARTS)) == ""


def test_three_parts_are_enough() -> None:
    context = AnswerContext(parts=PARTS[:3])
    assert values.combination_of_parts(PARTS[:3].max(), EXACT, context).startswith("is the largest of the 3 numbers")


@pytest.mark.parametrize("parts", [None, PARTS[:2]])
def test_without_three_parts_nothing_is_claimed(parts: Tensor | None) -> None:
    assert values.combination_of_parts(PARTS[0], EXACT, AnswerContext(parts=parts)) == ""
