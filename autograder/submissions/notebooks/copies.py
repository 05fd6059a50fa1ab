"""Which of several cells with one tag count: a student copied a cell, or distributed an answer over several.

The rule is that of a kernel in which the notebook is run from top to bottom. All edited copies count together, and where
two of them define the same name, the last one counts.
"""

from __future__ import annotations

from collections.abc import Sequence


def counting(copies: Sequence[tuple[str, bool]]) -> list[int]:
    """The positions of the copies that count, in order. The last of them is the main one, which keeps the tag.

    Unedited and empty copies count only if there are no others, and then one of them; of equal ones the last counts.

    Args:
        copies: each cell's source, and whether that is still as released, in the order of the notebook.

    >>> counting([("stub", True), ("a = 1", False), ("b = 2", False), ("a = 1", False)])
    [2, 3]
    >>> counting([("stub", True), ("stub", True)])
    [0]
    """
    edited = [position for position, (source, released) in enumerate(copies) if source.strip() and not released]
    if not edited:
        unedited = [position for position, (_, released) in enumerate(copies) if released]
        return [*unedited, *range(len(copies))][:1]
    return sorted({copies[position][0].strip(): position for position in edited}.values())


def cells_in_words(numbers: Sequence[int]) -> str:
    """Cell numbers in a message: "cell 3", "cells 3 and 7", "cells 3, 5, 7 and 9"."""
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    *first, last = numbers
    more = f" and {last}" if len(numbers) <= 4 else f" and {len(numbers) - 3} more"
    return f"cells {', '.join(map(str, first[:3]))}{more}"
