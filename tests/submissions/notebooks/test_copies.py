"""Of several cells with one tag, all edited ones count, and the last of them is the main one."""

from __future__ import annotations

import pytest

from autograder.submissions.notebooks.copies import cells_in_words, counting

STUB, A, B, EMPTY = ("stub", True), ("a = 1", False), ("b = 2", False), (" \n", False)


@pytest.mark.parametrize(
    ("copies", "kept"),
    [([], []), ([A], [0]), ([STUB, STUB], [0]), ([STUB, A], [1]), ([A, STUB], [0]), ([A, B], [0, 1]), ([A, A], [1]),
     ([A, B, A], [1, 2]), ([EMPTY, A], [1]), ([EMPTY, STUB], [1]), ([EMPTY, EMPTY], [0])],
)  # fmt: skip
def test_the_copies_that_count(copies: list[tuple[str, bool]], kept: list[int]) -> None:
    assert counting(copies) == kept


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([3], "cell 3"), ([3, 7], "cells 3 and 7"), ([1, 2, 3, 4], "cells 1, 2, 3 and 4"),
     ([1, 2, 3, 4, 5], "cells 1, 2, 3 and 2 more")],
)  # fmt: skip
def test_cells_in_words(numbers: list[int], words: str) -> None:
    assert cells_in_words(numbers) == words
