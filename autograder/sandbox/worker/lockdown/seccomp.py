"""The system call filter: lists the calls that a locked worker may make; all others fail with EPERM.

Landlock decides which files can be accessed, the filter which operations are possible. The list was made by running
torch, NumPy, scikit-learn, matplotlib and PIL under it. Calls that can reach another process through an argument (a pid,
an owner of signals) are allowed for this process only. No call on the list changes a path, or makes a process, a socket,
or memory that RLIMIT_AS does not count.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.sandbox.worker.lockdown import syscalls
from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _names(
    """
    read write readv writev pread64 pwrite64 lseek close close_range dup dup3 fstat newfstatat statx faccessat
    faccessat2 readlinkat getdents64 getcwd pipe2 ppoll pselect6 epoll_create1 epoll_ctl epoll_pwait eventfd2
    mmap munmap mremap mprotect madvise brk
    futex set_robust_list set_tid_address rseq sched_yield getcpu
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack rt_sigpending rt_sigsuspend rt_sigtimedwait
    setitimer getitimer restart_syscall exit exit_group
    nanosleep gettimeofday times getrusage
    getpid gettid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getrlimit
    sysinfo uname getrandom
    """
)
"""Allowed with any arguments, on every architecture."""

LEGACY = _names("stat lstat access readlink poll select dup2 pipe epoll_wait time getpgrp pause alarm")
"""Also allowed on architectures that still have them; newer architectures do not."""

ABSENT = frozenset({"clone3", "openat2"})
"""Refused with ENOSYS: a filter cannot read their arguments, which lie in memory, and callers fall back to older calls."""

_O_ACCMODE, _O_TRUNC, _O_ASYNC, _O_TMPFILE = 0o3, 0o1000, 0o20000, 0o20000000
_F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 1, 2, 3, 4, 1030
_TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451
_PR_GET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME = 3, 15, 16
_ARCH_XCOMP_SUPPORTED, _ARCH_GET_XCOMP, _ARCH_REQUEST_XCOMP = 0x1021, 0x1022, 0x1023
_CLONE_PTHREAD = 0x003D0F00  # what glibc passes: VM|FS|FILES|SIGHAND|THREAD|SYSVSEM|SETTLS|PARENT_SETTID|CHILD_CLEARTID
_CLONE_DETACHED = 0x00400000  # without effect since Linux 2.6; musl passes it
_STATIC_CLOCKS = 16  # higher ids encode a pid or a descriptor and would reveal other processes

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_ALU|BPF_AND|BPF_K, BPF_RET|BPF_K
_EQUAL, _AT_LEAST = 0x15, 0x35  # BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JGE|BPF_K
_RET_ALLOW, _RET_ERRNO, _RET_KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_X32_BIT = 0x40000000
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Condition:
    """A condition on an argument's low 32 bits, or its high ones: `word & mask == value`, or `word < value`."""

    argument: int
    value: int
    mask: int = _WORD
    below: bool = False
    high: bool = False


Alternatives = Sequence[Sequence[Condition]]
"""A call is allowed if all conditions of at least one alternative hold."""


def _any_of(argument: int, *values: int) -> Alternatives:
    return [[Condition(argument, value)] for value in values]


def filtered(pid: int) -> Mapping[str, Alternatives]:
    """The calls that are allowed with certain arguments only. `pid` is the worker's own process id."""
    open_kinds = [
        # Access mode 3 and a read-only open that truncates both get past Landlock before ABI 3, which only checks the
        # mode of the resulting descriptor: "nothing" or "read". O_TMPFILE writes a file without a name.
        [Condition(2, mode, mask=_O_ACCMODE | _O_TMPFILE | truncates)]
        for mode, truncates in ((os.O_RDONLY, _O_TRUNC), (os.O_WRONLY, 0), (os.O_RDWR, 0))
    ]
    return {
        "clone": [[Condition(0, _CLONE_PTHREAD, mask=_WORD & ~_CLONE_DETACHED)]],
        "kill": _any_of(0, pid),
        "tgkill": _any_of(0, pid),
        # Reading only: the new limit's address is NULL.
        "prlimit64": [[Condition(0, who), Condition(2, 0), Condition(2, 0, high=True)] for who in (0, pid)],
        "sched_getaffinity": _any_of(0, 0, pid),
        "openat": open_kinds,
        "fcntl": [
            *_any_of(1, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC),
            # Without O_ASYNC, which could kill other processes together with F_SETOWN and F_SETSIG.
            [Condition(1, _F_SETFL), Condition(2, 0, mask=_O_ASYNC)],
        ],
        "ioctl": _any_of(1, _TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX),
        "prctl": _any_of(0, _PR_GET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME),
        "clock_gettime": [[Condition(0, _STATIC_CLOCKS, below=True)]],
        "clock_getres": [[Condition(0, _STATIC_CLOCKS, below=True)]],
        "clock_nanosleep": [[Condition(0, _STATIC_CLOCKS, below=True)]],
    }


LEGACY_FILTERED: Mapping[str, Alternatives] = {
    # oneDNN requests AMX tiles this way on newer Xeons. Setting the FS base through the same call is not needed.
    "arch_prctl": _any_of(0, _ARCH_XCOMP_SUPPORTED, _ARCH_GET_XCOMP, _ARCH_REQUEST_XCOMP),
}


class _Instruction(ctypes.Structure):
    """struct sock_filter"""

    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.c_void_p)]


Code = list[tuple[int, int, int, int]]
"""Instructions as (code, jump if true, jump if false, operand)."""


def _alternative(conditions: Sequence[Condition]) -> Code:
    """Code that allows the call if all conditions hold, and otherwise continues after its own end."""
    code: Code = [(_RETURN, 0, 0, _RET_ALLOW)]
    for condition in reversed(conditions):
        past_end = len(code)
        jump = (_AT_LEAST, past_end, 0, condition.value) if condition.below else (_EQUAL, 0, past_end, condition.value)
        offset = 16 + 8 * condition.argument + 4 * condition.high  # in seccomp_data; both machines are little endian
        mask: Code = [] if condition.mask == _WORD else [(_AND, 0, 0, condition.mask & _WORD)]
        code = [(_LOAD, 0, 0, offset), *mask, jump, *code]
    return code


def compile_filter(architecture: syscalls.Architecture, pid: int) -> Code:
    """The whole filter program, for one process on one architecture."""
    numbers = architecture.numbers
    code: Code = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch: a 32-bit call (int 0x80) has other numbers
        (_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _RET_KILL_PROCESS),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
    ]
    if architecture.has_x32:
        code += [(_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _RET_KILL_PROCESS)]
    bodies: dict[str, Code] = {name: [(_RETURN, 0, 0, _RET_ALLOW)] for name in ALLOWED | (LEGACY & numbers.keys())}
    bodies |= {name: [(_RETURN, 0, 0, _RET_ERRNO | errno.ENOSYS)] for name in ABSENT}
    refuse = (_RETURN, 0, 0, _RET_ERRNO | errno.EPERM)
    for name, alternatives in {**filtered(pid), **LEGACY_FILTERED}.items():
        if name not in LEGACY_FILTERED or name in numbers:
            bodies[name] = [i for conditions in alternatives for i in _alternative(conditions)] + [refuse]
    for name, body in sorted(bodies.items(), key=lambda item: numbers[item[0]]):
        code += [(_EQUAL, 0, len(body), numbers[name]), *body]
    return [*code, refuse]


def unavailable() -> str | None:
    """The reason why filters are unavailable, or None if they are available. Has no side effects."""
    action = (ctypes.c_char * 4).from_buffer_copy(_RET_KILL_PROCESS.to_bytes(4, "little"))
    try:
        syscalls.call("seccomp", _GET_ACTION_AVAIL, 0, syscalls.address(action))
    except OSError as error:
        return f"the kernel does not support filters that kill a process ({error.strerror})"
    return None


def install() -> None:
    """Installs the filter in this process, for good. The process must have one thread and no_new_privs."""
    code = compile_filter(syscalls.native(), os.getpid())
    instructions = (_Instruction * len(code))(*(_Instruction(*fields) for fields in code))
    program = _Program(len(code), ctypes.addressof(instructions))
    try:
        syscalls.call("seccomp", _SET_MODE_FILTER, 0, syscalls.address(program))
    except OSError as error:
        raise LockdownUnavailable("seccomp", str(error.strerror)) from error
