"""The cells that the lines of an extracted module come from, for messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Places:
    """The origin of a module's lines. Each piece is (its first line in the module, the cell's number, the line there).

    `answer`: the number of the answer cell; 0 if it is the cell of the last piece.
    """

    notebook: str
    pieces: tuple[tuple[int, int, int], ...]
    answer: int = 0

    @property
    def answer_cell(self) -> str:
        """The exercise's answer cell, or the last one if it has several."""
        return f"{self.notebook}, cell {self.answer or self.pieces[-1][1]}"

    def of(self, line: int) -> str:
        """The origin of a line of the module, as "p1_mlp.ipynb, cell 12, line 3"."""
        first, cell, start = max(
            (piece for piece in self.pieces if piece[0] <= line), default=(line, self.pieces[0][1], 1)
        )
        return f"{self.notebook}, cell {cell}, line {start + line - first}"


def name_cells_in(text: str, path: str, places: Mapping[str, Places]) -> str:
    """Replaces lines of modules by the student's cells in a message about the exercise at `path`."""
    if path in places:  # the scan for forbidden calls gives the line without a file name
        text = re.sub(r"\(line (\d{1,6})\)", lambda match: f"({places[path].of(int(match[1]))})", text)
    if not places:
        return text
    reference = re.compile(r"\b(" + "|".join(map(re.escape, places)) + r")(?::(\d{1,6})\b)?")
    return reference.sub(lambda m: places[m[1]].of(int(m[2])) if m[2] else places[m[1]].answer_cell, text)
