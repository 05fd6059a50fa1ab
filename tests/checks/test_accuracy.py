"""Three attempts, and no more than are needed."""

from collections.abc import Callable, Iterator

import pytest

from autograder.checks.accuracy import reach
from autograder.checks.failure import CheckFailed


def attempts(*accuracies: float) -> Callable[[], float]:
    left: Iterator[float] = iter(accuracies)
    return lambda: next(left)


def test_the_threshold_itself_is_enough():
    reach(0.9, attempts(0.9))


def test_a_miss_is_tried_again():
    reach(0.9, attempts(0.2, 0.3, 0.95))


def test_three_misses_fail_and_are_shown():
    with pytest.raises(CheckFailed, match=r"50.0%, 60.0%, 70.0% in three trainings, but at least 90% is expected"):
        reach(0.9, attempts(0.5, 0.6, 0.7, 1.0))


def test_no_number_is_no_pass():
    with pytest.raises(CheckFailed):
        reach(0.9, attempts(float("nan"), float("nan"), float("nan")))


def test_a_threshold_is_not_rounded() -> None:
    with pytest.raises(CheckFailed, match=r"at least 99\.6% is expected"):
        reach(0.996, lambda: 0.5)
