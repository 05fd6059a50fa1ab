"""Checks of a student's best_kernel, and how it chooses, from all its choices together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.checks.cause import Cause, behind, failed
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.student_module import StudentModule

Results = Mapping[tuple[str, float], Sequence[float]]
"""(training accuracy, validation accuracy) by (kernel, C), as `sweep` returns it."""
Rate = Callable[[int, str, float, float, float], Any]
"""A number for an entry, from its position, kernel, C, training accuracy and validation accuracy."""


def expect_best(student: StudentModule, tables: Sequence[Results]) -> None:
    """Fails unless best_kernel chooses the best kernel of each table.

    Gets all choices before it checks any, since all choices together show how they are made.
    """
    choices = [(results, student.best_kernel(results)) for results in tables]
    for results, got in choices:
        _judge(student, results, got, choices)


def _judge(student: StudentModule, results: Results, got: object, choices: Sequence[tuple[Results, object]]) -> None:
    best, winners = _best_of(results)
    if isinstance(got, str) and got in winners:
        return
    kernel, C = next(iter(winners.items()))
    why = f"the best validation accuracy is {best:.3g}, at {kernel!r} with C = {C:g}"
    if not isinstance(got, str):
        forgot = "; is a return missing?" if got is None and best > 0 else ""
        raise CheckFailed(
            f"best_kernel should return the name of a kernel, but returned {describe_value(got)}: {why}{forgot}"
        )
    if got not in {name for name, _ in results}:
        raise CheckFailed(f"best_kernel returned {got[:40]!r}, which is not a kernel of the results: {why}")
    how = how_chosen(choices) or _whether_training_counts(student, [table for table, _ in choices])
    elsewhere = [other for name, other in results if name == got and results[name, other][1] == best]
    if elsewhere:
        seen = (
            f"best_kernel returned {got!r}, which reaches the best validation accuracy, {best:.3g}, with C = "
            f"{min(elsewhere):g}, but {kernel!r} reaches it with the smaller C = {C:g}"
        )
        raise failed(behind(seen, how))
    raise failed(behind(f"best_kernel returned {got!r}, but {why}", how))


def _best_of(results: Results) -> tuple[float, dict[str, float]]:
    """The best validation accuracy; and the kernels that reach it with the smallest C, each with that C."""
    best = max(validation for _, validation in results.values())
    smallest = min(C for (_, C), (_, validation) in results.items() if validation == best)
    return best, {kernel: C for kernel, C in results if smallest == C and results[kernel, C][1] == best}


def _whether_training_counts(student: StudentModule, tables: Sequence[Results]) -> str:
    """A clause that says so if with equal training accuracies the right kernels are chosen."""
    for results in tables:
        chosen = student.best_kernel({key: (0.5, validation) for key, (_, validation) in results.items()})
        if not isinstance(chosen, str) or chosen not in _best_of(results)[1]:
            return ""
    claim = "the training accuracy counts, but should not"
    return Cause(f"; with equal training accuracies it returns the right one, so {claim}", claim)


def how_chosen(choices: Sequence[tuple[Results, object]]) -> str:
    """The only way in which all kernels may have been chosen; "" if there is none, or more than one.

    A way gives a number to each entry or, for a mean, to a kernel; the largest wins.
    """
    ways: dict[str, Rate] = {
        "the best training accuracy": lambda i, kernel, C, training, validation: training,
        "the worst validation accuracy": lambda i, kernel, C, training, validation: -validation,
        "the best sum of both accuracies": lambda i, kernel, C, training, validation: training + validation,
        "the smallest C": lambda i, kernel, C, training, validation: -C,
        "the largest C": lambda i, kernel, C, training, validation: C,
        "the first entry": lambda i, kernel, C, training, validation: -i,
        "the last entry": lambda i, kernel, C, training, validation: i,
        "the first entry with the best validation accuracy": lambda i, kernel, C, training, validation: (
            validation,
            -i,
        ),
        "the last entry with the best validation accuracy": lambda i, kernel, C, training, validation: (validation, i),
        "the largest C with the best validation accuracy": lambda i, kernel, C, training, validation: (validation, C),
        "the best training accuracy among those with the best validation accuracy": (
            lambda i, kernel, C, training, validation: (validation, training)
        ),
        "the best validation accuracy whose C is the smallest as text, where '10.0' comes before '2.0'": (
            lambda i, kernel, C, training, validation: (validation, _first_as_text(str(C)))
        ),
        "the best validation accuracy whose kernel is the first by name": (
            lambda i, kernel, C, training, validation: (validation, _first_as_text(kernel))
        ),
        "the best validation accuracy whose kernel is the last by name": (
            lambda i, kernel, C, training, validation: (validation, kernel)
        ),
    }
    fitting = [words for words, rate in ways.items() if all(got in _winners(results, rate) for results, got in choices)]
    if all(got in _best_mean(results) for results, got in choices):
        fitting.append("the best mean of its validation accuracies")
    if len(fitting) != 1:
        return ""
    claim = f"all kernels returned are those of {fitting[0]}"
    return Cause(f"; {claim}", claim)


def _first_as_text(text: str) -> tuple[int, ...]:
    """A key by which the first text in the alphabet is the largest."""
    return *(-ord(letter) for letter in text), 1


def _winners(results: Results, rate: Rate) -> set[str]:
    """The kernels of the entries with the highest rate."""
    rates = [
        (kernel, rate(i, kernel, C, training, validation))
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
