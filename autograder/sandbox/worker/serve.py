"""A worker's main loop: reads requests from its socket and writes replies to it until the socket closes."""

from __future__ import annotations

import os

from autograder.sandbox.wire.frames import MAX_BODY_BYTES, Frame, ProtocolError, pack, receive
from autograder.sandbox.wire.messages import Problem, Reply, to_bytes
from autograder.sandbox.worker.executor import Executor

READY = b"R"
"""Sent once, after the lock-down and before any student code runs. A failure before it is an error of the grader."""


def serve(descriptor: int) -> None:
    """Answers requests from a stream socket. Uses plain read and write, so the filter can refuse all socket calls."""
    executor = Executor(for_good=True)
    _write(descriptor, memoryview(READY))

    def fill(buffer: memoryview) -> None:
        while buffer:
            count = os.readv(descriptor, [buffer])
            if count == 0:
                raise EOFError
            buffer = buffer[count:]

    while True:
        try:
            frame = receive(fill)
        except EOFError:
            return
        answer = executor.answer(frame)
        try:
            pieces = pack(answer)
        except ProtocolError:
            problem = Problem("raised", "OverflowError", f"it returned more than {MAX_BODY_BYTES:,} bytes", [])
            pieces = pack(Frame(frame.request, to_bytes(Reply(problem=problem)), b""))
        for piece in pieces:
            _write(descriptor, memoryview(piece))


def _write(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
