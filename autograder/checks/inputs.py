"""Random inputs of a check. They depend on the run seed and the check's id alone, so they are the same on every machine."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.host.exchanges import SeededGenerator


class Draw:
    """A source of random inputs. The same run seed and check id give bit-identical values (NumPy's PCG64).

    The methods return float64 tensors unless another dtype is given.

    >>> one, again = Draw(1, "p1_mlp/mlp_nn::network"), Draw(1, "p1_mlp/mlp_nn::network")
    >>> torch.equal(one.normal(2, 3), again.normal(2, 3))
    True
    """

    def __init__(self, run_seed: int, check_id: str) -> None:
        digest = hashlib.sha256(f"{run_seed}:{check_id}".encode()).digest()
        self.rng = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
        """Normally distributed numbers in this shape, with mean 0 and standard deviation `scale`."""
        return torch.from_numpy(np.asarray(self.rng.standard_normal(shape) * scale)).to(dtype)  # a shape may be ()

    def one_hot(self, batch: int, classes: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """One-hot targets (batch, classes). Every class occurs if the batch is large enough."""
        labels = self.rng.permutation(np.arange(batch) % classes)
        return torch.eye(classes, dtype=dtype)[torch.from_numpy(labels)]

    def distribution(self, batch: int, classes: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Probabilities (batch, classes): positive numbers, each row sums to 1."""
        weights = torch.from_numpy(self.rng.uniform(0.1, 1.0, (batch, classes)))
        return (weights / weights.sum(dim=1, keepdim=True)).to(dtype)

    def seed(self) -> int:
        """A seed, from 0 to 2³¹ − 1."""
        return int(self.rng.integers(2**31))

    def generator(self) -> SeededGenerator:
        """A generator for the student's code: it arrives there as a torch.Generator with a random seed."""
        return SeededGenerator(self.seed())
