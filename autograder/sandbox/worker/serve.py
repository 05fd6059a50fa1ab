"""A worker's life: requests from one socket, answers into it, until it closes."""

from __future__ import annotations

import os

from autograder.sandbox.wire.frames import MAX_BODY_BYTES, Frame, ProtocolError, pack, receive
from autograder.sandbox.wire.messages import Problem, Reply, to_bytes
from autograder.sandbox.worker.executor import Executor

READY = b"R"
"""Sent once, when this process is locked down and no student code has run: what fails before is our fault."""


def serve(descriptor: int) -> None:
    """Answers requests that come in on a stream socket; plain read and write, so that no socket call is needed."""
    executor = Executor()
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
