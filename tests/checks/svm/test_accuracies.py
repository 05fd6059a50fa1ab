"""How a wrong accuracy counts is seen from other labels of the same points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks.inputs import Draw
from autograder.checks.svm.accuracies import why_wrong
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
