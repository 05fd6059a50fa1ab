"""The lock-down of a worker: after `apply`, this process can compute, read Python's own files, and use what is open.

The order is the one that holds: limits, identity, no_new_privs, Landlock, seccomp. It cannot be undone, and if any part
cannot be had, `apply` raises and nothing of a student's may run in the process.
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
    """What one worker may do. Made before the fork, once for many workers."""

    readable: tuple[Rule, ...]
    """From `readable_paths`."""
    memory_bytes: int
    """On top of the address space that the worker has when `apply` is called."""
    output_bytes: int
    """The longest that any file may become which it holds open: its captured output."""
    cpu_seconds: int
    """Over the worker's whole life; a backstop behind the deadlines that are kept from outside."""
    open_files: int
    threads: int
    """Counts the first one too. Held only where the user id is the worker's own, that is, under root."""
    parent_pid: int
    """Whose death ends the worker."""


def apply_limits(policy: Policy) -> tuple[str, ...]:
    """The portable part, all that isolation level `process` has; returns the names of the limits that were set."""
    return limits.apply(policy.memory_bytes, policy.output_bytes, policy.cpu_seconds, policy.open_files)


def missing_mechanisms() -> list[str]:
    """What the strict level lacks here, each with its reason; empty where `apply` can work. Changes nothing."""
    try:
        syscalls.native()
    except LockdownUnavailable as error:
        return [str(error)]
    reasons = {"landlock": landlock.unavailable(), "seccomp": seccomp.unavailable()}
    return [f"{mechanism}: {reason}" for mechanism, reason in reasons.items() if reason is not None]


def apply(policy: Policy) -> None:
    """Lock this process down for good; raises LockdownUnavailable, after which it may only exit.

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
            "proc", f"threads and memory cannot be counted before the lock-down ({error})"
        ) from error
    if running != 1:
        raise LockdownUnavailable("threads", f"{running} are running, and the lock-down would bind one of them alone")
    apply_limits(policy)
    if identity.assume((rule.path for rule in policy.readable), policy.parent_pid):
        limits.cap_threads(policy.threads)
    landlock.restrict(policy.readable, landlock.version())
    seccomp.install()
