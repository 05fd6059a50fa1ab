"""The lock-down's error, in its own module so that every mechanism can import it."""

from __future__ import annotations


class LockdownUnavailable(RuntimeError):
    """A part of the lock-down is unavailable, so no student code may run in this process."""

    def __init__(self, mechanism: str, reason: str) -> None:
        super().__init__(f"{mechanism}: {reason}")
        self.mechanism = mechanism
        self.reason = reason
