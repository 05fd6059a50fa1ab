"""Which examples a wrong accuracy counts is found out; of a right one nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from autograder.checks.cause import Cause, mistake_of
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.two_layer_net.accuracy_probes import Accuracy, seen_of_an_accuracy
from autograder.checks.two_layer_net.loss_accuracy import expect_fraction


def mean(right: Tensor) -> float:
    return float(right.double().mean())


def right(scores: Tensor, Y: Tensor) -> float:
    return mean(scores.argmax(1) == Y.argmax(1))


def of_all_calls() -> Accuracy:
    seen = [0.0, 0]

    def accuracy(scores: Tensor, Y: Tensor) -> float:
        seen[0] += right(scores, Y) * len(Y)
        seen[1] += len(Y)
        return seen[0] / seen[1]

    return accuracy


def of_the_call_before() -> Accuracy:
    last = [0.5]

    def accuracy(scores: Tensor, Y: Tensor) -> float:
        last.append(right(scores, Y))
        return last[-2]

    return accuracy


def smoothed() -> Accuracy:
    """A moving average, of which no claim about counts is true."""
    last = [0.0]

    def accuracy(scores: Tensor, Y: Tensor) -> float:
        last[0] = 0.9 * last[0] + 0.1 * right(scores, Y)
        return last[0]

    return accuracy


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (lambda s, Y: mean((s.softmax(1)[:, -1] > 0.5) == (Y[:, -1] == 1)), "only the last class is looked at"),
        (lambda s, Y: mean((s.softmax(1)[:, 1] > 0.5) == (Y[:, 1] == 1)), "only class 1 is looked at"),
        (lambda s, Y: mean((s.argmax(1) == 3) == (Y[:, 3] == 1)), "only class 3 is looked at"),
        (lambda s, Y: mean((s.argmax(1) == 1) & (Y[:, 1] == 1)), "an example counts only if its true class is class 1"),
        (lambda s, Y: mean(s.argmax(1) == 2), "an example counts if class 2 is predicted, whatever its target is"),
        (
            lambda s, Y: mean(s.argmax(1) + 1 == Y.argmax(1)),
            "an example counts if the class after the predicted one is",
        ),
        (
            lambda s, Y: mean(s.softmax(1).gather(1, Y.argmax(1)[:, None]) > 0.7),
            "an example counts only if its class has a probability above about 0.70, but it only needs to be the highest",
        ),
        (
            lambda s, Y: mean(s.softmax(1).amax(1) == Y.amax(1)),
            "an example counts only if its class has a probability of exactly 1",
        ),
        (lambda s, Y: right(s[::2], Y[::2]), "a wrong prediction at index 1, 3, 5 of 7 makes no difference"),
        (of_all_calls(), "examples of earlier calls are still counted"),
        (of_the_call_before(), "it is the accuracy of the call before"),
    ],
)
def test_what_counts_is_named(accuracy: Accuracy, words: str) -> None:
    found = seen_of_an_accuracy(accuracy, Draw(1, "a check"))
    assert isinstance(found, Cause)
    assert found.startswith(words)


@pytest.mark.parametrize(
    "accuracy",
    [
        right,
        smoothed(),
        lambda s, Y: mean((s.argmax(1) - Y.argmax(1)).abs() <= 1),
        lambda s, Y: float(s.abs().sum() % 1),
        lambda s, Y: right(s, Y) ** 2,
        lambda s, Y: 0.9 * right(s, Y),
        lambda s, Y: 0.0,
        lambda s, Y: 1.0,
    ],
)
def test_no_mistake_is_named_that_is_not_there(accuracy: Accuracy) -> None:
    assert mistake_of(seen_of_an_accuracy(accuracy, Draw(1, "a check"))) == ""


def test_of_a_right_accuracy_nothing_is_said() -> None:
    assert seen_of_an_accuracy(right, Draw(1, "a check")) == ""


def failure(accuracy: Callable[[Tensor, Tensor], Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as found:
        expect_fraction(Draw(1, "a check"), lambda scores, Y: (0.0, accuracy(scores, Y)))
    return found.value


def test_the_check_passes_the_mistake_on() -> None:
    found = failure(lambda s, Y: mean((s.softmax(1)[:, -1] > 0.5) == (Y[:, -1] == 1)))
    assert found.mistake == "only the last class is looked at"
    assert found.mistake in found.message


def test_a_count_with_several_causes_is_no_mistake() -> None:
    assert failure(lambda s, Y: 1.0).mistake == ""
    assert failure(lambda s, Y: 100 * right(s, Y)).mistake == "it should be a fraction in [0, 1], not a percentage"
