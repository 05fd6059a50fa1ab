"""What is wrong with the table that a student's sweep returns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.svm.problems import Sets, svc
from autograder.sandbox.host.calls_in_words import describe_value

Key = tuple[str, float]
Table = dict[Key, tuple[float, float]]
"""(training accuracy, validation accuracy) by (kernel, C)."""
Other = Callable[[float, float, Key], tuple[float, float]]


def table_of(sets: Sets, kernels: Sequence[str], Cs: Sequence[float]) -> Table:
    """The right table."""
    (Xtrain, ytrain, Xval, yval), table = sets, {}
    for kernel, C in itertools.product(kernels, Cs):
        own = svc(Xtrain, ytrain, kernel, C)
        table[kernel, C] = own.score(Xtrain, ytrain), own.score(Xval, yval)
    return table


def as_table(value: Any, kernels: Sequence[str], Cs: Sequence[float]) -> Table:
    """The result of sweep with plain numbers; fails if it is not a table of accuracies."""
    if not isinstance(value, dict):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"sweep should return a dict, but returned {describe_value(value)}{forgot}")
    wanted = set(itertools.product(kernels, Cs))
    if set(value) != wanted:
        if set(value) == {(C, kernel) for kernel, C in wanted}:
            raise CheckFailed("sweep's keys are (C, kernel), but the kernel should come first")
        shown = ", ".join(repr(key)[:40] for key in list(value)[:3])
        raise CheckFailed(
            f"sweep over kernels {kernels} and Cs {Cs} should have one key (kernel, C) for each pair, such as "
            f"{(kernels[0], Cs[0])}, but has {len(value)}: {shown}{', …' if len(value) > 3 else ''}"
        )
    table = {}
    for key, pair in value.items():
        pair = pair.tolist() if isinstance(pair, np.ndarray) else pair
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise CheckFailed(
                f"sweep's value at {key} should be (train_accuracy, validation_accuracy), but is {describe_value(pair)}"
            )
        train, validation = (as_number(f"the accuracy at {key}", item) for item in pair)
        table[key] = train, validation
    return table


def equal(a: Table, b: Mapping[Key, tuple[float, float]]) -> bool:
    return all(abs(x - y) <= 1e-6 for key in a for x, y in zip(a[key], b[key]))


def wrong_table(got: Table, expected: Table, sets: Sets, kernels: Sequence[str], Cs: Sequence[float]) -> str:
    """What is wrong with the table, in words: the likeliest mistake if one explains it."""
    Xtrain, ytrain, Xval, yval = sets
    together = np.concatenate([Xtrain, Xval]), np.concatenate([ytrain, yval])
    on_validation = table_of((Xval, yval, Xtrain, ytrain), kernels, Cs)
    others: dict[str, Other] = {
        "sweep's accuracies are swapped: the training accuracy should come first": lambda a, b, key: (b, a),
        "sweep's accuracies are percentages: return fractions in [0, 1]": lambda a, b, key: (100 * a, 100 * b),
        "both of sweep's accuracies are measured on the training set": lambda a, b, key: (a, a),
        "both of sweep's accuracies are measured on the validation set": lambda a, b, key: (b, b),
        "sweep's classifiers are fitted on the validation set: fit on the training set only": (
            lambda a, b, key: on_validation[key][::-1]
        ),
        "sweep's validation accuracies are those of classifiers fitted on the validation set: use the classifiers that "
        "were fitted on the training set": lambda a, b, key: (a, on_validation[key][0]),
        "sweep's classifiers are fitted on both sets together: fit on the training set only": (
            lambda a, b, key: tuple(svc(*together, *key).score(X, y) for X, y in (sets[:2], sets[2:]))
        ),
        "sweep's accuracies are those of C = 1, whatever C is": (
            lambda a, b, key: table_of(sets, key[:1], [1.0])[key[0], 1.0]
        ),
        "sweep's accuracies are those of the RBF kernel, whatever the kernel is": (
            lambda a, b, key: table_of(sets, ["rbf"], key[1:])["rbf", key[1]]
        ),
    }
    fitting = [
        words
        for words, other in others.items()
        if equal(got, {key: other(*pair, key) for key, pair in expected.items()})
    ]
    if len(fitting) == 1:
        return fitting[0]
    wrong = [key for key in expected if not equal({key: got[key]}, expected)]
    shown, right = (tuple(round(value, 4) for value in table[wrong[0]]) for table in (got, expected))
    if len(set(got.values())) == 1 < len(set(expected.values())):
        return (
            f"all {len(got)} of sweep's values are {shown}, but they should differ: measure the classifier of each key"
        )
    return f"{len(wrong)} of sweep's {len(got)} values are wrong: for {wrong[0]} expected {right}, got {shown}"
