"""Names what was run in the message of an exception, in place of the probe that ran it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograder.sandbox.host.errors import Raised


@contextmanager
def named(what: str) -> Iterator[None]:
    """A block in whose exceptions of the student's code the call is replaced by `what`."""
    try:
        yield
    except Raised as problem:
        raised = problem.message.partition(" raised ")[2]
        if not raised:
            raise
        raise Raised(f"{what} raised {raised}", problem.printed).with_traceback(problem.__traceback__) from None
