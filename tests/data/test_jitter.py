"""The jitter on test images: small, seeded, independent for each image. (That on points is tested with Circles.)"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.data import jitter
from autograder.data.jitter import NOISE, SHIFT, jitter_images
from autograder.data.mnist import load_mnist


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def images() -> torch.Tensor:
    """Seven different, non-square colour images with values from the whole allowed range."""
    values = np.random.default_rng(3).random((7, 3, 6, 9))
    values[:, :, 0, 0], values[:, :, 1, 1] = 0, 1
    return torch.from_numpy(values)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disables the noise, so that only the shift remains."""
    monkeypatch.setattr(jitter, "NOISE", 0.0)


def one_pixel(value: float = 1.0, n: int = 200) -> torch.Tensor:
    """n images 5×7 with one white pixel each, in row 2 and column 3."""
    images = torch.zeros(n, 1, 5, 7, dtype=torch.float64)
    images[:, :, 2, 3] = value
    return images


def centres(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Row and column of each image's centre of mass, in pixels."""
    mass = images.sum(dim=(1, 2, 3))
    rows = (images.sum(dim=(1, 3)) * torch.arange(images.shape[2])).sum(dim=1) / mass
    columns = (images.sum(dim=(1, 2)) * torch.arange(images.shape[3])).sum(dim=1) / mass
    return rows, columns


def test_every_image_changes(images: torch.Tensor, rng: np.random.Generator) -> None:
    assert (jitter_images(images, rng) != images).flatten(1).any(dim=1).all()


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("axis", [0, 1], ids=["down", "right"])
def test_images_move_both_ways_along_each_axis_and_no_further_than_documented(
    axis: int, rng: np.random.Generator
) -> None:
    moved = centres(jitter_images(one_pixel(), rng))[axis] - (2, 3)[axis]
    assert float(moved.min()) < -0.9 * SHIFT
    assert float(moved.max()) > 0.9 * SHIFT
    assert float(moved.abs().max()) <= SHIFT + 1e-12


@pytest.mark.usefixtures("silent")
def test_each_image_has_its_own_shift(rng: np.random.Generator) -> None:
    rows, columns = centres(jitter_images(one_pixel(), rng))
    assert len(rows.unique()) == 200
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.2


@pytest.mark.usefixtures("silent")
def test_a_shift_inside_keeps_all_ink(rng: np.random.Generator) -> None:
    torch.testing.assert_close(jitter_images(one_pixel(), rng).sum(), torch.tensor(200.0, dtype=torch.float64))


@pytest.mark.usefixtures("silent")
def test_the_channels_of_an_image_move_together(rng: np.random.Generator) -> None:
    jittered = jitter_images(one_pixel().expand(-1, 3, -1, -1), rng)
    assert torch.equal(jittered[:, 0], jittered[:, 1])
    assert torch.equal(jittered[:, 0], jittered[:, 2])


@pytest.mark.usefixtures("silent")
def test_pixels_outside_the_image_are_zero(rng: np.random.Generator) -> None:
    jittered = jitter_images(torch.ones(200, 1, 5, 7), rng)
    assert torch.allclose(jittered[:, :, 1:-1, 1:-1], torch.ones(()))
    left, right = jittered[:, 0, 2, 0], jittered[:, 0, 2, -1]
    assert (torch.minimum(left, right) < 1).all()
    torch.testing.assert_close(torch.maximum(left, right), torch.ones(200))


def test_the_noise_on_paper_is_no_larger_than_documented(rng: np.random.Generator) -> None:
    jittered = jitter_images(torch.zeros(50, 1, 28, 28), rng)
    assert 0.95 * NOISE < float(jittered.max()) <= NOISE


def test_values_stay_between_zero_and_one(images: torch.Tensor, rng: np.random.Generator) -> None:
    jittered = jitter_images(images.round(), rng)
    assert float(jittered.min()) == 0
    assert float(jittered.max()) <= 1


def test_the_same_generator_state_gives_the_same_images(images: torch.Tensor) -> None:
    first, second = (jitter_images(images, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(first, second)


def test_a_second_draw_differs(images: torch.Tensor, rng: np.random.Generator) -> None:
    assert not torch.equal(jitter_images(images, rng), jitter_images(images, rng))


def test_the_argument_is_not_modified(images: torch.Tensor, rng: np.random.Generator) -> None:
    before = images.clone()
    jitter_images(images, rng).zero_()
    assert torch.equal(images, before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_shape_and_dtype_are_kept(images: torch.Tensor, rng: np.random.Generator, dtype: torch.dtype) -> None:
    jittered = jitter_images(images.to(dtype), rng)
    assert (jittered.shape, jittered.dtype) == (images.shape, dtype)


def test_an_empty_batch_is_allowed(rng: np.random.Generator) -> None:
    assert jitter_images(torch.zeros(0, 1, 28, 28), rng).shape == (0, 1, 28, 28)


def test_flat_images_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 784\), expected \(n, channels, height, width\)"):
        jitter_images(torch.zeros(2, 784), rng)


def test_integers_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match=r"dtype torch\.uint8, expected a floating one"):
        jitter_images(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), rng)


@pytest.mark.parametrize("value", [-0.5, 1.5, float("nan")])
def test_values_outside_zero_and_one_are_refused(rng: np.random.Generator, value: float) -> None:
    with pytest.raises(ValueError, match=rf"images contains {value}, expected values in \[0, 1\]"):
        jitter_images(one_pixel(value), rng)


def test_the_nearest_class_mean_is_right_as_often_on_jittered_digits() -> None:
    data = load_mnist([], "fast")
    means = torch.stack([data.train_x[data.train_y == digit].mean(dim=0) for digit in range(10)]).flatten(1)

    def accuracy(x: torch.Tensor) -> float:
        return float((torch.cdist(x.flatten(1), means).argmin(dim=1) == data.test_y).double().mean())

    jittered = [accuracy(jitter_images(data.test_x, np.random.default_rng(seed))) for seed in range(5)]
    assert abs(np.mean(jittered) - accuracy(data.test_x)) < 0.01
