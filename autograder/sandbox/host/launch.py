"""Starts and ends worker processes: forked by a zygote on Linux, elsewhere each in a new interpreter."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
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


class Launcher(Protocol):
    """A source of worker processes."""

    def start(self) -> None:
        """Starts to warm up and returns immediately."""

    def spawn(self, request: Spawn, worker_socket: socket.socket, prints: int) -> int:
        """Starts a worker on that socket, with its output in the file `prints`, and returns its pid."""

    def end(self, pid: int) -> int:
        """Ends a worker if it is still running. Returns its exit code, negative for a signal."""

    def close(self) -> None:
        """Ends every process that this launcher started."""


class Channel:
    """A connection to a zygote, which forks workers in milliseconds. The workers end when the connection closes.

    Only one process at a time may use it. `lost` is true once the zygote has failed to answer; it never recovers.
    """

    def __init__(self, line: socket.socket | None) -> None:
        self._line = line
        self.lost = False

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
        reply = self._ask(request, [worker_socket.fileno(), prints])
        if not reply.pid:
            raise SandboxError(f"no worker could be started: {reply.problem}")
        return reply.pid

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
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        pass

    def spawn(self, request: Spawn, worker_socket: socket.socket, prints: int) -> int:
        command = [sys.executable, "-I", str(WORKER_ROOM / "alone.py"), str(ROOT), str(worker_socket.fileno())]
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


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    """Our end and the zygote's end. The socket keeps messages whole, and our end times out."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(START_SECONDS)
    return ours, theirs
