"""Two extractions are the same if each name stands for the same code, in whatever module or order."""

from __future__ import annotations

import pytest

from autograder.submissions.notebooks.comparison import Differences, differences

PATH, OTHER = "p1_mlp/one.py", "p1_mlp/two.py"
ONE = b"def one():\n    return helper()\n"
HELPER = b"def helper():\n    return 1\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({PATH: ONE + HELPER}, {PATH: HELPER + b"# a comment\n" + ONE}),
        ({PATH: ONE + HELPER}, {PATH: b"from .two import helper\n" + ONE, OTHER: HELPER}),
        (
            {PATH: b"import math, os\nx = math.pi\ny = os.sep"},
            {PATH: b"import os\nimport math\nx = math.pi\ny = os.sep"},
        ),
        ({PATH: b"def one(:"}, {PATH: b"def one(:", OTHER: HELPER}),
        ({PATH: b"from .two import helper\n" + ONE, OTHER: b"def helper(:"},) * 2,
    ],
)
def test_the_same_code(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    assert differences(first, second, PATH) == Differences(same=True)


def test_different_names_are_sorted_by_kind() -> None:
    first = {PATH: ONE + HELPER + b"A = 1\n"}
    second = {PATH: ONE + HELPER.replace(b"1", b"2") + b"B = 1\n"}
    assert differences(first, second, PATH) == Differences(("A",), ("B",), ("helper",))


def test_the_same_statements_for_other_names_are_different() -> None:
    two = b"def two():\n    return helper()\n"
    other_helper = HELPER.replace(b"1", b"2")
    first = {PATH: b"from .two import two\nx = two\n" + ONE + HELPER, OTHER: two + other_helper}
    second = {PATH: b"from .two import two\nx = two\n" + ONE + other_helper, OTHER: two + HELPER}
    assert differences(first, second, PATH).changed == ("helper",)


@pytest.mark.parametrize("other", [b"def one(", b"", b"from math import *"])
def test_a_module_that_is_invalid_or_empty_is_different(other: bytes) -> None:
    assert not differences({PATH: ONE}, {PATH: other}, PATH).same
