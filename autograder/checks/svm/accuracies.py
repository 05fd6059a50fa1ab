"""What is wrong with the accuracies that a student's function measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.checks.cause import Cause, behind
from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.svm.problems import Array, with_right
from autograder.sandbox.host.errors import StudentProblem

SMALL = 127
"""Python keeps one object for each integer up to 256, and an int8 ends here."""
Ask = Callable[[Array], object]
"""Calls the student's function on the same points, with these labels."""


def why_wrong(
    draw: Draw, ask: Ask, found: tuple[float, int], predicted: Array, labels: Sequence[int], training: int
) -> str:
    """A clause about a wrong accuracy; "" if nothing is known.

    Args:
        draw: chooses further labels.
        ask: asks for the accuracy with other labels of the points.
        found: the wrong accuracy, and how many labels were right.
        predicted: (batch,), the right predictions.
        labels: all labels.
        training: the number of examples that the classifier was fitted on.
    """
    batch = len(predicted)
    answers = [found]
    for right in range(batch + 1):
        answers.append((as_number("the accuracy", ask(with_right(draw, predicted, right, labels))), right))
    count = _count(answers, batch, training) or _rounding(answers, batch)
    return behind(": ", count) if count else _unequal_weights(draw, ask, predicted, labels)


def _count(found: list[tuple[float, int]], batch: int, training: int) -> str:
    """The only wrong count that gives all accuracies, each (got, number of right examples)."""
    causes: dict[str, Callable[[int], float]] = {
        "return a fraction in [0, 1], not a percentage": lambda right: 100 * right / batch,
        "that is the number of right ones, so divide by the number of examples": lambda right: right,
        f"divide by the {batch} examples given, not by the {training} that the classifier was fitted on": (
            lambda right: right / training
        ),
        "that is the fraction of wrong ones": lambda right: 1 - right / batch,
    }
    seen: dict[str, Callable[[int], float]] = {
        "it is 0 unless all are right: is there a whole-number division (//) or a rounding?": (
            lambda right: float(right == batch)
        ),
        "it is 0 even if all are right": lambda right: 0.0,
        "it is 1 whatever is right": lambda right: 1.0,
    }
    counts = seen | {Cause(words): count for words, count in causes.items()}
    fitting = [words for words, count in counts.items() if all(abs(got - count(right)) <= 1e-6 for got, right in found)]
    return fitting[0] if len(fitting) == 1 else ""


ROUNDED = (
    (1, 0, "a whole number"),
    (1, 1, "one decimal"),
    (1, 2, "two decimals"),
    (1, 3, "three decimals"),
    (100, 0, "a whole percentage"),
    (100, 1, "a percentage with one decimal"),
)
"""A factor, the number of decimals, and their name."""


def _rounding(found: list[tuple[float, int]], batch: int) -> str:
    """Recognises right accuracies that are rounded; found: (got, number of right examples), for each number."""
    if batch < 5:
        return ""
    for scale, decimals, words in ROUNDED:
        unit = 10.0**-decimals
        if any(abs(got / unit - round(got / unit)) > 1e-6 for got, _ in found):
            continue
        over = [got - scale * right / batch for got, right in found]
        if all(abs(error) <= unit / 2 + 1e-6 for error in over):
            return Cause(f"it is rounded to {words}, but should be the fraction itself")
        if all(-unit < error <= 1e-6 for error in over):
            return Cause(f"it is cut off to {words}, but should be the fraction itself")
    return ""


def of_their_labels(
    ask: Callable[[Array, Array], object], y: Array, predicted: Array, truth: Array, right: float
) -> str:
    """A clause about a wrong accuracy that is right if 0, 1, … are the labels; "" if it is not.

    Args:
        ask: asks for the accuracy of a classifier fitted on the first labels, with the second as those of the points.
        y: labels of the training set.
        predicted: the right predictions.
        truth: labels of the points.
        right: the right accuracy.
    """
    labels = np.unique(y)
    small = np.arange(len(labels))
    if np.array_equal(labels, small):
        return ""

    def accuracy(of_points: Array) -> float:
        return as_number("the accuracy", ask(np.searchsorted(labels, y), np.searchsorted(labels, of_points)))

    try:
        if abs(accuracy(truth) - right) > 1e-6 or abs(accuracy(predicted) - 1) > 1e-6:
            return ""
    except (StudentProblem, CheckFailed):
        return ""
    why = (
        "are labels compared by `is`, which holds for small integers only, or cast to a type that is too small?"
        if np.abs(labels).max() > SMALL
        else "are labels taken for 0, 1, …?"
    )
    return f"; with {', '.join(map(str, small))} in place of these labels it is right: {why}"


def _unequal_weights(draw: Draw, ask: Ask, predicted: Array, labels: Sequence[int]) -> str:
    """Looks for examples that do not count, or count more than others: each in turn is the only one that is wrong."""
    batch = len(predicted)
    found = []
    try:
        if batch < 2 or abs(as_number("the accuracy", ask(predicted)) - 1) > 1e-6:
            return ""
        for i in range(batch):
            truth = predicted.copy()
            truth[i] = draw.rng.choice([label for label in labels if label != truth[i]])
            found.append(1 - as_number("the accuracy", ask(truth)))
    except (StudentProblem, CheckFailed):
        return ""
    lost = np.array(found)
    ignored = np.flatnonzero(np.abs(lost) < 1e-6).tolist()
    if ignored:
        places = ", ".join(map(str, ignored))
        claim = f"A wrong prediction at index {places} of the {batch} makes no difference"
        return Cause(f". {claim}: are all examples looked at?", claim)
    if np.ptp(lost) > 1e-6:
        return (
            f". A single wrong prediction costs {lost.min():.3g} to {lost.max():.3g}, depending on the example, but each of "
            f"the {batch} should count the same: is the accuracy taken for each class first?"
        )
    return ""
