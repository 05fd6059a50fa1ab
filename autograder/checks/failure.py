"""The exception that a failed check raises."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """Raised by a check to say that an answer is wrong, and how.

    Args:
        message: what is wrong, where, and what may have caused it; the student reads it.
        hint: further help, shown below the message.
    """

    status = "failed"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.printed = ""
