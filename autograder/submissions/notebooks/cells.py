"""The cells of an untrusted notebook: parsed as data, and identified by the tags that nbgrader gives them.

The file is read as plain JSON, since nbformat takes seconds to import. Outputs and pictures are never decoded.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Union

import msgspec

ANSWER, CHECKS, TEXT = "answer-", "checks-", "text-"
"""Prefixes of the tags (nbgrader's grade_id) of generated cells. The name of the exercise or question follows."""
OURS = "autograder"
"""Our key in a cell's metadata, since nbgrader refuses foreign keys under its own."""
RELEASED = "released_sha256"
QUESTION = re.compile(r"q[0-9]{2}[a-z]?")
_MARKER = re.compile(r"\A\s*#[ \t]*exercise:[ \t]*(\w+)[ \t]*$", re.M)


MAX_BYTES = 64 << 20
"""Limit for a file, most of which is then outputs and pictures, which are skipped."""
MAX_CELLS = 2000
MAX_CODE = 512 << 10
"""Limit for the characters of all code cells together, about ten times what a student writes."""


class NotebookError(ValueError):
    """A file is not a readable notebook. The text continues the file's name: "is not a readable notebook (…): …"."""


@dataclass(frozen=True)
class Cell:
    """One cell. `number` counts from 1; `tag`: its grade_id or ""; `released`: the digest of its source at release."""

    number: int
    kind: str
    source: str
    tag: str = ""
    released: str = ""

    @property
    def exercise(self) -> str:
        """The exercise whose answer cell this is, or "": from its tag, or from its first line if the tag is missing."""
        if self.kind != "code":
            return ""
        if self.tag:
            name = self.tag.removeprefix(ANSWER) if self.tag.startswith(ANSWER) else ""
            return "" if QUESTION.fullmatch(name) else name
        return self.marked

    @property
    def marked(self) -> str:
        """The exercise that its first line names, `# exercise: mlp_by_hand`, or ""."""
        match = _MARKER.search(self.source)
        return match[1] if match else ""

    @property
    def untouched(self) -> bool:
        """Whether the source is still as it was released."""
        return self.released == digest(self.source)


def marker(exercise: str) -> str:
    """The first line of an exercise's answer cell."""
    return f"# exercise: {exercise}"


def digest(source: str) -> str:
    """A digest of a cell's source that ignores trailing spaces and line endings, as in `Cell.released`."""
    text = "\n".join(line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# msgspec evaluates these annotations at run time; Union works for all of them on Python 3.10.
class _Tag(msgspec.Struct):
    grade_id: str = ""


class _Ours(msgspec.Struct):
    released_sha256: str = ""


class _Nbgrader(msgspec.Struct):
    nbgrader: _Tag = msgspec.field(default_factory=_Tag)


class _Autograder(msgspec.Struct):
    autograder: _Ours = msgspec.field(default_factory=_Ours)


class _Cell(msgspec.Struct):
    cell_type: str
    source: Union[str, list[str]] = ""
    metadata: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class _Notebook(msgspec.Struct):
    cells: list[_Cell]
    nbformat: int = 4


def read_cells(data: bytes) -> list[Cell]:
    """The cells of an .ipynb file. Raises NotebookError if it cannot be read. Malformed metadata is ignored."""
    try:
        notebook = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Notebook)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        what = " ".join(str(error).split())[:120]
        raise NotebookError(
            f"is not a readable notebook ({what}): open it in Jupyter, save it, and hand it in again"
        ) from None
    if len(notebook.cells) > MAX_CELLS:
        raise NotebookError(
            f"has more than {MAX_CELLS:,} cells: hand in the notebook that you were given, with your answers"
        )
    cells = [_cell(number, cell) for number, cell in enumerate(notebook.cells, start=1)]
    if sum(len(cell.source) for cell in cells if cell.kind == "code") > MAX_CODE:
        raise NotebookError(f"holds more than {MAX_CODE >> 10} KiB of code: keep data in files instead of cells")
    return cells


def _cell(number: int, cell: _Cell) -> Cell:
    source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
    try:
        tag = msgspec.json.decode(cell.metadata, type=_Nbgrader).nbgrader.grade_id
    except (msgspec.MsgspecError, RecursionError):
        tag = ""
    try:
        released = msgspec.json.decode(cell.metadata, type=_Autograder).autograder.released_sha256
    except (msgspec.MsgspecError, RecursionError):
        released = ""
    text = source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return Cell(number, cell.cell_type, text, tag, released)
