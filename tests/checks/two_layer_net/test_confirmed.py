"""A cause of a wrong number is named only if a second answer confirms it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.comparisons import observing
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.confirmed import Answer, expect_number_each_time
from autograder.checks.two_layer_net.loss_contexts import loss_of_scores


def message(loss: Callable[[Tensor, Tensor], Tensor]) -> str:
    draw = Draw(1, "a check")

    def ask() -> Answer:
        scores, Y = draw.normal(7, 4, scale=2.0), draw.one_hot(7, 4)
        return Answer(loss(scores, Y), float(F.cross_entropy(scores, Y)), loss_of_scores(scores, Y))

    with pytest.raises(CheckFailed) as failure:
        expect_number_each_time("the loss", ask, rtol=1e-9)
    return str(failure.value)


def test_a_cause_that_holds_for_both_is_named():
    assert message(lambda scores, Y: F.cross_entropy(scores, Y, reduction="sum")).startswith(
        "the loss is the right answer times 7, the batch size"
    )


def test_a_factor_that_fits_one_answer_by_chance_is_not_named():
    factors = iter((1.5, 1.7, 1.9))
    found = message(lambda scores, Y: next(factors) * F.binary_cross_entropy(scores.softmax(1), Y))
    assert "binary" not in found
    assert "is expected" in found


def test_what_is_seen_of_an_unexplained_number_is_added():
    factors = iter((1.5, 1.7, 1.9))

    def ask() -> Answer:
        return Answer(next(factors), 1.234567, loss_of_scores(torch.ones(2, 2), torch.eye(2)), lambda: "it does this")

    with pytest.raises(CheckFailed, match=r"is 1\.5, but 1\.235 is expected; it does this"):
        expect_number_each_time("the loss", ask, rtol=1e-9)


def test_an_observer_gets_what_is_compared():
    seen = []
    with observing(seen.append):
        expect_number_each_time(
            "the loss", lambda: Answer(1.0, 1.0, loss_of_scores(torch.ones(2, 2), torch.eye(2))), rtol=1e-9
        )
    assert [(compared.what, float(compared.expected)) for compared in seen] == [("the loss", 1.0)]


def test_an_infinite_number_is_explained_without_a_second_answer():
    assert "infinite" in message(lambda scores, Y: torch.tensor(torch.inf))


def test_a_right_number_passes():
    expect_number_each_time(
        "the loss", lambda: Answer(1.0, 1.0, loss_of_scores(torch.ones(2, 2), torch.eye(2))), rtol=1e-9
    )
