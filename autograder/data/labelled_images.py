"""Images and labels as integers: checks those that come from a file, and converts them to tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autograder.data.dataset import DataError, Dataset
from autograder.data.roots import load_npz

KEYS = ("train_x", "train_y", "test_x", "test_y")
CLASSES = 10

Split = tuple[NDArray[np.uint8], NDArray[Any]]
"""Images (n, height, width) or (n, height, width, channels) and labels (n,), of any integer dtype."""


def read_splits(path: Path, image_shape: tuple[int, ...], max_bytes: int) -> tuple[Split, Split]:
    """Read ``train_x, train_y, test_x, test_y`` from an .npz file.

    Raises:
        DataError: images are not uint8 (n, *image_shape), labels are not integers (n,) with every number from 0 to 9 in
            each split, or the file is damaged.
    """
    arrays = load_npz(path, KEYS, max_bytes=max_bytes)

    def split(name: str) -> Split:
        images, labels = arrays[f"{name}_x"], arrays[f"{name}_y"]
        check_images(images, image_shape, path, key=f"{name}_x")
        check_labels(labels, path, rows=len(images), key=f"{name}_y")
        return images, labels

    return split("train"), split("test")


def check_images(array: NDArray[Any], image_shape: tuple[int, ...], path: Path, key: str | None = None) -> None:
    """Raise DataError unless the array is uint8 (n, *image_shape)."""
    if array.ndim != 1 + len(image_shape) or array.shape[1:] != image_shape or not len(array):
        expected = ", ".join(["n", *map(str, image_shape)])
        raise DataError(path, f"shape {array.shape}", f"shape ({expected}), n at least 1", key=key)
    if array.dtype != np.uint8:
        raise DataError(path, f"dtype {array.dtype}", "uint8, from 0 to 255", key=key)


def check_labels(array: NDArray[Any], path: Path, rows: int, key: str | None = None) -> None:
    """Raise DataError unless the array has one integer from 0 to 9 for each image, and contains all of these."""
    if array.shape != (rows,):
        raise DataError(path, f"shape {array.shape}", f"shape ({rows},), one label for each image", key=key)
    if array.dtype.kind not in "iu":
        raise DataError(path, f"dtype {array.dtype}", "uint8 or another integer dtype", key=key)
    wrong = (array < 0) | (array >= CLASSES)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(path, f"{array[row]} in row {row}", f"labels from 0 to {CLASSES - 1}", key=key)
    if missing := sorted(set(range(CLASSES)) - set(np.unique(array).tolist())):
        raise DataError(path, f"no label {missing[0]}", f"every label from 0 to {CLASSES - 1}", key=key)


def as_dataset(train: Split, test: Split, name: str, source: str) -> Dataset:
    """Convert images and labels to new tensors."""
    train_y, test_y = (torch.from_numpy(labels.astype(np.int64)) for _, labels in (train, test))
    return Dataset(_pixels(train[0]), train_y, _pixels(test[0]), test_y, name=name, source=source)


def _pixels(images: NDArray[np.uint8]) -> torch.Tensor:
    """Convert uint8 images to float32 (n, channels, height, width) in [0, 1].

    One IEEE division per value gives the same bits on every machine.
    """
    channels_first = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.divide(channels_first, np.float32(255), dtype=np.float32, order="C"))
