"""Lists an untrusted archive. What it is, its first bytes say, whatever its name says. Nothing is unpacked to disk."""

from __future__ import annotations

from autograder.submissions.left_aside import PACK_AGAIN
from autograder.submissions.members import Listing, SubmissionError
from autograder.submissions.tar_files import COMPRESSED_TARS, is_tar, list_tar
from autograder.submissions.zip_files import list_zip

MAX_ARCHIVE_BYTES = 64 << 20
NOT_OPENED = (
    (b"Rar!\x1a\x07", "a RAR archive, which is not opened"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, which is not opened"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive, which is not opened"),
    (b"MSCF", "a CAB archive, which is not opened"),
    (b"\xd0\xcf\x11\xe0", "an office document, not an archive"),
    (b"%PDF", "a PDF, not an archive"),
    (b"\x89PNG", "a picture, not an archive"),
    (b"\xff\xd8\xff", "a picture, not an archive"),
)
PAGES = (b"<!doctype html", b"<html")


def list_archive(data: bytes, name: str) -> Listing:
    """Lists the members of a zip or a tar. They are read on demand.

    Raises SubmissionError, with `name` for the archive, if the archive as a whole is unreadable.
    """
    if not data:
        raise SubmissionError(f"{name} is an empty file: {PACK_AGAIN}")
    what = next((what for start, what in NOT_OPENED if data.startswith(start)), "")
    if data[:64].lstrip().lower().startswith(PAGES):
        what = "a web page, not an archive"
    if what:
        raise SubmissionError(f"{name} is {what}: {PACK_AGAIN}")
    if data.startswith(tuple(COMPRESSED_TARS)) or is_tar(data) or name.casefold().endswith(".tar"):
        listing = list_tar(data, name)
    else:
        listing = list_zip(data, name)
    listing.drop_environments()
    return listing
