"""Circles: two noisy rings in the plane, the toy problem of p1.

The course publishes 200 training and 200 test points. Measured on that file: 100 points per class and split, ordered by
class and by angle; class 0 on the circle of radius 1, class 1 on that of radius 0.3, evenly spaced angles (the ring
radii fitted to it are 1.005 and 0.326 in training, 1.008 and 0.307 in the test set), and normal noise of standard
deviation 0.2 on each coordinate (fitted: 0.214, 0.188, 0.175, 0.216). So it looks like scikit-learn's
``make_circles(200, shuffle=False, noise=0.2, factor=0.3)``. The points generated here have the same distribution except
for the shape of the noise. They do not need scikit-learn, and are bit-identical on every machine.

Their difficulty, by accuracy on the test set (torch 2.15, NumPy 2.4). With a threshold on the distance from the origin
that is best in training (the smallest in a tie):

- published 0.950 (training 0.955); ``make_circles()`` 0.955 (0.950);
- over generation seeds 0 to 1999: mean 0.952, standard deviation 0.016, from 0.885 to 0.995 (0.965 ± 0.012).

The network of p1 (2, 10 tanh, 2; mean cross-entropy, weights and biases from N(0, 0.3²), SGD with eta 0.1, batch 10,
150 epochs) over 200 training seeds, float32:

- published: mean 0.942, standard deviation 0.010, from 0.915 to 0.960 (first 20 seeds: 0.946, 0.920 to 0.955);
- ``make_circles()``: mean 0.946, standard deviation 0.009, from 0.930 to 0.965 (first 20: 0.944, 0.930 to 0.965);
- 200 generation seeds (1000 to 1199), each with its own training seed: mean 0.943, standard deviation 0.016, from 0.895
  to 0.980.

So an accuracy threshold for ``make_circles()`` must be measured again before it is used with another seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autograder.data.dataset import DataError, Dataset
from autograder.data.roots import find_npz, load_npz

NAME = "circles"
KEYS = ("Xtrain", "Ytrain", "Xtest", "Ytest")
CIRCLES_SEED = 0
"""The seed of the Circles that are used if no file is given."""
RADII = (1.0, 0.3)
"""Radii of the rings of class 0 and class 1, in the unit of the coordinates."""
NOISE = 0.2
"""Standard deviation of the noise on each coordinate, in the same unit."""
POINTS_PER_RING = 100

_MAX_BYTES = 16 << 20  # a million points; the published file has 400
_GRID = 2.0**20
_UNIFORMS = 12


def load_circles(roots: Iterable[Path]) -> Dataset:
    """Load Circles from the first ``ROOT/circles.npz``, or generate them if there is none.

    The file holds ``Xtrain``, ``Ytrain``, ``Xtest``, ``Ytest`` as the course publishes them: X floating (n, 2), finite;
    Y numbers (n, 2), one-hot. n may be any number and differ between the splits, but each split must have both classes.

    Args:
        roots: folders to search, first to last (see :func:`autograder.data.roots.data_roots`).

    Returns:
        x float32 (n, 2), y float32 (n, 2), one-hot.

    Raises:
        DataError: the file exists but is not as described above.
    """
    path = find_npz(roots, NAME)
    if path is None:
        return make_circles()
    arrays = load_npz(path, KEYS, max_bytes=_MAX_BYTES)
    train_x, test_x = (_points(path, key, arrays[key]) for key in ("Xtrain", "Xtest"))
    train_y = _one_hot(path, "Ytrain", arrays["Ytrain"], rows=len(train_x))
    test_y = _one_hot(path, "Ytest", arrays["Ytest"], rows=len(test_x))
    return _dataset(train_x, train_y, test_x, test_y, source=f"read from {path}")


def make_circles(seed: int = CIRCLES_SEED) -> Dataset:
    """Generate 200 training and 200 test points, as difficult as the published ones.

    The result for a seed is bit-identical on any machine: it uses the raw stream of PCG64, which NumPy keeps stable
    (NEP 19), integer sums, and single IEEE multiplications and additions. The noise is a sum of twelve uniform numbers
    (Irwin-Hall) with variance 1 and kurtosis 2.9, where a normal distribution has 3. Only the angles' cosines and sines
    come from libm. They are rounded to multiples of 2^-20; the closest one to a tie is 0.0025 of a multiple away, and a
    libm's error is below 1e-9 of a multiple.

    Args:
        seed: any integer ≥ 0. Another seed gives other noise on the same rings.

    Returns:
        x float32 (200, 2) and y float32 (200, 2), one-hot, in each split; the 100 points of class 0 (the outer ring)
        first, each ring in the order of its angles.

    >>> circles = make_circles()
    >>> circles.train_x.shape, circles.test_y.sum(dim=0)
    (torch.Size([200, 2]), tensor([100., 100.]))
    """
    generator = np.random.PCG64(seed)
    rings = np.concatenate([radius * _unit_circle() for radius in RADII])
    train_x, test_x = ((rings + NOISE * _noise(generator, rings.shape)).astype(np.float32) for _ in range(2))
    y = np.repeat(np.eye(2, dtype=np.float32), POINTS_PER_RING, axis=0)
    return _dataset(train_x, y, test_x, y.copy(), source=f"generated, seed {seed}")


def _dataset(
    train_x: NDArray[np.float32],
    train_y: NDArray[np.float32],
    test_x: NDArray[np.float32],
    test_y: NDArray[np.float32],
    source: str,
) -> Dataset:
    """Wrap the arrays, without copying them."""
    train = torch.from_numpy(train_x), torch.from_numpy(train_y)
    test = torch.from_numpy(test_x), torch.from_numpy(test_y)
    return Dataset(*train, *test, name=NAME, source=source)


def _unit_circle() -> NDArray[np.float64]:
    """Evenly spaced points (POINTS_PER_RING, 2), anticlockwise from angle 0, rounded to multiples of 2^-20."""
    angles = np.arange(POINTS_PER_RING) * (2 * np.pi / POINTS_PER_RING)
    exact = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(np.round(exact * _GRID) / _GRID, dtype=np.float64)


def _noise(generator: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Independent random numbers with mean 0 and variance 1, exact in float64."""
    raw = generator.random_raw((_UNIFORMS, *shape)) >> np.uint64(32)
    total = raw.sum(axis=0).astype(np.float64)  # an integer below 12 · 2^32
    return np.asarray((total - _UNIFORMS * (2.0**32 - 1) / 2) / 2.0**32, dtype=np.float64)


def _points(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Check the coordinates and convert them to float32 (n, 2)."""
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise DataError(path, f"shape {array.shape}", "shape (n, 2), n at least 1", key=key)
    if array.dtype.kind != "f":
        raise DataError(path, f"dtype {array.dtype}", "float32 or another floating dtype", key=key)
    with np.errstate(over="ignore"):
        points = np.array(array, dtype=np.float32, order="C")
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise DataError(path, f"{array[row].tolist()} in row {row}", "numbers that are finite in float32", key=key)
    return points


def _one_hot(path: Path, key: str, array: NDArray[Any], rows: int) -> NDArray[np.float32]:
    """Check the targets and convert them to float32 (rows, 2)."""
    if array.shape != (rows, 2):
        raise DataError(path, f"shape {array.shape}", f"shape ({rows}, 2), one row for each point", key=key)
    if array.dtype.kind not in "fiub":
        raise DataError(path, f"dtype {array.dtype}", "float32 or another real dtype", key=key)
    wrong = ~(((array == 0) | (array == 1)).all(axis=1) & (array[:, 0] != array[:, 1]))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(path, f"{array[row].tolist()} in row {row}", "one-hot rows: [1, 0] or [0, 1]", key=key)
    counts = [int((array[:, column] == 1).sum()) for column in (0, 1)]
    if 0 in counts:
        raise DataError(
            path, f"{counts[0]} points of class 0 and {counts[1]} of class 1", "points of both classes", key=key
        )
    return np.array(array, dtype=np.float32, order="C")
