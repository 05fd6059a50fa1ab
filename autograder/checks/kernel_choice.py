"""How a student's best_kernel chooses, from all its choices together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Results = Mapping[tuple[str, float], Sequence[float]]
"""(training accuracy, validation accuracy) by (kernel, C), as `sweep` returns it."""
Rate = Callable[[int, float, float, float], Any]
"""A number for an entry, from its position, C, training accuracy and validation accuracy."""


def how_chosen(choices: Sequence[tuple[Results, object]]) -> str:
    """The only way in which all kernels may have been chosen; "" if there is none, or more than one.

    A way gives a number to each entry (position, C, training accuracy, validation accuracy) or, for a mean, to a kernel;
    the largest wins.
    """
    ways: dict[str, Rate] = {
        "the best training accuracy": lambda i, C, training, validation: training,
        "the worst validation accuracy": lambda i, C, training, validation: -validation,
        "the best sum of both accuracies": lambda i, C, training, validation: training + validation,
        "the smallest C": lambda i, C, training, validation: -C,
        "the largest C": lambda i, C, training, validation: C,
        "the first entry": lambda i, C, training, validation: -i,
        "the last entry": lambda i, C, training, validation: i,
        "the first entry with the best validation accuracy": lambda i, C, training, validation: (validation, -i),
        "the last entry with the best validation accuracy": lambda i, C, training, validation: (validation, i),
        "the largest C with the best validation accuracy": lambda i, C, training, validation: (validation, C),
        "the best training accuracy among those with the best validation accuracy": (
            lambda i, C, training, validation: (validation, training)
        ),
    }
    fitting = [words for words, rate in ways.items() if all(got in _winners(results, rate) for results, got in choices)]
    if all(got in _best_mean(results) for results, got in choices):
        fitting.append("the best mean of its validation accuracies")
    return f"; all kernels returned are those of {fitting[0]}" if len(fitting) == 1 else ""


def _winners(results: Results, rate: Rate) -> set[str]:
    """The kernels of the entries with the highest rate."""
    rates = [
        (kernel, rate(i, C, training, validation))
        for i, ((kernel, C), (training, validation)) in enumerate(results.items())
    ]
    best = max(value for _, value in rates)
    return {kernel for kernel, value in rates if value == best}


def _best_mean(results: Results) -> set[str]:
    """The kernels with the highest mean of their validation accuracies."""
    names = {kernel for kernel, _ in results}
    means = {
        name: float(np.mean([validation for (kernel, _), (_, validation) in results.items() if kernel == name]))
        for name in names
    }
    return {name for name, mean in means.items() if mean >= max(means.values()) - 1e-12}
