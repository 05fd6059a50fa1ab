"""A wrong accuracy and a pair in the wrong order are explained."""

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.loss_accuracy import MARGIN, expect_fraction, expect_loss_first


def right(scores, Y):
    return 0.0, float((scores.argmax(1) == Y.argmax(1)).double().mean())


def test_a_right_accuracy_passes():
    expect_fraction(Draw(1, "a check"), right)


@pytest.mark.parametrize("seed", range(5))
def test_no_rounding_error_makes_another_score_the_highest(seed):
    def with_errors(scores, Y):
        return right(scores + MARGIN / 3 * (1 - 2 * torch.eye(scores.shape[1])[scores.argmax(1)]), Y)

    expect_fraction(Draw(seed, "a check"), with_errors)


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (lambda s, Y: (0.0, 100 * right(s, Y)[1]), "not a percentage"),
        (lambda s, Y: (0.0, float((s.argmax(0) == Y.argmax(0)).double().mean())), "argmax runs over the batch"),
        (
            lambda s, Y: (0.0, float((torch.eye(Y.shape[1])[s.argmax(1)] == Y).double().mean())),
            "entries of one-hot rows",
        ),
        (lambda s, Y: (0.0, float((s.argmin(1) == Y.argmax(1)).double().mean())), "the lowest score"),
        (lambda s, Y: (0.0, int((s.argmax(1) == Y.argmax(1)).sum()) // len(Y)), "whole-number division"),
        (lambda s, Y: (0.0, round(right(s, Y)[1])), "rounded to a whole number"),
        (lambda s, Y: (0.0, 1.0), "1 for any batch"),
        (lambda s, Y: (0.0, 0.0), "0 even if all examples are right"),
    ],
)
def test_a_wrong_accuracy_is_explained(accuracy, words):
    with pytest.raises(CheckFailed, match=words):
        expect_fraction(Draw(1, "a check"), accuracy)


def test_no_cause_is_claimed_of_an_accuracy_that_is_random():
    with pytest.raises(CheckFailed, match=r"acc is [0-9.e-]+$"):
        expect_fraction(Draw(1, "a check"), lambda s, Y: (0.0, float(s.abs().sum() % 1)))


def test_the_accuracy_first_is_named():
    with pytest.raises(CheckFailed, match="accuracy first"):
        expect_loss_first(0.5, torch.tensor(1.25), 1.25)


def test_a_right_loss_is_no_wrong_order():
    expect_loss_first(1.25, 1.25, 1.25)
