"""Reasons of the graders of p3_vit where another cause looks alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import autograder.graders.p3_vit.test_positional_embedding as positional_embedding
import autograder.graders.p3_vit.test_self_attention as self_attention
import autograder.graders.p3_vit.test_timm_transfer as timm_transfer
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from tests.checks.students import student_of

WAVES = """
import math, torch

def get_positional_embeddings(sequence_length, d):
    rows, wavelength = [], 1.0
    for i in range(sequence_length):
        START
        row = []
        for j in range(d):
            row.append((math.cos if j % 2 else math.sin)(i / wavelength))
            wavelength *= 10000 ** (2 / d) if j % 2 else 1
        rows.append(row)
    return torch.tensor([rows])
"""
CLASSIFIER = """
import timm
MODELS = {}

def build_classifier(name, num_classes=10, pretrained=False):
    def new(): return timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    return RESULT
"""
LAYER = """
import torch
from torch import nn

class SelfAttention(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(C, C) for _ in range(4))

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        return self.out(MIXED)
"""


def reason(check: Callable[..., None], source: str) -> str:
    """What the student is told; "" if the check passes."""
    try:
        check(student_of(source), Draw(5, "a check"))
    except CheckFailed as failure:
        return failure.message
    return ""


def test_wavelengths_that_are_not_reset() -> None:
    assert "only position 0 is right: the wavelengths go on growing from each position to the next" in reason(
        positional_embedding.test_even_columns, WAVES.replace("START", "pass")
    )
    assert reason(positional_embedding.test_even_columns, WAVES.replace("START", "wavelength = 1.0")) == ""
    growing = reason(positional_embedding.test_even_columns, WAVES.replace("START", "wavelength = 1.0 + i"))
    assert "go on growing" not in growing
    assert growing.endswith("only position 0 is right")


def new_model_reason(result: str) -> str:
    def check(student, draw) -> None:
        model = student.build_classifier("test_vit", num_classes=3)
        timm_transfer._expect_new_model(student, draw, "test_vit", 3, model)

    return reason(check, CLASSIFIER.replace("RESULT", result))


def test_a_model_that_two_calls_share() -> None:
    kept = "MODELS.setdefault((name, num_classes), new())"
    assert "return the same model, or two that share parameters" in new_model_reason(kept)
    assert new_model_reason("new()") == ""


@pytest.mark.parametrize(
    ("mixed", "ones"),
    [
        ("(q * k).sum(-1, keepdim=True).softmax(-1) * v", True),
        ("torch.ones_like(q @ k.mT) * (q @ k.mT)[..., :1].softmax(-1).mean() @ v", True),
        ("(q @ k.mT).softmax(-1).detach().mean(-1, keepdim=True) * v.mean(1, keepdim=True) + 0 * q + 0 * k", False),
        ("v + 0 * q * k", True),
        ("2 * v + 0 * q * k", False),
    ],
)
def test_an_axis_of_length_1_is_named_only_if_the_weights_are_1(mixed: str, ones: bool) -> None:
    told = reason(self_attention.test_four_maps, LAYER.replace("MIXED", mixed))
    assert "although forward uses it" in told
    assert ("every value has the weight 1" in told) == ones
