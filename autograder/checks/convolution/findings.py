"""What a check finds out about a wrong answer: words, and which of them name an established mistake."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Words about a wrong answer.

    words: what the student reads; "" if nothing was found.
    mistake: the part of the words that names the mistake, if other causes are excluded; else "".
    """

    words: str = ""
    mistake: str = ""

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def after_colon(self) -> str:
        """The words as the end of a sentence, after ": "; "" if there are none."""
        return f": {self.words}" if self.words else ""


def established(mistake: str, remedy: str = "") -> Finding:
    """A mistake that was established, with what else the student reads after it."""
    return Finding(mistake + remedy, mistake)
