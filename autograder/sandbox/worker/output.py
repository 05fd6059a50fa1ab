"""What student code prints goes to a file that the grader reads, up to a limit, and then nowhere."""

from __future__ import annotations

import io


class BoundedText(io.TextIOBase):
    """A text stream that drops what goes past its limit: a chatty training loop is no mistake."""

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
            self._raw.write(data)
        return len(text)
