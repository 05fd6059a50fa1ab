"""Lists and reads a zip that somebody else packed. Nothing is unpacked to disk, and no length in it is believed."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from functools import partial

from autograder.submissions.members import (
    KEPT,
    MAX_ENTRIES,
    Listing,
    Member,
    SubmissionError,
    Unusable,
    left_aside,
    refuse,
    split,
    too_large,
)

MAX_ARCHIVE_BYTES = 64 << 20
ENTRY_SIGNATURE = b"PK\x01\x02"
# bz2 and lzma unpack a piece in one go, however large it grows; deflate can be told to stop.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
UTF_8_NAME = 0x800
PIECE_BYTES = 1 << 16


def list_archive(data: bytes, name: str) -> Listing:
    """The members of a zip, by its table of contents; each is unpacked when it is read.

    SubmissionError names the archive, as `name`, where it cannot be read as a whole.
    """
    if data.count(ENTRY_SIGNATURE) > MAX_ENTRIES:  # before the table is read: each of its entries begins so
        raise SubmissionError(
            f"{name} holds more than {MAX_ENTRIES:,} files: pack your exercises without data and tools"
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # zipfile raises half a dozen types on a table that makes no sense
        what = "is cut off or damaged" if data[:2] == b"PK" else "is no zip archive"
        raise SubmissionError(
            f"{name} {what} ({_first_line(error)}): pack your folder again as a .zip, open it once to try, and hand that in"
        ) from None
    listing = Listing()
    for info in archive.infolist():
        path = _name(info)
        parts, complaint = split(path)
        if not parts or any(left_aside(part) for part in parts):
            continue
        if _is_folder(info, path):
            continue
        complaint = complaint or _complaint(info)
        read: Callable[[int], bytes] = refuse(complaint) if complaint else partial(_read, archive, info)
        listing.add(Member(f"{name}/{path}", parts, read))
        if stat.S_ISLNK(info.external_attr >> 16) and not parts[-1].casefold().endswith(KEPT):
            listing.lost.append((parts, complaint))
    return listing


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was written; zipfile ends it at the first NUL, and reads UTF-8 that is not marked as cp437."""
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
    """What is wrong with a member before it is read, or ""."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link, which is never followed: pack the file itself"
    if kind not in (0, stat.S_IFREG):
        return "is no plain file (a pipe, a socket, a device): pack a plain file"
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
    except Exception as error:  # a wrong checksum, a damaged stream, a header that contradicts the table, and so on
        raise Unusable(f"is damaged ({_first_line(error)}): pack your folder again") from None
    if length > limit:
        raise too_large(limit)
    return b"".join(pieces)


def _first_line(error: Exception) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0][:100]
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
