"""Makes what students hand in: real folders, zips and tars."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.submissions.entries import Entry, read_entry
from autograder.submissions.submission import Submission
from tests.zoo import MLP as MLP_ID
from tests.zoo import SOFTMAX as SOFTMAX_ID

MLP, SOFTMAX = f"{MLP_ID}.py", f"{SOFTMAX_ID}.py"
GOOD = b"x = 1\n"
OTHER = b"x = 2\n"


def fill(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(*members: tuple[str | tarfile.TarInfo, bytes | str], compression: str = "", **options: object) -> bytes:
    """A tar of these members. `compression`: "", "gz", "bz2" or "xz"."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{compression}", **options) as archive:  # type: ignore[call-overload]
        for name, content in members:
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(path: Path) -> Submission:
    """Reads a folder or a file as one submission of a class."""
    return read_entry(Entry("durand", path))
