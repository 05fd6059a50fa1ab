"""Where data files are looked for, and how an .npz file is read without trusting it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from autograder.data.dataset import DataError

ENVIRONMENT_VARIABLE = "AUTOGRADER_DATA"
MAX_BYTES = 2 << 30
"""Bytes, unpacked, that one .npz file may hold unless its loader says less: whole CIFAR-10 needs 184 MB."""

_HEADER_BYTES = 10_000  # NumPy's own limit for a header that it parses


def data_roots(option: str | Path | None) -> list[Path]:
    """List the folders to search, first to last: the value of ``--data-root``, then ``AUTOGRADER_DATA``.

    Args:
        option: the value of ``--data-root``; None if it was not given.

    Returns:
        Absolute paths of existing folders, none twice; empty if neither is set. An empty AUTOGRADER_DATA is unset.

    Raises:
        DataError: a folder was named and is not there.
    """
    named: list[tuple[str, str]] = []
    if option is not None:
        named.append(("--data-root", str(option)))
    if from_environment := os.environ.get(ENVIRONMENT_VARIABLE):
        named.append((ENVIRONMENT_VARIABLE, from_environment))
    roots: list[Path] = []
    for origin, value in named:
        folder = os.path.abspath(os.path.expanduser(value))
        if not value or not os.path.isdir(folder):
            found = f"{value!r}, which is not a folder that can be read" if value else "an empty value"
            raise DataError(origin, found, f"an existing folder (make it, correct {origin} or leave it out)")
        if Path(folder) not in roots:
            roots.append(Path(folder))
    return roots


def find_npz(roots: Iterable[Path], name: str) -> Path | None:
    """Find the first ``ROOT/<name>.npz``; None if there is none.

    Raises:
        DataError: the first one is no plain file (a folder, a broken link).
    """
    for root in roots:
        path = root / f"{name}.npz"
        if os.path.isfile(path):
            return path
        if os.path.lexists(path):
            raise DataError(path, "a folder, a broken link or a special file", "an .npz file, or nothing of that name")
    return None


def load_npz(path: Path, keys: Sequence[str], max_bytes: int = MAX_BYTES) -> dict[str, NDArray[Any]]:
    """Read the arrays named ``keys`` from an .npz file; other arrays in it are left alone.

    Nothing is unpickled, and no memory is taken on the word of a header: sizes are checked first, so that a small file
    which unpacks to a huge array is refused.

    Args:
        path: the file, as ``numpy.savez`` or ``numpy.savez_compressed`` writes it.
        keys: names of the arrays wanted.
        max_bytes: what the arrays wanted may take together, unpacked, in bytes.

    Returns:
        One array for each key, in the order of ``keys``.

    Raises:
        DataError: no such file, not an .npz file, a missing key, a pickled array, a damaged array, or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {item.filename.removesuffix(".npy"): item for item in archive.infolist()}
            for key in keys:
                if key not in members:
                    there = ", ".join(sorted(members)[:12]) or "none"
                    raise DataError(path, f"no such key (there are: {there})", f"keys {', '.join(keys)}", key=key)
            total = sum(members[key].file_size for key in keys)
            if total > max_bytes:
                raise DataError(path, f"{total:,} bytes, unpacked", f"at most {max_bytes:,}")
            return {key: _read_array(archive, members[key], path, key) for key in keys}
    except DataError:
        raise
    except OSError as error:
        raise DataError(path, f"an error on reading ({error})", "a readable .npz file") from error
    except Exception as error:  # zipfile raises half a dozen kinds on damaged bytes (fuzzed), all meaning the same
        raise DataError(path, f"no zip archive in order ({error})", "an .npz file, as numpy.savez writes it") from error


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, key: str) -> NDArray[Any]:
    """Read one array, its header checked against the bytes there are before anything is allocated."""
    try:
        with archive.open(member) as stream:
            shape, dtype = _read_header(stream)
            left = member.file_size - stream.tell()
        if dtype.hasobject:
            raise DataError(path, "a pickled array", "an array of numbers (nothing is unpickled)", key=key)
        size = dtype.itemsize
        for length in shape:
            size *= length
        if size != left:
            raise DataError(path, f"{left:,} bytes of data", f"{size:,} for shape {shape}, dtype {dtype}", key=key)
        with archive.open(member) as stream:
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False, max_header_size=_HEADER_BYTES)
    except DataError:
        raise
    except Exception as error:  # NumPy's header parser lets SyntaxError, TokenError, TypeError through (fuzzed)
        raise DataError(path, f"a damaged array ({error})", "an array as numpy.savez writes it", key=key) from error
    return array


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the shape and dtype that a .npy stream declares; ValueError if it is none."""
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream, max_header_size=_HEADER_BYTES)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(stream, max_header_size=_HEADER_BYTES)
    else:
        raise ValueError(f".npy format {version[0]}.{version[1]}, which only arrays of named fields need")
    if any(length < 0 for length in shape):
        raise ValueError(f"shape {shape}")
    return shape, dtype
