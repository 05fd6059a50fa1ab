"""Inputs of a check, made from (run seed, check id): the same on any machine, whatever else runs."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.host.student_module import SeededGenerator


class Draw:
    """Random inputs. Sizes are the caller's; values are NumPy PCG64's, so bit-identical for a seed.

    >>> one, again = Draw(1, "p1_mlp/mlp_nn::network"), Draw(1, "p1_mlp/mlp_nn::network")
    >>> torch.equal(one.normal(2, 3), again.normal(2, 3))
    True
    """

    def __init__(self, run_seed: int, check_id: str) -> None:
        digest = hashlib.sha256(f"{run_seed}:{check_id}".encode()).digest()
        self.rng = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.from_numpy(self.rng.standard_normal(shape) * scale).to(dtype)

    def one_hot(self, batch: int, classes: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """(batch, classes) targets in which no class is missed when the batch has room for all."""
        labels = self.rng.permutation(np.arange(batch) % classes)
        return torch.eye(classes, dtype=dtype)[torch.from_numpy(labels)]

    def distribution(self, batch: int, classes: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """(batch, classes) rows that are positive and sum to 1."""
        weights = torch.from_numpy(self.rng.uniform(0.1, 1.0, (batch, classes)))
        return (weights / weights.sum(dim=1, keepdim=True)).to(dtype)

    def seed(self) -> int:
        return int(self.rng.integers(2**31))

    def generator(self) -> SeededGenerator:
        return SeededGenerator(self.seed())
