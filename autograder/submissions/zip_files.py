"""Lists and reads an untrusted zip. Nothing is unpacked to disk, and no length that the zip states is trusted."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from functools import partial

from autograder.submissions.file_names import OTHER, kind_of
from autograder.submissions.members import (
    MAX_ENTRIES,
    Listing,
    Member,
    SubmissionError,
    Unusable,
    first_line,
    is_ignored,
    refusing_read,
    split,
    too_large,
)

ENTRY_SIGNATURE = b"PK\x01\x02"
# bz2 and lzma unpack a piece at once, however large it becomes; deflate can stop at a limit.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
UTF_8_NAME = 0x800
PIECE_BYTES = 1 << 16


def list_zip(data: bytes, name: str) -> Listing:
    """Lists the members in a zip's table of contents. A member is unpacked when it is read.

    Raises SubmissionError, with `name` for the archive, if the zip as a whole is unreadable.
    """
    if data.count(ENTRY_SIGNATURE) > MAX_ENTRIES:  # each entry starts with it; this bounds the table before it is read
        raise SubmissionError(
            f"{name} holds more than {MAX_ENTRIES:,} files: pack your exercises without data and tools"
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # zipfile raises various types on a malformed table
        what = "is cut off or damaged" if data[:2] == b"PK" else "is not a zip archive"
        raise SubmissionError(
            f"{name} {what} ({first_line(error)}): pack your folder again as a .zip, check that it opens, and hand it in"
        ) from None
    listing = Listing()
    for info in archive.infolist():
        path = _name(info)
        parts, complaint = split(path)
        if not parts or any(is_ignored(part) for part in parts):
            continue
        if _is_folder(info, path):
            continue
        complaint = complaint or _complaint(info)
        read: Callable[[int], bytes] = refusing_read(complaint) if complaint else partial(_read, archive, info)
        if stat.S_ISLNK(info.external_attr >> 16) and kind_of(parts[-1]) == OTHER:
            listing.links.append((parts, complaint))
        else:
            listing.add(Member(f"{name}/{path}", parts, read))
    return listing


def _name(info: zipfile.ZipInfo) -> str:
    """A member's full name. zipfile ends names at the first NUL and decodes unmarked UTF-8 as cp437; this does not."""
    name = info.orig_filename
    if info.flag_bits & UTF_8_NAME:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _is_folder(info: zipfile.ZipInfo, path: str) -> bool:
    return path.endswith(("/", "\\")) or stat.S_ISDIR(info.external_attr >> 16)


def _complaint(info: zipfile.ZipInfo) -> str:
    """The reason why a member cannot be used, as far as its headers tell, or ""."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link, which is never followed: pack the file itself"
    if kind not in (0, stat.S_IFREG):
        return "is not a regular file (a pipe, a socket, a device): pack a regular file"
    if info.flag_bits & ENCRYPTED:
        return "is locked with a password: pack it without one"
    if info.compress_type not in COMPRESSIONS:
        return "is compressed by an unusual method: pack it as an ordinary .zip"
    return ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    pieces, length = [], 0
    try:
        with archive.open(info) as file:
            while length <= limit and (piece := file.read(PIECE_BYTES)):
                pieces.append(piece)
                length += len(piece)
    except Exception as error:  # a wrong checksum, a damaged stream, a header that contradicts the table, ...
        raise Unusable(f"is damaged ({first_line(error)}): pack your folder again") from None
    if length > limit:
        raise too_large(limit)
    return b"".join(pieces)
