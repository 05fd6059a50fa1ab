"""The limit on a worker's threads, so that no submission takes all processes that a user may have (`ulimit -u`).

The kernel counts processes and threads by user. Where a worker has a user id of its own, the count is the worker's. An
ordinary user's workers share one count with everything else of this user: with the zygote, which must fork, and with the
workers of classmates. There, two limits are set. A worker may not use the last processes of the user, which are kept for
forks. And it enters a user namespace, in which its own threads are counted apart; that needs no privilege, but some
systems refuse it. The host counts a worker's threads too, wherever it runs.
"""

from __future__ import annotations

import os
import re

from autograder.sandbox.worker.lockdown import limits, syscalls

KEPT_FOR_FORKS = 32
"""How many of the processes that the user may have no worker uses, or half of them where there are few."""

_CLONE_NEWUSER = 0x10000000
_COUNTED_BY_NAMESPACE = (5, 14)
"""The first Linux that counts processes in each user namespace."""


def cap(threads: int, *, own_id: bool, may_enter_namespace: bool = True) -> bool:
    """Limits the threads of this process for good. Returns whether the kernel counts them apart from other processes.

    `own_id`: whether no other process has this user id.
    """
    if own_id:
        limits.cap_processes(threads)
        return True
    limits.keep_processes(KEPT_FOR_FORKS)
    apart = may_enter_namespace and _counts_by_namespace(os.uname().release) and _enter_user_namespace()
    if apart:
        limits.cap_processes(threads)
    return apart


def _enter_user_namespace() -> bool:
    """Moves this process into a user namespace in which it keeps its user id. Returns False if that is refused.

    The limits of the namespace as a whole are those that the process has now.
    """
    try:
        syscalls.call("unshare", _CLONE_NEWUSER)
    except OSError:  # a container's filter, AppArmor, a chroot, or a limit on namespaces
        return False
    return True


def _counts_by_namespace(release: str) -> bool:
    """Whether a kernel of this release counts processes by namespace.

    >>> _counts_by_namespace("6.8.0-45-generic"), _counts_by_namespace("5.10.0-23-amd64")
    (True, False)
    """
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", release)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= _COUNTED_BY_NAMESPACE
