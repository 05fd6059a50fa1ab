"""Lists an untrusted tar, compressed or not, in one pass. Nothing is unpacked to disk.

A compressed tar can only be read from its start, so what may be graded is kept in memory, and the rest is skipped. All
of it is bounded: the bytes that are unpacked, those that are kept, a single header, the number of entries.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from typing import Protocol

from autograder.submissions.file_names import ARCHIVE, NOTEBOOK, OTHER, SCRIPT, kind_of
from autograder.submissions.left_aside import PACK_AGAIN
from autograder.submissions.members import (
    MAX_ENTRIES,
    MAX_FILE_BYTES,
    Listing,
    Member,
    SubmissionError,
    first_line,
    is_ignored,
    refusing_read,
    split,
    too_large,
)
from autograder.submissions.notebooks.cells import MAX_BYTES

MAX_UNPACKED_BYTES = 256 << 20
MAX_KEPT_BYTES = 64 << 20
MAX_HEADER_BYTES = 256 << 10
MAX_GLOBAL_HEADERS = 64  # tarfile copies them for each member
MAX_MEMORY = 80 << 20  # xz -9 needs 65 MiB
KEPT_BYTES = {SCRIPT: MAX_FILE_BYTES, NOTEBOOK: MAX_BYTES, ARCHIVE: MAX_KEPT_BYTES}
"""The kinds of files that are kept, each with the limit for one file."""
PIECE_BYTES = 1 << 16
MAGIC, MAGIC_AT = b"ustar", 257


class Decompressor(Protocol):
    """What bz2 and lzma have."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the two others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


COMPRESSED_TARS: dict[bytes, Callable[[], Decompressor]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY),
}
"""The first bytes of each compression, and what undoes it."""


class _TooMuch(Exception):
    """A limit was exceeded. The text continues the archive's name."""


def is_tar(data: bytes) -> bool:
    """Whether these are the bytes of a tar that is not compressed."""
    return data[MAGIC_AT : MAGIC_AT + len(MAGIC)] == MAGIC


def list_tar(data: bytes, name: str) -> Listing:
    """Lists the members of a tar, and keeps the bytes of those that may be graded.

    Raises SubmissionError, with `name` for the archive, if it is damaged or exceeds a limit.
    """
    start = next((start for start in COMPRESSED_TARS if data.startswith(start)), b"")
    stream = _Stream(data, start)
    try:
        listing = _list(stream, name)
        stream.finish()
        return listing
    except _TooMuch as problem:
        raise SubmissionError(f"{name} {problem}") from None
    except Exception as error:  # tarfile and the decompressors raise various types on malformed data
        what = (
            "is a compressed file, but not a tar archive" if not stream.seen_tar and start else "is cut off or damaged"
        )
        raise SubmissionError(f"{name} {what} ({first_line(error)}): {PACK_AGAIN}") from None


def _list(stream: _Stream, name: str) -> Listing:
    listing = Listing()
    entries, kept = 0, 0
    with tarfile.open(fileobj=stream, mode="r:", errors="surrogateescape") as archive:
        stream.seen_tar = True
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # tarfile would keep them all
            entries += 1
            if entries > MAX_ENTRIES:
                raise _TooMuch(f"holds more than {MAX_ENTRIES:,} files: pack your exercises without data and tools")
            if len(archive.pax_headers) > MAX_GLOBAL_HEADERS:
                raise _TooMuch(f"is an unusual tar archive: {PACK_AGAIN}")
            parts, complaint = split(info.name)
            if info.isdir() or not parts or any(is_ignored(part) for part in parts):
                continue
            kind = kind_of(parts[-1])
            complaint = complaint or _complaint(info)
            if kind == OTHER and (info.issym() or info.islnk()):
                listing.links.append((parts, complaint))
                continue
            read = refusing_read(complaint)
            if not complaint and kind in KEPT_BYTES and kept < MAX_KEPT_BYTES:
                stream.seek(info.offset_data)
                content = stream.read_some(min(info.size, KEPT_BYTES[kind] + 1))
                kept += len(content)
                read = _read_from(content)
            elif not complaint:
                read = refusing_read(
                    f"was not read: the archive has more than {MAX_KEPT_BYTES >> 20} MiB of such files"
                )
            listing.add(Member(f"{name}/{info.name}", parts, read))
    return listing


def _complaint(info: tarfile.TarInfo) -> str:
    """The reason why a member cannot be used, or ""."""
    if info.issym() or info.islnk():
        return "is a link, which is never followed: pack the file itself"
    if not info.isreg():
        return "is not a regular file (a pipe, a device): pack a regular file"
    if info.issparse():
        return "is packed as a sparse file: pack your folder as .zip"
    return ""


def _read_from(content: bytes) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        if len(content) > limit:
            raise too_large(limit)
        return content

    return read


class _Stream(io.RawIOBase):
    """The unpacked bytes of a tar, from its start to its end: it can be moved forward only."""

    def __init__(self, data: bytes, start: bytes) -> None:
        self.seen_tar = False
        self._source = io.BytesIO(data)
        self._start = start
        self._decompressor = COMPRESSED_TARS[start]() if start else None
        self._waiting = b""
        self._position = 0

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Skips the bytes up to `offset`."""
        if whence != io.SEEK_SET or offset < self._position:
            raise OSError("this archive is not in order")
        while self._position < offset and self._next(offset - self._position):
            pass
        return self._position

    def read(self, size: int = -1) -> bytes:
        """What tarfile reads: headers, whose length the archive states."""
        if not 0 <= size <= MAX_HEADER_BYTES:
            raise _TooMuch(f"is an unusual tar archive: {PACK_AGAIN}")
        return self.read_some(size)

    def read_some(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end."""
        pieces = []
        while size > 0 and (piece := self._next(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def finish(self) -> None:
        """Unpacks the rest, so that a wrong checksum at the end is noticed."""
        while self._decompressor is not None and self._next(PIECE_BYTES):
            pass

    def _next(self, size: int) -> bytes:
        """Up to `size` of the next bytes; empty at the end."""
        piece = self._unpacked(min(size, PIECE_BYTES))
        self._position += len(piece)
        if self._position > MAX_UNPACKED_BYTES:
            raise _TooMuch(
                f"unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB: pack your exercises without data and tools"
            )
        return piece

    def _unpacked(self, size: int) -> bytes:
        if self._decompressor is None:
            return self._source.read(size)
        while True:
            if self._decompressor.eof:
                self._waiting = self._decompressor.unused_data + self._source.read(PIECE_BYTES)
                if not self._waiting.startswith(self._start):  # padding, or the end
                    return b""
                self._decompressor = COMPRESSED_TARS[self._start]()  # some tools write several streams
            if self._decompressor.needs_input and not self._waiting:
                self._waiting = self._source.read(PIECE_BYTES)
                if not self._waiting:
                    raise EOFError("the compressed data end too early")
            fed, self._waiting = self._waiting, b""
            piece = self._decompressor.decompress(fed, size)
            if piece:
                return piece
