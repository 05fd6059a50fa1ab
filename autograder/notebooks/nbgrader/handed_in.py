"""Turns a submitted notebook into one that is safe to store, display and mark. Nothing in it is run.

Every cell is rebuilt. Students' text, code and pictures survive; everything else of theirs does not, in particular
metadata. The released cells are restored from the gradebook, whatever the student did to them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from autograder.notebooks.build import Cell, Notebook
from autograder.notebooks.nbgrader.recognised import Recognised, ReleasedCell, recognise
from autograder.submissions.notebooks.cells import MAX_BYTES, OURS, NotebookError, read_cells
from autograder.submissions.notebooks.cells import Cell as ReadCell

MAX_OUTPUTS = 20
MAX_TEXT = 20_000
MAX_SHOWN = 8 << 20
"""Limit for the outputs and pictures of one notebook that are kept, in bytes of the file."""
PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_NAME = re.compile(r"[\w. ()-]{1,100}")
# A name with spaces or brackets is not part of an address, and the text before it could be defined as one elsewhere.
_PICTURE = re.compile(r"!\[(?:[^\[\]\n]{0,200}\]\(attachment:(?P<name>[\w.-]{1,100})\))?")
LEFT_OUT = f"(This output was left out, since the notebook has more than {MAX_SHOWN >> 20} MiB of them.)"


def readable(data: bytes, name: str) -> Notebook:
    """A well-formed notebook from a file's bytes, or an `explanation` if they cannot be read."""
    try:
        return _notebook(_cells(data))
    except NotebookError as problem:
        return explanation(f"{name} {problem}")


def explanation(problem: str) -> Notebook:
    """A notebook that explains why the submitted one cannot be used. `problem_of` returns the reason again."""
    text = f"**Your notebook could not be read:** {harmless_markdown(problem)}."
    notebook = _notebook([{"cell_type": "markdown", "metadata": {}, "source": text, "id": "problem"}])
    notebook["metadata"][OURS] = {"problem": problem}
    return notebook


def problem_of(data: bytes) -> str:
    """The reason in an `explanation` that stands for an unreadable notebook, or ""."""
    try:
        return msgspec.json.decode(data, type=_Explanation).metadata.autograder.problem
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""


def too_large() -> NotebookError:
    return NotebookError(f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again")


def restored(
    cells: Sequence[Cell], released_cells: Sequence[ReleasedCell], recognised: Recognised | None = None
) -> list[Cell]:
    """The cells in the student's order, with each released cell restored: its metadata, and its source if it is locked.

    Of several cells with the same tag, an edited one keeps it. A missing cell is inserted after the cell that it
    followed, or before all tagged cells.
    """
    known = {cell.tag: cell for cell in released_cells if cell.tag}
    owners = (recognised or recognise(as_read(cells), released_cells)).owners
    result: list[Cell] = []
    places: dict[str, int] = {}
    for number, cell in enumerate(cells):
        tag = owners.get(number, "")
        if tag:
            places[tag] = len(result)
        result.append(_restored(cell, known.get(tag)))
    after = min(places.values(), default=len(result)) - 1
    for released in known.values():
        if released.tag in places:
            after = places[released.tag]
            continue
        after += 1
        result.insert(after, _restored({"source": released.source, "outputs": []}, released))
        places = {tag: place + (place >= after) for tag, place in places.items()} | {released.tag: after}
    for number, cell in enumerate(result):
        cell["id"] = f"cell-{number}"
    return result


def as_read(cells: Sequence[Cell]) -> list[ReadCell]:
    """A notebook's cells in the form of `read_cells`."""
    return [
        ReadCell(number, cell["cell_type"], cell["source"], cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        for number, cell in enumerate(cells, start=1)
    ]


def harmless_markdown(text: str, pictures: Collection[str] = ()) -> str:
    """Markdown that cannot add a tag or a script to a page, nor load anything: a space is inserted into what could start one.

    Nothing is escaped, since that would be visible in code and formulas. nbgrader's pages pass HTML and links through, and
    would load a picture from any server, which then knows who reads the page, and when. It becomes a link.

    Args:
        text: what the student wrote.
        pictures: the names of the cell's attachments, which are shown.
    """
    text = _PICTURE.sub(lambda found: found[0] if found["name"] in pictures else "! [", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
    text = re.sub(r"&(?=[#A-Za-z])", "& ", text)
    return re.sub(r"(script|data)(?=[\s\\]*:)", r"\1 ", text, flags=re.I)


def _notebook(cells: list[Cell]) -> Notebook:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cells(data: bytes) -> list[Cell]:
    if len(data) > MAX_BYTES:
        raise too_large()
    cells = read_cells(data)
    try:
        raw = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_RawNotebook).cells
        return _clean(cells, raw)
    except (msgspec.MsgspecError, RecursionError) as error:  # deep nesting in a part that `read_cells` skips
        raise NotebookError(f"is not a readable notebook ({error}): open it in Jupyter, and save it again") from None


def _clean(cells: list[ReadCell], raw_cells: list[_RawCell]) -> list[Cell]:
    result: list[Cell] = []
    left = MAX_SHOWN
    for cell, raw in zip(cells, raw_cells):
        metadata = {"nbgrader": msgspec.json.decode(raw.metadata)["nbgrader"]} if cell.tag else {}
        clean: Cell = {"cell_type": cell.kind, "metadata": metadata, "source": cell.source, "id": f"cell-{cell.number}"}
        shown = raw.outputs if cell.kind == "code" else raw.attachments
        size = len(memoryview(shown))
        left -= size
        if cell.kind == "code":
            outputs = _outputs(msgspec.json.decode(shown)) if left >= 0 else [stream(LEFT_OUT)] if size > 2 else []
            clean |= {"execution_count": None, "outputs": outputs}
        else:
            clean["cell_type"] = "markdown"
            pictures = _attachments(msgspec.json.decode(shown)) if left >= 0 else {}
            clean |= {"attachments": pictures} if pictures else {}
        result.append(clean)
    return result


def _outputs(raw: object) -> list[dict[str, Any]]:
    """Text and pictures only: a page could run any other kind of output."""
    result: list[dict[str, Any]] = []
    for output in raw[:MAX_OUTPUTS] if isinstance(raw, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        text = _text(output.get("text")) or _text(data.get("text/plain"))
        pictures = _pictures(data)
        if pictures:
            kept = pictures | {"text/plain": text[:MAX_TEXT]}
            result.append({"output_type": "display_data", "data": kept, "metadata": {}})
        elif text:
            result.append(stream(text[:MAX_TEXT]))
    return result


def stream(text: str) -> dict[str, Any]:
    """Text as a cell's printed output, which pages display unchanged."""
    return {"output_type": "stream", "name": "stdout", "text": _printable(text)}


def display(text: str, html: str) -> dict[str, Any]:
    """A cell's display output: pages show `html`, in which students' text must be escaped, everything else shows `text`."""
    data = {"text/html": _printable(html), "text/plain": _printable(text)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


def _attachments(raw: object) -> dict[str, dict[str, str]]:
    result: dict[str, dict[str, str]] = {}
    for name, data in raw.items() if isinstance(raw, dict) else []:
        pictures = _pictures(data) if isinstance(data, dict) and _NAME.fullmatch(name) else {}
        result |= {name: pictures} if pictures else {}
    return result


def _pictures(data: dict[str, Any]) -> dict[str, str]:
    """Pictures by their MIME type. Only base64 is kept, since pages write it into an attribute unchanged."""
    texts = {kind: _text(data.get(kind)) for kind in PICTURES}
    return {kind: text for kind, text in texts.items() if text and _BASE64.fullmatch(text)}


def _text(raw: object) -> str:
    if isinstance(raw, list):
        return "".join(part for part in raw if isinstance(part, str))
    return raw if isinstance(raw, str) else ""


def _restored(cell: Cell, released: ReleasedCell | None) -> Cell:
    """A cell that the student added, or a released cell with what the student wrote in it."""
    kind = released.kind if released else cell["cell_type"]
    source = released.source if released and released.locked else cell["source"]
    own = not (released and released.locked)
    result: Cell = {
        "cell_type": kind,
        "metadata": {"nbgrader": dict(released.metadata)} if released else {},
        "source": harmless_markdown(source, cell.get("attachments", {})) if kind == "markdown" and own else source,
    }
    if kind == "code":
        result |= {"execution_count": None, "outputs": cell.get("outputs", []) if own else []}
    elif "attachments" in cell:
        result["attachments"] = cell["attachments"]
    return result


class _RawCell(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    outputs: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"[]"))
    attachments: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class _RawNotebook(msgspec.Struct):
    cells: list[_RawCell]


class _Problem(msgspec.Struct):
    problem: str = ""


class _Metadata(msgspec.Struct):
    autograder: _Problem = msgspec.field(default_factory=_Problem)


class _Explanation(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
