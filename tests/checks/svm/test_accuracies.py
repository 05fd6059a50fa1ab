"""How a wrong accuracy counts is seen from other labels of the same points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks.inputs import Draw
from autograder.checks.svm.accuracies import of_their_labels, why_wrong
from autograder.checks.svm.problems import Array, with_right

PREDICTED = np.array([4, -3, 4, 4, -3, 4, 4, 4, -3, 4, 4])
LABELS = (4, -3)


def why(accuracy: Callable[[Array], Any]) -> str:
    draw = Draw(1, "a check")
    found = float(accuracy(with_right(draw, PREDICTED, 3, LABELS)))
    return why_wrong(draw, accuracy, (found, 3), PREDICTED, LABELS, 30)


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (lambda y: 100 * np.mean(y == PREDICTED), "not a percentage"),
        (lambda y: np.mean(y[:9] == PREDICTED[:9]), "at index 9, 10 of the 11 makes no difference"),
        (lambda y: round(float(np.mean(y == PREDICTED)), 1), "rounded to one decimal"),
        (lambda y: round(float(np.mean(y == PREDICTED)), 2), "rounded to two decimals"),
        (lambda y: np.floor(100 * np.mean(y == PREDICTED)), "cut off to a whole percentage"),
        (
            lambda y: np.mean([np.mean(PREDICTED[y == label] == label) for label in np.unique(y)]),
            "is the accuracy taken for each class first?",
        ),
    ],
)
def test_what_is_counted_is_seen(accuracy: Callable[[Array], Any], words: str) -> None:
    assert words in why(accuracy)


def test_nothing_is_said_of_an_accuracy_that_is_not_1_if_all_are_right() -> None:
    assert why(lambda y: 0.9 * np.mean(y == PREDICTED) ** 2) == ""


def test_no_rounding_is_claimed_of_an_accuracy_that_is_half_of_the_right_one() -> None:
    assert "rounded" not in why(lambda y: round(0.5 * float(np.mean(y == PREDICTED)), 2))


Y, OF_POINTS, TRUTH = (np.array(labels) for labels in ([300, -700, 300, 1000], [300, 1000, -700], [300, 300, -700]))


def said_of_labels(equal: Callable[[Any, Any], bool]) -> str:
    def ask(y: Array, truth: Array) -> float:
        of_points = OF_POINTS if 300 in y else np.array([1, 2, 0])
        return sum(equal(a, b) for a, b in zip(of_points.tolist(), truth.tolist())) / 3

    return of_their_labels(ask, Y, OF_POINTS, TRUTH, 2 / 3)


def test_labels_that_are_too_large_for_a_comparison_are_named() -> None:
    assert "with 0, 1, 2 in place of these labels it is right" in said_of_labels(lambda a, b: a is b)


def test_labels_are_not_blamed_if_small_ones_are_counted_wrongly_too() -> None:
    assert said_of_labels(lambda a, b: False) == ""
