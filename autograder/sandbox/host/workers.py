"""The grader's view of a worker: sends a request, watches the clock, returns the reply or says why there is none."""

from __future__ import annotations

import os
import select
import signal
import socket
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Protocol

from autograder.sandbox.host import text
from autograder.sandbox.host.budget import IDLE_SECONDS_OF_A_CALL, Budget, Meter, unlimited
from autograder.sandbox.host.errors import Raised, Refused, SandboxError, TimedOut, TooManyThreads
from autograder.sandbox.host.launch import START_SECONDS, Launcher
from autograder.sandbox.wire.frames import MAX_BODY_BYTES, MAX_REPLY_HEADER_BYTES, Frame, ProtocolError, pack, receive
from autograder.sandbox.wire.messages import Spawn
from autograder.sandbox.worker.executor import Executor
from autograder.sandbox.worker.lockdown import THREADS

TICK_SECONDS = 0.05
MAX_PRINTED = 2000


@dataclass(frozen=True)
class Limits:
    """What one worker may use."""

    memory_bytes: int = 1 << 30
    output_bytes: int = 4 << 20
    lifetime_cpu_seconds: int = 900
    threads: int = THREADS
    """Counted by the host, too, where the kernel cannot count the threads of a worker apart from others."""


@dataclass(frozen=True)
class CallLimits:
    """What one call may use, and how large its answer may be. `budget`: what it shares with the calls around it."""

    cpu_seconds: float = 10.0
    answer_bytes: int = MAX_BODY_BYTES
    budget: Budget = field(default_factory=unlimited)


class Worker(Protocol):
    """The place where student code runs."""

    @property
    def last_error(self) -> BaseException | None:
        """The exception behind the last problem, if the worker shares the grader's process, else None."""

    def ask(self, request: Frame, what: str, limits: CallLimits) -> Frame:
        """Sends one request and returns the reply. After a StudentProblem the worker no longer exists."""

    def printed(self) -> str:
        """What was printed since the previous call of this method, cut to a limit, and safe to show."""

    def close(self) -> int:
        """Ends the worker. Returns the exit code of its process, negative for a signal."""


class ProcessWorker:
    """A worker in its own process."""

    last_error: BaseException | None = None  # an exception object cannot be sent

    def __init__(self, launcher: Launcher, isolation: str, limits: Limits, preload: tuple[str, ...]) -> None:
        self._launcher = launcher
        self._prints = _memory_file()  # lives as long as the worker
        weakref.finalize(self, self._prints.close)  # printed() is also called after close()
        self._offset = 0
        self._limits = limits
        ours, theirs = socket.socketpair()
        with theirs:
            request = Spawn(isolation, limits.memory_bytes, limits.output_bytes, limits.lifetime_cpu_seconds, preload)
            try:
                self._pid = launcher.spawn(request, theirs, self._prints.fileno())
            except SandboxError:
                launcher.disturbed = True
                ours.close()
                raise
        ours.settimeout(START_SECONDS)
        self._socket = ours
        self._alive = True
        try:
            ready = ours.recv(1)
        except OSError:
            ready = b""
        if not ready:
            launcher.disturbed = True
            self.close()
            raise SandboxError(f"a worker did not start: {self.printed()}")
        ours.setblocking(False)
        self._meter = Meter(self._pid)
        self._max_threads = limits.threads

    def ask(self, request: Frame, what: str, limits: CallLimits) -> Frame:
        pieces = pack(request)
        self._launcher.alive()
        deadline = _Deadline(self._meter, what, limits, self._max_threads, self._launcher.alive)
        try:
            for piece in pieces:
                self._send(memoryview(piece), deadline)
            reply = receive(
                lambda buffer: self._fill(buffer, deadline),
                request.request,
                MAX_REPLY_HEADER_BYTES,
                limits.answer_bytes,
            )
            deadline.count_threads()
            return reply
        except (TimedOut, TooManyThreads) as error:
            self.close()
            error.printed = self.printed()
            raise
        except ProtocolError as error:
            self.close()
            raise Refused(f"{what} sent an invalid reply: {text.name(str(error), 300)}", self.printed()) from None
        except (EOFError, ConnectionError):
            status = self.close()
            if status == -signal.SIGKILL:  # by the system, whose memory others may have used up
                self._launcher.disturbed = True
            raise Raised(f"{what} {_how_it_ended(status)}", self.printed()) from None
        finally:
            deadline.end()

    def printed(self) -> str:
        size = os.fstat(self._prints.fileno()).st_size
        start, self._offset = self._offset, max(size, self._offset)
        data = os.pread(self._prints.fileno(), min(size - start, MAX_PRINTED) if size > start else 0, start)
        more = size - start - len(data)
        return text.clean(data.decode("utf-8", errors="replace") + (f"\n… and {more:,} more bytes" if more > 0 else ""))

    def close(self) -> int:
        if not self._alive:
            return 0
        self._alive = False
        self._socket.close()
        return self._launcher.end(self._pid)

    def _send(self, data: memoryview, deadline: _Deadline) -> None:
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                deadline.wait(self._socket, select.POLLOUT)

    def _fill(self, buffer: memoryview, deadline: _Deadline) -> None:
        while buffer:
            try:
                count = self._socket.recv_into(buffer)
            except BlockingIOError:
                deadline.wait(self._socket, select.POLLIN)
                continue
            if count == 0:
                raise EOFError
            buffer = buffer[count:]


class LocalWorker:
    """Runs student code in the grader's own process, so that a debugger can step into it."""

    def __init__(self) -> None:
        self._executor = Executor()

    @property
    def last_error(self) -> BaseException | None:
        return self._executor.last_error

    def ask(self, request: Frame, what: str, limits: CallLimits) -> Frame:
        return self._executor.answer(request)

    def printed(self) -> str:
        return ""

    def close(self) -> int:
        self._executor.close()
        return 0


class _Deadline:
    """The limits of one call, measured from outside."""

    def __init__(
        self, meter: Meter, what: str, limits: CallLimits, max_threads: int, alive: Callable[[], None]
    ) -> None:
        self._meter = meter
        self._what = what
        self._limits = limits
        self._max_threads = max_threads
        self._alive = alive
        self._start = meter.read()

    def wait(self, channel: socket.socket, event: int) -> None:
        """Waits until the socket is ready or a tick has passed. Raises TimedOut once a limit is exceeded."""
        poll = select.poll()
        poll.register(channel, event)
        if poll.poll(TICK_SECONDS * 1000):
            return
        self._alive()
        self.count_threads()
        used, limit = self._meter.read() - self._start, self._limits.cpu_seconds
        if used.cpu > limit:
            raise TimedOut(
                f"{self._what} did not end within {limit:g} s of CPU time: is there an infinite loop, or a loop "
                "over single numbers where one tensor operation would do?"
            )
        if used.idle > IDLE_SECONDS_OF_A_CALL:
            raise TimedOut(
                f"{self._what} did not end, and was idle for {IDLE_SECONDS_OF_A_CALL:g} s: does it sleep, or wait for "
                "something?"
            )
        if exceeded := self._limits.budget.exceeded(used):
            raise TimedOut(f"{self._what} was stopped: {exceeded}")

    def count_threads(self) -> None:
        """Raises TooManyThreads if the worker has more threads than it may have. They are counted once in a tick."""
        if not self._meter.counts_threads_again(TICK_SECONDS):
            return
        count = self._meter.threads()
        if count > self._max_threads:
            raise TooManyThreads(
                f"{self._what} was stopped: your code has started {count} threads, and it may have {self._max_threads}. Is a "
                "thread started in a loop, or at each call?"
            )

    def end(self) -> None:
        """Takes what the call has used from the budget."""
        self._limits.budget.spend(self._meter.read() - self._start)


def _memory_file() -> IO[bytes]:
    """A file for what a worker prints; in memory where the system has such files, so that it needs no room on a disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("prints"), "w+b")
    return tempfile.TemporaryFile()


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"ended the Python process (exit code {status}): remove calls such as os._exit()"
    number = -status
    name = signal.Signals(number).name if number in signal.Signals.__members__.values() else f"signal {number}"
    causes: dict[int, str] = {
        signal.SIGKILL: "it ran out of memory, or made a refused system call",
        signal.SIGSYS: "it made a system call that is not allowed",
        signal.SIGSEGV: "compiled code crashed, perhaps after an infinite recursion",
        signal.SIGXCPU: "it used up its CPU time",
    }
    return f"crashed the Python process with {name}: {causes.get(number, 'the process was killed')}"
