"""Resource limits of a worker, on any Unix as far as the platform supports them.

The soft and the hard limit are set together and never raised, so student code cannot raise them again.
"""

from __future__ import annotations

import os
import sys

from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable

try:
    import resource
except ModuleNotFoundError:  # Windows, where Job Objects would serve
    resource = None  # type: ignore[assignment]  # the name is a module on every other platform

_GRACE_SECONDS = 5
"""CPU time between SIGXCPU, which code can catch or ignore, and SIGKILL."""

_NOTHING = ("RLIMIT_CORE", "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME")
"""Limits set to zero: computing needs no core dumps, locked memory, message queues, priority or real-time scheduling."""

_PENDING_SIGNALS = 64


def _lower(name: str, soft: int, hard: int | None = None) -> bool:
    """Lowers one limit to (soft, hard); never raises it. Returns whether the platform accepted it."""
    kind = getattr(resource, name, None)
    if kind is None:
        return False
    ceiling = resource.getrlimit(kind)[1]
    if ceiling == resource.RLIM_INFINITY:
        ceiling = sys.maxsize
    try:
        resource.setrlimit(kind, (min(soft, ceiling), min(soft if hard is None else hard, ceiling)))
    except (OSError, ValueError) as error:
        if sys.platform == "linux":
            raise LockdownUnavailable("limits", f"{name} cannot be set to {soft} ({error})") from error
        return False  # macOS has names of limits that its kernel does not accept
    return True


def _address_space() -> int | None:
    """The size of this process's address space in bytes, or None on platforms without /proc."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return None


def apply(memory_bytes: int, output_bytes: int, cpu_seconds: int, open_files: int) -> tuple[str, ...]:
    """Lowers every limit. Returns the names of those that the platform accepted.

    `memory_bytes` comes on top of what the process has mapped already: a forked worker inherits torch's address space.
    """
    if resource is None:
        return ()
    wanted: list[tuple[str, int, int | None]] = [
        ("RLIMIT_FSIZE", output_bytes, None),
        ("RLIMIT_NOFILE", open_files, None),
        ("RLIMIT_CPU", cpu_seconds, cpu_seconds + _GRACE_SECONDS),
        ("RLIMIT_SIGPENDING", _PENDING_SIGNALS, None),
        *((name, 0, None) for name in _NOTHING),
    ]
    mapped = _address_space()
    if mapped is not None:
        wanted.append(("RLIMIT_AS", mapped + memory_bytes, None))
    return tuple(name for name, soft, hard in wanted if _lower(name, soft, hard))


def cap_processes(number: int) -> None:
    """Limits the number of processes and threads of this process's user, in its user namespace."""
    _lower("RLIMIT_NPROC", number)


def keep_processes(number: int) -> None:
    """Keeps so many of the processes that the user may have, or half of them, for others: this process may not use them."""
    allowed = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if allowed != resource.RLIM_INFINITY:
        cap_processes(allowed - min(number, allowed // 2))
