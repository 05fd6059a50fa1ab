"""Forks workers, locks them down, ends and reaps them: the zygote's loop."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import time
from typing import NoReturn

from autograder.sandbox.wire.messages import (
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
GRACE_TICKS = 25
GRACE_TICK_SECONDS = 0.002


def run(channel: socket.socket, root: str) -> None:
    """Serves the host until it closes the channel, then ends every child that is left."""
    children: set[int] = set()
    readable = lockdown.readable_paths(root)
    try:
        while True:
            data, descriptors, _, _ = socket.recv_fds(channel, MAX_REQUEST, 2)
            if not data:
                return
            request = zygote_request_from(data)
            try:
                if isinstance(request, Spawn):
                    reply = _spawn(request, descriptors, readable)
                    children.add(reply.pid)
                elif isinstance(request, Kill):
                    reply = _end(request.pid, children)
                else:
                    assert isinstance(request, Inspect)
                    reply = _inspect(readable)
            except Exception as error:
                reply = ZygoteReply(problem=f"{type(error).__name__}: {error}")
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
            channel.send(to_bytes(reply))
    finally:
        for pid in list(children):
            _end(pid, children)


def _spawn(request: Spawn, descriptors: list[int], readable: tuple[lockdown.Rule, ...]) -> ZygoteReply:
    for name in request.preload:
        with contextlib.suppress(ImportError):  # the student's own import will say what is missing
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
    """In the child, for the rest of its life. Every way out of here is `os._exit`."""
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


def _end(pid: int, children: set[int]) -> ZygoteReply:
    """Kills and reaps a child; not reaped before, so the pid cannot be another process's by now."""
    if pid not in children:
        return ZygoteReply(problem=f"{pid} is no child of this zygote")
    children.discard(pid)
    for _ in range(
        GRACE_TICKS
    ):  # its socket is closed: a sound worker is about to exit, and how it does tells the cause
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        time.sleep(GRACE_TICK_SECONDS)
    if not ended:
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        return ZygoteReply(pid=pid, status=-signal.SIGKILL)
    return ZygoteReply(pid=pid, status=os.waitstatus_to_exitcode(status))


def _inspect(readable: tuple[lockdown.Rule, ...]) -> ZygoteReply:
    """What is missing for strict isolation, and what a locked child could still do (nothing, if all is well)."""
    missing = lockdown.missing_mechanisms()
    if missing:
        return ZygoteReply(problem="; ".join(missing))
    reader, writer = os.pipe()
    policy = _policy(Spawn("strict", 1 << 30, 1 << 20, 60, ()), readable)
    pid = os.fork()
    if pid == 0:
        try:
            lockdown.apply(policy)
            found = lockdown.self_test(policy.parent_pid, os.path.abspath(__file__))
            os.write(writer, to_bytes(ZygoteReply(open_doors=found)))
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
