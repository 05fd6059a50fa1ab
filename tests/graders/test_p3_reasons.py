"""Reasons of the graders of p3_vit where another cause looks alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import autograder.graders.p3_vit.test_patch_embedding as patch_embedding
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


# Causes that are established are named, and what is only seen is not.


def mistake(check: Callable[..., None], source: str) -> str:
    with pytest.raises(CheckFailed) as failed:
        check(student_of(source), Draw(5, "a check"))
    assert failed.value.mistake in failed.value.message
    return failed.value.mistake


IMAGES = """
import torch
import torch.nn.functional as F

def adapt_images(images, size=224):
    x = images.expand(-1, 3, -1, -1)
    RETURN
"""
BILINEAR = "F.interpolate(BYTES, (size, size), mode='bilinear')"


@pytest.mark.parametrize(
    ("returned", "named"),
    [
        (BILINEAR.replace("BYTES", "(x * 255).floor()") + ".round() / 255", "the result has only multiples of 1/255"),
        (f"({BILINEAR.replace('BYTES', 'x')} * 255).round() / 255", "the result has only multiples of 1/255"),
        (f"({BILINEAR.replace('BYTES', 'x.flip(3)')} * 255).round() / 255", ""),
        ("F.interpolate(x, (size, size), mode='bilinear', align_corners=True)",
         "resized to 12 × 12 with align_corners=True, but should be with False"),
        ("F.interpolate(x, (size, size), mode='bilinear').square()", ""),
    ],
    ids=["of bytes", "rounded at the end", "bytes of another image", "align_corners", "squares"],
)  # fmt: skip
def test_images_of_bytes(returned: str, named: str) -> None:
    assert mistake(timm_transfer.test_enlarged, IMAGES.replace("RETURN", f"return {returned}")) == named


def test_values_of_bytes_are_seen_beside_another_mistake() -> None:
    flipped = f"return ({BILINEAR.replace('BYTES', 'x.flip(3)')} * 255).round() / 255"
    assert "all are multiples of 1/255" in reason(timm_transfer.test_enlarged, IMAGES.replace("RETURN", flipped))


PATCHES = """
import torch
from torch import nn
import torch.nn.functional as F

class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.p, self.layer = patch_size, nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, images):
        patches = F.unfold(images, self.p, stride=self.p).mT
        rows, columns = (side // self.p for side in images.shape[2:])
        return TOKENS
"""


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        ("self.layer(images.reshape(patches.shape))",
         "each token is made from numbers that are next to each other in memory, instead of a square"),
        ("self.layer(patches.mT.reshape(patches.shape))",
         "the numbers of the patches are viewed or reshaped from (B, numbers, N) to (B, N, numbers)"),
        ("self.layer(images.mT.reshape(patches.shape))", ""),
        ("F.pad(self.layer(patches)[:, :-columns], (0, 0, 0, columns))", "no token depends on the last row of patches"),
        ("F.pad(self.layer(patches)[:, 1:], (0, 0, 1, 0))", ""),
    ],
    ids=["reshaped", "unfold reshaped", "reshaped columns", "last row", "first patch"],
)  # fmt: skip
def test_patches_that_are_cut_wrongly(tokens: str, named: str) -> None:
    assert mistake(patch_embedding.test_own_patch, PATCHES.replace("TOKENS", tokens)) == named


def test_patches_in_column_major_order() -> None:
    turned = "self.layer(patches.unflatten(1, (rows, columns)).transpose(1, 2).flatten(1, 2))"
    named = mistake(patch_embedding.test_order, PATCHES.replace("TOKENS", turned))
    assert named == "the tokens are in column-major order"
    assert mistake(patch_embedding.test_order, PATCHES.replace("TOKENS", "self.layer(patches).flip(1)")) == ""


def test_wavelengths_are_named() -> None:
    degrees = WAVES.replace("START", "wavelength = 1.0").replace("(i / wavelength)", "(i / wavelength * math.pi / 180)")
    assert (
        mistake(positional_embedding.test_even_columns, degrees) == "the angles are treated as degrees, but are radians"
    )
    growing = WAVES.replace("START", "wavelength = 1.0 + i")
    assert mistake(positional_embedding.test_even_columns, growing) == ""
