"""A wrong step is reported with the parameters whose steps are right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.steps import Step, expect_steps

GENERATOR = torch.Generator().manual_seed(3)
SHAPES = {"Wh": (5, 3), "bh": (5,), "Wy": (4, 5), "by": (4,)}
OLD = {name: torch.randn(shape, generator=GENERATOR) for name, shape in SHAPES.items()}
GRADIENTS = {name: torch.randn(shape, generator=GENERATOR) for name, shape in SHAPES.items()}


def said(gradient: Callable[[str], Tensor]) -> str:
    steps = [Step(name, -0.3 * gradient(name).double(), OLD[name], GRADIENTS[name], 0.3) for name in SHAPES]
    try:
        expect_steps(steps, rtol=1e-5)
    except CheckFailed as failure:
        return failure.message
    return ""


def with_rows_as_offset(name: str) -> Tensor:
    """The gradient out of one vector, at an offset that moves on by the rows of each parameter."""
    vector = torch.cat([gradient.flatten() for gradient in GRADIENTS.values()])
    names = list(SHAPES)
    offset = sum(SHAPES[other][0] for other in names[: names.index(name)])
    return vector[offset : offset + OLD[name].numel()].view(SHAPES[name])


def test_right_steps_pass() -> None:
    assert said(lambda name: GRADIENTS[name]) == ""


def test_right_and_wrong_parameters_are_listed_with_the_place_of_their_numbers() -> None:
    found = said(with_rows_as_offset)
    assert "Right: Wh; wrong: bh, Wy, by" in found
    assert "bh gets the numbers from 5 on, but its own begin at 15" in found


def test_a_cause_of_all_steps_is_said_of_every_parameter() -> None:
    assert said(lambda name: -GRADIENTS[name]) == "the step of every parameter is the right answer times −1 (the sign)"


def test_steps_that_are_wrong_in_their_own_ways_are_not_taken_together() -> None:
    found = said(lambda name: GRADIENTS[name] / len(GRADIENTS[name]))
    assert found.startswith("the step of Wh is the right answer times 0.2")


@pytest.mark.parametrize("wrong", ["bh", "Wy"])
def test_no_place_is_claimed_of_a_gradient_with_another_mistake(wrong: str) -> None:
    found = said(lambda name: GRADIENTS[name] * (2 if name == wrong else 1))
    assert f"wrong: {wrong}" in found
    assert "one vector" not in found


def test_no_parameter_is_called_right_if_none_is() -> None:
    assert "Right" not in said(lambda name: GRADIENTS[name] ** 2)
