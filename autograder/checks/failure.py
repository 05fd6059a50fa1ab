"""The exception that a failed check raises."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """Raised by a check to say that an answer is wrong, and how.

    Args:
        message: what is wrong, where, and what may have caused it; the student reads it.
        hint: further help, shown below the message.
        mistake: the part of the message that names the mistake, if the check has excluded other causes. Statistics count
            it like a known mistake; if diagnosis finds a known one, that is named instead.
    """

    status = "failed"

    def __init__(self, message: str, hint: str = "", mistake: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.mistake = mistake
        self.printed = ""
