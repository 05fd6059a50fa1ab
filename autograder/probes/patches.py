"""Shows a module its images one at a time, so that none can leak into another."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def one_by_one(module: nn.Module, images: Tensor) -> list[Tensor]:
    """What the module returns for each image of (n, channels, H, W), as a batch of one."""
    with torch.no_grad():
        return [module(image[None]) for image in images]


def unchanged(module: nn.Module, x: Tensor) -> bool:
    """Whether the module leaves its input as it is."""
    given = x.clone()
    with torch.no_grad():
        module(given)
    return torch.equal(given, x)
