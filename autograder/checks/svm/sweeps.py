"""What is wrong with the table that a student's sweep returns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.checks.cause import Cause, failed
from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.checks.svm.problems import Sets, svc
from autograder.sandbox.host.calls_in_words import describe_value

Key = tuple[str, float]
Table = dict[Key, tuple[float, float]]
"""(training accuracy, validation accuracy) by (kernel, C)."""


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
            mistake = "sweep's keys are (C, kernel)"
            raise CheckFailed(f"{mistake}, but the kernel should come first", mistake=mistake)
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


@dataclass(frozen=True)
class Sweep:
    """The table that a student's sweep returned for two sets, kernels and Cs."""

    got: Table
    sets: Sets
    kernels: Sequence[str]
    Cs: Sequence[float]
    _measured: dict[Key, tuple[float, float]] = field(default_factory=dict)

    def right(self) -> Table:
        return self.of_others({key: key for key in self.got})

    def of_others(self, used: Mapping[Key, Key]) -> Table:
        """The table of a sweep that uses another kernel or C for some entries."""
        return {key: self._measure(used[key]) for key in self.got}

    def _measure(self, key: Key) -> tuple[float, float]:
        if key not in self._measured:
            kernel, C = key
            self._measured[key] = table_of(self.sets, [kernel], [C])[key]
        return self._measured[key]


def expect_right(sweeps: Sequence[Sweep]) -> None:
    """Fails if a table is wrong: with the only mistake that leads to all tables, or what is seen of the first wrong one."""
    wrong = next((sweep for sweep in sweeps if not equal(sweep.got, sweep.right())), None)
    if wrong is None:
        return
    fitting = [words for words, table in MISTAKES.items() if all(equal(sweep.got, table(sweep)) for sweep in sweeps)]
    raise failed(Cause(f"sweep's {fitting[0]}") if len(fitting) == 1 else _seen(wrong.got, wrong.right()))


def _seen(got: Table, expected: Table) -> str:
    wrong = [key for key in expected if not equal({key: got[key]}, expected)]
    shown, right = (tuple(round(value, 4) for value in table[wrong[0]]) for table in (got, expected))
    if len(set(got.values())) == 1 < len(set(expected.values())):
        return (
            f"all {len(got)} of sweep's values are {shown}, but they should differ: measure the classifier of each key"
        )
    return f"{len(wrong)} of sweep's {len(got)} values are wrong: for {wrong[0]} expected {right}, got {shown}"


def _changed(change: Callable[[float, float], tuple[float, float]]) -> Callable[[Sweep], Table]:
    """The right accuracies, changed."""
    return lambda sweep: {key: change(*pair) for key, pair in sweep.right().items()}


def _fitted_on_validation(sweep: Sweep) -> Table:
    Xtrain, ytrain, Xval, yval = sweep.sets
    return {key: pair[::-1] for key, pair in table_of((Xval, yval, Xtrain, ytrain), sweep.kernels, sweep.Cs).items()}


def _fitted_on_each(sweep: Sweep) -> Table:
    right, other = sweep.right(), _fitted_on_validation(sweep)
    return {key: (right[key][0], other[key][1]) for key in right}


def _fitted_on_both(sweep: Sweep) -> Table:
    Xtrain, ytrain, Xval, yval = sweep.sets
    together = np.concatenate([Xtrain, Xval]), np.concatenate([ytrain, yval])
    table = {}
    for key in sweep.got:
        own = svc(*together, *key)
        table[key] = own.score(Xtrain, ytrain), own.score(Xval, yval)
    return table


def _using(other: Callable[[str, float], Key]) -> Callable[[Sweep], Table]:
    """Another kernel or C for each entry, from its own."""
    return lambda sweep: sweep.of_others({key: other(*key) for key in sweep.got})


def _of_lists(
    kernels: Callable[[list[str]], list[str]] = lambda names: names,
    Cs: Callable[[list[float]], list[float]] = lambda values: values,
) -> Callable[[Sweep], Table]:
    """The entries of the given kernels and Cs, measured with those of other lists."""

    def table(sweep: Sweep) -> Table:
        names = dict(zip(sweep.kernels, kernels(list(sweep.kernels))))
        values = dict(zip(sweep.Cs, Cs(list(sweep.Cs))))
        return sweep.of_others({(kernel, C): (names[kernel], values[C]) for kernel, C in sweep.got})

    return table


def _entry_before(*, Cs_outside: bool) -> Callable[[Sweep], Table]:
    """Each entry measured with kernel and C of the one before; the first with scikit-learn's defaults."""

    def table(sweep: Sweep) -> Table:
        keys = list(itertools.product(sweep.kernels, sweep.Cs))
        if Cs_outside:
            keys = [(kernel, C) for C in sweep.Cs for kernel in sweep.kernels]
        return sweep.of_others(dict(zip(keys, [("rbf", 1.0), *keys])))

    return table


MISTAKES: dict[str, Callable[[Sweep], Table]] = {
    "accuracies are swapped: the training accuracy should come first": _changed(lambda a, b: (b, a)),
    "accuracies are percentages: return fractions in [0, 1]": _changed(lambda a, b: (100 * a, 100 * b)),
    "accuracies are the fractions of wrong predictions, not of right ones": _changed(lambda a, b: (1 - a, 1 - b)),
    "two accuracies are both measured on the training set": _changed(lambda a, b: (a, a)),
    "two accuracies are both measured on the validation set": _changed(lambda a, b: (b, b)),
    "classifiers are fitted on the validation set: fit on the training set only": _fitted_on_validation,
    "validation accuracies are those of classifiers fitted on the validation set: use the classifiers that were fitted on "
    "the training set": _fitted_on_each,
    "classifiers are fitted on both sets together: fit on the training set only": _fitted_on_both,
    "accuracies are those of C = 1, whatever C is": _using(lambda kernel, C: (kernel, 1.0)),
    "accuracies are those of 1/C instead of C": _using(lambda kernel, C: (kernel, 1 / C)),
    "accuracies are those of the RBF kernel, whatever the kernel is": _using(lambda kernel, C: ("rbf", C)),
    "accuracies are those of the first C, whatever C is": _of_lists(Cs=lambda Cs: [Cs[0]] * len(Cs)),
    "accuracies are those of the last C, whatever C is: is each classifier measured before the next one is fitted?": (
        _of_lists(Cs=lambda Cs: [Cs[-1]] * len(Cs))
    ),
    "accuracies are those of the first kernel, whatever the kernel is": (
        _of_lists(kernels=lambda names: [names[0]] * len(names))
    ),
    "accuracies are those of the last kernel, whatever the kernel is": (
        _of_lists(kernels=lambda names: [names[-1]] * len(names))
    ),
    "accuracies are each those of the C before, and of C = 1 for the first C: is C set after the fit?": (
        _of_lists(Cs=lambda Cs: [1.0, *Cs[:-1]])
    ),
    "accuracies are each those of the C before, and of the last C for the first one: which C does a key get?": (
        _of_lists(Cs=lambda Cs: [Cs[-1], *Cs[:-1]])
    ),
    "accuracies are each those of the next C, and of the first C for the last one: which C does a key get?": (
        _of_lists(Cs=lambda Cs: [*Cs[1:], Cs[0]])
    ),
    "accuracies are those of the Cs in rising order, but the keys are those of the given order": _of_lists(Cs=sorted),
    "accuracies are those of the Cs from last to first": _of_lists(Cs=lambda Cs: Cs[::-1]),
    "accuracies are each those of the kernel before, and of the RBF kernel for the first one: is the kernel set after the "
    "fit?": _of_lists(kernels=lambda names: ["rbf", *names[:-1]]),
    "accuracies are those of the kernels in alphabetical order, but the keys are those of the given order": (
        _of_lists(kernels=sorted)
    ),
    "accuracies are those of the kernels from last to first": _of_lists(kernels=lambda names: names[::-1]),
    "accuracies are each those of the entry before, C by C for each kernel, and of scikit-learn's defaults for the first: "
    "are kernel and C set after the fit?": _entry_before(Cs_outside=False),
    "accuracies are each those of the entry before, kernel by kernel for each C, and of scikit-learn's defaults for the "
    "first: are kernel and C set after the fit?": _entry_before(Cs_outside=True),
}
"""Wrong tables, by what is wrong."""
