"""Names calls of the student's code for messages."""

from __future__ import annotations

import pytest
import torch

from autograder.sandbox.host.calls_in_words import call_in_words, parameter_names, run_in_words


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x, /, y, *, z=1): pass", ["x", "y"]),
        ("def f(x, *rest, **options): pass", ["x"]),
        ("class f:\n    def __init__(this, a, b=2): pass", ["a", "b"]),
        ("class f: pass", []),
    ],
)
def test_the_names_are_those_of_the_file(source: str, names: list[str]) -> None:
    assert parameter_names(source.encode()) == {"f": names}


@pytest.mark.parametrize("source", [b"def f(:", b"\x00", b"\xff", b"-" * 100_000 + b"1", b"(" * 500 + b")" * 500])
def test_nothing_is_known_of_a_file_that_cannot_be_parsed(source: bytes) -> None:
    assert parameter_names(source) == {}


def test_an_argument_without_a_known_name_stands_as_it_is() -> None:
    assert call_in_words("f", (torch.zeros(2, 3), 4), {"p": 0.5}, ["x"]) == "f(x=float32[2, 3], 4, p=0.5)"


def test_a_layer_is_named_with_the_shape_of_its_input() -> None:
    x = torch.zeros(1, 6, dtype=torch.float64)
    assert run_in_words("Block", (x,)) == "your Block, given a float64 tensor of shape (1, 6),"
