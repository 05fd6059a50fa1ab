"""Errors that end a call of student code. `status` is the status that the error gives the current check."""

from __future__ import annotations


class StudentProblem(Exception):
    """An error in student code, which ends the check. `message` says what happened, where, and how to fix it."""

    status = "error"

    def __init__(self, message: str, printed: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.printed = printed


class NotStarted(StudentProblem):
    """The stub's NotImplementedError was raised, or the file does not exist."""

    status = "not_started"


class Missing(StudentProblem):
    """The module exists but lacks the function or class."""

    status = "failed"


class Raised(StudentProblem):
    """The student's code raised an exception, ended its process, or cannot be imported."""

    status = "error"


class TooManyThreads(Raised):
    """The student's code started more threads than it may have."""


class TimedOut(StudentProblem):
    """A call used more CPU time, or idled longer, than it may, or all calls together did."""

    status = "timeout"


class Refused(StudentProblem):
    """The code made a forbidden call, or returned something unusable. `mistake`: the part of the message that names it."""

    status = "refused"

    def __init__(self, message: str, printed: str = "", mistake: str = "") -> None:
        super().__init__(message, printed)
        self.mistake = mistake


class SandboxError(Exception):
    """The sandbox itself failed: an error of the grader, which never costs a student points."""

    status = "grader_error"


class IsolationUnavailable(Exception):
    """The requested isolation is unavailable on this machine. The message says why and what to use instead."""
