"""CIFAR-10: 32×32 colour images of ten classes, for the accuracy checks of p2.

The fast tier uses the colour set (:mod:`autograder.data.colour`), which has the same shapes, needs no network, and is
identical on every machine. The full tier uses CIFAR-10.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from autograder.data.colour import make_colour
from autograder.data.dataset import DataError, Dataset, DataUnavailable
from autograder.data.download import cache_folder, download_folder, reason_of
from autograder.data.labelled_images import Split, as_dataset, read_splits
from autograder.data.roots import find_npz

NAME = "cifar10"

_IMAGE = (32, 32, 3)
_BATCHES = "cifar-10-batches-py"
_MAX_BYTES = 512 << 20  # CIFAR-10 has 184 MB


def load_cifar(roots: Iterable[Path], tier: str) -> Dataset:
    """Load 32×32 colour images of ten classes: the colour set in the fast tier, CIFAR-10 in the full one.

    ``"fast"``: 2,000 training and 1,000 test examples from :func:`autograder.data.colour.make_colour`. **The roots are
    not searched**: thresholds are measured on these images.

    ``"full"``: CIFAR-10, 50,000 training and 10,000 test examples, from the first of

    - in each root in turn: ``ROOT/cifar10.npz`` with ``train_x, train_y, test_x, test_y`` (images uint8 (n, 32, 32, 3),
      labels integers (n,) from 0 to 9; n may be any number and differ between the splits, but each split must have
      every class), then ``ROOT/cifar-10-batches-py`` in torchvision's layout. Nothing is written there;
    - the user's cache folder (``autograder`` in ``$XDG_CACHE_HOME`` or in ``~/.cache``), from an earlier download;
    - torchvision's download of 170 MB into that cache folder, verified by torchvision's checksum.

    Args:
        roots: folders to search, first to last (see :func:`autograder.data.roots.data_roots`).
        tier: ``"fast"`` or ``"full"``.

    Returns:
        x float32 (n, 3, 32, 32) in [0, 1]; y int64 (n,). The tensors are new in each call, so the caller may modify
        them. The name is "colour" or "cifar10".

    Raises:
        DataUnavailable: a package is not installed (fast), or CIFAR-10 is not found and cannot be downloaded (full).
        DataError: a file exists but is not as described above.
        ValueError: the tier is unknown.

    >>> load_cifar([], "fast").train_x.shape
    torch.Size([2000, 3, 32, 32])
    """
    if tier == "fast":
        return make_colour()
    if tier == "full":
        with (
            warnings.catch_warnings()
        ):  # NumPy 2.4.0 to 2.4.4 warn about the dtype notation in CIFAR-10's files of 2009
            warnings.simplefilter("ignore")
            return _whole_cifar(roots)
    raise ValueError(f"tier is {tier!r}, expected 'fast' or 'full'")


def _whole_cifar(roots: Iterable[Path]) -> Dataset:
    """Find CIFAR-10 in the roots or in the cache folder, or download it."""
    searched: list[str | Path] = []
    for root in roots:
        if (path := find_npz([root], NAME)) is not None:
            return as_dataset(*read_splits(path, _IMAGE, _MAX_BYTES), NAME, f"read from {path}")
        if os.path.lexists(root / _BATCHES):
            return _from_batches(root)
        searched += [root / f"{NAME}.npz", root / _BATCHES]
    cache = cache_folder()
    if not os.path.lexists(cache / _BATCHES):
        try:
            download_folder(_BATCHES, _download)
        except Exception as error:  # no network, no write permission, a wrong checksum: urllib alone raises many types
            searched += [cache / _BATCHES, f"torchvision's download ({reason_of(error)})"]
            remedy = f"give a folder with {NAME}.npz or {_BATCHES} as --data-root DIR, or connect to a network"
            raise DataUnavailable(NAME, searched, remedy) from error
    return _from_batches(cache)


def _download(folder: str) -> None:
    from torchvision.datasets import CIFAR10  # type: ignore[import-untyped]  # it ships no types; its import takes a second

    CIFAR10(folder, train=False, download=True)


def _from_batches(root: Path) -> Dataset:
    """Read torchvision's layout with torchvision.

    The files are pickles, and a pickle can run any code. torchvision compares the MD5 of each file with the published
    one before it unpickles any, so that only CIFAR-10's own files are ever unpickled.
    """
    from torchvision.datasets import CIFAR10

    def split(train: bool) -> Split:
        part = CIFAR10(str(root), train=train)
        return part.data, np.array(part.targets)

    try:
        return as_dataset(split(train=True), split(train=False), NAME, f"read from {root / _BATCHES}")
    except (OSError, RuntimeError) as error:
        raise _first_bad_file(root / _BATCHES) from error


def _first_bad_file(folder: Path) -> DataError:
    """Find the file that torchvision refused, since torchvision's error does not name it."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity  # type: ignore[import-untyped]  # as above

    for name, md5 in [*CIFAR10.train_list, *CIFAR10.test_list, (CIFAR10.meta["filename"], CIFAR10.meta["md5"])]:
        path = folder / name
        if not path.is_file():
            return DataError(path, "no such file", "all seven files of CIFAR-10, or no such folder")
        if not os.access(path, os.R_OK):
            return DataError(path, "an unreadable file", "read permission")
        if not check_integrity(path, md5):
            return DataError(path, "a damaged or different file", f"CIFAR-10's file with MD5 {md5} (unpack it again)")
    return DataError(folder, "files that changed while they were read", "files that do not change")
