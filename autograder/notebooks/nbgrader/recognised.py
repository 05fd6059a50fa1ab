"""Which submitted cell is which released one: by its tag, by what it holds, or by its place between known cells.

Colab, VS Code and validators of notebooks drop the metadata of cells, and students add cells, copy and delete them. An
exercise is found by its first line, an answer by the names that it assigns, a locked cell by its text. All released text
cells are alike, so they are found by their place: after the question, before the next released cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.submissions.notebooks.cells import Cell, marker
from autograder.submissions.notebooks.copies import counting

_ASSIGNED = re.compile(r"^(q[0-9]{2}[a-z]?_\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.M)


@dataclass(frozen=True)
class ReleasedCell:
    """A cell of the released notebook: nbgrader's metadata, and its source. Narrative has no tag and no metadata."""

    tag: str
    kind: str
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def locked(self) -> bool:
        return bool(self.metadata.get("locked"))

    @property
    def is_answer(self) -> bool:
        return bool(self.metadata.get("solution"))

    @property
    def is_text(self) -> bool:
        return self.is_answer and self.kind == "markdown"


@dataclass
class Recognised:
    """The result for one notebook.

    `owners`: the tag of a cell, by the cell's index. `lost`: the tags of answers without a cell. `beside`: for an empty
    text answer, the indices of cells around it in which the student wrote something. `answered`: the tags of edited cells.
    """

    owners: dict[int, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    beside: dict[str, list[int]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)


def recognise(cells: Sequence[Cell], released: Sequence[ReleasedCell]) -> Recognised:
    """Recognises the cells of a notebook. `released`: all cells of the released one, with the narrative if it is known."""
    return _Recognition(cells, released).run()


class _Recognition:
    def __init__(self, cells: Sequence[Cell], released: Sequence[ReleasedCell]) -> None:
        self._cells = cells
        self._texts = [_plain(cell.source) for cell in cells]
        self._released = released
        self._known = {cell.tag: cell for cell in released if cell.tag}
        self._has_narrative = any(not cell.tag for cell in released)
        self._places: dict[int, int] = {}
        """The index of a released cell, to the index of the submitted cell that it became."""
        self._extended: set[int] = set()
        """Submitted cells that hold a released text and more, such as an answer below its question."""
        self._result = Recognised()

    def run(self) -> Recognised:
        owners = self._result.owners
        for tag, numbers in self._claims().items():
            copies = counting([(self._cells[n].source, not self._is_edited(n, tag)) for n in numbers])
            # Code that comes later counts, and words are read from the top.
            owners[numbers[copies[-1 if self._known[tag].kind == "code" else 0]]] = tag
        by_tag = {tag: number for number, tag in owners.items()}
        self._places = {i: by_tag[cell.tag] for i, cell in enumerate(self._released) if cell.tag in by_tag}
        self._place_narrative()
        for index, cell in enumerate(self._released):
            if cell.is_text and self._has_narrative:
                self._place_text(index, cell)
        for number, tag in owners.items():
            if self._known[tag].is_answer and self._is_edited(number, tag):
                self._result.answered.add(tag)
        self._result.lost = {t for t, cell in self._known.items() if cell.is_answer and t not in owners.values()}
        return self._result

    def _is_edited(self, number: int, tag: str) -> bool:
        return self._texts[number] not in ("", _plain(self._known[tag].source))

    def _claims(self) -> dict[str, list[int]]:
        """The cells that may be a released one, by its tag: those with the tag, or else those that hold the same."""
        claims: dict[str, list[int]] = {}
        for number, cell in enumerate(self._cells):
            if cell.tag in self._known:
                claims.setdefault(cell.tag, []).append(number)
        taken = {number for numbers in claims.values() for number in numbers}
        for tag, released in self._known.items():
            if tag not in claims:
                matching = [n for n in self._alike(released) if n not in taken]
                claims |= {tag: matching} if matching else {}
                taken |= set(matching[:1])
        return claims

    def _alike(self, released: ReleasedCell) -> list[int]:
        """The cells that hold what an exercise's, a question's or a locked cell holds, the likeliest first."""
        code = [n for n, cell in enumerate(self._cells) if cell.kind == "code"]
        first = released.source.partition("\n")[0]
        if released.is_answer and first and first == marker(released.tag.removeprefix("answer-")):
            return [n for n in code if self._cells[n].source.lstrip().startswith(first + "\n")]
        if released.is_answer and released.kind == "code":
            names = set(_ASSIGNED.findall(released.source))
            shared = {n: len(names & set(_ASSIGNED.findall(self._cells[n].source))) for n in code}
            return sorted((n for n in code if shared[n]), key=lambda n: (-shared[n], n))
        if released.locked:
            text = _plain(released.source)
            return [n for n, own in enumerate(self._texts) if own and own == text]
        return []

    def _place_narrative(self) -> None:
        """Finds the released narrative, whole or as the beginning of a cell. Text that occurs twice is no landmark."""
        free = [n for n in range(len(self._cells)) if n not in self._result.owners]
        texts = {i: _plain(cell.source) for i, cell in enumerate(self._released) if not cell.tag}
        heads = {i: _head(text) for i, text in texts.items()}
        once = {text for text, count in Counter(texts.values()).items() if text and count == 1}
        once_heads = {head for head, count in Counter(heads.values()).items() if head and count == 1}
        whole: dict[str, int] = {}
        begun: dict[str, int] = {}
        for number in free:
            whole.setdefault(self._texts[number], number)
            begun.setdefault(_head(self._texts[number]), number)
        for index, text in texts.items():
            if text in once and text in whole:
                self._places[index] = whole[text]
            elif heads[index] in once_heads and heads[index] in begun:
                self._places[index] = number = begun[heads[index]]
                if len(self._texts[number]) > len(text):
                    self._extended.add(number)

    def _place_text(self, index: int, released: ReleasedCell) -> None:
        """Finds a text answer by its place, and what the student wrote beside it if it is empty."""
        owners, blank = self._result.owners, _plain(released.source)
        around = [n for n in self._gap(index) if n not in owners and self._cells[n].kind != "code" and self._texts[n]]
        written = [n for n in around if self._texts[n] != blank]
        own = self._places.get(index)
        if own is None:
            new = [n for n in written if n not in self._extended]
            chosen = [*new, *(n for n in around if n not in written)][:1]
            if not chosen:
                return
            own = self._places[index] = chosen[0]
            owners[own] = released.tag
        if not self._is_edited(own, released.tag) and written:
            self._result.beside[released.tag] = [n for n in written if n != own]

    def _gap(self, index: int) -> Iterator[int]:
        """The cells between the known ones around a released cell, with one that holds more than was released."""
        before = max((i for i in self._places if i < index), default=None)
        after = min((i for i in self._places if i > index), default=None)
        start = -1 if before is None else self._places[before]
        end = len(self._cells) if after is None else self._places[after]
        placed = set(self._places.values())
        for number in range(max(start, 0), end):
            if number in self._extended or (number > start and number not in placed):
                yield number


def _plain(source: str) -> str:
    """The text without differences in spaces, which editors change."""
    return " ".join(source.split())


def _head(text: str) -> str:
    """The beginning of a text that is long enough to tell cells apart, or ""."""
    return text[:60] if len(text) >= 20 else ""
