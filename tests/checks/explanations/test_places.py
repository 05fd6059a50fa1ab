"""Where a wrong answer is wrong: a rule is named only where it fits exactly the wrong places."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.explain import explain
from autograder.checks.explanations.places import explain_places, where_it_is_wrong, wrong_places
from tests.checks.explanations.answers import random

NOTHING = AnswerContext()


def places(wrong: Tensor, right: Tensor | None = None, context: AnswerContext = NOTHING, why: str = "is off") -> str:
    """What is said of an answer that is wrong in these places."""
    right = random(*wrong.shape) if right is None else right
    return explain_places(right + wrong.double(), right, 1e-9, context, lambda got, expected: why)


def at(*shape: int, where: object) -> Tensor:
    wrong = torch.zeros(shape, dtype=torch.bool)
    wrong[where] = True
    return wrong


ALL = slice(None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (at(9, where=[0, 1]), "in the first 2 places of 9"),
        (at(9, where=[2, 5]), "in places 2, 5, counted from 0, of 9"),
        (at(6, 4, where=-1), "in the last row of 6"),
        (at(6, 4, where=0), "in the first row of 6"),
        (at(6, 4, where=(2, [0, 1])), "in row 2, counted from 0, of 6"),
        (at(6, 4, where=(ALL, 1)), "in column 1, counted from 0, of 4"),
        (at(6, 4, where=slice(4, 6)), "in the last 2 rows of 6"),
        (at(6, 4, where=slice(0, 3)), "in the first 3 rows of 6"),
        (at(6, 4, where=[1, 3]), "in rows 1, 3, counted from 0, of 6"),
        (at(6, 4, where=slice(0, 6, 2)), "in the even rows, counted from 0, of 6"),
        (at(6, 4, where=slice(1, 6, 2)), "in the odd rows, counted from 0, of 6"),
        (at(16, 2, where=[1, 2, 3, 4, 6, 9, 11]), "in rows 1, 2, 3, 4, 6, 9 …, counted from 0, of 16"),
        (at(3, 6, 4, where=(ALL, 0)), "in the first index of axis 1, which has 6"),
        (at(3, 6, 4, where=(ALL, 2)), "in index 2, counted from 0, of axis 1, which has 6"),
        (at(3, 6, 4, where=(ALL, [1, 4])), "in indices 1, 4, counted from 0, of axis 1, which has 6"),
        (at(3, 6, 4, where=(ALL, slice(0, 6, 2))), "in the even indices, counted from 0, of axis 1, which has 6"),
        (at(3, 6, 4, where=(ALL, slice(4, 6))), "in the last 2 indices of axis 1, which has 6"),
        (torch.eye(5).bool(), "on the diagonal"),
        (~torch.eye(5).bool(), "off the diagonal"),
        (torch.ones(5, 5).triu(1).bool(), "above the diagonal"),
        (torch.ones(5, 5).tril(-1).bool().expand(2, 5, 5), "below the diagonal"),
    ],
)
def test_the_wrong_places_by_their_indices(wrong: Tensor, words: str) -> None:
    assert places(wrong) == f"is right except {words}: there it is off"


def test_the_border_of_images() -> None:
    wrong = torch.ones(2, 3, 5, 6, dtype=torch.bool)
    wrong[:, :, 1:-1, 1:-1] = False
    assert places(wrong) == "is right except at the border, in the outermost rows and columns: there it is off"
    wrong[1, 2, 3, 3] = True
    assert places(wrong) == ""


RIGHT = random(6, 4)
X = random(6, 4, seed=1)


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        (RIGHT < 0, RIGHT, "exactly where the right answer is negative"),
        (RIGHT > 0, RIGHT, "exactly where the right answer is positive"),
        (X > 0, RIGHT * (X <= 0), "exactly where the right answer is 0"),
        (X > 0, RIGHT * (X > 0), "exactly where the right answer is not 0"),
        (RIGHT.amax(1, keepdim=True) == RIGHT, RIGHT, "exactly where the right answer is the largest of its row"),
        (X < 0, RIGHT, "exactly where X is negative"),
        (X > 0, RIGHT, "exactly where X is positive"),
        (X.amax(1, keepdim=True) == X, RIGHT, "exactly where X is the largest of its row"),
    ],
)
def test_the_wrong_places_by_the_numbers_there(wrong: Tensor, right: Tensor, words: str) -> None:
    assert places(wrong, right, AnswerContext(inputs={"X": X})) == f"is right except {words}: there it is off"


def test_the_wrong_places_by_the_zeros_and_ones_of_an_input() -> None:
    Y = torch.eye(4).double()[[0, 1, 2, 3, 0, 1]]
    context = AnswerContext(inputs={"Y": Y})
    assert places(Y == 1, RIGHT, context) == "is right except exactly where Y is 1: there it is off"
    assert places(Y == 0, RIGHT, context) == "is right except exactly where Y is 0: there it is off"


def test_most_of_the_places_where_something_holds() -> None:
    wrong = X < 0
    wrong[tuple(wrong.nonzero()[0])] = False
    assert places(wrong, RIGHT, AnswerContext(inputs={"X": X})) == (
        "is right except where X is negative (though not in all such places): there it is off"
    )


def test_the_rows_of_a_class() -> None:
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    context = AnswerContext(labels=labels)
    assert places(at(6, 4, where=labels == 1), RIGHT, context) == (
        "is right except in all rows of class 1, and in no others: there it is off"
    )
    assert "class" not in places(at(6, 4, where=[1, 2]), RIGHT, context)


def test_one_wrong_number_is_shown() -> None:
    got = RIGHT.clone()
    got[3, 1] = 7
    expected = f"{float(RIGHT[3, 1]):.4g}"
    assert explain_places(got, RIGHT, 1e-9, NOTHING, lambda *_: "is off") == (
        f"is right except for one of 24 numbers; it is at [3, 1]: expected {expected}, got 7"
    )


def test_without_a_reason_the_worst_place_is_shown() -> None:
    got = RIGHT.clone()
    got[-1, :2] += torch.tensor([1.0, 2.0])
    expected, found = (f"{float(values[5, 1]):.4g}" for values in (RIGHT, got))
    assert explain_places(got, RIGHT, 1e-9, NOTHING, lambda *_: "") == (
        f"is right except in the last row of 6; 2 numbers are wrong, and the worst is at [5, 1]: expected {expected}, got "
        f"{found}"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        torch.zeros(6, 4, dtype=torch.bool),
        torch.ones(6, 4, dtype=torch.bool),
        at(6, 4, where=([0, 1, 3, 4, 5], [0, 2, 1, 3, 0])),
        at(3, where=0),
        torch.tensor(True),
    ],
    ids=["right", "wrong everywhere", "without a rule", "few", "one number"],
)
def test_no_rule_where_there_is_none(wrong: Tensor) -> None:
    assert places(wrong) == ""


def test_a_rule_that_two_numbers_fit_by_chance_is_none() -> None:
    right = torch.tensor([[1.0, -2.0, 3.0], [4.0, 5.0, 6.0]])
    assert "negative" not in places(at(2, 3, where=(0, 1)), right)


def test_what_stands_in_the_wrong_places_is_judged_alone() -> None:
    seen: list[Tensor] = []

    def reason(got: Tensor, expected: Tensor) -> str:
        seen.extend((got, expected))
        return "is off"

    explain_places(RIGHT + at(6, 4, where=2), RIGHT, 1e-9, NOTHING, reason)
    assert torch.equal(torch.stack(seen), torch.stack([RIGHT[2] + 1, RIGHT[2]]))


def test_a_factor_in_the_wrong_places_has_no_name_of_their_number() -> None:
    """Four numbers are four times too large: the last row, which is no axis of length 4."""
    got = random(6, 9)
    got[-1, :4] *= 4
    assert (
        explain(got, random(6, 9), 1e-9) == "is right except in the last row of 6: there it is the right answer times 4"
    )


def test_places_are_wrong_from_the_tolerance_on() -> None:
    expected = torch.tensor([0.0, 0.0, 9.0, 9.0]).double()
    got = expected + torch.tensor([0.9, 1.1, 9.0, 11.0]).double() * 1e-3
    assert wrong_places(got, expected, 1e-3).tolist() == [False, True, False, True]
    assert wrong_places(torch.full((4,), torch.nan), expected, 1e-3).all()


def test_the_first_and_the_worst_wrong_place() -> None:
    got = RIGHT.clone()
    got[1, 2], got[4, 0] = 5, -9
    first, worst = (f"{float(RIGHT[place]):.4g}" for place in ((1, 2), (4, 0)))
    assert where_it_is_wrong(got, RIGHT, 1e-9) == (
        f"is wrong in 2 of 24 places; the first is at [1, 2]: expected {first}, got 5; the worst is at [4, 0]: expected "
        f"{worst}, got -9"
    )


def test_where_the_first_is_the_worst_it_is_shown_once() -> None:
    got = RIGHT.clone()
    got[1, 2] = 5
    assert where_it_is_wrong(got, RIGHT, 1e-9) == (
        f"is wrong in 1 of 24 places; the first is at [1, 2]: expected {float(RIGHT[1, 2]):.4g}, got 5"
    )


def test_of_one_number_both_are_shown() -> None:
    assert where_it_is_wrong(torch.tensor(1.1), torch.tensor(1.25), 1e-9) == (
        "is 1.1, but 1.25 is expected. The two differ by no simple factor, so scale and sign are not the only problem: "
        "compare your code with the formula, term by term"
    )
