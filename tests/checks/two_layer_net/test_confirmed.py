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
    return str(failure(loss))


def failure(loss: Callable[[Tensor, Tensor], Tensor]) -> CheckFailed:
    draw = Draw(1, "a check")

    def ask() -> Answer:
        scores, Y = draw.normal(7, 4, scale=2.0), draw.one_hot(7, 4)
        return Answer(loss(scores, Y), float(F.cross_entropy(scores, Y)), loss_of_scores(scores, Y))

    with pytest.raises(CheckFailed) as found:
        expect_number_each_time("the loss", ask, rtol=1e-9)
    return found.value


def test_a_cause_that_holds_for_both_is_named():
    assert message(lambda scores, Y: F.cross_entropy(scores, Y, reduction="sum")).startswith(
        "the loss is the right answer times 7, the batch size"
    )


def test_a_factor_that_fits_one_answer_by_chance_is_not_named():
    factors = iter((1.5, 1.7, 1.9))
    found = message(lambda scores, Y: next(factors) * F.binary_cross_entropy(scores.softmax(1), Y))
    assert "binary" not in found
    assert "is expected" in found


def test_a_confirmed_cause_is_a_mistake_and_an_unexplained_number_is_none():
    summed = failure(lambda scores, Y: F.cross_entropy(scores, Y, reduction="sum"))
    assert summed.mistake == "the loss is the right answer times 7, the batch size"
    assert failure(lambda scores, Y: F.cross_entropy(scores, Y) + scores.sum()).mistake == ""


def with_guard(guard: float) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda scores, Y: -(Y * (scores.softmax(1) + guard).log()).sum(1).mean()


@pytest.mark.parametrize("guard", [1e-7, 1e-8, 1e-9])
def test_a_small_guard_is_named_though_the_loss_is_nearly_right(guard):
    assert (
        failure(with_guard(guard)).mistake
        == f"the loss has a guard of {guard:g} in the logarithm, which changes the result"
    )


@pytest.mark.parametrize(
    "loss",
    [
        with_guard(3e-8),
        lambda scores, Y: F.cross_entropy(scores, Y) * (1 + 1e-8),
        lambda scores, Y: F.cross_entropy(1.00000003 * scores, Y),
    ],
)
def test_of_another_small_error_its_size_is_said_and_no_cause(loss):
    found = failure(loss)
    assert "is right only to " in found.message
    assert "is a guard against zero too large" in found.message
    assert found.mistake == ""


def test_a_loss_of_float32_is_named():
    found = failure(lambda scores, Y: F.cross_entropy(scores.float(), Y.float()).double())
    assert found.mistake.endswith("it is exact in float32, but float64 was given")


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
