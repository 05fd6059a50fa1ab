"""Finds data files, and reads .npz files without trusting them."""

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
"""Default limit for the unpacked bytes of one .npz file. CIFAR-10 needs 184 MB."""

_HEADER_BYTES = 10_000  # NumPy's limit for a header that it parses


def data_roots(option: str | Path | None) -> list[Path]:
    """List the folders to search, first to last: the value of ``--data-root``, then ``AUTOGRADER_DATA``.

    Args:
        option: the value of ``--data-root``; None if it was not given.

    Returns:
        Absolute paths of existing folders without duplicates; empty if neither is set. An empty AUTOGRADER_DATA counts
        as unset.

    Raises:
        DataError: a named folder does not exist.
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
            found = f"{value!r}, which is not a readable folder" if value else "an empty value"
            raise DataError(origin, found, f"an existing folder (make it, or correct or omit {origin})")
        if Path(folder) not in roots:
            roots.append(Path(folder))
    return roots


def find_npz(roots: Iterable[Path], name: str) -> Path | None:
    """Find the first ``ROOT/<name>.npz``; None if there is none.

    Raises:
        DataError: the first one is not a regular file (but a folder or a broken link).
    """
    for root in roots:
        path = root / f"{name}.npz"
        if os.path.isfile(path):
            return path
        if os.path.lexists(path):
            raise DataError(path, "a folder, a broken link or a special file", "an .npz file, or no file of that name")
    return None


def load_npz(path: Path, keys: Sequence[str], max_bytes: int = MAX_BYTES) -> dict[str, NDArray[Any]]:
    """Read the arrays named ``keys`` from an .npz file; other arrays in it are ignored.

    Nothing is unpickled, and sizes are checked before memory is allocated, so that a small file that unpacks to a huge
    array is refused.

    Args:
        path: the file, as written by ``numpy.savez`` or ``numpy.savez_compressed``.
        keys: names of the arrays to read.
        max_bytes: limit for the unpacked bytes of these arrays together.

    Returns:
        One array for each key, in the order of ``keys``.

    Raises:
        DataError: the file does not exist or is not an .npz file; a key is missing; an array is pickled or damaged; or
            the arrays are too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {item.filename.removesuffix(".npy"): item for item in archive.infolist()}
            for key in keys:
                if key not in members:
                    names = ", ".join(sorted(members)[:12]) or "none"
                    raise DataError(
                        path, f"no such key (keys in the file: {names})", f"keys {', '.join(keys)}", key=key
                    )
            total = sum(members[key].file_size for key in keys)
            if total > max_bytes:
                raise DataError(path, f"{total:,} bytes, unpacked", f"at most {max_bytes:,}")
            return {key: _read_array(archive, members[key], path, key) for key in keys}
    except DataError:
        raise
    except OSError as error:
        raise DataError(path, f"a read error ({error})", "a readable .npz file") from error
    except Exception as error:  # zipfile raises half a dozen types on damaged bytes (found by fuzzing)
        raise DataError(path, f"a damaged zip archive ({error})", "an .npz file, as numpy.savez writes it") from error


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, key: str) -> NDArray[Any]:
    """Read one array, after checking its header against its number of bytes, before anything is allocated."""
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
    except (
        Exception
    ) as error:  # NumPy's header parser raises SyntaxError, TokenError or TypeError too (found by fuzzing)
        raise DataError(path, f"a damaged array ({error})", "an array as numpy.savez writes it", key=key) from error
    return array


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the shape and dtype that a .npy stream declares. Raises ValueError if its header is invalid."""
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
