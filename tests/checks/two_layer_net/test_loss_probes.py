"""What is seen of a wrong loss that no known mistake explains."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.two_layer_net.loss_probes import seen_of_a_loss

GENERATOR = torch.Generator().manual_seed(4)
SCORES = torch.randn(7, 4, generator=GENERATOR, dtype=torch.float64)
Y = torch.eye(4).double()[torch.tensor([0, 2, 1, 3, 0, 1, 2])]


def right(scores: Tensor, Y: Tensor) -> float:
    return float(F.cross_entropy(scores, Y))


def seen(loss: Callable[[Tensor, Tensor], Tensor]) -> str:
    return seen_of_a_loss(loss, right, SCORES, Y, of_scores=True)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda s, Y: F.cross_entropy(s[:1], Y[:1]) / len(Y), "the first example alone"),
        (lambda s, Y: F.cross_entropy(s[-1:], Y[-1:]) / len(Y), "the last example alone"),
        (lambda s, Y: F.cross_entropy(s[2:4], Y[2:4]), "the examples 2, 3 (counted from 0) alone"),
        (lambda s, Y: torch.tensor(0.7), "the same whatever the predictions are"),
        (lambda s, Y: F.cross_entropy(s, Y) + 0.05 * (s**2).mean(), "if 1 is added to all scores"),
        (
            lambda s, Y: F.cross_entropy(s, Y, reduction="none").norm(),
            "how the losses of the examples are put together",
        ),
        (lambda s, Y: F.cross_entropy(s, Y, weight=torch.arange(1.0, 5).double()), "classes come in another order"),
        (lambda s, Y: F.cross_entropy(s, Y) + torch.rand(()), "from call to call"),
        (
            lambda s, Y: (F.cross_entropy(s, Y, reduction="none") * torch.arange(1, len(Y) + 1)).mean() * 2,
            "other order",
        ),
    ],
)
def test_what_a_wrong_loss_does_is_seen(loss: Callable[[Tensor, Tensor], Tensor], words: str) -> None:
    assert words in seen(loss)


def test_a_loss_of_the_highest_score_depends_on_every_example() -> None:
    assert "alone, whatever" not in seen(lambda s, Y: s.amax(1).mean())


def test_probabilities_need_not_stay_the_same_if_all_are_raised() -> None:
    assert "added" not in seen_of_a_loss(
        lambda p, Y: p.square().sum(1).mean(), right, SCORES.softmax(1), Y, of_scores=False
    )
