"""Captures what student code prints in a file that the grader reads; what exceeds the limit is dropped."""

from __future__ import annotations

import io


class BoundedText(io.TextIOBase):
    """A text stream that silently drops what exceeds its limit in bytes: printing a lot is not an error."""

    def __init__(self, descriptor: int, limit: int) -> None:
        super().__init__()
        self._raw = io.FileIO(descriptor, "w", closefd=False)
        self._left = limit

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def write(self, text: str) -> int:
        data = text.encode("utf-8", errors="backslashreplace")[: self._left]
        self._left -= len(data)
        if data:
            try:
                self._raw.write(data)
            except OSError:  # a limit of the machine, such as a full disk: a lost print costs no points
                self._left = 0
        return len(text)
