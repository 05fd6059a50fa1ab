"""The end of a worker in words."""

from __future__ import annotations

import signal

import pytest

from autograder.sandbox.host.workers import _how_it_ended


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3, "ended the Python process (exit code 3)"),
        (-signal.SIGSEGV, "crashed the Python process with SIGSEGV: compiled code crashed"),
        (-signal.SIGTERM, "crashed the Python process with SIGTERM: the process was killed"),
        (-45, "crashed the Python process with signal 45: the process was killed"),
    ],
)
def test_the_end_of_a_process_has_a_cause(status: int, words: str) -> None:
    assert _how_it_ended(status).startswith(words)
