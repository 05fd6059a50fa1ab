"""What is said of wrong tables of sinusoidal positions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.checks.transformer.waves import explain, imprecise

SIZES = [(7, 12), (17, 128), (40, 30)]
Table = Callable[[int, int], np.ndarray]


def table(factor: float = 1.0, base: float = 10000.0, divisor: Callable[[int, int], float] = lambda n, d: d) -> Table:
    def made(n: int, d: int) -> np.ndarray:
        j = np.arange(d)
        angles = factor * np.arange(n)[:, None] / base ** ((j - j % 2) / divisor(n, d))
        return np.where(j % 2 == 0, np.sin(angles), np.cos(angles))

    return made


def reason(wrong: Table, parity: int | None = None) -> str:
    tables = {size: wrong(*size).astype(np.float32) for size in SIZES}
    return imprecise(tables, table(), parity) or explain(tables, table(), parity)


def times(number: float) -> Table:
    return lambda n, d: table()(n, d) * number


@pytest.mark.parametrize("parity", [0, 1])
def test_an_exponent_of_another_divisor(parity: int) -> None:
    found = reason(table(divisor=lambda n, d: n + 20), parity)
    assert " / 27 instead of " in found
    assert " / 37 instead of " in found


def test_another_base() -> None:
    assert reason(table(base=500.0), 0) == "the wavelengths in the even columns are those of the base 500, not 10000"


def test_angles_times_a_number() -> None:
    assert reason(table(factor=0.5), 1) == "the angles in the odd columns are the right ones times 0.5"


def test_numbers_times_a_number() -> None:
    assert reason(times(-1.0), 0) == "the even columns are −sin of the right angles, but should be sin"
    assert reason(lambda n, d: table()(n, d) * d**0.5, 0).endswith("3.464 · sin with d = 12, 11.31 · sin with d = 128")


def test_sine_and_cosine_added() -> None:
    def both(n: int, d: int) -> np.ndarray:
        right = table()(n, d)
        right[:, ::2] += right[:, 1::2]
        return right

    assert reason(both, 0) == "the even columns are sin + cos of the right angles, but should be sin"


def test_rounded_numbers() -> None:
    assert "no number is off by more than 5e-05" in reason(lambda n, d: table()(n, d).round(4), 0)


def test_a_single_wrong_wave() -> None:
    def one(n: int, d: int) -> np.ndarray:
        right = table()(n, d)
        right[:, 2] = np.sin(0.3 * np.arange(n))
        return right

    assert reason(one, 0).startswith("column 2 is the sine of 0.3 · i, but should be that of 0.2154 · i")


def test_what_fits_a_single_size_is_no_reason() -> None:
    assert reason(lambda n, d: table()(n, d) if d > 12 else np.cumsum(table()(n, d), axis=0), 0) == ""


def test_noise_is_not_explained() -> None:
    draw = np.random.default_rng(0)
    assert reason(lambda n, d: draw.normal(size=(n, d)), 0) == ""


def test_columns_without_waves() -> None:
    def none(n: int, d: int) -> np.ndarray:
        right = table()(n, d)
        right[:, ::2] = 0
        return right

    zeros = "are 0 at every position, but should be sin of angles that grow with the position"
    assert reason(none, 0) == f"the even columns {zeros}"
    assert "have no number larger than 4e-06" in reason(lambda n, d: none(n, d) + 4e-6, 0)
