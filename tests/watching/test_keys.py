"""Keys are read from a terminal only, one at a time, and the terminal gets its settings back."""

import os
import pty
import queue
import termios
from collections.abc import Iterator

import pytest

from autograder.watching.keys import reported_keys


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: what the user types into, and what the program reads from."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_a_key_is_reported_without_enter(terminal: tuple[int, int]) -> None:
    pressed: queue.SimpleQueue[str] = queue.SimpleQueue()
    with reported_keys(pressed.put, terminal[1]) as has_keys:
        os.write(terminal[0], b"h")
        assert pressed.get(timeout=10) == "h"
    assert has_keys


def test_the_terminal_gets_its_settings_back(terminal: tuple[int, int]) -> None:
    before = termios.tcgetattr(terminal[1])
    with reported_keys(lambda key: None, terminal[1]):
        assert termios.tcgetattr(terminal[1]) != before
    assert termios.tcgetattr(terminal[1]) == before


def test_a_pipe_has_no_keys() -> None:
    reader, writer = os.pipe()
    with reported_keys(lambda key: None, reader) as has_keys:
        assert not has_keys
    os.close(reader)
    os.close(writer)
