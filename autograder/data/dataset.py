"""The return type of every loader, and the two errors that a loader raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes a second to import, and the exceptions below do not need it
    from torch import Tensor


@dataclass(frozen=True, eq=False, slots=True)
class Dataset:
    """A training set of n examples and a test set of m examples.

    Circles: x is float32 (n, 2), coordinates without unit; y is float32 (n, 2), one-hot.
    MNIST: x is float32 (n, 1, 28, 28) in [0, 1], ink is 1; y is int64 (n,), the digit.
    CIFAR-10 and the colour set: x is float32 (n, 3, 32, 32) in [0, 1]; y is int64 (n,), the class.

    Attributes:
        train_x: (n, ...) inputs.
        train_y: (n, ...) targets.
        test_x: (m, ...) inputs.
        test_y: (m, ...) targets.
        name: short name, also that of a file: "circles", "mnist", "colour", "cifar10".
        source: the origin of the data, in words, for reports.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    name: str
    source: str


class DataUnavailable(Exception):
    """A dataset was not found. A check that needs it is skipped and says so.

    >>> raise DataUnavailable("mnist", ["/data/mnist.npz"], "give its folder with --data-root DIR")
    Traceback (most recent call last):
    ...
    autograder.data.dataset.DataUnavailable: mnist: not found. Searched: /data/mnist.npz. Remedy: give its folder with \
--data-root DIR.
    """

    def __init__(self, name: str, searched: Iterable[str | PathLike[str]], remedy: str) -> None:
        self.name = name
        self.searched = tuple(str(place) for place in searched)
        self.remedy = remedy
        places = ", ".join(self.searched) or "nowhere (no data folder was given)"
        super().__init__(f"{name}: not found. Searched: {places}. Remedy: {remedy.rstrip('.')}.")

    def __reduce__(self) -> tuple[type[DataUnavailable], tuple[str, tuple[str, ...], str]]:
        return type(self), (self.name, self.searched, self.remedy)


class DataError(ValueError):
    """A file or folder is not as expected, or was named but does not exist.

    >>> raise DataError("circles.npz", found="shape (200, 3)", expected="shape (n, 2)", key="Xtrain")
    Traceback (most recent call last):
    ...
    autograder.data.dataset.DataError: circles.npz, key Xtrain: found shape (200, 3), expected shape (n, 2).
    """

    def __init__(self, file: str | PathLike[str], found: str, expected: str, key: str | None = None) -> None:
        self.file = str(file)
        self.found = found
        self.expected = expected
        self.key = key
        where = self.file if key is None else f"{self.file}, key {key}"
        super().__init__(f"{where}: found {found}, expected {expected}.")

    def __reduce__(self) -> tuple[type[DataError], tuple[str, str, str, str | None]]:
        return type(self), (self.file, self.found, self.expected, self.key)
