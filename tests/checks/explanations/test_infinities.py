"""NaN and infinity, and from which input."""

import pytest
import torch

from autograder.checks.explanations.context import AnswerContext
from autograder.checks.explanations.infinities import explain_infinities

NAN = float("nan")


def scores() -> torch.Tensor:
    return torch.tensor([[1.0, 2.0, -1.0], [800.0, 3.0, 2.0], [0.5, -2.0, 4.0]]).double()


def test_the_rows_whose_scores_overflow():
    x = scores()
    got = x.exp() / x.exp().sum(1, keepdim=True)
    assert "in the rows with a number of ytilde above 709" in explain_infinities(
        got, AnswerContext(inputs={"ytilde": x})
    )


def test_the_places_of_probability_zero():
    p = torch.tensor([[0.0, 0.4, 0.6], [0.5, 0.0, 0.5]])
    assert explain_infinities(p.log(), AnswerContext(inputs={"Yhat": p})).startswith(
        "is minus infinity in 2 of 6 places, exactly where Yhat is 0"
    )


def test_the_rows_that_are_constant():
    x = torch.tensor([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]])
    got = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
    assert "in the rows where all numbers of x are equal" in explain_infinities(got, AnswerContext(inputs={"x": x}))


def test_one_number_names_the_sizes_that_it_is_computed_from():
    words = explain_infinities(torch.tensor(NAN), AnswerContext(inputs={"ytilde": scores().float()}))
    assert "ytilde ranges from -2 to 800. In float32 exp(x) is infinite for x > 88" in words


def test_one_number_names_the_zeros_that_it_is_computed_from():
    p = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
    words = explain_infinities(torch.tensor(NAN), AnswerContext(inputs={"Yhat": p}))
    assert words == "is NaN: Yhat is 0 in 1 of 4 places: is there a logarithm of it, or a division by it?"


@pytest.mark.parametrize(
    ("value", "kind"), [(NAN, "is NaN"), (float("inf"), "is infinite"), (-float("inf"), "is minus infinity")]
)
def test_without_inputs_kind_and_place_are_said(value, kind):
    got = torch.ones(3, 4)
    got[1, 2] = value
    words = explain_infinities(got, AnswerContext())
    assert words.startswith(f"{kind} in 1 of 12 places, all in row 1 of 3, first at [1, 2]")


# Which rows, and why; `bad` is NaN in the second of three.

FIRST = "is NaN in 1 of 9 places, "


def bad() -> torch.Tensor:
    got = torch.ones(3, 3)
    got[1, 0] = NAN
    return got


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([2.0, 0.0, 3.0], "in the rows where x contains a 0: is there a logarithm of it, or a division by it?"),
        ([2.0, 40.0, 3.0], "in the rows whose largest number of x is 40 or more: does an exponential overflow?"),
        (
            [-40.0, -50.0, -60.0],
            "in the rows where no number of x is above -40: are all exponentials 0, and is there a division by their sum, "
            "or a logarithm of it?",
        ),
        (
            [3.5, -40.0, 1.0],
            "in the rows where the numbers of x are furthest apart: does an exponential overflow, or is there a "
            "logarithm of an exponential that is 0?",
        ),
    ],
)
def test_what_sets_the_rows_apart(row, words):
    x = torch.tensor([[1.0, 2.0, 4.0], row, [-3.0, 3.0, 2.0]])
    assert explain_infinities(bad(), AnswerContext(inputs={"x": x})) == f"{FIRST}{words}"


def test_the_rows_whose_numbers_are_largest_in_size():
    x = torch.tensor([[-20.0, 44.0, 4.0], [-3.0, -44.5, -1.0], [-3.0, -2.0, -2.0]])
    assert explain_infinities(bad(), AnswerContext(inputs={"x": x})) == (
        f"{FIRST}in the rows where x reaches a size of 44.5 or more: does an exponential overflow, or become 0?"
    )


@pytest.mark.parametrize("row", [[5.0, 2.0, 3.0], [0.5, 0.25, 0.5], [3.5, -4.0, 1.0], [-5.0, -6.0, 3.5]])
def test_a_row_of_ordinary_numbers_overflows_nowhere(row):
    """One of three rows has the largest, or the smallest, by chance."""
    x = torch.tensor([[1.0, 2.0, 4.0], row, [-3.0, 3.0, 2.0]])
    words = explain_infinities(bad(), AnswerContext(inputs={"x": x}))
    assert words.startswith("is NaN in 1 of 9 places, all in row 1 of 3, first at [1, 0]: ")


def test_the_places_with_the_largest_numbers():
    x = torch.ones(3, 3)
    x[1, 0], x[0, 0] = 80, -2
    assert explain_infinities(bad(), AnswerContext(inputs={"x": x})) == (
        f"{FIRST}exactly where the size of x is 80 or more: does an exponential overflow?"
    )
    assert "the size of x" not in explain_infinities(bad(), AnswerContext(inputs={"x": x / 80}))


def test_the_places_with_negative_numbers():
    x = torch.ones(3, 3)
    x[1, 0] = -1
    assert explain_infinities(bad(), AnswerContext(inputs={"x": x})) == (
        f"{FIRST}exactly where x is negative: is there a root or a logarithm of it?"
    )


def test_rows_that_overflow_and_rows_whose_exponentials_are_all_zero():
    x = torch.tensor([[1.0, 2.0], [800.0, 3.0], [-800.0, -790.0]]).double()
    got = x.exp() / x.exp().sum(1, keepdim=True)
    assert explain_infinities(got, AnswerContext(inputs={"x": x})) == (
        "is NaN in 3 of 6 places, exactly in the rows with a number of x above 709, whose exponential is infinite, or "
        "with no number above -745, so that all exponentials are 0"
    )


def test_other_rows_than_those_that_overflow_are_not_blamed_on_it():
    x = scores()
    assert "709" not in explain_infinities(x.roll(1, 0).log() / 0, AnswerContext(inputs={"x": x})).partition(":")[0]


@pytest.mark.parametrize(
    "value",
    [torch.rand(3, 3) > 0.5, torch.ones(3, 3, dtype=torch.int64), torch.ones(3, 0), torch.full((3, 3), NAN), torch.ones(())],
    ids=["booleans", "integers", "empty", "NaN", "one number"],
)  # fmt: skip
def test_inputs_of_any_kind_are_no_trouble(value):
    assert explain_infinities(bad(), AnswerContext(inputs={"x": value})).startswith("is NaN in 1 of 9 places")


def test_all_kinds_are_named():
    got = torch.tensor([NAN, torch.inf, -torch.inf])
    assert explain_infinities(got, AnswerContext()).startswith("is NaN or infinite or minus infinity everywhere")
