"""CIFAR-10: the colour set in the fast tier; in the full one a file, torchvision's layout, or a download."""

from __future__ import annotations

import hashlib
import pickle
import shutil
import socket
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.datasets import CIFAR10

from autograder.data.cifar import load_cifar
from autograder.data.colour import make_colour
from autograder.data.dataset import DataError, Dataset, DataUnavailable
from autograder.data.download import NETWORK_SECONDS

Arrays = dict[str, NDArray[np.generic]]

FOLDER = "cifar-10-batches-py"
BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


@pytest.fixture
def arrays() -> Arrays:
    """A small CIFAR-10, with splits of unequal size."""
    rng = np.random.default_rng(7)
    return {
        "train_x": rng.integers(0, 256, (15, 32, 32, 3), dtype=np.uint8),
        "train_y": (rng.permutation(15) % 10).astype(np.uint8),
        "test_x": rng.integers(0, 256, (11, 32, 32, 3), dtype=np.uint8),
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

    def download(self: CIFAR10) -> None:
        asked.append(str(self.root))
        raise RuntimeError("<urlopen error no network>\nand more")

    monkeypatch.setattr(CIFAR10, "download", download)
    return asked


@pytest.fixture
def batches(tmp_path: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``arrays`` in torchvision's layout. torchvision is patched to expect their checksums."""
    return write_batches(tmp_path / "root", arrays, monkeypatch)


class _PublishedArray:
    """Pickles an array in the format of NumPy in 2009, as in the published files."""

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self.array = array

    def __reduce__(self) -> tuple[Any, ...]:
        state = (1, self.array.shape, _PublishedDtype(), False, self.array.tobytes())
        return np.zeros(0).__reduce__()[0], (np.ndarray, (0,), b"b"), state


class _PublishedDtype:
    def __reduce__(self) -> tuple[Any, ...]:
        return _old_dtype, ("u1",), (3, "|", None, None, None, -1, -1, 0)


def _old_dtype(name: str) -> np.dtype[Any]:
    """Makes every NumPy warn, as 2.4.0 to 2.4.4 do, about the ``np.dtype(name, 0, 1)`` in the published files."""
    warnings.warn("dtype(): align should be passed as Python or NumPy boolean", DeprecationWarning, stacklevel=2)
    return np.dtype(name)


def write_batches(root: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = root / FOLDER
    folder.mkdir(parents=True)
    contents: dict[str, object] = {"batches.meta": {"label_names": list("abcdefghij")}}
    for number, name in enumerate(BATCHES):
        rows, split = (slice(3 * number, 3 * number + 3), "train") if number < 5 else (slice(None), "test")
        planes = np.asarray(arrays[f"{split}_x"][rows], dtype=np.uint8).transpose(0, 3, 1, 2).reshape(-1, 3072)
        contents[name] = {"data": _PublishedArray(planes), "labels": arrays[f"{split}_y"][rows].tolist()}
    for name, content in contents.items():
        (folder / name).write_bytes(pickle.dumps(content, protocol=2))
    sums = [[name, hashlib.md5((folder / name).read_bytes()).hexdigest()] for name in contents]
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": sums[0][1]})
    monkeypatch.setattr(CIFAR10, "train_list", sums[1:-1])
    monkeypatch.setattr(CIFAR10, "test_list", sums[-1:])
    return root


def write_npz(folder: Path, arrays: Arrays) -> list[Path]:
    np.savez(folder / "cifar10.npz", allow_pickle=False, **arrays)
    return [folder]


def assert_holds(data: Dataset, arrays: Arrays) -> None:
    for key, array in arrays.items():
        tensor = getattr(data, key)
        if key.endswith("_x"):
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor, torch.from_numpy(array.astype(np.float32)).permute(0, 3, 1, 2) / 255)
        else:
            assert tensor.dtype == torch.int64
            assert tensor.tolist() == array.tolist()


def test_the_fast_tier_is_the_colour_set_whatever_a_root_contains(tmp_path: Path, arrays: Arrays) -> None:
    data = load_cifar(write_npz(tmp_path, arrays), "fast")
    assert data.name == "colour"
    assert torch.equal(data.test_x, make_colour().test_x)


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(ValueError, match="tier is 'slow', expected 'fast' or 'full'"):
        load_cifar([], "slow")


class TestNpz:
    def test_the_images_have_channels_first(self, tmp_path: Path, arrays: Arrays) -> None:
        data = load_cifar(write_npz(tmp_path, arrays), "full")
        assert_holds(data, arrays)
        assert data.train_x.is_contiguous()

    def test_name_and_source_say_what_it_is(self, tmp_path: Path, arrays: Arrays) -> None:
        data = load_cifar(write_npz(tmp_path, arrays), "full")
        assert (data.name, data.source) == ("cifar10", f"read from {tmp_path / 'cifar10.npz'}")

    def test_an_npz_file_takes_precedence_over_torchvisions_layout(self, batches: Path, arrays: Arrays) -> None:
        other = {**arrays, "test_x": arrays["test_x"] // 2}
        assert_holds(load_cifar(write_npz(batches, other), "full"), other)

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("train_x", np.zeros((15, 3, 32, 32), np.uint8), r"found shape \(15, 3, 32, 32\), .* \(n, 32, 32, 3\)"),
            ("train_x", np.zeros((15, 3072), np.uint8), r"found shape \(15, 3072\)"),
            ("test_x", np.zeros((0, 32, 32, 3), np.uint8), r"found shape \(0, 32, 32, 3\), .*n at least 1"),
            ("test_x", np.zeros((11, 32, 32, 3), np.float32), "found dtype float32, expected uint8"),
            ("train_y", np.eye(15, 10, dtype=np.uint8), r"found shape \(15, 10\), expected shape \(15,\)"),
            ("train_y", np.arange(14) % 10, r"found shape \(14,\), expected shape \(15,\)"),
            ("test_y", np.arange(11) % 10 / 1, "found dtype float64, expected uint8 or another integer"),
            ("test_y", np.arange(11), "found 10 in row 10, expected labels from 0 to 9"),
            ("test_y", np.arange(11) % 7, "found no label 7, expected every label from 0 to 9"),
        ],
    )
    def test_a_wrong_array_is_refused_by_file_key_found_and_expected(
        self, tmp_path: Path, arrays: Arrays, key: str, value: NDArray[np.generic], message: str
    ) -> None:
        arrays[key] = value
        with pytest.raises(DataError, match=rf"cifar10\.npz, key {key}: {message}"):
            load_cifar(write_npz(tmp_path, arrays), "full")


class TestTorchvisionLayout:
    def test_the_files_are_read_in_the_published_order(self, batches: Path, arrays: Arrays) -> None:
        data = load_cifar([batches], "full")
        assert_holds(data, arrays)
        assert data.source == f"read from {batches / FOLDER}"

    def test_the_dtype_notation_of_old_files_gives_no_warning(self, batches: Path) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            load_cifar([batches], "full")
        assert [str(warning.message) for warning in caught] == []

    def test_nothing_is_written_into_the_folder(self, batches: Path) -> None:
        before = {path: path.stat().st_mtime_ns for path in batches.rglob("*")}
        load_cifar([batches], "full")
        assert {path: path.stat().st_mtime_ns for path in batches.rglob("*")} == before

    def test_the_first_root_wins_whatever_its_layout(self, tmp_path: Path, batches: Path, arrays: Arrays) -> None:
        second = write_npz(tmp_path, {**arrays, "test_x": arrays["test_x"] // 2})
        assert_holds(load_cifar([batches, *second], "full"), arrays)

    @pytest.mark.parametrize("name", [*BATCHES, "batches.meta"])
    def test_a_missing_file_is_named_and_not_downloaded(self, batches: Path, downloads: list[str], name: str) -> None:
        (batches / FOLDER / name).unlink()
        with pytest.raises(DataError, match=rf"{name}: found no such file, expected all seven"):
            load_cifar([batches], "full")
        assert downloads == []

    @pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
    def test_a_damaged_file_is_named(self, batches: Path, name: str) -> None:
        path = batches / FOLDER / name
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(DataError, match=rf"{name}: found a damaged or different file, expected .*MD5 [0-9a-f]+"):
            load_cifar([batches], "full")

    @pytest.mark.parametrize("name", ["data_batch_1", "test_batch", "batches.meta"])
    def test_no_other_pickle_is_unpickled(self, batches: Path, tmp_path: Path, name: str) -> None:
        class Hostile:
            def __reduce__(self) -> tuple[Any, ...]:
                return Path.touch, (tmp_path / "run",)

        (batches / FOLDER / name).write_bytes(pickle.dumps(Hostile()))
        with pytest.raises(DataError):
            load_cifar([batches], "full")
        assert not (tmp_path / "run").exists()

    def test_a_file_in_the_folders_place_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / FOLDER).touch()
        with pytest.raises(DataError, match="data_batch_1: found no such file"):
            load_cifar([tmp_path], "full")


class TestDownload:
    @pytest.fixture
    def network(self, batches: Path, downloads: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Makes downloads succeed, with torchvision's layout."""

        def download(self: CIFAR10) -> None:
            downloads.append(str(self.root))
            shutil.copytree(batches / FOLDER, Path(self.root, FOLDER))

        monkeypatch.setattr(CIFAR10, "download", download)
        return downloads

    @pytest.mark.usefixtures("network")
    def test_a_missing_dataset_is_downloaded_into_the_cache(self, cache: Path, arrays: Arrays) -> None:
        data = load_cifar([], "full")
        assert_holds(data, arrays)
        assert data.source == f"read from {cache / FOLDER}"

    def test_it_is_downloaded_once(self, network: list[str]) -> None:
        for _ in range(2):
            load_cifar([], "full")
        assert len(network) == 1

    @pytest.mark.usefixtures("network")
    def test_only_the_dataset_is_left_in_the_cache(self, cache: Path) -> None:
        load_cifar([], "full")
        assert [path.name for path in cache.iterdir()] == [FOLDER]

    def test_an_interrupted_download_leaves_nothing(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(self: CIFAR10) -> None:
            Path(self.root, FOLDER).mkdir()
            raise KeyboardInterrupt

        monkeypatch.setattr(CIFAR10, "download", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_cifar([], "full")
        assert list(cache.iterdir()) == []

    def test_two_processes_may_download_at_once(
        self, batches: Path, cache: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def overtaken(self: CIFAR10) -> None:
            for folder in (Path(self.root), cache):
                shutil.copytree(batches / FOLDER, folder / FOLDER)

        monkeypatch.setattr(CIFAR10, "download", overtaken)
        assert_holds(load_cifar([], "full"), arrays)

    def test_a_silent_network_times_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[float | None] = []

        def download(self: CIFAR10) -> None:
            seen.append(socket.getdefaulttimeout())
            raise OSError("timed out")

        monkeypatch.setattr(CIFAR10, "download", download)
        with pytest.raises(DataUnavailable):
            load_cifar([], "full")
        assert seen == [NETWORK_SECONDS]

    def test_without_a_network_the_searched_places_are_named(self, tmp_path: Path, cache: Path) -> None:
        with pytest.raises(DataUnavailable) as raised:
            load_cifar([tmp_path], "full")
        assert raised.value.searched == (
            str(tmp_path / "cifar10.npz"),
            str(tmp_path / FOLDER),
            str(cache / FOLDER),
            "torchvision's download (<urlopen error no network>)",
        )

    def test_without_a_network_the_remedy_is_named(self) -> None:
        with pytest.raises(DataUnavailable, match=r"Remedy: give a folder with cifar10\.npz .*--data-root DIR"):
            load_cifar([], "full")
