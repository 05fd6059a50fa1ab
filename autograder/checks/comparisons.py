"""What checks compare, for an observer: an appeal shows it. Without an observer this costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Union


@dataclass(frozen=True)
class Comparison:
    """An answer and the right one, just before they are compared. Both may change later: copy what you keep."""

    what: str
    """How the check's messages name the answer."""
    got: Any
    expected: Any
    rtol: float
    """The answer is right if |got − expected| ≤ rtol · (1 + |expected|) everywhere."""


@dataclass(frozen=True)
class Attempt:
    """One training of an accuracy check: the accuracy that it reached, and the one that is asked for."""

    accuracy: float
    minimum: float


Observer = Callable[[Union[Comparison, Attempt]], None]
_observer: ContextVar[Observer | None] = ContextVar("observer", default=None)


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Calls `observer` with everything that is compared inside.

    >>> seen = []
    >>> with observing(seen.append):
    ...     report(Comparison("the loss", 0.5, 0.25, 1e-9))
    >>> seen[0].expected
    0.25
    """
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


def report(compared: Comparison | Attempt) -> None:
    """Passes a comparison to the observer, if there is one. Functions that compare answers call it."""
    observer = _observer.get()
    if observer is not None:
        observer(compared)
