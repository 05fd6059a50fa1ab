"""The lock-down of a worker: after `apply`, this process can only compute, read Python's own files, and use open files.

The steps depend on each other, in this order: limits, identity, no_new_privs, Landlock, seccomp. They cannot be undone.
If one of them is unavailable, `apply` raises and no student code may run in the process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from autograder.sandbox.worker.lockdown import (
    identity,
    landlock,
    limits,
    paths,
    seccomp,
    selftest,
    syscalls,
)
from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable
from autograder.sandbox.worker.lockdown.landlock import Access, Rule

__all__ = [
    "OPEN_FILES",
    "THREADS",
    "Access",
    "LockdownUnavailable",
    "Policy",
    "Rule",
    "apply",
    "apply_limits",
    "missing_mechanisms",
    "readable_paths",
    "self_test",
]

OPEN_FILES = 64
THREADS = 32

readable_paths = paths.readable_paths
self_test = selftest.self_test


@dataclass(frozen=True)
class Policy:
    """What one worker may do. Made before the fork."""

    readable: tuple[Rule, ...]
    """The rules of `readable_paths`."""
    memory_bytes: int
    """Limit on top of the address space that the worker has when `apply` is called."""
    output_bytes: int
    """Maximum size of any file that it writes to, which is its captured output."""
    cpu_seconds: int
    """CPU time over the worker's whole life: a backstop behind the deadlines that the host enforces."""
    open_files: int
    threads: int
    """Maximum number of threads with the main one, where the kernel counts them apart from the user's other processes."""
    parent_pid: int
    """The process whose death ends the worker."""


def apply_limits(policy: Policy) -> tuple[str, ...]:
    """Sets the portable limits, all that isolation level `process` has. Returns the names of the limits that were set."""
    return limits.apply(policy.memory_bytes, policy.output_bytes, policy.cpu_seconds, policy.open_files)


def missing_mechanisms() -> list[str]:
    """Lists what the strict level lacks on this machine, with reasons; empty if `apply` can work. Changes nothing."""
    try:
        syscalls.native()
    except LockdownUnavailable as error:
        return [str(error)]
    reasons = {"landlock": landlock.unavailable(), "seccomp": seccomp.unavailable()}
    return [f"{mechanism}: {reason}" for mechanism, reason in reasons.items() if reason is not None]


def apply(policy: Policy) -> None:
    """Locks this process down for good. After LockdownUnavailable the process must exit.

    Call it in a fresh fork with one thread: identity, Landlock and the filter bind the calling thread and those it starts.
    """
    missing = missing_mechanisms()
    if missing:
        mechanism, _, reason = missing[0].partition(": ")
        raise LockdownUnavailable(mechanism, reason)
    try:
        running = len(os.listdir("/proc/self/task"))
    except OSError as error:
        raise LockdownUnavailable(
            "proc", f"/proc is needed to count threads and memory before the lock-down ({error})"
        ) from error
    if running != 1:
        raise LockdownUnavailable("threads", f"{running} are running, and the lock-down would bind only one of them")
    apply_limits(policy)
    identity.assume((rule.path for rule in policy.readable), policy.parent_pid, policy.threads)
    landlock.restrict(policy.readable, landlock.version())
    seccomp.install()
