"""The one error of this room, apart so that every mechanism can raise it."""

from __future__ import annotations


class LockdownUnavailable(RuntimeError):
    """A part of the lock-down cannot be had here; nothing of a student's may run in this process."""

    def __init__(self, mechanism: str, reason: str) -> None:
        super().__init__(f"{mechanism}: {reason}")
        self.mechanism = mechanism
        self.reason = reason
