"""What a call of student code can come to, other than a value. `status` is the status of the check that it ends."""

from __future__ import annotations


class StudentProblem(Exception):
    """Ends a check; `message` says what happened, where, and how to fix it."""

    status = "error"

    def __init__(self, message: str, printed: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.printed = printed


class NotStarted(StudentProblem):
    """A stub's NotImplementedError, or no file at all."""

    status = "not_started"


class Missing(StudentProblem):
    """The module is there and lacks the function or class."""

    status = "failed"


class Raised(StudentProblem):
    """The student's code raised, ended its process, or does not import."""

    status = "error"


class TimedOut(StudentProblem):
    """CPU or wall time ran out. `loaded_machine`: it was wall time alone, so once more is fair."""

    status = "timeout"

    def __init__(self, message: str, printed: str = "", loaded_machine: bool = False) -> None:
        super().__init__(message, printed)
        self.loaded_machine = loaded_machine


class Refused(StudentProblem):
    """A forbidden call, or an answer that is not an answer."""

    status = "refused"


class SandboxError(Exception):
    """The sandbox itself failed: the grader's fault, never a student's zero."""

    status = "grader_error"


class IsolationUnavailable(Exception):
    """The isolation that was asked for cannot be had on this machine; the text says why and what to do."""
