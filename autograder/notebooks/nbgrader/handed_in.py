"""Turns a submitted notebook into one that is safe to store, display and mark. Nothing in it is run.

Every cell is rebuilt. Students' text, code and pictures survive; everything else of theirs does not, in particular
metadata. The released cells are restored from the gradebook, whatever the student did to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from autograder.notebooks.build import Cell, Notebook
from autograder.submissions.notebooks.cells import MAX_BYTES, NotebookError, marker, read_cells

MAX_OUTPUTS = 20
MAX_TEXT = 20_000
PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_NAME = re.compile(r"[\w. ()-]{1,100}")


@dataclass(frozen=True)
class ReleasedCell:
    """A cell of the released notebook, from the gradebook: nbgrader's metadata, and its source."""

    tag: str
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def locked(self) -> bool:
        return bool(self.metadata["locked"])


def readable(data: bytes, name: str) -> Notebook:
    """A well-formed notebook from a file's bytes, or an `explanation` if they cannot be read."""
    try:
        return _notebook(_cells(data))
    except NotebookError as problem:
        return explanation(f"{name} {problem}")


def explanation(problem: str) -> Notebook:
    """A notebook that explains why the submitted one cannot be used."""
    text = f"**Your notebook could not be graded:** {harmless_markdown(problem)}."
    return _notebook([{"cell_type": "markdown", "metadata": {}, "source": text, "id": "problem"}])


def too_large() -> NotebookError:
    return NotebookError(f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again")


def restored(cells: Sequence[Cell], released_cells: Sequence[ReleasedCell]) -> list[Cell]:
    """The cells in the student's order, with each released cell restored: its metadata, and its source if it is locked.

    Of several cells with the same tag, the first edited one keeps it. A missing cell is inserted after the cell that it
    followed, or before all tagged cells.
    """
    known = {cell.tag: cell for cell in released_cells}
    owners = _owners(cells, known)
    result: list[Cell] = []
    places: dict[str, int] = {}
    for number, cell in enumerate(cells):
        tag = owners.get(number, "")
        if tag:
            places[tag] = len(result)
        result.append(_restored(cell, known.get(tag)))
    after = min(places.values(), default=len(result)) - 1
    for released in released_cells:
        if released.tag in places:
            after = places[released.tag]
            continue
        after += 1
        result.insert(after, _restored({"source": released.source, "outputs": []}, released))
        places = {tag: place + (place >= after) for tag, place in places.items()} | {released.tag: after}
    for number, cell in enumerate(result):
        cell["id"] = f"cell-{number}"
    return result


def harmless_markdown(text: str) -> str:
    """Markdown that cannot add a tag or a script to a page: a space is inserted into anything that could start one.

    Nothing is escaped, since that would be visible in code and formulas. nbgrader's pages pass HTML and links through.
    """
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
        raw = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))["cells"]
    except (msgspec.MsgspecError, RecursionError) as error:  # deep nesting in a part that `read_cells` skips
        raise NotebookError(f"is not a readable notebook ({error}): open it in Jupyter, and save it again") from None
    result: list[Cell] = []
    for cell, raw_cell in zip(cells, raw):
        metadata = {"nbgrader": raw_cell["metadata"]["nbgrader"]} if cell.tag else {}
        clean: Cell = {"cell_type": cell.kind, "metadata": metadata, "source": cell.source, "id": f"cell-{cell.number}"}
        if cell.kind == "code":
            clean |= {"execution_count": None, "outputs": _outputs(raw_cell.get("outputs"))}
        else:
            clean["cell_type"] = "markdown"
            pictures = _attachments(raw_cell.get("attachments"))
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


def _owners(cells: Sequence[Cell], known: dict[str, ReleasedCell]) -> dict[int, str]:
    """The tags of the cells that keep theirs, by the cell's number."""
    claims: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        tag = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if tag in known:
            claims.setdefault(tag, []).append(number)
    for tag, released in known.items():  # an answer cell that lost its tag is identified by its first line
        first = released.source.partition("\n")[0]
        if tag not in claims and first and first == marker(tag.removeprefix("answer-")):
            matching = [n for n, cell in enumerate(cells) if cell["source"].lstrip().startswith(first + "\n")]
            claims |= {tag: matching} if matching else {}
    owners = {}
    for tag, numbers in claims.items():
        edited = [n for n in numbers if cells[n]["source"].strip() not in ("", known[tag].source.strip())]
        owners[(edited or numbers)[0]] = tag
    return owners


def _restored(cell: Cell, released: ReleasedCell | None) -> Cell:
    """A cell that the student added, or a released cell with what the student wrote in it."""
    kind = released.kind if released else cell["cell_type"]
    source = released.source if released and released.locked else cell["source"]
    own = not (released and released.locked)
    result: Cell = {
        "cell_type": kind,
        "metadata": {"nbgrader": dict(released.metadata)} if released else {},
        "source": harmless_markdown(source) if kind == "markdown" and own else source,
    }
    if kind == "code":
        result |= {"execution_count": None, "outputs": cell.get("outputs", []) if own else []}
    elif "attachments" in cell:
        result["attachments"] = cell["attachments"]
    return result
