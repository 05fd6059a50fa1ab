"""Starts and ends worker processes: forked by a zygote on Linux, elsewhere each in a new interpreter."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from autograder.sandbox.host.environment import worker_environment
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.wire.messages import (
    Connect,
    Inspect,
    Kill,
    Spawn,
    ZygoteReply,
    ZygoteRequest,
    to_bytes,
    zygote_reply_from,
)

ROOT = Path(__file__).resolve().parents[3]
WORKER_ROOM = Path(__file__).resolve().parents[1] / "worker"
LEVELS = ("strict", "process", "none")
MAX_REPLY = 1 << 16
START_SECONDS = 120.0
FORK_SECONDS = 20.0
"""How long a fork is tried again where the user has no process left, or the machine no memory."""
PAUSE_SECONDS = 0.05


class Launcher(Protocol):
    """A source of worker processes.

    `disturbed`: whether this machine, and not the student's code, may have kept a worker from starting or ended one, since
    this was last set to False. `alive` is called while a worker is waited for: the caller does not hang.
    """

    disturbed: bool
    alive: Callable[[], None]

    def start(self) -> None:
        """Starts to warm up and returns immediately."""

    def spawn(self, request: Spawn, worker_socket: socket.socket, prints: int) -> int:
        """Starts a worker on that socket, with its output in the file `prints`, and returns its pid."""

    def end(self, pid: int) -> int:
        """Ends a worker if it is still running. Returns its exit code, negative for a signal."""

    def close(self) -> None:
        """Ends every process that this launcher started."""


NO_ROOM = (
    "this user may have no more processes, or the machine has no memory left; end other programs, raise `ulimit -u`, or use "
    "fewer --jobs"
)


class Patience:
    """Pauses between tries, until so many seconds have passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._pause = PAUSE_SECONDS

    def pause(self) -> bool:
        """Waits a moment, each time longer. Returns False, without waiting, once the time is up."""
        if time.monotonic() >= self._end:
            return False
        time.sleep(self._pause)
        self._pause = min(2 * self._pause, 1.0)
        return True


class Channel:
    """A connection to a zygote, which forks workers in milliseconds. The workers end when the connection closes.

    Only one process at a time may use it. `lost` is true once the zygote has failed to answer; it never recovers.
    """

    def __init__(self, line: socket.socket | None) -> None:
        self._line = line
        self.lost = False
        self.disturbed = False
        self.alive: Callable[[], None] = _nothing

    def start(self) -> None:
        """Does nothing: the zygote was started before this connection was made."""

    def inspect(self) -> ZygoteReply:
        """Asks what this machine lacks for strict isolation, and what a locked process could still do."""
        return self._ask(Inspect(), [])

    def connect(self) -> Channel:
        """Opens another connection to the same zygote, for another grader process. Raises SandboxError if it is dead."""
        ours, theirs = _socket_pair()
        try:
            with theirs:
                reply = self._ask(Connect(), [theirs.fileno()])
            if reply.problem:
                raise SandboxError(f"the zygote refused another connection: {reply.problem}")
        except SandboxError:
            ours.close()
            raise
        return Channel(ours)

    def spawn(self, request: Spawn, worker_socket: socket.socket, prints: int) -> int:
        """Starts a worker. Raises SandboxError if that fails, even after the user's other processes had time to end."""
        patience = Patience(FORK_SECONDS)
        while True:
            reply = self._ask(request, [worker_socket.fileno(), prints])
            if reply.pid:
                return reply.pid
            if not reply.busy:
                raise SandboxError(f"no worker could be started: {reply.problem}")
            self.alive()
            if not patience.pause():
                raise SandboxError(f"no worker could be started within {FORK_SECONDS:g} s ({reply.problem}): {NO_ROOM}")

    def end(self, pid: int) -> int:
        return self._ask(Kill(pid), []).status

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _ask(self, request: ZygoteRequest, descriptors: list[int]) -> ZygoteReply:
        if self._line is None:
            raise SandboxError("the connection to the zygote is closed")
        try:
            socket.send_fds(self._line, [to_bytes(request)], descriptors)
            data = self._line.recv(MAX_REPLY)
        except OSError as error:
            self.lost = True
            raise SandboxError(f"the zygote does not answer: {error}") from error
        if not data:
            self.lost = True
            raise SandboxError("the zygote died")
        return zygote_reply_from(data)


class Zygote(Channel):
    """A warm process that forks workers, with the first connection to it. It ends when this connection closes."""

    def __init__(self) -> None:
        super().__init__(None)
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def start(self) -> None:
        if self._process is not None:
            return
        ours, theirs = _socket_pair()
        with theirs:
            command = [sys.executable, "-I", str(WORKER_ROOM / "zygote.py"), str(ROOT), str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=worker_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # only the grader handles Ctrl-C, even while the zygote's Python is starting
            )
        self._line = ours

    def leave_to_parent(self) -> None:
        """Closes the connection inherited by a forked grader process; open, it would keep the parent's zygote alive."""
        super().close()
        self._process = None

    def close(self) -> None:
        super().close()
        if self._process is not None:
            if not self._ready:  # it reads the connection only after importing torch, and has no children yet
                self._process.kill()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        self._ready = self.lost = False

    def _ask(self, request: ZygoteRequest, descriptors: list[int]) -> ZygoteReply:
        self.start()
        if not self._ready:
            self._await_ready()
        return super()._ask(request, descriptors)

    def _await_ready(self) -> None:
        assert self._line is not None
        try:
            ready = self._line.recv(16)
        except OSError as error:
            raise SandboxError(f"the zygote does not answer: {error}") from error
        if not ready:
            raise SandboxError("the zygote died while it imported torch; its error is printed above")
        self._ready = True


class Interpreters:
    """Starts a new Python for each worker, where forking after importing torch is unsafe (macOS). Takes seconds."""

    def __init__(self) -> None:
        self.disturbed = False
        self.alive: Callable[[], None] = _nothing
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        pass

    def spawn(self, request: Spawn, worker_socket: socket.socket, prints: int) -> int:
        command = [sys.executable, "-I", str(WORKER_ROOM / "alone.py"), str(ROOT), str(worker_socket.fileno())]
        try:
            process = subprocess.Popen(
                [*command, str(request.memory_bytes), str(request.output_bytes), str(request.cpu_seconds)],
                pass_fds=[worker_socket.fileno()],
                env=worker_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=prints,
                stderr=prints,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"no worker could be started ({error}): {NO_ROOM}") from error
        self._processes[process.pid] = process
        return process.pid

    def end(self, pid: int) -> int:
        process = self._processes.pop(pid)
        if process.poll() is None:
            os.killpg(pid, signal.SIGKILL)
        return process.wait()

    def close(self) -> None:
        for pid in list(self._processes):
            self.end(pid)


class Isolation(NamedTuple):
    """An isolation level, the launcher of its workers (None for `none`), and why it is not stricter ("" if it is)."""

    level: str
    launcher: Launcher | None
    reason: str = ""


def choose_isolation(requested: str | None) -> Isolation:
    """The isolation of the requested level, or the strictest that this system supports if `requested` is None.

    Raises IsolationUnavailable if the requested level is unavailable.
    """
    if requested == "none":
        return Isolation("none", None, "student code runs in the grader's own process: --isolation none")
    if sys.platform == "win32":
        raise IsolationUnavailable("worker processes are not supported on Windows: use WSL 2, or --isolation none")
    if sys.platform != "linux":
        reason = f"{sys.platform} has neither Landlock nor seccomp"
        if requested == "strict":
            raise IsolationUnavailable(f"--isolation strict: {reason}; use --isolation process")
        return Isolation("process", Interpreters(), reason)
    zygote = Zygote()
    if requested == "process":
        return Isolation("process", zygote, "--isolation process")
    return Isolation("strict", zygote)


def confirm_strict(zygote: Channel) -> str:
    """The reason why strict isolation does not hold on this machine, or "". Waits until the zygote is warm."""
    reply = zygote.inspect()
    if reply.problem:
        return reply.problem
    return f"a locked process could still: {', '.join(reply.open_doors)}" if reply.open_doors else ""


def _nothing() -> None:
    """For a launcher whose caller nobody watches."""


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    """Our end and the zygote's end. The socket keeps messages whole, and our end times out."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(START_SECONDS)
    return ours, theirs
