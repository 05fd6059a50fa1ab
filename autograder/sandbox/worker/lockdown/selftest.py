"""Self-test of the lock-down: a locked process attempts what it must not be able to do, and every attempt must fail.

No attempt does harm if it is not refused. Signals are signal 0, and system calls get arguments that the kernel rejects
*after* the filter has passed them, so any error other than EPERM shows that the filter is missing.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
from collections.abc import Callable

from autograder.sandbox.worker.lockdown import syscalls

_NOWHERE = -1  # no valid descriptor, pid or address
_MUST_BE_FILTERED: dict[str, tuple[int, ...]] = {
    "execve": (0, 0, 0),
    "ptrace": (3, 0, 0, 0),  # PTRACE_PEEKUSER of no process
    "memfd_create": (0, 0),
    "unshare": (0,),
    "io_uring_setup": (0, 0),
    "process_vm_readv": (0, 0, 0, 0, 0, 0),
    "pidfd_open": (_NOWHERE, 0),
    "pidfd_send_signal": (_NOWHERE, 0, 0, 0),
    "rt_sigqueueinfo": (0, 0, 0),
    "shmget": (0, 0, 0),
    "renameat2": (_NOWHERE, 0, _NOWHERE, 0, 0),
    "linkat": (_NOWHERE, 0, _NOWHERE, 0, 0),
    "unlinkat": (_NOWHERE, 0, 0),
    "fchmodat": (_NOWHERE, 0, 0),
    "utimensat": (_NOWHERE, 0, 0, 0),
    "setxattr": (0, 0, 0, 0, 0),
    "truncate": (0, 0),
    "keyctl": (_NOWHERE,),
    "bpf": (_NOWHERE, 0, 0),
    "userfaultfd": (_NOWHERE,),
    "perf_event_open": (0, 0, 0, _NOWHERE, 0),
    "open_by_handle_at": (_NOWHERE, 0, 0),
    "mount": (0, 0, 0, 0, 0),
    "setpriority": (_NOWHERE, 0, 0),
    "sched_setaffinity": (0, 0, 0),
}


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _make_file() -> None:
    path = f"/tmp/lockdown-self-test-{os.getpid()}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(path)


def _own_signals(parent_pid: int) -> None:
    with open(os.devnull, "rb") as null:
        fcntl.fcntl(null, fcntl.F_SETOWN, parent_pid)


def _limits_of(parent_pid: int) -> None:
    old = ctypes.create_string_buffer(16)
    syscalls.call("prlimit64", parent_pid, 7, 0, syscalls.address(old))


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _filtered(name: str, arguments: tuple[int, ...]) -> bool:
    try:
        syscalls.call(name, *arguments)
    except OSError as error:
        return error.errno == errno.EPERM
    return False


def self_test(parent_pid: int, forbidden_file: str) -> list[str]:
    """Attempts what a locked process must not be able to do. Returns the names of the attempts that succeeded.

    `forbidden_file` must exist and be readable by its owner, `parent_pid` must be alive. Run it in a locked child only.
    """
    attempts: dict[str, Callable[[], object]] = {
        "read a forbidden file": lambda: os.close(os.open(forbidden_file, os.O_RDONLY)),
        "create a file": _make_file,
        "list /proc": lambda: os.listdir("/proc"),
        "fork": _fork,
        "inet socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close(),
        "socketpair": socket.socketpair,
        "signal the parent": lambda: os.kill(parent_pid, 0),
        "signal a thread of the parent": lambda: syscalls.call("tgkill", parent_pid, parent_pid, 0),
        "limits of the parent": lambda: _limits_of(parent_pid),
        "fcntl F_SETOWN": lambda: _own_signals(parent_pid),
    }
    possible = [name for name, attempt in attempts.items() if not _refused(attempt)]
    return possible + [name for name, arguments in _MUST_BE_FILTERED.items() if not _filtered(name, arguments)]
