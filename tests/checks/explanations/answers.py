"""Answers for the tests of explanations: random ones in float64, and how many examples hypothesis tries."""

from __future__ import annotations

import torch
from hypothesis import settings
from torch import Tensor

EXACT = 1e-8
"""A tolerance as explanations use it for answers in float64."""
FEW = settings(derandomize=True, max_examples=25, deadline=None)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
