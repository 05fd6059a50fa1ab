"""What is wrong with a sweep is named only if it leads to all tables that the student's sweep returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.svm.problems import Sets, sets
from autograder.checks.svm.sweeps import Key, Sweep, Table, expect_right, table_of

KERNELS, CS = ["rbf", "linear"], [0.4, 8.0, 0.05]
SETS = [sets(Draw(seed, "a check"), (30, 25), (4, -3), KERNELS, CS) for seed in (1, 2)]


def said(sweep: Callable[[Sets], Table]) -> str:
    try:
        expect_right([Sweep(sweep(found), found, KERNELS, CS) for found in SETS])
    except CheckFailed as failure:
        return failure.message
    return ""


def using(found: Sets, keys: dict[Key, Key]) -> Table:
    return {key: table_of(found, [kernel], [C])[kernel, C] for key, (kernel, C) in keys.items()}


def right_keys() -> dict[Key, Key]:
    return {(kernel, C): (kernel, C) for kernel in KERNELS for C in CS}


def test_the_right_table_passes() -> None:
    assert said(lambda found: table_of(found, KERNELS, CS)) == ""


@pytest.mark.parametrize(
    ("Cs", "words"),
    [
        ([1.0, 0.4, 8.0], "of C = 1 for the first C"),
        ([8.0, 0.05, 0.4], "which C does a key get?"),
        ([1.0, 1.0, 1.0], "C = 1, whatever C is"),
        ([2.5, 0.125, 20.0], "1/C instead of C"),
    ],
)
def test_another_C_is_named(Cs: list[float], words: str) -> None:
    keys = {(kernel, C): (kernel, other) for kernel in KERNELS for C, other in zip(CS, Cs)}
    found = said(lambda found: using(found, keys))
    assert words in found


def test_kernel_and_C_of_the_entry_before_are_named() -> None:
    keys = list(right_keys())
    before = dict(zip(keys, [("rbf", 1.0), *keys]))
    assert "the entry before, C by C for each kernel" in said(lambda found: using(found, before))


def test_no_cause_is_claimed_that_holds_for_the_first_table_only() -> None:
    keys = right_keys() | {("rbf", 8.0): ("rbf", 1.0)}
    found = said(lambda found: using(found, dict.fromkeys(right_keys(), ("rbf", 1.0)) if found is SETS[0] else keys))
    assert "whatever" not in found
    assert "values are" in found
