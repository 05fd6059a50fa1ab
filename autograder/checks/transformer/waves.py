"""Explains wrong tables of sinusoidal positions: by the waves that are in their columns.

Each column of a right table is a wave along the positions: an even column j the sine of i / 10000^(j/d), the odd one after it
the cosine of the same angle. A reason has to explain all tables that a check has seen, and each of their numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Size = tuple[int, int]
"""How many positions and columns a table has."""
Table = np.ndarray
BASE = 10000.0
NOTHING = "0"
FEWEST_POSITIONS, FEWEST_PAIRS = 6, 3
"""Smaller tables do not tell waves apart, but a reason found in others has to fit those too."""


@dataclass(frozen=True)
class Line:
    """The angle that each position adds in column pair j, as factor · 10000^(−j/divisor)."""

    factor: float
    divisor: float


def explain(tables: Mapping[Size, Table], expected: Callable[[int, int], Table], parity: int | None) -> str:
    """What is wrong with these tables, some of which are not the expected ones; "" if no reason explains all.

    Args:
        parity: 0 or 1 if only the even or the odd columns are looked at.
    """
    if imprecise(tables, expected, parity):
        return ""
    parities = (0, 1) if parity is None else (parity,)
    large = [size for size in tables if size[0] >= FEWEST_POSITIONS and size[1] >= 2 * FEWEST_PAIRS]
    if len(large) < 2:
        return ""
    return _mixture(tables, large, parities) or _other_waves(tables, large, parities)


def imprecise(tables: Mapping[Size, Table], expected: Callable[[int, int], Table], parity: int | None) -> str:
    """How far off these tables are, if it is not far; "" otherwise."""
    parities = (0, 1) if parity is None else (parity,)
    off = max(
        float(np.abs(table - expected(*size))[:, one::2].max(initial=0))
        for size, table in tables.items()
        for one in parities
    )
    if off >= 1e-3:
        return ""
    return (
        f"no number is off by more than {off:.1g}, but float32 is more precise than that. Are numbers rounded, or is "
        "something computed in float16?"
    )


def _tolerance(positions: int) -> float:
    """More than the rounding errors of waves computed in float32, and far less than the difference of two reasons."""
    return 1e-4 + 3e-6 * positions


def _angles(size: Size) -> Table:
    """(n, pairs): the right angle of each pair of columns."""
    n, d = size
    return np.outer(np.arange(n), BASE ** (-np.arange(0, d, 2) / d))


def _mixture(tables: Mapping[Size, Table], large: list[Size], parities: tuple[int, ...]) -> str:
    """Explains columns that are a · sin + b · cos of the right angle, with the same a and b in all columns of a parity."""
    for parity in parities:
        found = {}
        for size in large:
            columns, angles = tables[size][:, parity::2], _angles(size)
            angles = angles[:, : columns.shape[1]]
            a, b = np.linalg.lstsq(
                np.stack([np.sin(angles[:, 0]), np.cos(angles[:, 0])], 1), columns[:, 0], rcond=None
            )[0]
            room = _tolerance(size[0]) * (1 + abs(a) + abs(b))
            if (np.abs(a * np.sin(angles) + b * np.cos(angles) - columns) > room).any():
                return ""
            found[size] = _sum(float(a), float(b))
        word = ("sin", "cos")[parity]
        texts = list(found.values())
        if all(text == word for text in texts):
            continue  # these columns are right
        kind = ("even", "odd")[parity]
        if set(texts) == {NOTHING}:
            largest = max(float(np.abs(tables[size][:, parity::2]).max()) for size in large)
            seen = f"have no number larger than {largest:.1g}" if largest else "are 0 at every position"
            return f"the {kind} columns {seen}, but should be {word} of angles that grow with the position"
        if len(set(texts)) == 1:
            return f"the {kind} columns are {texts[0]} of the right angles, but should be {word}"
        listed = ", ".join(f"{text} with d = {d}" for (_, d), text in list(found.items())[:2])
        return f"the {kind} columns are not {word} of the right angles, but a multiple: {listed}"
    return ""


def _sum(a: float, b: float) -> str:
    terms = [(value, word) for value, word in ((a, "sin"), (b, "cos")) if abs(value) > 1e-3]
    texts: list[str] = []
    for value, word in terms:
        size = "" if abs(abs(value) - 1) < 1e-3 else f"{abs(value):.4g} · "
        sign = "−" if value < 0 else "+" if texts else ""
        texts.append(f"{sign}{' ' if texts else ''}{size}{word}")
    return " ".join(texts) or NOTHING


def _other_waves(tables: Mapping[Size, Table], large: list[Size], parities: tuple[int, ...]) -> str:
    """Explains columns that are sines, or cosines, of other angles."""
    lines = {}
    for parity in parities:
        for size in large:
            steps = _steps(tables[size][:, parity::2], parity)
            if steps is None:
                return ""
            if len(_measured(steps, size, parity)) < FEWEST_PAIRS:
                continue
            if not (line := _line(steps, size, parity)):
                return _first_wrong(steps, size, parity)
            lines[parity, size] = line
    wrong = {key: line for key, line in lines.items() if not _is_right(line, key[1])}
    if not wrong or len(lines) < 2 * len(parities):
        return ""
    parity = min(key[0] for key in wrong)
    return _line_in_words({size: line for (one, size), line in lines.items() if one == parity}, parity)


def _steps(columns: Table, parity: int) -> Table | None:
    """By how much the angle grows in each column from one position to the next; None if a column is no sine, or cosine.

    The first position gives an estimate, and positions further on, each twice as far, make it more precise.
    """
    n = len(columns)
    inverse = np.arccos if parity else np.arcsin
    steps = []
    for column in columns.T:
        if np.abs(column).max() > 1 + 1e-4:
            return None
        best = None
        first = float(inverse(np.clip(column[1], -1, 1)))
        for start in (first,) if parity else (first, math.pi - first):
            step, far = start, 1
            while far < n:
                angle = float(inverse(np.clip(column[far], -1, 1)))
                same = (angle, -angle) if parity else (angle, math.pi - angle)
                options = [one + 2 * math.pi * round((far * step - one) / (2 * math.pi)) for one in same]
                step = min(options, key=lambda option: abs(option - far * step)) / far
                far *= 2
            wave = (np.cos if parity else np.sin)(np.arange(n) * step)
            if (np.abs(wave - column) <= _tolerance(n)).all():
                best = step
                break
        if best is None:
            return None
        steps.append(best)
    return np.array(steps)


def _measured(steps: Table, size: Size, parity: int) -> Table:
    """The columns whose angles grow enough to be known precisely, and not so much that another one fits as well."""
    least = 0.1 if parity else 0.01  # a small angle is known better by its sine than by its cosine
    return np.flatnonzero((steps * size[0] > least) & (steps < 1.5))


def _line(steps: Table, size: Size, parity: int) -> Line | None:
    """The line on which these angles lie; None if there is none."""
    use = _measured(steps, size, parity)
    slope, start = np.polyfit(2 * use, np.log(steps[use]), 1)
    if np.abs(slope * 2 * use + start - np.log(steps[use])).max() > 2e-3 or slope > -1e-6:
        return None
    return Line(math.exp(start), -math.log(BASE) / slope)


def _is_right(line: Line, size: Size) -> bool:
    return abs(line.factor - 1) < 2e-3 and abs(line.divisor / size[1] - 1) < 2e-3


def _line_in_words(lines: Mapping[Size, Line], parity: int) -> str:
    kind, j = ("even", "j") if parity == 0 else ("odd", "(j − 1)")
    factors = [line.factor for line in lines.values()]
    ratios = [line.divisor / d for (_, d), line in lines.items()]
    if all(abs(ratio - 1) < 2e-3 for ratio in ratios):
        texts = [f"{factor:.4g}" for factor in factors]
        if len(set(texts)) == 1:
            return f"the angles in the {kind} columns are the right ones times {texts[0]}"
        listed = [f"{text} with {n} positions and d = {d}" for (n, d), text in zip(lines, texts)]
        return f"the angles in the {kind} columns are the right ones times a number: {', '.join(listed[:2])}"
    if any(abs(factor - 1) > 2e-3 for factor in factors):
        return ""
    if max(ratios) - min(ratios) < 4e-3 * max(ratios):
        return f"the wavelengths in the {kind} columns are those of the base {BASE ** (1 / ratios[0]):.4g}, not 10000"
    listed = [
        f"{j} / {_number(line.divisor)} instead of {j} / {d} with {n} positions and d = {d}"
        for (n, d), line in lines.items()
        if not _is_right(line, (n, d))
    ]
    return f"the exponent in the {kind} columns is {', and '.join(listed[:2])}"


def _number(value: float) -> str:
    return str(round(value)) if abs(value - round(value)) < 5e-3 * value else f"{value:.3g}"


def _first_wrong(steps: Table, size: Size, parity: int) -> str:
    d = size[1]
    right = BASE ** (-np.arange(0, d, 2) / d)[: len(steps)]
    for pair in _measured(steps, size, parity):
        if abs(steps[pair] / right[pair] - 1) > 2e-3:
            word = ("sine", "cosine")[parity]
            return (
                f"column {2 * pair + parity} is the {word} of {steps[pair]:.4g} · i, but should be that of "
                f"{right[pair]:.4g} · i = i / 10000^({2 * pair}/{d})"
            )
    return ""
