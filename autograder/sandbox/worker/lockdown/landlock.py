"""Landlock: restricts file access to the given rules.

Every right that the kernel's Landlock version knows is denied unless a rule grants it. Version 4 adds TCP, version 6
signals and abstract sockets to other processes. Older versions know fewer rights (they cannot stop truncation, for
example), so the system call filter does not rely on them.
"""

from __future__ import annotations

import ctypes
import enum
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.sandbox.worker.lockdown import syscalls
from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable

OLDEST = 1
"""The oldest version that suffices together with the filter. The tests run every attack against it."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_RIGHTS_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # number of rights, by version; later versions have those of 5
_NET_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract unix sockets, signals
_VERSION_FLAG = 1
_PATH_BENEATH = 1


class Access(enum.Flag):
    """What a rule grants. No rule grants execution: libraries are mapped, never executed."""

    LIST = _READ_DIR
    READ_FILE = _READ_FILE
    READ_TREE = _READ_FILE | _READ_DIR
    READ_WRITE_FILE = _READ_FILE | _WRITE_FILE


@dataclass(frozen=True)
class Rule:
    """The access granted at a path, and below it if it is a folder. LIST is for folders only."""

    path: str
    access: Access


class _RulesetAttr(ctypes.Structure):
    """struct landlock_ruleset_attr. Older kernels accept the longer form as long as the fields unknown to them are zero."""

    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneathAttr(ctypes.Structure):
    """struct landlock_path_beneath_attr"""

    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock version, 0 if it has none. Has no side effects."""
    try:
        return syscalls.call("landlock_create_ruleset", 0, 0, _VERSION_FLAG)
    except OSError:
        return 0


def unavailable() -> str | None:
    """The reason why Landlock is unavailable, or None if it is available."""
    if version() >= OLDEST:
        return None
    return "the kernel was built or started without it (Linux 5.13 or newer with `lsm=...,landlock` is needed)"


def _add(ruleset: int, rule: Rule) -> None:
    """Adds one rule. A path that is missing or unreachable is skipped: it cannot be read anyway."""
    try:
        parent = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return
    try:
        attr = _PathBeneathAttr(rule.access.value, parent)
        syscalls.call("landlock_add_rule", ruleset, _PATH_BENEATH, syscalls.address(attr), 0)
    finally:
        os.close(parent)


def restrict(rules: Iterable[Rule], known: int) -> None:
    """Confines this process to the rules, for good. It must have one thread and no_new_privs; `known` is `version()`."""
    rights = (1 << _FS_RIGHTS_KNOWN[min(known, max(_FS_RIGHTS_KNOWN))]) - 1
    attr = _RulesetAttr(rights, _NET_TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    ruleset = -1
    try:
        ruleset = syscalls.call("landlock_create_ruleset", syscalls.address(attr), ctypes.sizeof(attr), 0)
        for rule in rules:
            _add(ruleset, rule)
        syscalls.call("landlock_restrict_self", ruleset, 0)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            raise LockdownUnavailable("landlock", "built into the kernel, but not enabled at boot") from error
        raise LockdownUnavailable("landlock", str(error)) from error
    finally:
        if ruleset >= 0:
            os.close(ruleset)
