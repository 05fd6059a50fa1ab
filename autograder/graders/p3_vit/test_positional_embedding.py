"""Sinusoidal positions, compared with the hands of a clock: each pair of columns is a point that rotates on a circle.

The hand of a pair starts at angle 0 and rotates by the same angle from each position to the next, so its point at
position i is the i-th power of a complex number of modulus 1. The odd column is its real part, the even column its
imaginary part. Everything is computed in float64.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.transformer import waves
from autograder.sandbox.host.student_module import StudentModule

EXERCISE = ExerciseSpec(public=("get_positional_embeddings",))

Exponent = Callable[[int, int], float]
"""Returns the exponent of the base, for column j of d."""
Way = Callable[[int, int], np.ndarray]
"""A table (n, d) for n positions and d columns."""


def _tolerance(positions: int) -> float:
    """The tolerance for n positions. In float32, an angle of i radians is rounded by about i · 1e-7, and so is its sine.

    The largest errors of seven ways to compute it in float32 (powers, exp and log, and so on; 11 values of d up to 193)
    were 3e-6 for 50 positions, 2e-5 for 200 and 5e-5 for 500; those of the worst, exp(log i - ...), 8e-6, 7e-5 and
    2e-4. The known mistakes are off by more than 0.05.
    """
    return 2e-5 + 1e-6 * positions


def _of_the_pair(j: int, d: int) -> float:
    return (j & ~1) / d


def _hands(positions: np.ndarray, d: int, exponent: Exponent = _of_the_pair, base: float = 10000.0) -> np.ndarray:
    """(n, d) complex: where the hand of each column points, at each position."""
    turns = np.exp(1j * base ** -np.array([exponent(j, d) for j in range(d)]))
    hands: np.ndarray = turns ** positions[:, None]
    return hands


def _in_turn(hands: np.ndarray) -> np.ndarray:
    """The table of these hands: imaginary parts in even columns, real parts in odd ones."""
    return np.where(np.arange(hands.shape[1]) % 2 == 0, hands.imag, hands.real)


def _expected(n: int, d: int) -> np.ndarray:
    return _in_turn(_hands(np.arange(n), d))


def _exponent(exponent: Exponent, base: float = 10000.0) -> Way:
    return lambda n, d: _in_turn(_hands(np.arange(n), d, exponent, base))


def _positions(positions: Callable[[np.ndarray], np.ndarray]) -> Way:
    return lambda n, d: _in_turn(_hands(positions(np.arange(n)), d))


def _halves(n: int, d: int) -> np.ndarray:
    hands = _hands(np.arange(n), d)[:, ::2]
    return np.concatenate([hands.imag, hands.real], axis=1)[:, :d]


def _last_sine_missing(n: int, d: int) -> np.ndarray:
    return np.where(np.arange(d) < d - d % 2, _expected(n, d), 0)


def _multiplied(n: int, d: int) -> np.ndarray:
    """NaN where the angles are so large that float32 does not give their sine."""
    largest = (n - 1) * 10000.0 ** (np.arange(d) // 2 * 2 / d)
    return np.where(largest < 300, _in_turn(_hands(np.arange(n), d, lambda j, d: -(j & ~1) / d)), np.nan)


def _never_reset(n: int, d: int) -> np.ndarray:
    """The wavelengths of a row go on from those of the row before."""
    pairs = np.arange(d) // 2 + np.arange(n)[:, None] * (d // 2)
    angles = np.arange(n)[:, None] * 10000.0 ** (-2.0 * pairs / d)
    return _in_turn(np.exp(1j * angles))


def _alternating_rows(n: int, d: int) -> np.ndarray:
    hands = _hands(np.arange(n), d)
    return np.where(np.arange(n)[:, None] % 2 == 0, hands.imag, hands.real)


WAYS: dict[str, Way] = {
    "even columns are cosines, but should be sines": lambda n, d: _hands(np.arange(n), d).real,
    "odd columns are sines, but should be cosines": lambda n, d: _hands(np.arange(n), d).imag,
    "sine and cosine are swapped": lambda n, d: _in_turn(1j * _hands(np.arange(n), d).conj()),
    "the sines are in the first half and the cosines in the second, but they should alternate": _halves,
    "an odd column j has the wavelength of j, but should have that of j − 1": _exponent(lambda j, d: j / d),
    "an odd column j has the wavelength of j + 1, but should have that of j − 1": _exponent(
        lambda j, d: (j + j % 2) / d
    ),
    "the exponent is half of what it should be: do you use the number of the pair instead of the column?": _exponent(
        lambda j, d: (j // 2) / d
    ),
    "the exponent is twice what it should be: do you use 2 · j instead of j?": _exponent(lambda j, d: 2 * (j & ~1) / d),
    "the exponent is divided by d − 1, but should be divided by d": _exponent(lambda j, d: (j & ~1) / max(d - 1, 1)),
    "the exponent is divided by d − 2, but should be divided by d": _exponent(lambda j, d: (j & ~1) / max(d - 2, 1)),
    "the exponent is divided by d + 1 if d is odd, but should be divided by d": _exponent(
        lambda j, d: (j & ~1) / (d + d % 2)
    ),
    "the last column is 0 if d is odd, but should be a sine": _last_sine_missing,
    "the angles grow from column to column: divide by the power instead of multiplying": _multiplied,
    "all columns have the wavelength of the first: is the exponent rounded to an integer?": _exponent(lambda j, d: 0.0),
    "the base is 1000, but should be 10000": _exponent(_of_the_pair, 1000.0),
    "the base is 100000, but should be 10000": _exponent(_of_the_pair, 100000.0),
    "the base is e, but should be 10000": _exponent(_of_the_pair, float(np.e)),
    "the base is e⁴, but should be 10000: use the natural logarithm with exp": _exponent(_of_the_pair, np.exp(4.0)),
    "positions are counted from 1, but should be counted from 0": _positions(lambda i: i + 1),
    "positions are divided by how many there are, but should be whole numbers": _positions(lambda i: i / len(i)),
    "positions are divided by the last position, but should be whole numbers": _positions(
        lambda i: i / max(len(i) - 1, 1)
    ),
    "the angles are treated as degrees, but are radians": _positions(lambda i: i * np.pi / 180),
    "sine and cosine alternate from row to row, but should alternate from column to column": _alternating_rows,
    "only position 0 is right: the wavelengths go on growing from each position to the next, but should start at 1 again": (
        _never_reset
    ),
    "all positions have the same vector": _positions(lambda i: 0 * i),
    "the waves run along the columns, but should run along the positions": lambda n, d: _expected(d, n).T,
}
"""Wrong tables, by what is wrong with them. NaN stands for any number."""


def _table(student: StudentModule, n: int, d: int) -> Tensor:
    """The student's result. Fails if it is not a tensor of shape (1, n, d)."""
    what = f"get_positional_embeddings({n}, {d})"
    value = student.get_positional_embeddings(n, d)
    if isinstance(value, Tensor) and tuple(value.shape) == (n, d):
        raise CheckFailed(
            f"{what} should have shape {(1, n, d)}, but has {(n, d)}: it needs a first axis of length 1, for the batch"
        )
    return as_tensor(what, value, (1, n, d))


def _named(columns: slice) -> str:
    return {(0, 2): "even ", (1, 2): "odd "}.get((columns.start, columns.step), "")


def _expect_table(student: StudentModule, sizes: list[tuple[int, int]], columns: slice = slice(None)) -> None:
    """Fails unless these columns are right. A reason has to explain the tables of all sizes, or these columns of them."""
    got = {size: _table(student, *size)[0].double().numpy() for size in sizes}

    def same(size: tuple[int, int], table: np.ndarray, shown: slice = columns) -> bool:
        room = 1e-3 if np.isnan(table).any() else _tolerance(size[0])
        return bool(((np.abs(got[size] - table) <= room) | np.isnan(table))[:, shown].all())

    wrong = [size for size in sizes if not same(size, _expected(*size))]
    if not wrong:
        return
    n, d = wrong[0]
    what = f"get_positional_embeddings({n}, {d})"
    if not np.isfinite(got[n, d]).all():
        raise CheckFailed(f"{what} has values that are NaN or infinite")
    if n > 1 and got[n, d].min() == got[n, d].max():
        raise CheckFailed(f"{what} is {got[n, d].max():.4g} everywhere")
    every = slice(None)
    for shown, where in ((every, ""), (columns, f" in the {_named(columns)}columns")):
        for words, way in WAYS.items():
            if all(same(size, way(*size), shown) for size in sizes):
                about = "" if words.startswith(("even", "odd", "an odd")) else where
                raise CheckFailed(f"{what} is wrong{about}: {words}", mistake=words.partition(":")[0])
    if seen := waves.imprecise(got, _expected, None if columns == every else columns.start):
        raise CheckFailed(f"{what} is wrong: {seen}")
    if why := waves.explain(got, _expected, None if columns == every else columns.start):
        raise CheckFailed(f"{what} is wrong: {why}", mistake=why)
    off = np.zeros((n, d))
    off[:, columns] = np.abs(got[n, d] - _expected(n, d))[:, columns]
    row, column = divmod(int(off.argmax()), d)
    rows = off.max(axis=1) > _tolerance(n)
    only = "; only position 0 is right" if n > 2 and rows[1:].all() and not rows[0] else ""
    raise CheckFailed(
        f"{what} should be {_expected(n, d)[row, column]:.4f} at position {row} in column {column}, both counted from 0, "
        f"but is {got[n, d][row, column]:.4f}; wrong numbers in all: {int((off > _tolerance(n)).sum())}{only}"
    )


def _sizes(draw, odd: int) -> list[tuple[int, int]]:
    """Pairs of length and width, two of them random. The widths are either all odd or all even."""
    lengths, halves = draw.rng.integers(20, 60, 2).tolist(), draw.rng.integers(5, 24, 2).tolist()
    return [(7, 12 + odd), (17, 128 + odd)] + [(n, 2 * half + odd) for n, half in zip(lengths, halves)]


@check(points=0.5, counts_with=["test_even_columns"])
def test_shape_and_dtype(student):
    """get_positional_embeddings returns a float32 tensor of shape (1, sequence_length, d)"""
    for n, d in ((5, 8), (8, 5), (1, 6), (6, 1)):
        dtype = _table(student, n, d).dtype
        if dtype != torch.float32:
            raise CheckFailed(f"get_positional_embeddings({n}, {d}) should be float32, but is {dtype}")


@check(points=0.5, needs=[test_shape_and_dtype], counts_with=["test_even_columns"])
def test_constants(student):
    """the values are constants: every call gives the same values, and no gradient is recorded for them"""
    first, second = (_table(student, 11, 6) for _ in range(2))
    if not torch.equal(first, second):
        raise CheckFailed(
            "two calls of get_positional_embeddings(11, 6) differ, but nothing in it should be random or learned"
        )
    if student.probe("functions.records_gradients", student.get_positional_embeddings, [11, 6]) is not False:
        seen = "the result of get_positional_embeddings has requires_grad=True"
        raise CheckFailed(f"{seen}: these are fixed numbers, which an optimizer should not change", mistake=seen)


@check(points=0.5, needs=[test_shape_and_dtype, test_constants])
def test_even_columns(student, draw):
    """the even columns are sin(i / 10000^(j/d)), for position i and column j"""
    _expect_table(student, _sizes(draw, 0), slice(0, None, 2))


@check(points=0.5, needs=[test_shape_and_dtype, test_constants, test_even_columns])
def test_odd_columns(student, draw):
    """the odd columns are cos(i / 10000^((j − 1)/d)), for position i and column j"""
    _expect_table(student, _sizes(draw, 0), slice(1, None, 2))


VALUES = [test_shape_and_dtype, test_constants, test_even_columns, test_odd_columns]


@check(points=0.5, needs=VALUES)
def test_odd_widths(student, draw):
    """all columns are right for an odd d too, where the last sine has no cosine, and for d = 1"""
    _expect_table(student, [*_sizes(draw, 1), (9, 1), (6, 3)])


@check(points=0.5, needs=[*VALUES, test_odd_widths])
def test_lengths(student, draw):
    """all columns are right for a single position and for hundreds of them"""
    _expect_table(student, [(1, 10), (2, 6), (500, 24), (int(draw.rng.integers(200, 400)), 32)])
