"""Keys that are pressed while `autograder watch` runs, one at a time and without Enter. Only on a terminal."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.2


@contextmanager
def reported_keys(report: Callable[[str], object], descriptor: int | None = None) -> Iterator[bool]:
    """Calls `report` with each key, from a thread; yields whether there is a terminal to read from.

    The terminal gets its settings back at the end. Ctrl-C and Ctrl-Z keep their meaning.
    """
    source = _standard_input() if descriptor is None else descriptor
    if source is None or not os.isatty(source):
        yield False
        return
    import termios  # does not exist on Windows, where there is no os.isatty for a console pipe either
    import tty

    before = termios.tcgetattr(source)
    ended = threading.Event()
    reader = threading.Thread(target=_read, args=(source, report, ended), name="keys", daemon=True)
    try:
        tty.setcbreak(source)
        reader.start()
        yield True
    finally:
        ended.set()
        reader.join()
        termios.tcsetattr(source, termios.TCSADRAIN, before)


def _standard_input() -> int | None:
    if sys.platform == "win32":
        return None
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or replaced by an object without a file
        return None


def _read(descriptor: int, report: Callable[[str], object], ended: threading.Event) -> None:
    while not ended.is_set():
        ready, _, _ = select.select([descriptor], [], [], POLL_SECONDS)
        if not ready:
            continue
        try:
            pressed = os.read(descriptor, 1)
        except OSError:  # the terminal is gone
            return
        if not pressed:
            return
        report(pressed.decode("ascii", "replace"))
