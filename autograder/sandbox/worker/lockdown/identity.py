"""A worker's identity: its own user id where we are root, no capabilities and no way to gain any, bound to its parent.

As root each worker gets a user id that no other process has, so that limits per user apply to it alone and file
permissions back up Landlock. As an ordinary user the id stays, because changing it takes a privilege that we lack.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import stat
from collections.abc import Iterable

from autograder.sandbox.worker.lockdown import syscalls, threads
from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable

_OWN_IDS = 0x70000000  # plus the pid (at most 2**22): above the ids that systems assign, below the sign bit
_NOBODY = 65534  # used where a user namespace does not map the ids above (rootless containers)
_CAP_DAC_READ_SEARCH = 2
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 1, 4, 8, 24
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4


class _CapabilityHeader(ctypes.Structure):
    """struct __user_cap_header_struct; pid 0 is the caller"""

    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    """Two of struct __user_cap_data_struct: the low and the high 32 capabilities."""

    _fields_ = [
        (f"{name}_{half}", ctypes.c_uint32)
        for half in ("low", "high")
        for name in ("effective", "permitted", "inheritable")
    ]


def _hidden_from_other_users(paths: Iterable[str]) -> bool:
    """Whether one of the paths, or Python's standard library, lies below a folder that other users cannot enter."""
    folders: set[str] = set()
    for path in (os.__file__, *paths):
        folder = os.path.dirname(path)
        while folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    return any(not os.stat(folder).st_mode & stat.S_IXOTH for folder in folders)


def _permitted() -> int:
    header, data = _CapabilityHeader(_CAPABILITY_VERSION_3, 0), _Capabilities()
    syscalls.call("capget", syscalls.address(header), syscalls.address(data))
    return int(data.permitted_low) | int(data.permitted_high) << 32


def _keep_only(capabilities: int) -> None:
    """Gives up every capability except those in the bit mask, which covers the low 32 capabilities."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    data = _Capabilities(effective_low=capabilities, permitted_low=capabilities)
    try:
        syscalls.call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
        syscalls.call("capset", syscalls.address(header), syscalls.address(data))
    except OSError as error:
        raise LockdownUnavailable("identity", f"capabilities cannot be dropped ({error})") from error
    if _permitted() != capabilities:
        raise LockdownUnavailable("identity", "capabilities are still there after they were dropped")


def _empty_bounding_set() -> None:
    """Empties the bounding set, so that no later exec can gain a capability.

    This needs CAP_SETPCAP; without it, no_new_privs has the same effect alone.
    """
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            syscalls.call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
        except OSError:  # EPERM: we lack CAP_SETPCAP; EINVAL: past the last capability of this kernel
            return


def _leave_root(keep_capabilities: bool) -> bool:
    """Changes to a user id for this worker alone, or else to nobody. Returns whether the id is its own.

    A container may refuse both (no CAP_SETUID, or only root's id is mapped). The id then stays as it is.
    """
    syscalls.call("prctl", _PR_SET_KEEPCAPS, int(keep_capabilities), 0, 0, 0)
    own = _OWN_IDS + os.getpid()
    for identity in (own, _NOBODY):
        try:
            os.setgroups([])
            os.setresgid(identity, identity, identity)
            os.setresuid(identity, identity, identity)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EPERM):
                raise LockdownUnavailable("identity", f"the user id cannot be changed ({error})") from error
        else:
            return identity == own
    return False


def assume(readable: Iterable[str], parent_pid: int, max_threads: int) -> bool:
    """Gives up all privileges that can be given up, and limits the threads. Returns whether the user id is its own.

    CAP_DAC_READ_SEARCH is kept only if root gives up its id while Python lies below a folder that others cannot enter
    (/root, mode 0700), since lazy imports would fail otherwise. Landlock still decides what can be read, and the filter
    refuses open_by_handle_at. Where root lacks that capability (Docker), it keeps its id and nothing else.
    """
    kept = 0
    own_id = False
    _empty_bounding_set()
    if os.geteuid() == 0:
        read_anyway = 1 << _CAP_DAC_READ_SEARCH
        must_read = _hidden_from_other_users(readable)
        if not must_read or _permitted() & read_anyway:
            own_id = _leave_root(keep_capabilities=must_read)
            kept = read_anyway if must_read and os.getuid() != 0 else 0
    # A capability that is kept would have no effect in a user namespace.
    threads.cap(max_threads, own_id=own_id, may_enter_namespace=not kept)
    _empty_bounding_set()  # which is full in a new user namespace
    _keep_only(kept)
    for option, value in ((_PR_SET_NO_NEW_PRIVS, 1), (_PR_SET_DUMPABLE, 0), (_PR_SET_PDEATHSIG, signal.SIGKILL)):
        syscalls.call("prctl", option, value, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before PDEATHSIG was set; a change of id clears that option
        raise LockdownUnavailable("identity", f"the parent is {os.getppid()}, not {parent_pid}: it has ended")
    return own_id
