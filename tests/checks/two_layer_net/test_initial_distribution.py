"""Initial weights are judged by their statistics; right code must not fail by chance."""

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.two_layer_net.initial_distribution import expect_normal


def _drawn(seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = {"Wh": (700, 30), "bh": (700,), "Wy": (800, 700), "by": (800,)}
    return {name: 0.3 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def test_random_biases_are_few_numbers_and_may_look_odd() -> None:
    for seed in range(20):
        drawn = _drawn(seed)
        drawn["by"] = torch.full((800,), 0.3) * (-1.0) ** torch.arange(800)  # the smallest kurtosis that there is
        expect_normal(drawn)


def test_uniform_weights_are_refused() -> None:
    drawn = _drawn(1)
    drawn["Wy"] = (torch.rand(800, 700, generator=torch.Generator().manual_seed(1)) - 0.5) * 0.3 * 12**0.5
    with pytest.raises(CheckFailed, match="not normally distributed"):
        expect_normal(drawn)
