"""Both ends of the wire, fed with bytes: how a message ends, in a word. Anything else that is raised is a defect."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import CallLimits
from autograder.sandbox.wire.frames import MAX_REPLY_HEADER_BYTES, Frame, ProtocolError, TooLarge, receive
from autograder.sandbox.wire.messages import Call, Reply, request_from, to_bytes, zygote_request_from
from autograder.sandbox.wire.values import Decoder

MAX_SHOWN = 10_000


class Stream:
    """Fills buffers from bytes, as from a socket that is closed after them."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def fill(self, buffer: memoryview) -> None:
        if len(self._left) < len(buffer):
            raise EOFError
        buffer[:] = self._left[: len(buffer)]
        self._left = self._left[len(buffer) :]


class Taken:
    """A worker that student code has taken over: it answers a call with the bytes in `says`."""

    last_error = None

    def __init__(self) -> None:
        self.says = b""

    def ask(self, request: Frame, what: str, limits: CallLimits) -> Frame:
        if what.startswith("importing"):
            return Frame(request.request, to_bytes(Reply()), b"")
        return receive(Stream(self.says).fill, 0, MAX_REPLY_HEADER_BYTES, limits.answer_bytes)

    def printed(self) -> str:
        return ""

    def close(self) -> int:
        return 0


class Host:
    """The grader, as it reads the answer to a call."""

    def __init__(self) -> None:
        self._worker = Taken()
        self._student = StudentModule(Assignment("m", {"m.py": b"def f(x): return x"}, ("f",)), lambda: self._worker)

    def read(self, message: bytes) -> str:
        self._worker.says = message
        try:
            self._student.begin_check(seed=0, cpu_seconds=1)
            value: Any = self._student.f(1)
        except StudentProblem as problem:
            return (
                type(problem).__name__ if len(problem.message) < MAX_SHOWN else "a message that is too long to be shown"
            )
        except EOFError:
            return "ended"
        return "value" if len(describe_value(value)) < MAX_SHOWN else "a value that is too long to be shown"


class Receiver:
    """A worker and the zygote, as they read a request. They do not run it."""

    def read(self, message: bytes) -> str:
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            zygote_request_from(message)
        try:
            frame = receive(Stream(message).fill)
            request = request_from(frame.header)
            if isinstance(request, Call):
                decoder = Decoder(frame.body, lambda node: node)
                for node in (*request.args, *request.kwargs.values()):
                    decoder.decode(node)
                decoder.finish()
        except EOFError:
            return "ended"
        except (TooLarge, ProtocolError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            return type(error).__name__
        return "value"
