"""Initial weights are judged by their statistics; right code must not fail by chance."""

from collections.abc import Callable

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


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (lambda generator: torch.rand(700, generator=generator), "the distribution looks uniform"),
        (lambda generator: 2 * torch.rand(700, generator=generator) - 1, "the distribution looks uniform"),
        (lambda generator: torch.full((700,), 0.3), "all its numbers are 0.3"),
    ],
)
def test_a_recognised_distribution_is_a_mistake(wrong: Callable[[torch.Generator], torch.Tensor], mistake: str) -> None:
    drawn = _drawn(1)
    drawn["bh"] = wrong(torch.Generator().manual_seed(2))
    with pytest.raises(CheckFailed) as failure:
        expect_normal(drawn)
    assert failure.value.mistake.endswith(mistake)
    assert failure.value.mistake in failure.value.message


@pytest.mark.parametrize(
    "change", [torch.abs, lambda x: x + 1.0, lambda x: 0.57 * x, lambda x: x.sign() * 0.5, lambda x: x.clamp(-0.2, 0.2)]
)
def test_numbers_with_another_mean_or_spread_alone_are_no_mistake(
    change: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    drawn = {name: change(value) for name, value in _drawn(1).items()}
    with pytest.raises(CheckFailed) as failure:
        expect_normal(drawn)
    assert failure.value.mistake == ""
