"""Circles: generated ones, those read from a file, and the jitter on test points."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from autograder.data import circles
from autograder.data.circles import load_circles, make_circles
from autograder.data.dataset import DataError, Dataset
from autograder.data.jitter import JITTER, jitter_points

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "circles"

Arrays = dict[str, NDArray[np.generic]]


@pytest.fixture
def arrays() -> Arrays:
    """A file in the published layout, with splits of unequal size."""
    rng = np.random.default_rng(7)
    one_hot = np.eye(2, dtype=np.float32)
    return {
        "Xtrain": rng.standard_normal((5, 2)).astype(np.float32),
        "Ytrain": one_hot[[0, 0, 0, 1, 1]],
        "Xtest": rng.standard_normal((3, 2)).astype(np.float32),
        "Ytest": one_hot[[0, 1, 1]],
    }


def write(folder: Path, arrays: Arrays) -> list[Path]:
    np.savez(folder / "circles.npz", allow_pickle=False, **arrays)
    return [folder]


def threshold_accuracies(data: Dataset) -> tuple[float, float]:
    """Training and test accuracy of the radius that is best in training, the smallest in a tie."""
    train_r, test_r = data.train_x.double().norm(dim=1), data.test_x.double().norm(dim=1)
    train_inner, test_inner = data.train_y[:, 1] == 1, data.test_y[:, 1] == 1
    ordered = train_r.sort().values
    candidates = (ordered[1:] + ordered[:-1]) / 2
    accuracies = ((train_r <= candidates[:, None]) == train_inner).double().mean(dim=1)
    best = candidates[accuracies == accuracies.max()][0]
    return float(accuracies.max()), float(((test_r <= best) == test_inner).double().mean())


def test_generated_circles_have_the_published_shapes_and_dtypes() -> None:
    data = make_circles()
    for tensor in (data.train_x, data.train_y, data.test_x, data.test_y):
        assert tensor.shape == (200, 2)
        assert tensor.dtype == torch.float32


def test_generated_targets_are_one_hot_with_the_outer_ring_first() -> None:
    expected = torch.eye(2).repeat_interleave(100, dim=0)
    data = make_circles()
    assert torch.equal(data.train_y, expected)
    assert torch.equal(data.test_y, expected)


def test_generated_circles_are_bit_identical_on_every_machine() -> None:
    data = make_circles()
    content = b"".join(x.numpy().astype("<f4").tobytes() for x in (data.train_x, data.test_x))
    assert hashlib.sha256(content).hexdigest() == "398b4d6ecd9b69e990a181871a9e13eeca756e814084ca377ab29afb6b9201a2"


def test_no_angle_is_so_close_to_a_tie_that_libm_could_change_its_rounding() -> None:
    angles = np.arange(circles.POINTS_PER_RING) * (2 * np.pi / circles.POINTS_PER_RING)
    scaled = np.stack([np.cos(angles), np.sin(angles)]) * circles._GRID
    assert np.abs(scaled - np.floor(scaled) - 0.5).min() > 1e-3


def test_training_and_test_points_differ() -> None:
    data = make_circles()
    assert not (data.train_x[:, None] == data.test_x[None]).all(dim=2).any()


def test_another_seed_gives_other_points() -> None:
    assert not (make_circles(0).test_x == make_circles(1).test_x).any()


def test_changing_a_generated_dataset_does_not_affect_the_next() -> None:
    make_circles().train_y.zero_()
    assert make_circles().train_y.sum() == 200


def test_the_noise_is_standardised() -> None:
    noise = circles._noise(np.random.PCG64(3), (100_000,))
    assert abs(noise.mean()) < 0.015
    assert abs(noise.std() - 1) < 0.01


def test_a_radius_separates_generated_circles_as_well_as_the_published_ones() -> None:
    assert threshold_accuracies(make_circles()) == pytest.approx((0.95, 0.955))


def test_generated_circles_are_equally_difficult_on_average_over_seeds() -> None:
    accuracies = [threshold_accuracies(make_circles(seed))[1] for seed in range(100)]
    assert np.mean(accuracies) == pytest.approx(0.952, abs=0.006)


def test_without_a_file_circles_are_generated(tmp_path: Path) -> None:
    data = load_circles([tmp_path])
    assert data.source == "generated, seed 0"
    assert torch.equal(data.test_x, make_circles().test_x)


def test_a_file_in_the_published_layout_is_read_unchanged(tmp_path: Path, arrays: Arrays) -> None:
    data = load_circles(write(tmp_path, arrays))
    for tensor, key in zip((data.train_x, data.train_y, data.test_x, data.test_y), circles.KEYS, strict=True):
        assert torch.equal(tensor, torch.from_numpy(arrays[key]))


def test_the_source_names_the_file(tmp_path: Path, arrays: Arrays) -> None:
    assert load_circles(write(tmp_path, arrays)).source == f"read from {tmp_path / 'circles.npz'}"


def test_float64_points_and_integer_targets_become_float32(tmp_path: Path, arrays: Arrays) -> None:
    arrays["Xtrain"] = arrays["Xtrain"].astype(np.float64)
    arrays["Ytrain"] = arrays["Ytrain"].astype(np.int64)
    data = load_circles(write(tmp_path, arrays))
    assert (data.train_x.dtype, data.train_y.dtype) == (torch.float32, torch.float32)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("Xtrain", np.zeros((5, 3), np.float32), r"found shape \(5, 3\), expected shape \(n, 2\)"),
        ("Xtrain", np.zeros((0, 2), np.float32), r"found shape \(0, 2\), expected shape \(n, 2\), n at least 1"),
        ("Xtrain", np.zeros(10, np.float32), r"found shape \(10,\)"),
        ("Xtest", np.zeros((3, 2), np.int64), "found dtype int64, expected float32"),
        ("Xtest", np.array([[0, 0], [0, np.nan], [0, 0]]), r"found \[0.0, nan\] in row 1, expected .*finite"),
        ("Xtest", np.array([[0, 0], [0, 0], [1e300, 0]]), r"found \[1e\+300, 0.0\] in row 2, expected .*finite"),
        ("Ytrain", np.eye(2)[[0, 1, 0, 1]], r"found shape \(4, 2\), expected shape \(5, 2\)"),
        ("Ytrain", np.array([0, 0, 0, 1, 1]), r"found shape \(5,\), expected shape \(5, 2\)"),
        ("Ytest", np.ones((3, 2), np.complex64), "found dtype complex64"),
        ("Ytest", np.array([[1, 0], [1, 1], [0, 1]]), r"found \[1, 1\] in row 1, expected one-hot"),
        ("Ytest", np.array([[1, 0], [0, 1], [0.5, 0.5]]), r"found \[0.5, 0.5\] in row 2, expected one-hot"),
        ("Ytest", np.eye(2)[[1, 1, 1]], "found 0 points of class 0 and 3 of class 1, expected points of both classes"),
    ],
)
def test_a_wrong_array_is_refused_by_file_key_found_and_expected(
    tmp_path: Path, arrays: Arrays, key: str, value: NDArray[np.generic], message: str
) -> None:
    arrays[key] = value
    with pytest.raises(DataError, match=rf"circles\.npz, key {key}: {message}"):
        load_circles(write(tmp_path, arrays))


def test_a_missing_key_is_reported_with_the_existing_ones(tmp_path: Path, arrays: Arrays) -> None:
    del arrays["Ytest"]
    with pytest.raises(DataError, match=r"key Ytest: found no such key \(keys in the file: Xtest, Xtrain, Ytrain\)"):
        load_circles(write(tmp_path, arrays))


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the course's own file is not beside this checkout")
def test_the_published_file_is_as_difficult_as_documented() -> None:
    assert threshold_accuracies(load_circles([PUBLISHED])) == pytest.approx((0.955, 0.95))


def test_jitter_moves_every_point() -> None:
    x = make_circles().test_x
    assert (jitter_points(x, np.random.default_rng(1)) != x).any(dim=1).all()


def test_jitter_moves_no_coordinate_further_than_documented() -> None:
    x = make_circles().test_x.double()
    assert (jitter_points(x, np.random.default_rng(1)) - x).abs().max() <= JITTER + 1e-15


def test_jitter_is_the_same_for_the_same_generator_state() -> None:
    x = make_circles().test_x
    first, second = (jitter_points(x, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(first, second)


def test_jitter_does_not_modify_its_argument() -> None:
    x = torch.zeros(4, 2)
    jitter_points(x, np.random.default_rng(1))
    assert torch.equal(x, torch.zeros(4, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_jitter_keeps_the_dtype(dtype: torch.dtype) -> None:
    assert jitter_points(torch.zeros(4, 2, dtype=dtype), np.random.default_rng(1)).dtype == dtype


def test_jitter_refuses_integers() -> None:
    with pytest.raises(ValueError, match=r"dtype torch\.int64, expected a floating one"):
        jitter_points(torch.zeros(4, 2, dtype=torch.int64), np.random.default_rng(1))


def test_jitter_does_not_change_the_accuracy_of_a_radius() -> None:
    data = make_circles()
    rng = np.random.default_rng(2)
    inner = data.test_y[:, 1] == 1
    before = ((data.test_x.norm(dim=1) <= 0.65) == inner).double().mean()
    jittered = torch.stack([jitter_points(data.test_x, rng) for _ in range(200)])
    after = ((jittered.norm(dim=2) <= 0.65) == inner).double().mean()
    assert abs(float(after - before)) < 0.003
