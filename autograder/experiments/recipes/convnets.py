"""The convolutional network of practical 2, with all settings that its experiments vary."""

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
"""The number of epochs for each dataset."""


def raw(lab: Lab, data: Data) -> Data:
    """The images unchanged, with pixels from 0 to 1."""
    return data


def standardized(lab: Lab, data: Data) -> Data:
    """The images with mean 0 and standard deviation 1 in each channel, by the statistics of the training set."""
    code = lab.code["p2_cnn/preprocessing"]
    mean, std = code.channel_statistics(data.train.x)
    return data.map(*(code.standardize(part.x, mean, std) for part in (data.train, data.test)))


@dataclass(frozen=True)
class Cnn:
    """A variant of the baseline: `Cnn(dropout=0.5)` differs from it only in its dropout.

    Attributes:
        eta: the learning rate of the first epoch. None: 0.1, but 0.05 on small datasets with standardized images, whose
            gradients are larger.
        gamma: the factor by which the learning rate decays in each epoch.
        batch: the batch size. None: 128, as in the course, but 16 on small datasets.
        inputs: the preprocessing of the images.
        augment, crop: the transforms of each training batch and of each test batch.
        dropout, batch_norm: options of the network.
        optimizer: is called with (parameters, lr=eta).
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
        """A short description for the table."""
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
