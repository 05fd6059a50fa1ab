"""The right numbers in other places are recognised by how they came there; other numbers are not."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autograder.checks.explanations.context import MOST
from autograder.checks.explanations.order import explain_order
from tests.checks.explanations.answers import EXACT, FEW, random

RIGHT = random(6, 4)
VIEW = (
    "has the right numbers in the wrong places: its axes were read in another order. `view` and `reshape` keep the "
    "order of the numbers in memory; only transpose and permute exchange axes"
)
ROUND = ": what leaves at one end comes back at the other"


@pytest.mark.parametrize(
    ("got", "right", "words"),
    [
        (random(4, 4).T, random(4, 4), "is the transpose of the right answer"),
        (random(2, 3, 5, 3).transpose(1, 3), random(2, 3, 5, 3), "is the right answer with axes 1 and 3 exchanged"),
        (random(3, 3, 3).permute(1, 2, 0), random(3, 3, 3), "is the right answer with its axes in the order (1, 2, 0)"),
        (random(5).flip(0), random(5), "is the right answer in reverse order"),
        (RIGHT.flip(0), RIGHT, "is the right answer in reverse order along axis 0"),
        (RIGHT.flip(0, 1), RIGHT, "is the right answer in reverse order along axis 0 and axis 1"),
        (RIGHT.roll(1, 0), RIGHT, f"is the right answer rolled by 1 place forwards along axis 0{ROUND}"),
        (RIGHT.roll(-2, 0), RIGHT, f"is the right answer rolled by 2 places backwards along axis 0{ROUND}"),
        (random(5).roll(2), random(5), f"is the right answer rolled by 2 places forwards{ROUND}"),
        (RIGHT.T.reshape(6, 4), RIGHT, VIEW),
        (RIGHT.reshape(4, 6).T, RIGHT, VIEW),
        (random(2, 3, 4).permute(2, 0, 1).reshape(2, 3, 4), random(2, 3, 4), VIEW),
        (random(5).sort().values, random(5), "has the right numbers, but sorted: each should stay in its place"),
        (
            RIGHT[[0, 2, 1, 3, 5, 4]],
            RIGHT,
            "is right except for the order along axis 0: index 1 has the numbers of index 2",
        ),
        (
            random(5)[[0, 2, 1, 4, 3]],
            random(5),
            "has the right numbers in another order: index 1 has the number of index 2",
        ),
        (RIGHT.flatten()[torch.arange(24) * 5 % 24].reshape(6, 4), RIGHT, "has the right numbers in the wrong places"),
    ],
)
def test_how_the_numbers_came_to_their_places(got: Tensor, right: Tensor, words: str) -> None:
    assert explain_order(got, right, EXACT) == words


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([0, 0, 1, 2, 3, 4], "indices 0 and 1 of axis 0: both have the numbers of index 0"),
        ([1, 2, 3, 4, 5, 5], "indices 4 and 5 of axis 0: both have the numbers of index 5"),
        ([3, 1, 2, 3, 4, 5], "indices 0 and 3 of axis 0: both have the numbers of index 3"),
    ],
)
def test_a_row_that_stands_there_twice(sources: list[int], words: str) -> None:
    assert explain_order(RIGHT[sources], RIGHT, EXACT) == f"is the same at {words}"


def test_a_column_that_stands_there_twice() -> None:
    assert explain_order(RIGHT[:, [0, 1, 1, 3]], RIGHT, EXACT) == (
        "is the same at indices 1 and 2 of axis 1: both have the numbers of index 1"
    )


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (random(6, 4, seed=2), RIGHT),
        (1.01 * RIGHT.flip(0), RIGHT),
        (RIGHT[:1].expand(6, 4), RIGHT),
        (random(3).flip(0), random(3)),
        (torch.tensor([0.0, 1, 0, 1]), torch.tensor([1.0, 0, 1, 0])),
    ],
    ids=["others", "too large", "one row for all", "few", "two values"],
)
def test_what_is_no_other_order(got: Tensor, right: Tensor) -> None:
    assert explain_order(got, right, EXACT) == ""


def test_so_many_numbers_are_not_looked_through() -> None:
    many = torch.arange(MOST + 1.0)
    assert explain_order(many.flip(0), many, EXACT) == ""


@FEW
@given(st.permutations(range(6)))
def test_rows_in_any_order_are_recognised(order: list[int]) -> None:
    found = explain_order(RIGHT[order], RIGHT, EXACT)
    if order != sorted(order):
        assert found.startswith(("is right except for the order along axis 0", "is the right answer "))


@FEW
@given(st.permutations(range(24)))
def test_numbers_in_any_order_are_seen_to_be_the_right_ones(order: list[int]) -> None:
    got = RIGHT.flatten()[order].reshape(6, 4)
    if order != sorted(order):
        assert explain_order(got, RIGHT, EXACT) == "has the right numbers in the wrong places"


@FEW
@given(st.permutations(range(4)).filter(lambda order: order != [0, 1, 2, 3]))
def test_any_permutation_of_four_equal_axes_is_named(order: list[int]) -> None:
    right = random(3, 3, 3, 3)
    changed = [axis for axis, source in enumerate(order) if axis != source]
    words = f"axes {changed[0]} and {changed[1]} exchanged" if len(changed) == 2 else f"in the order {tuple(order)}"
    assert words in explain_order(right.permute(order), right, EXACT)


@FEW
@given(st.integers(7, 40), st.data())
def test_any_roll_is_named_by_its_shorter_way(length: int, data: st.DataObject) -> None:
    shift = data.draw(st.integers(1, length - 1))
    places, which = (shift, "forwards") if 2 * shift <= length else (length - shift, "backwards")
    words = explain_order(random(length, 2).roll(shift, 0), random(length, 2), EXACT)
    assert words.startswith(f"is the right answer rolled by {places} place{'s' * (places > 1)} {which} along axis 0")
