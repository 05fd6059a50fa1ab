"""From what somebody handed in as a notebook to a notebook that is safe to keep, to show and to mark. Nothing of it is run.

Every cell is built anew: what students wrote and pictures survive, and everything else of theirs, metadata first, does
not. The cells that were handed out are put in order from what the teacher's side knows of them, whatever became of them.
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
class HandedOut:
    """A cell as the gradebook knows it: what nbgrader's metadata say, and its text."""

    tag: str
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def locked(self) -> bool:
        return bool(self.metadata["locked"])


def readable(data: bytes, name: str) -> Notebook:
    """A well-formed notebook from a file's bytes; where there is no reading it, one that says why."""
    try:
        return _notebook(_cells(data))
    except NotebookError as problem:
        return explanation(f"{name} {problem}")


def explanation(problem: str) -> Notebook:
    """A notebook in place of one that cannot be had."""
    text = f"**This is all that can be shown of what was handed in:** {harmless_markdown(problem)}."
    return _notebook([{"cell_type": "markdown", "metadata": {}, "source": text, "id": "problem"}])


def too_large() -> NotebookError:
    return NotebookError(f"is larger than {MAX_BYTES >> 20} MiB: clear its outputs, save it, and hand it in again")


def restored(cells: Sequence[Cell], handed_out: Sequence[HandedOut]) -> list[Cell]:
    """The cells in the student's order, those that were handed out as they were: locked ones with their text, each once.

    Of several cells with one tag the first that was begun keeps it. What is missing comes after what it followed, and what
    was missing first after the text at the top.
    """
    known = {cell.tag: cell for cell in handed_out}
    owners = _owners(cells, known)
    result: list[Cell] = []
    places: dict[str, int] = {}
    for number, cell in enumerate(cells):
        tag = owners.get(number, "")
        if tag:
            places[tag] = len(result)
        result.append(_restored(cell, known.get(tag)))
    after = min(places.values(), default=len(result)) - 1
    for released in handed_out:
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
    """Markdown by which no page gets a tag or a script: a space parts what would begin one.

    Nothing is escaped, since that would show in code and formulas. nbgrader's pages let HTML and any link through.
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
    except (msgspec.MsgspecError, RecursionError) as error:  # nested without end, where `read_cells` does not look
        raise NotebookError(
            f"is not a readable notebook ({error}): open it in Jupyter, and save it again"
        ) from None
    result: list[Cell] = []
    for cell, found in zip(cells, raw):
        metadata = {"nbgrader": found["metadata"]["nbgrader"]} if cell.tag else {}
        clean: Cell = {"cell_type": cell.kind, "metadata": metadata, "source": cell.source, "id": f"cell-{cell.number}"}
        if cell.kind == "code":
            clean |= {"execution_count": None, "outputs": _outputs(found.get("outputs"))}
        else:
            clean["cell_type"] = "markdown"
            pictures = _attachments(found.get("attachments"))
            clean |= {"attachments": pictures} if pictures else {}
        result.append(clean)
    return result


def _outputs(found: object) -> list[dict[str, Any]]:
    """Text and pictures. Whatever else a page could show, it could also run."""
    result: list[dict[str, Any]] = []
    for output in found[:MAX_OUTPUTS] if isinstance(found, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        text = _text(output.get("text")) or _text(data.get("text/plain"))
        pictures = _pictures(data)
        if pictures:
            shown = pictures | {"text/plain": text[:MAX_TEXT]}
            result.append({"output_type": "display_data", "data": shown, "metadata": {}})
        elif text:
            result.append(stream(text[:MAX_TEXT]))
    return result


def stream(text: str) -> dict[str, Any]:
    """Text as a cell prints it: pages show it as it is."""
    return {"output_type": "stream", "name": "stdout", "text": _printable(text)}


def display(text: str, html: str) -> dict[str, Any]:
    """What a cell displays: pages show the HTML, in which everything of a student's is escaped, and others the text."""
    data = {"text/html": _printable(html), "text/plain": _printable(text)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


def _attachments(found: object) -> dict[str, dict[str, str]]:
    result: dict[str, dict[str, str]] = {}
    for name, data in found.items() if isinstance(found, dict) else []:
        pictures = _pictures(data) if isinstance(data, dict) and _NAME.fullmatch(name) else {}
        result |= {name: pictures} if pictures else {}
    return result


def _pictures(data: dict[str, Any]) -> dict[str, str]:
    """By kind; none that is not base64, since pages write them into an attribute as they are."""
    found = {kind: _text(data.get(kind)) for kind in PICTURES}
    return {kind: text for kind, text in found.items() if text and _BASE64.fullmatch(text)}


def _text(found: object) -> str:
    if isinstance(found, list):
        return "".join(part for part in found if isinstance(part, str))
    return found if isinstance(found, str) else ""


def _owners(cells: Sequence[Cell], known: dict[str, HandedOut]) -> dict[int, str]:
    """Number of a cell to the tag that it keeps."""
    claims: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        tag = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if tag in known:
            claims.setdefault(tag, []).append(number)
    for tag, released in known.items():  # an answer cell that lost its tag is known by its first line
        first = released.source.partition("\n")[0]
        if tag not in claims and first and first == marker(tag.removeprefix("answer-")):
            found = [n for n, cell in enumerate(cells) if cell["source"].lstrip().startswith(first + "\n")]
            claims |= {tag: found} if found else {}
    owners = {}
    for tag, numbers in claims.items():
        begun = [n for n in numbers if cells[n]["source"].strip() not in ("", known[tag].source.strip())]
        owners[(begun or numbers)[0]] = tag
    return owners


def _restored(cell: Cell, released: HandedOut | None) -> Cell:
    """A cell of the student's, or one that was handed out with what the student wrote in it."""
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
