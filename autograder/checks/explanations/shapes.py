"""Explains wrong shapes by their likely cause."""

from __future__ import annotations

import itertools
import math

Shape = tuple[int, ...]


def explain_shape(got: Shape, expected: Shape) -> str:
    """Explains a wrong shape in a clause, or returns "" if the shape is right or no cause is likely.

    >>> explain_shape((5, 3), (3, 5))
    'that is its transpose'
    """
    if got == expected:
        return ""
    for pattern in (
        _one_number, _singleton_axes, _transposed, _crossed, _axis_lost, _reduced_but_kept, _joined, _axis_added,
        _another_length,
    ):  # fmt: skip
        words = pattern(got, expected)
        if words:
            return words
    if math.prod(got) == math.prod(expected):
        return f"it has as many numbers as it should, {math.prod(got)}, but in another arrangement"
    return ""


def _one_number(got: Shape, expected: Shape) -> str:
    if expected and math.prod(got) == 1 and math.prod(expected) > 1:
        return "that is one number for everything: does a sum or mean run over too many axes?"
    if not expected and math.prod(got) > 1:
        return "it should be one number: is a mean or sum missing, or does it run over one axis only?"
    return ""


def _singleton_axes(got: Shape, expected: Shape) -> str:
    if tuple(n for n in got if n != 1) != tuple(n for n in expected if n != 1) or math.prod(got) != math.prod(expected):
        return ""
    if len(got) > len(expected):
        more = len(got) - len(expected)
        if more == 1:
            return "there is one axis of length 1 too many: does a sum keep its axis (keepdim), or does an unsqueeze add one?"
        return f"there are {more} axes of length 1 too many"
    if len(got) < len(expected):
        axis = next(i for i in range(len(expected)) if expected[i] == 1 and (i >= len(got) or got[i] != 1))
        return f"axis {axis}, of length 1, is missing: does a squeeze, a sum or an index remove it?"
    return "the axis of length 1 is in another place"


def _transposed(got: Shape, expected: Shape) -> str:
    if len(got) != len(expected) or sorted(got) != sorted(expected) or len(got) < 2:
        return ""
    if len(got) == 2:
        return "that is its transpose"
    changed = [axis for axis, (n, m) in enumerate(zip(got, expected)) if n != m]
    if len(changed) == 2:
        return f"axes {changed[0]} and {changed[1]} are exchanged"
    orders = [
        order for order in itertools.permutations(range(len(got))) if tuple(expected[axis] for axis in order) == got
    ]
    exact = f", {orders[0]}" if len(orders) == 1 else ""
    return f"the axes are in another order{exact}"


def _crossed(got: Shape, expected: Shape) -> str:
    """Recognises (n, n) instead of (n,) or (n, 1)."""
    lengths = [n for n in expected if n != 1]
    if len(lengths) == 1 and lengths[0] > 1 and got == (lengths[0], lengths[0]):
        n = lengths[0]
        return (
            f"{n} × {n} is the result of broadcasting a tensor of shape ({n}, 1) with one of shape ({n},): is one of the two "
            "meant to have the shape of the other?"
        )
    return ""


def _axis_lost(got: Shape, expected: Shape) -> str:
    if len(got) != len(expected) - 1:
        return ""
    lost = [axis for axis in range(len(expected)) if expected[:axis] + expected[axis + 1 :] == got]
    if not lost:
        return ""
    axis = lost[0]
    which = f"axis {axis}" if len(lost) == 1 else f"axis {' or '.join(map(str, lost))}"
    first = ", the first," if axis == 0 and len(lost) == 1 else ""
    return f"{which}{first} of length {expected[axis]} is gone: is there a sum, mean, maximum or index over it?"


def _reduced_but_kept(got: Shape, expected: Shape) -> str:
    if len(got) != len(expected):
        return ""
    reduced = [axis for axis, (n, m) in enumerate(zip(got, expected)) if n != m]
    if len(reduced) == 1 and got[reduced[0]] == 1:
        axis = reduced[0]
        return f"axis {axis} has length 1 instead of {expected[axis]}: is there a sum, mean or slice over it?"
    return ""


def _joined(got: Shape, expected: Shape) -> str:
    if math.prod(got) != math.prod(expected) or len(got) == len(expected):
        return ""
    if len(got) == 1 and len(expected) > 1:
        return "all axes are joined into one: is it flattened?"
    if len(got) < len(expected) - 1 and got[:-1] == expected[: len(got) - 1]:
        return f"the axes from {len(got) - 1} on are joined into one of length {got[-1]}: is it flattened?"
    if len(got) == len(expected) - 1:
        for axis in range(len(expected) - 1):
            if (*expected[:axis], expected[axis] * expected[axis + 1], *expected[axis + 2 :]) == got:
                return f"axes {axis} and {axis + 1} are joined into one of length {got[axis]}"
    if len(got) == len(expected) + 1:
        for axis in range(len(got) - 1):
            if (*got[:axis], got[axis] * got[axis + 1], *got[axis + 2 :]) == expected:
                return f"axes {axis} and {axis + 1} should be joined into one of length {expected[axis]}"
    return ""


def _axis_added(got: Shape, expected: Shape) -> str:
    if len(got) != len(expected) + 1:
        return ""
    added = [axis for axis in range(len(got)) if got[:axis] + got[axis + 1 :] == expected]
    if not added:
        return ""
    axis = added[0]
    n = got[axis]
    if not expected:
        return ""
    return (
        f"axis {axis} of length {n} should not be there: is a sum or mean over it missing, or does a stack or broadcast "
        "add it?"
    )


def _another_length(got: Shape, expected: Shape) -> str:
    if len(got) != len(expected):
        axes = "axis" if len(got) == 1 else "axes"
        return f"it has {len(got)} {axes}, but {len(expected)} are expected"
    wrong = [axis for axis, (n, m) in enumerate(zip(got, expected)) if n != m]
    if len(wrong) != 1:
        return ""
    axis = wrong[0]
    n, m = got[axis], expected[axis]
    if abs(n - m) == 1:
        return f"axis {axis} is one too {'long' if n > m else 'short'}"
    if n and m and n % m == 0:
        return f"axis {axis} has length {n} instead of {m}, {n // m} times as much"
    if n and m % n == 0:
        return (
            f"axis {axis} has length {n} instead of {m}, 1/{m // n} of it"
            if m // n > 2
            else f"axis {axis} is half as long as it should be"
        )
    if n in expected:
        return f"axis {axis} has the length of axis {expected.index(n)}, {n}"
    return f"axis {axis} is too {'long' if n > m else 'short'}"
