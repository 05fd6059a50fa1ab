"""Unpacks archives and compressed files in memory, recognised by content and not by name, and reads the texts in a PNG."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

MAX_BYTES = 512 << 20
_COMPRESSED: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
    (b"\x78\x01", zlib.decompress),
    (b"\x78\x5e", zlib.decompress),
    (b"\x78\x9c", zlib.decompress),
    (b"\x78\xda", zlib.decompress),
)
_UNKNOWN = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!", "rar"), (b"\x28\xb5\x2f\xfd", "zstd"))
_OF_GIT = (b"# v2 git bundle", b"# v3 git bundle", b"PACK\x00\x00\x00")
_SMALLEST_OF_GIT = 32  # an empty pack; what is smaller is a text about it, such as this one
_PNG = b"\x89PNG\r\n\x1a\n"
_NOTES = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")


class UnreadableError(Exception):
    """An archive cannot be unpacked here, and so cannot be scanned."""


def is_packed(data: bytes) -> bool:
    """Whether the data is a zip (even after other data), a tar, or a compressed file."""
    begins = _holds_git_objects(data) or any(data.startswith(magic) for magic, _ in (*_COMPRESSED, *_UNKNOWN))
    return begins or _is_tar(data) or zipfile.is_zipfile(io.BytesIO(data))


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in an archive, each with its name. UnreadableError if one cannot be read."""
    for magic, name in _UNKNOWN:
        if data.startswith(magic):
            raise UnreadableError(f"it is a {name} archive, which cannot be opened here: use a zip")
    if _holds_git_objects(data):
        raise UnreadableError("it holds the objects of a git repository: clone it, and scan the clone")
    try:
        if _is_tar(data):
            yield from _in_tar(data)
        elif zipfile.is_zipfile(io.BytesIO(data)):
            yield from _in_zip(data)
        else:
            yield "its content", next(unpack for magic, unpack in _COMPRESSED if data.startswith(magic))(data)
    except UnreadableError:
        raise
    except Exception as error:  # each library raises several types for damaged data
        raise UnreadableError(f"it is an archive that cannot be unpacked: {error}") from error


def git_folder_of(name: str) -> str | None:
    """The git folder that a file in an archive belongs to; None if it belongs to none."""
    parts = PurePosixPath(name).parts
    for position, part in enumerate(parts):
        if part.endswith(".git") and position < len(parts) - 1:
            return "/".join(parts[: position + 1])
    return None


def chunks_of_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The text chunks of a PNG, unpacked, and the data after its end; nothing if the data is not a PNG."""
    position = len(_PNG) if data.startswith(_PNG) else len(data)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name, content = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        position += 12 + length
        if name in _NOTES:
            yield name.decode(), content
            for start in range(len(content)):  # the compressed text starts after a keyword
                if content[start : start + 1] == b"\x78" and (unpacked_note := _inflated(content[start:])):
                    yield name.decode(), unpacked_note
        if name == b"IEND":
            if data[position:]:
                yield "end", data[position:]
            return


def _holds_git_objects(data: bytes) -> bool:
    return data.startswith(_OF_GIT) and len(data) >= _SMALLEST_OF_GIT


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, MAX_BYTES)
    except zlib.error:
        return None


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def _in_tar(data: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            yield member.name, file.read() if file else b""


def _in_zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
            raise UnreadableError(f"it unpacks to more than {MAX_BYTES >> 20} MB")
        for info in archive.infolist():
            yield info.filename, archive.read(info) if not info.is_dir() else b""
