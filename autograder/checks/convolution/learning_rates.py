"""Lists of learning rates, and decays that are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checks.closeness import as_number
from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.calls_in_words import describe_value


def other_decays(eta0: float, gamma: float, epochs: int) -> dict[str, Tensor]:
    """Decays, (epochs,) each, that are not exponential with factor gamma, by what is wrong with them."""
    t = torch.arange(epochs, dtype=torch.float64)
    return {
        "falls by the same amount each epoch, down to eta0 · gamma or 0, but should fall by the same factor": (
            eta0 * (1 - (1 - gamma) * t)
        ),
        "falls by the same amount each epoch, to 0 after the last, but should fall by the same factor": (
            eta0 * (1 - t / epochs)
        ),
        "is multiplied by gamma and by the number of the epoch: use a power of gamma": eta0 * gamma * t,
        "falls as exp(−gamma · t): gamma itself should be the factor from each epoch to the next": eta0
        * (-gamma * t).exp(),
        "falls as one over the number of the epoch, but should fall by the same factor each time": (
            eta0 / (1 + gamma * t)
        ),
        "falls as one over the number of the epoch, without gamma": eta0 / (1 + t),
        "is a power of eta0: use powers of gamma": eta0**t,
        "is eta0 times a power of eta0, without gamma": eta0 ** (t + 1),
        "has eta0 and gamma swapped": gamma * eta0**t,
        "is a power of eta0 · gamma: only gamma should have the power": (eta0 * gamma) ** t,
        "is divided by gamma each epoch, but should be multiplied by it": eta0 * gamma**-t,
        "grows by 1 + gamma each epoch": eta0 * (1 + gamma) ** t,
        "is multiplied by 1 − gamma each epoch, but should be multiplied by gamma": eta0 * (1 - gamma) ** t,
        "is the power of gamma alone, without eta0": gamma**t,
        "falls twice as fast: gamma is applied twice per epoch": eta0 * gamma ** (2 * t),
        "falls faster and faster: a growing power of gamma is applied to a rate that has already decayed": (
            eta0 * gamma ** (t * (t + 1) / 2)
        ),
        "falls only every other epoch": eta0 * gamma ** (t // 2),
    }


def as_numbers(what: str, value: Any) -> Tensor:
    """A list, tuple, vector or array of numbers as float64 (n,)."""
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1:
        return torch.as_tensor(value).double()
    if not isinstance(value, (list, tuple)):
        raise CheckFailed(f"{what} should be a list of numbers, but is {describe_value(value)}")
    return torch.tensor([as_number(f"item {i} of {what}", item) for i, item in enumerate(value)], dtype=torch.float64)
