"""Landlock: from here on, files can be read by the rules given and nothing else can be done to any file.

Every right that the kernel's version knows is taken, so that only what a rule gives back is left; from version 4 on TCP as
well, from version 6 on signals and abstract sockets to the outside. Older versions know less (they cannot stop truncation,
for one), which is why the system call filter does not lean on them.
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
"""The oldest version that is enough, together with the filter; tried against all attacks in the tests."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_RIGHTS_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many bits each version has; 5's hold for later ones
_NET_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract unix sockets, signals
_VERSION_FLAG = 1
_PATH_BENEATH = 1


class Access(enum.Flag):
    """What a rule gives back. Nothing gives execution: libraries are mapped, never executed."""

    LIST = _READ_DIR
    READ_FILE = _READ_FILE
    READ_TREE = _READ_FILE | _READ_DIR
    READ_WRITE_FILE = _READ_FILE | _WRITE_FILE


@dataclass(frozen=True)
class Rule:
    """What may be done at a path, and below it if it is a folder; a rule with LIST is for folders only."""

    path: str
    access: Access


class _RulesetAttr(ctypes.Structure):
    """struct landlock_ruleset_attr; older kernels take the longer form as long as what they do not know is zero."""

    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneathAttr(ctypes.Structure):
    """struct landlock_path_beneath_attr"""

    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock version, 0 if it has none; asked by the system call, without effect."""
    try:
        return syscalls.call("landlock_create_ruleset", 0, 0, _VERSION_FLAG)
    except OSError:
        return 0


def unavailable() -> str | None:
    """Why Landlock cannot be had here, or None."""
    if version() >= OLDEST:
        return None
    return "the kernel was built or started without it (Linux 5.13 or newer with `lsm=...,landlock` is needed)"


def _add(ruleset: int, rule: Rule) -> None:
    """Add one rule. A path that is gone or out of reach gives no right and so needs no rule."""
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
    """Confine this (single-threaded, no_new_privs) process to the rules, for good; `known` is `version()`."""
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
            raise LockdownUnavailable("landlock", "built in, but not enabled at boot") from error
        raise LockdownUnavailable("landlock", str(error)) from error
    finally:
        if ruleset >= 0:
            os.close(ruleset)
