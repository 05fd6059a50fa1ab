"""When numbers agree, how many different ones there are, and how exactly a pattern has to fit."""

from __future__ import annotations

import math

import pytest
import torch

from autograder.checks.explanations.context import (
    AnswerContext,
    distinct,
    is_plain_fraction,
    near,
    shown_factor,
    tolerance,
)

RIGHT = torch.tensor([1.0, -200.0, 0.0]).double()


@pytest.mark.parametrize(
    ("change", "agree"),
    [
        ([0.9e-3, 0, 0], True),
        ([0.005, 0, 0], False),
        ([0, 0.19, 0], True),
        ([0, 0.21, 0], False),
        ([0, 0, 0.0019], True),
        ([0, 0, 0.0021], False),
    ],
)
def test_numbers_agree_relative_to_their_own_size_or_a_hundredth_of_the_largest(change, agree) -> None:
    assert near(RIGHT + torch.tensor(change).double(), RIGHT, 1e-3) is agree


def test_a_row_agrees_with_no_matrix_of_such_rows() -> None:
    assert not near(RIGHT, RIGHT.expand(2, 3), 1e-3)


@pytest.mark.parametrize("other", [RIGHT[:2], RIGHT.log(), RIGHT / 0])
def test_other_shapes_and_what_is_no_number_agree_with_nothing(other) -> None:
    assert not near(other, RIGHT if other.shape == (2,) else other, 1e-3)


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ([0.0, 0.0], 0),
        ([], 0),
        ([1.0, -1.0, 0.0, 1.0], 1),
        ([1.0, 2.0, -2.0, 1.00001], 2),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 5),
        ([1.0, 1e-7], 1),
    ],
)
def test_magnitudes_are_counted_and_zeros_are_none(values, count) -> None:
    assert distinct(torch.tensor(values)) == count


@pytest.mark.parametrize(
    ("rtol", "numbers", "expected"),
    [(1e-9, 1, 2e-6), (1e-4, 1, 2e-5), (1e-9, 9, 1e-6), (1e-6, 9, 1e-5), (6e-4, 9, 6e-4), (1e-2, 9, 1e-2)],
)
def test_a_pattern_fits_more_exactly_than_the_check_asks(rtol, numbers, expected) -> None:
    assert math.isclose(tolerance(rtol, torch.ones(numbers)), expected)


@pytest.mark.parametrize(
    ("value", "plain"), [(0.25, True), (1 / 3, True), (5 / 8, True), (2.0, True), (0.3371, False), (1 / 11, False)]
)
def test_fractions_of_a_few_examples(value, plain) -> None:
    assert is_plain_fraction(torch.tensor(value, dtype=torch.float64)) is plain


def test_a_leaf_among_the_inputs_is_looked_at_without_its_graph() -> None:
    assert not AnswerContext(inputs={"X": torch.ones(2, requires_grad=True)}).inputs["X"].requires_grad


@pytest.mark.parametrize(
    ("factor", "text"), [(2.0, "2"), (1.25, "1.25"), (1.0004, "1.0004"), (0.99999999, "0.99999999"), (-1.0, "-1")]
)
def test_a_factor_that_is_not_1_is_never_shown_as_1(factor: float, text: str) -> None:
    assert shown_factor(factor) == text
