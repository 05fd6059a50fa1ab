"""Randomness is told from what a module keeps from an earlier call; right modules may keep what changes nothing."""

from __future__ import annotations

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.modules import new_model
from autograder.checks.transformer.repeatable import KEPT, expect_repeatable
from tests.checks.students import student_of

LAYER = """
import torch
from torch import nn

KEPT = {}

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)
        self.kept = None
        self.calls = 0
        self.own = torch.Generator()

    def forward(self, x):
        y = self.linear(x)
        RESULT
"""
FRESH = "the layer gives another output than a fresh copy of it with the same parameters: " + KEPT
IN_TRAINING = "in train mode, the layer gives different outputs for the same x"
IN_BOTH = "in train mode and in eval mode, the layer gives different outputs for the same x"
DRAWN = (
    ", but the same one after torch.manual_seed with the same number: forward draws random numbers, as dropout does, "
)


def run(result: str, old: str = "", new: str = "") -> bool:
    source = LAYER.replace("RESULT", result).replace(old, new) if old else LAYER.replace("RESULT", result)
    student, draw = student_of(source), Draw(1, "a check")
    model = new_model("the layer", student.Layer(), draw, torch.float32)
    x, other = (draw.normal(*size, 4, dtype=torch.float32) for size in ((3, 5), (2, 4)))
    return expect_repeatable(student, "the layer", model, x, (3, 5, 4), other)


@pytest.mark.parametrize(
    "result",
    [
        "return y",
        "self.kept = y; return self.kept",
        "self.calls += 1; return y",
        "self.kept = torch.ones(4) if self.kept is None else self.kept; return y + self.kept",
    ],
)
def test_a_right_layer(result: str) -> None:
    assert run(result)


def test_a_right_layer_that_cannot_be_copied() -> None:
    assert run("return y", "self.calls = 0", "self.calls = (i for i in range(3))")


@pytest.mark.parametrize("result", ["return y.sum()", "raise ValueError('no')", "return None"])
def test_a_first_call_that_fails_is_left_to_other_checks(result: str) -> None:
    assert not run(result)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("return self.drop(y)", IN_TRAINING + DRAWN),
        ("return y + torch.randn(4)", IN_BOTH + DRAWN),
        ("KEPT[len(KEPT)] = 0; return y + len(KEPT)",
         IN_BOTH + ", also after torch.manual_seed with the same number and in fresh copies: "),
        ("if self.kept is None: self.kept = y\n        return self.kept",
         "after a call with another x of the same shape, " + FRESH),
        ("if self.kept is None or self.kept.shape != y.shape: self.kept = y\n        return self.kept",
         "after a call with another x of the same shape, " + FRESH),
        ("if self.kept is None: self.kept = self.linear.weight.detach().clone()\n        return x @ self.kept.T",
         "after a change of its parameters, as in training, " + FRESH),
        ("self.calls += 1; return y * self.calls", "in a second call with the same x, " + FRESH),
        ("self.kept = y if self.kept is None else torch.cat([self.kept, y]); return self.kept",
         "a first call of the layer returns a tensor of shape (3, 5, 4), but in a second call with the same x, its shape is "
         "(6, 5, 4): " + KEPT),
        ("self.calls += 1\n        if self.calls > 1: raise RuntimeError('again')\n        return y",
         "a first call of the layer works, but in a second call with the same x, it fails: " + KEPT),
        ("if len(x) == 2: self.kept = 1.0\n        return y + (self.kept or 0)",
         "after a call with x of shape (2, 4, 4), for x of shape (3, 5, 4), " + FRESH),
        ("return y if self.training else 2 * y", "the outputs in train mode and in eval mode differ: "),
    ],
)  # fmt: skip
def test_what_is_said_of_a_layer_that_is_not_repeatable(result: str, reason: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        run(result)
    assert str(failed.value).startswith(reason)
