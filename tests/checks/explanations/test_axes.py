"""Numbers that belong together along an axis: repeated, scaled, summed along the wrong one; and such as do not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.checks.explanations import axes
from autograder.checks.explanations.explain import explain_or_show
from tests.checks.explanations.answers import EXACT, random

RIGHT = random(6, 4)
OTHER = random(1, 4, seed=9)
OF_THREE = random(2, 3, 4)
PROBABILITIES = RIGHT.softmax(1)

# One row for all.


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (RIGHT.mean(0, keepdim=True), "6 indices of axis 0, but should differ: it is the mean of the right answers there"),
        (RIGHT.sum(0, keepdim=True), "6 indices of axis 0, but should differ: it is the sum of the right answers there"),
        (RIGHT.mean(1, keepdim=True), "4 indices of axis 1, but should differ: it is the mean of the right answers there"),
        (RIGHT[:1], "6 indices of axis 0, but should differ: it is the first of the right answers there"),
        (RIGHT[-1:], "6 indices of axis 0, but should differ: it is the last of the right answers there"),
        (OTHER, "6 indices of axis 0, but should differ: what is summed, averaged or broadcast over that axis?"),
    ],
)  # fmt: skip
def test_a_row_that_stands_for_all(got: Tensor, words: str) -> None:
    assert axes.same_along_an_axis(got.expand(6, 4), RIGHT, EXACT) == f"is the same at all {words}"


def test_sums_up_to_each_place() -> None:
    assert axes.same_along_an_axis(OF_THREE.cumsum(1), OF_THREE, EXACT) == (
        "is a cumulative sum along axis 1: each number is the sum of the right answers up to its index"
    )


@pytest.mark.parametrize("scale", [1.0, 1e-14])
def test_rows_that_differ_are_not_the_same_however_small_they_are(scale: float) -> None:
    assert axes.same_along_an_axis(scale * random(6, 4, seed=2), scale * RIGHT, EXACT) == ""


def test_two_rows_are_enough_to_be_the_same() -> None:
    right = random(2, 5)
    assert axes.same_along_an_axis(right[:1].expand(2, 5), right, EXACT).endswith(
        "it is the first of the right answers there"
    )
    assert axes.same_along_an_axis(right.cumsum(0), right, EXACT) == ""
    assert axes.same_along_an_axis(random(3, 2).cumsum(0), random(3, 2), EXACT).startswith(
        "is a cumulative sum along axis 0"
    )


def test_rows_that_should_be_the_same_are_not_blamed_for_it() -> None:
    """Those of the right answer differ by a rounding error, as a product of equal rows may."""
    right = RIGHT[:1].expand(6, 4) * (1 + 1e-16 * torch.arange(6)[:, None])
    assert axes.same_along_an_axis(OTHER.expand(6, 4), right, EXACT) == ""


def test_one_number_everywhere_is_no_row() -> None:
    assert axes.same_along_an_axis(torch.full((6, 4), 0.3), RIGHT, EXACT) == ""


# A factor for each row.


@pytest.mark.parametrize(
    ("got", "right", "words"),
    [
        (RIGHT * torch.arange(1, 7)[:, None], RIGHT, "in each row, the right answer times a different number, from 1 to 6"),
        (
            RIGHT + torch.tensor([0.1, 0.7, -2, 4]),
            RIGHT,
            "in each column, the right answer plus a different number, from -2 to 4",
        ),
        (
            OF_THREE * torch.tensor([1.0, 2, 3])[:, None],
            OF_THREE,
            "for each index of axis 1, the right answer times a different number, from 1 to 3",
        ),
        (
            OF_THREE * torch.arange(1, 7).reshape(2, 3, 1),
            OF_THREE,
            "for each index of axes 0 and 1 together, the right answer times a different number, from 1 to 6",
        ),
    ],
    ids=["rows", "columns", "an axis", "two axes"],
)  # fmt: skip
def test_a_number_for_each_slice(got: Tensor, right: Tensor, words: str) -> None:
    assert axes.own_factor_of_each_slice(got, right, EXACT) == f"is, {words}"


@pytest.mark.parametrize("shape", [(6, 4), (2, 3, 4), (7,)])
def test_no_factor_for_each_slice_of_other_numbers(shape: tuple[int, ...]) -> None:
    assert axes.own_factor_of_each_slice(random(*shape, seed=3), random(*shape), EXACT) == ""


def test_two_rows_of_two_numbers_are_too_few() -> None:
    """Each row with a number of its own: four numbers explained by two say little."""
    right = random(2, 2)
    assert axes.own_factor_of_each_slice(right * torch.tensor([[2.0], [3.0]]), right, EXACT) == ""


# Sums.

WHICH = ": over which axis does your sum, mean or softmax run?"


def test_a_softmax_over_another_axis() -> None:
    assert axes.sums_along_another_axis(RIGHT.softmax(0), PROBABILITIES, EXACT) == (
        f"sums to 1 along axis 0, but should do so along axis 1{WHICH}"
    )


def test_a_softmax_over_everything() -> None:
    got = RIGHT.flatten().softmax(0).reshape(6, 4)
    assert axes.sums_along_another_axis(got, PROBABILITIES, EXACT) == (
        f"sums to 1 as a whole, but should do so along axis 1{WHICH}"
    )


def test_a_mean_taken_off_along_another_axis() -> None:
    got, right = RIGHT - RIGHT.mean(0), RIGHT - RIGHT.mean(1, keepdim=True)
    assert (
        axes.sums_along_another_axis(got, right, EXACT)
        == f"sums to 0 along axis 0, but should do so along axis 1{WHICH}"
    )


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (RIGHT, PROBABILITIES),
        (random(6, 4, seed=2).softmax(1), PROBABILITIES),
        (RIGHT.softmax(0), random(6, 4, seed=5)),
        (torch.eye(4).double()[[0, 1, 2, 3, 0, 1]], PROBABILITIES),
    ],
    ids=["no sum", "the right axis", "nothing is asked for", "one-hot"],
)
def test_no_other_axis_where_none_is(got: Tensor, right: Tensor) -> None:
    assert axes.sums_along_another_axis(got, right, EXACT) == ""


def test_a_division_by_the_sum_is_missing() -> None:
    assert axes.sums_to_something_else(RIGHT.exp(), PROBABILITIES, EXACT) == (
        "is not normalized: its numbers should sum to 1 along axis 1; divided by their sum, they would be right"
    )


def test_numbers_that_sum_to_something_else() -> None:
    got = random(6, 4, seed=6).exp()
    first = f"{float(got[0].sum()):.4g}"
    assert axes.sums_to_something_else(got, PROBABILITIES, EXACT) == (
        f"has numbers that should sum to 1 along axis 1, but they sum to {first} at the first index"
    )
    got[0, 0] *= -1
    assert axes.sums_to_something_else(got, PROBABILITIES, EXACT).endswith(
        " at the first index; some are negative, but a probability never is"
    )


def test_the_sum_that_is_shown_is_a_wrong_one() -> None:
    got = random(6, 4, seed=6).softmax(1)
    got[2:] *= torch.arange(2, 6)[:, None]
    assert axes.sums_to_something_else(got, PROBABILITIES, EXACT) == (
        "has numbers that should sum to 1 along axis 1, but they sum to 2 at index 2"
    )


def test_a_vector_sums_to_one_in_all() -> None:
    got = random(5, seed=3).exp()
    assert axes.sums_to_something_else(got, random(5).softmax(0), EXACT) == (
        f"has numbers that should sum to 1 in total, but they sum to {float(got.sum()):.4g}"
    )


@pytest.mark.parametrize(
    ("got", "right"), [(random(6, 4, seed=2).softmax(1), PROBABILITIES), (RIGHT, random(6, 4, seed=2))]
)
def test_no_sum_is_blamed_where_it_is_right_or_not_asked_for(got: Tensor, right: Tensor) -> None:
    assert axes.sums_to_something_else(got, right, EXACT) == ""


def test_the_sums_of_tiny_numbers_are_no_zeros() -> None:
    """Gradients of 1e-7: nearly 0 along each axis, as any such numbers."""
    right, got = 1e-7 * RIGHT, 1e-7 * random(6, 4, seed=2)
    assert axes.axis_where_it_sums_to(0, right) is None
    assert "it does sum" not in explain_or_show(got, right, 1e-9)


def test_the_last_of_several_axes_is_meant() -> None:
    both = RIGHT - RIGHT.mean(0) - RIGHT.mean(1, keepdim=True) + RIGHT.mean()
    assert axes.axis_where_it_sums_to(0, both) == 1
    assert axes.axis_where_it_sums_to(0, RIGHT - RIGHT.mean(0)) == 0
    assert axes.axis_where_it_sums_to(1, PROBABILITIES[:, None]) == 2
