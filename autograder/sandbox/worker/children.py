"""The zygote's main loop: forks workers, locks them down, ends and reaps them."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import NoReturn

from autograder.sandbox.wire.messages import (
    Connect,
    Inspect,
    Kill,
    Spawn,
    ZygoteReply,
    to_bytes,
    zygote_reply_from,
    zygote_request_from,
)
from autograder.sandbox.worker import lockdown, output, serve

WORKER_SOCKET = 3
MAX_REQUEST = 1 << 16
BUSY = (errno.EAGAIN, errno.ENOMEM)
"""How a fork fails where the user has no process left, or the machine no memory."""
GRACE_TICKS = 25
GRACE_TICK_SECONDS = 0.002


@dataclass
class Channel:
    """One host process's connection to the zygote, and its children that have not been ended yet."""

    line: socket.socket
    children: set[int] = field(default_factory=set)

    def close(self) -> None:
        """Ends the remaining children, since no request to end them can arrive any more."""
        for pid in list(self.children):
            _end(pid, self.children, grace=False)
        self.line.close()


def run(first: socket.socket, root: str) -> None:
    """Serves the first channel, and all channels connected through it or each other, until the first one closes."""
    readable = lockdown.readable_paths(root)
    selector = selectors.PollSelector()
    home = Channel(first)
    selector.register(first, selectors.EVENT_READ, home)
    try:
        while True:
            for key, _ in selector.select():
                channel: Channel = key.data
                if _serve(channel, selector, readable):
                    continue
                if channel is home:
                    return
                selector.unregister(channel.line)
                channel.close()
    finally:
        for key in list(selector.get_map().values()):
            key.data.close()


def _serve(channel: Channel, selector: selectors.BaseSelector, readable: tuple[lockdown.Rule, ...]) -> bool:
    """Answers one request. Returns False once the channel is closed."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel.line, MAX_REQUEST, 2)
    except ConnectionError:
        return False
    if not data:
        return False
    request = zygote_request_from(data)
    try:
        if isinstance(request, Spawn):
            reply = _spawn(request, descriptors, readable)
            channel.children.add(reply.pid)
        elif isinstance(request, Kill):
            reply = _end(request.pid, channel.children)
        elif isinstance(request, Connect):
            line = socket.socket(fileno=os.dup(descriptors[0]))
            selector.register(line, selectors.EVENT_READ, Channel(line))
            reply = ZygoteReply()
        else:
            assert isinstance(request, Inspect)
            reply = _inspect(readable)
    except Exception as error:
        busy = isinstance(error, OSError) and error.errno in BUSY
        reply = ZygoteReply(problem=f"{type(error).__name__}: {error}", busy=busy)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    try:
        channel.line.send(to_bytes(reply))
    except ConnectionError:  # the host died before the reply
        return False
    return True


def _spawn(request: Spawn, descriptors: list[int], readable: tuple[lockdown.Rule, ...]) -> ZygoteReply:
    for name in request.preload:
        with contextlib.suppress(ImportError):  # the student's own import reports what is missing
            importlib.import_module(name)
    policy = _policy(request, readable)
    pid = os.fork()
    if pid == 0:
        _become_worker(request, policy, descriptors)
    return ZygoteReply(pid=pid)


def _policy(request: Spawn, readable: tuple[lockdown.Rule, ...]) -> lockdown.Policy:
    return lockdown.Policy(
        readable=readable,
        memory_bytes=request.memory_bytes,
        output_bytes=request.output_bytes,
        cpu_seconds=request.cpu_seconds,
        open_files=lockdown.OPEN_FILES,
        threads=lockdown.THREADS,
        parent_pid=os.getpid(),
    )


def _become_worker(request: Spawn, policy: lockdown.Policy, descriptors: list[int]) -> NoReturn:
    """Runs the worker in the forked child. It leaves only by `os._exit`, never by returning to the zygote's loop."""
    status = 1
    try:
        worker_socket, prints = descriptors
        os.dup2(worker_socket, 63)
        os.dup2(prints, 1)
        os.dup2(prints, 2)
        os.dup2(63, WORKER_SOCKET)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.closerange(WORKER_SOCKET + 1, 1024)
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.stdout = sys.stderr = output.BoundedText(1, request.output_bytes // 2)
        if request.isolation == "strict":
            lockdown.apply(policy)
        else:
            lockdown.apply_limits(policy)
        serve.serve(WORKER_SOCKET)
        status = 0
    except BaseException as error:
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _end(pid: int, children: set[int], *, grace: bool = True) -> ZygoteReply:
    """Kills and reaps a child. Only this function reaps, so the pid still belongs to that child."""
    if pid not in children:
        return ZygoteReply(problem=f"process {pid} was not started over this channel")
    children.discard(pid)
    # The worker's socket is closed, so a healthy one is about to exit by itself; its exit code tells the cause.
    for _ in range(GRACE_TICKS if grace else 0):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return ZygoteReply(pid=pid, status=os.waitstatus_to_exitcode(status))
        time.sleep(GRACE_TICK_SECONDS)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return ZygoteReply(pid=pid, status=-signal.SIGKILL)


def _inspect(readable: tuple[lockdown.Rule, ...]) -> ZygoteReply:
    """Reports what strict isolation lacks here, and what a locked child could still do (nothing, if it works)."""
    missing = lockdown.missing_mechanisms()
    if missing:
        return ZygoteReply(problem="; ".join(missing))
    reader, writer = os.pipe()
    policy = _policy(Spawn("strict", 1 << 30, 1 << 20, 60, ()), readable)
    pid = os.fork()
    if pid == 0:
        try:
            lockdown.apply(policy)
            possible = lockdown.self_test(policy.parent_pid, os.path.abspath(__file__))
            os.write(writer, to_bytes(ZygoteReply(open_doors=possible)))
        except BaseException as error:
            os.write(writer, to_bytes(ZygoteReply(problem=f"{type(error).__name__}: {error}")))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        data = answer.read(MAX_REQUEST)
    os.waitpid(pid, 0)
    if not data:
        return ZygoteReply(problem="the locked test process died")
    return zygote_reply_from(data)
