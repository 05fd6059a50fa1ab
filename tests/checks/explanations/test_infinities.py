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
    assert "in the rows where all of x is one number" in explain_infinities(got, AnswerContext(inputs={"x": x}))


def test_one_number_names_the_sizes_that_it_is_computed_from():
    words = explain_infinities(torch.tensor(NAN), AnswerContext(inputs={"ytilde": scores().float()}))
    assert "ytilde goes from -2 to 800. In float32 the exponential of more than 88" in words


def test_one_number_names_the_zeros_that_it_is_computed_from():
    p = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
    assert "1 of 4 numbers in Yhat are 0" in explain_infinities(torch.tensor(NAN), AnswerContext(inputs={"Yhat": p}))


@pytest.mark.parametrize(
    ("value", "kind"), [(NAN, "is NaN"), (float("inf"), "is infinite"), (-float("inf"), "is minus infinity")]
)
def test_without_inputs_kind_and_place_are_said(value, kind):
    got = torch.ones(3, 4)
    got[1, 2] = value
    words = explain_infinities(got, AnswerContext())
    assert words.startswith(f"{kind} in 1 of 12 places, all in row 1 of 3, first at [1, 2]")
