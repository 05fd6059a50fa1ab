"""A failed check as data: what was expected and what came, made into text by the reports."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """Wrong, and why. `message` leads with the reason."""

    status = "failed"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.printed = ""
