"""The colour set: the parts of its images, that only the digit reveals the class, and that its bits never change."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from autograder.data import colour
from autograder.data.colour import make_colour
from autograder.data.dataset import DataError, DataUnavailable
from autograder.data.mnist import load_mnist

PARTS = ("train_x", "train_y", "test_x", "test_y")


def photographs() -> NDArray[np.int32]:
    return colour._photographs()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of scikit-learn's photographs that replaces them and that a test may damage."""
    copies = [Path(shutil.copy(path, tmp_path)) for path in colour._paths()]
    monkeypatch.setattr(colour, "_paths", lambda: copies)
    return tmp_path


def test_shapes_and_dtypes() -> None:
    data = make_colour()
    assert data.train_x.shape == (2000, 3, 32, 32)
    assert data.test_x.shape == (1000, 3, 32, 32)
    assert {data.train_x.dtype, data.test_x.dtype} == {torch.float32}
    assert {data.train_y.dtype, data.test_y.dtype} == {torch.int64}


def test_values_range_from_zero_to_one() -> None:
    data = make_colour()
    for x in (data.train_x, data.test_x):
        assert (float(x.min()), float(x.max())) == (0, 1)


def test_every_class_has_its_share_of_both_splits() -> None:
    data = make_colour()
    assert data.train_y.bincount().tolist() == [200] * 10
    assert data.test_y.bincount().tolist() == [100] * 10


@pytest.mark.parametrize("part", ["train_y", "test_y"])
def test_the_classes_are_mixed_from_the_first_example_to_the_last(part: str) -> None:
    for block in getattr(make_colour(), part).split(500):
        assert block.bincount(minlength=10).min() >= 30


def test_the_images_are_bit_identical_on_every_machine() -> None:
    data = make_colour()
    dtypes = ("<f4", "<i8", "<f4", "<i8")
    content = b"".join(getattr(data, part).numpy().astype(dtype).tobytes() for part, dtype in zip(PARTS, dtypes))
    assert hashlib.sha256(content).hexdigest() == "13cea9b881da778abb882f4e9946d3b0f9782edb3fa66e793db2396dab0d187d"


def test_another_seed_paints_the_same_digits_differently() -> None:
    first, second = make_colour(0), make_colour(1)
    assert torch.equal(first.test_y, second.test_y)
    assert (first.test_x != second.test_x).flatten(1).any(dim=1).all()


def test_modifying_the_images_does_not_affect_the_next_call() -> None:
    data, untouched = make_colour(), make_colour()
    for part in PARTS:
        getattr(data, part).zero_()
        assert torch.equal(getattr(make_colour(), part), getattr(untouched, part))


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_digits_are_those_of_the_same_split(split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour, "MOVE", 0)
    monkeypatch.setattr(colour, "_DIMMED", 256)  # black paper
    monkeypatch.setattr(colour, "_DARKEST_INK", 255)  # white ink
    made, digits = make_colour(987), load_mnist([], "fast")
    known = {x.numpy().tobytes(): int(y) for x, y in zip(getattr(digits, f"{split}_x"), getattr(digits, f"{split}_y"))}
    for image, label in zip(getattr(made, f"{split}_x"), getattr(made, f"{split}_y")):
        assert known[image[:1, 2:30, 2:30].numpy().tobytes()] == label


def test_training_and_test_crops_share_no_block_of_a_photograph() -> None:
    assert colour._TRAIN_COLUMNS.stop <= colour._TEST_COLUMNS.start


def test_the_paper_is_a_dimmed_crop_of_a_photograph() -> None:
    photograph = np.arange(2 * 40 * 50 * 3, dtype=np.int32).reshape(2, 40, 50, 3) % 251
    blank = np.zeros((20, 28, 28), np.int32)
    crops = {
        (one[top : top + 32, left : left + 32] // colour._DIMMED).astype(np.uint8).tobytes()
        for one in photograph for top in range(9) for left in range(19)
    }  # fmt: skip
    painted = colour._paint(blank, photograph, np.random.PCG64(1))
    assert all(np.ascontiguousarray(image).tobytes() in crops for image in painted)
    assert len({np.ascontiguousarray(image).tobytes() for image in painted}) > 10


def test_full_ink_hides_the_paper_and_has_one_colour() -> None:
    dot = np.zeros((50, 28, 28), np.int32)
    dot[:, 14, 14] = 255
    painted = colour._paint(dot, np.full((2, 32, 32, 3), 255, np.int32), np.random.PCG64(1))
    paper = painted.min(axis=(1, 2))
    ink = painted.max(axis=(1, 2))
    assert (paper == 85).all()
    assert (ink >= 160).all()
    assert len({tuple(one) for one in ink.tolist()}) == 50


def test_digits_move_up_to_four_pixels_each_way() -> None:
    dot = np.zeros((500, 28, 28), np.int32)
    dot[:, 14, 14] = 255
    painted = colour._paint(dot, np.zeros((2, 32, 32, 3), np.int32), np.random.PCG64(1))
    _, rows, columns = np.nonzero(painted.max(axis=3))
    assert set(rows.tolist()) == set(columns.tolist()) == set(range(12, 21))
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.2


def test_colours_and_paper_reveal_nothing_about_the_class() -> None:
    data = make_colour()

    def corners_and_brightest(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x[:, :, ::31, ::31].flatten(1), x.amax(dim=(2, 3))], dim=1)

    train, test = corners_and_brightest(data.train_x), corners_and_brightest(data.test_x)
    means = torch.stack([train[data.train_y == digit].mean(dim=0) for digit in range(10)])
    nearest = torch.cdist(test, means).argmin(dim=1)
    assert float((nearest == data.test_y).double().mean()) < 0.16


def test_draws_below_a_bound_take_every_value_equally_often() -> None:
    drawn = colour._below(np.random.PCG64(2), 9, 9000)
    counts = np.bincount(drawn, minlength=9)
    assert len(counts) == 9
    assert np.abs(counts - 1000).max() < 150


def test_enlarging_keeps_a_uniform_colour() -> None:
    flat = np.broadcast_to(np.array([3, 100, 255], np.int32), (2, 5, 7, 3))
    assert np.array_equal(colour._enlarge(flat), np.broadcast_to(flat[0, 0, 0], (2, 10, 14, 3)))


def test_enlarging_interpolates_a_quarter_of_the_way() -> None:
    step = np.zeros((1, 1, 2, 1), np.int32)
    step[0, 0, 1] = 100
    assert colour._enlarge(step)[0, 0, :, 0].tolist() == [0, 25, 75, 100]


class TestPhotographs:
    def test_a_pixel_is_the_mean_of_a_block_of_the_whole_photograph(self) -> None:
        for path in colour._paths():
            whole = np.asarray(Image.open(path).convert("RGB"), dtype=np.float64)[:424]
            luma = (whole @ [0.299, 0.587, 0.114]).reshape(53, 8, 80, 8).mean(axis=(1, 3))
            assert np.abs(colour._decode(path)[:53, :, 0] - luma).max() < 4
            assert np.abs(colour._decode(path)[:53, :, 0] - luma).mean() < 0.4

    def test_no_channel_is_subsampled(self) -> None:
        for path in colour._paths():
            with Image.open(path) as photograph:
                sampling = [layer[1:3] for layer in photograph.layer]  # type: ignore[attr-defined]
            assert sampling == [(1, 1)] * 3

    def test_colours_are_those_of_the_photograph(self) -> None:
        for path, small in zip(colour._paths(), photographs()):
            whole = np.asarray(Image.open(path).convert("RGB"), dtype=np.float64)[:424]
            means = whole.reshape(53, 8, 80, 8, 3).mean(axis=(1, 3))
            assert np.abs(small[:53] - means).mean() < 1.5

    def test_different_photographs_are_refused(self, folder: Path) -> None:
        Image.new("RGB", (640, 427)).save(folder / "china.jpg", subsampling=0)
        with pytest.raises(DataError, match="found different photographs, expected those of scikit-learn"):
            photographs()

    def test_a_photograph_of_another_size_is_refused(self, folder: Path) -> None:
        Image.new("RGB", (64, 42)).save(folder / "flower.jpg")
        with pytest.raises(DataError, match="found different photographs"):
            photographs()

    @pytest.mark.parametrize("content", [b"", b"no photograph"])
    def test_a_damaged_photograph_is_named(self, folder: Path, content: bytes) -> None:
        (folder / "flower.jpg").write_bytes(content)
        with pytest.raises(DataError, match=r"flower\.jpg: found an unreadable JPEG file"):
            photographs()

    def test_a_photograph_that_is_cut_short_is_refused(self, folder: Path) -> None:
        path = folder / "flower.jpg"
        path.write_bytes(path.read_bytes()[:50_000])
        with pytest.raises(DataError, match=r"flower\.jpg: found an unreadable JPEG file"):
            photographs()

    def test_a_missing_photograph_is_named(self, folder: Path) -> None:
        (folder / "china.jpg").unlink()
        with pytest.raises(DataError, match=r"china\.jpg: found an unreadable JPEG file .*No such file"):
            photographs()

    def test_without_scikit_learn_the_remedy_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(colour, "find_spec", lambda name: None)
        with pytest.raises(DataUnavailable, match=r"colour: not found.*Remedy: pip install scikit-learn"):
            colour._paths()

    def test_the_photographs_are_found_in_scikit_learns_folder(self) -> None:
        spec = importlib.util.find_spec("sklearn")
        assert spec is not None
        assert spec.origin is not None
        assert all(Path(spec.origin).parent in path.parents for path in colour._paths())
