"""Names calls of the student's code for messages."""

from __future__ import annotations

import torch

from autograder.sandbox.host.calls_in_words import call_in_words, run_in_words


def test_an_argument_without_a_known_name_stands_as_it_is() -> None:
    assert call_in_words("f", (torch.zeros(2, 3), 4), {"p": 0.5}, ["x"]) == "f(x=float32[2, 3], 4, p=0.5)"


def test_a_layer_is_named_with_the_shape_of_its_input() -> None:
    x = torch.zeros(1, 6, dtype=torch.float64)
    assert run_in_words("Block", (x,)) == "your Block, given a float64 tensor of shape (1, 6),"
