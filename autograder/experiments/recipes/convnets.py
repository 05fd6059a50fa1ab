"""The convolutional network of practical 2, with all that its experiments change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from autograder.experiments.batches import Batches, Transform
from autograder.experiments.data import Data, as_colour
from autograder.experiments.learners import Learner, Network
from autograder.experiments.recipe import Lab

NEEDS = ("p2_cnn/convnet", "p2_cnn/training")
IMAGES = {"colour": 6, "cifar10": 20, "digits": 6, "mnist": 10}
"""The datasets, and epochs for each."""


def raw(lab: Lab, data: Data) -> Data:
    """Pixels from 0 to 1, as they come."""
    return data


def standardized(lab: Lab, data: Data) -> Data:
    """Each channel with mean 0 and standard deviation 1, by the statistics of the training set alone."""
    code = lab.code["p2_cnn/preprocessing"]
    mean, std = code.channel_statistics(data.train.x)
    return data.map(*(code.standardize(part.x, mean, std) for part in (data.train, data.test)))


@dataclass(frozen=True)
class Cnn:
    """A variant of the baseline: `Cnn(dropout=0.5)` differs from it in nothing else.

    Attributes:
        eta: the learning rate of the first epoch; None: 0.1 on raw images. On standardized ones, whose gradients are
            larger, half of it where the batches are small.
        gamma: its decay an epoch.
        batch: examples; None: 128, as in the course, and 16 on the small datasets.
        inputs: what is done to the images beforehand.
        augment, crop: what is done to each training batch and to each test batch.
        dropout, batch_norm: of the network.
        optimizer: takes (parameters, lr=eta).
    """

    eta: float | None = None
    gamma: float = 1.0
    batch: int | None = None
    inputs: Callable[[Lab, Data], Data] = raw
    augment: Callable[[Lab], Transform] | None = None
    crop: Callable[[Lab], Transform] | None = None
    dropout: float = 0.0
    batch_norm: bool = False
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.SGD

    def rate(self, lab: Lab) -> float:
        if self.eta is not None:
            return self.eta
        return 0.05 if lab.small and self.inputs is standardized else 0.1

    def size(self, lab: Lab) -> int:
        return self.batch or (16 if lab.small else 128)

    def settings(self, lab: Lab) -> str:
        """In a few words, for the table."""
        words: list[Any] = [f"η {self.rate(lab):g}", f"batches of {self.size(lab)}"]
        words += [f"γ {self.gamma:g}"] * (self.gamma != 1)
        words += [self.inputs.__name__.replace("_", " ")] * (self.inputs is not raw)
        words += [f"dropout {self.dropout:g}"] * (self.dropout > 0) + ["batch norm"] * self.batch_norm
        words += [getattr(self.optimizer, "__name__", "")] * (self.optimizer is not torch.optim.SGD)
        return ", ".join(words)

    def __call__(self, lab: Lab) -> Learner:
        training = lab.code["p2_cnn/training"]
        network = lab.code["p2_cnn/convnet"].ConvNet
        data = self.inputs(lab, as_colour(lab.data))
        model = network(dropout=self.dropout, batch_norm=self.batch_norm).to(lab.device)
        criterion = torch.nn.CrossEntropyLoss()

        def epoch(batches: Batches, model: torch.nn.Module, optimizer: Any) -> tuple[Any, Any]:
            loss, accuracy = training.epoch(batches, model, criterion, optimizer)
            return loss, accuracy

        def rate(epoch: int) -> float:
            if self.gamma == 1:
                return self.rate(lab)
            return float(training.exponential_lr(self.rate(lab), self.gamma, epoch + 1)[epoch])

        return Network(
            model,
            self.optimizer(model.parameters(), lr=self.rate(lab)),
            Batches(data.train, self.size(lab), lab.order, self.augment and self.augment(lab), lab.tick),
            Batches(data.test, 500, None, self.crop and self.crop(lab), lab.tick),
            epoch,
            rate,
        )
