"""A check of an answer passes, or fails with the reason in its message."""

import pytest
import torch

from autograder.checks.closeness import as_number, as_tensor, expect_close, expect_number
from autograder.checks.failure import CheckFailed

RIGHT = torch.tensor([[0.5, -1.2, 3.0], [2.2, 0.1, -0.7]]).double()


def test_an_answer_within_the_tolerance_passes():
    expect_close("it", RIGHT + 1e-10, RIGHT, rtol=1e-9)


def test_an_answer_outside_of_it_fails_with_the_reason():
    with pytest.raises(CheckFailed, match=r"^the gradient is the right answer times 2, the batch size"):
        expect_close("the gradient", 2 * RIGHT, RIGHT, rtol=1e-9, factors={"the batch size": 2})


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (2 * RIGHT, "the gradient is the right answer times 2, the batch size"),
        (RIGHT.flip(1), "the gradient is the right answer in reverse order along axis 1"),
        (RIGHT.square(), "the gradient is the square of the right answer"),
        (RIGHT + 0.25, ""),
        (1.37 * RIGHT, ""),
        (torch.zeros_like(RIGHT), ""),
        (RIGHT + torch.arange(6).reshape(2, 3) ** 1.5, ""),
    ],
)
def test_what_names_a_cause_is_a_mistake_and_what_was_seen_is_none(wrong, mistake):
    with pytest.raises(CheckFailed) as failure:
        expect_close("the gradient", wrong, RIGHT, rtol=1e-9, factors={"the batch size": 2})
    assert failure.value.mistake == mistake
    assert failure.value.message.startswith(mistake)


def test_a_single_number_names_no_mistake():
    with pytest.raises(CheckFailed, match="times 2, the batch size") as failure:
        expect_close("the bias", torch.tensor([2.468]), torch.tensor([1.234]), rtol=1e-9, factors={"the batch size": 2})
    assert failure.value.mistake == ""


def test_nan_is_close_to_nothing():
    with pytest.raises(CheckFailed, match="it is NaN everywhere"):
        expect_close("it", torch.full_like(RIGHT, float("nan")), RIGHT, rtol=1e-9)


def test_a_number_is_explained_by_its_factor():
    with pytest.raises(CheckFailed, match=r"^the loss is the right answer times 7, the batch size"):
        expect_number("the loss", 7 * 1.2345, 1.2345, rtol=1e-9, factors={"the batch size": 7})


def test_a_number_without_a_pattern_is_shown_with_the_expected_one():
    with pytest.raises(CheckFailed, match=r"^the loss is 1.1, but 1.234 is expected"):
        expect_number("the loss", 1.1, 1.2345, rtol=1e-9)


def test_a_wrong_shape_comes_with_its_cause():
    with pytest.raises(CheckFailed, match=r"should have shape \(3, 2\) but has \(2, 3\): that is its transpose"):
        as_tensor("the gradient", RIGHT, (3, 2))


def test_nothing_returned():
    with pytest.raises(CheckFailed, match="is a return missing"):
        as_number("the loss", None)
    with pytest.raises(CheckFailed, match="is a return missing"):
        as_tensor("it", None, (2, 3))
    with pytest.raises(CheckFailed, match="is a return missing"):
        expect_close("it", None, RIGHT, rtol=1e-9)
