"""System call numbers by name, and a function that makes a call by its name.

The numbers come from the kernel's headers (asm/unistd_64.h, asm-generic/unistd.h); they are ABI and never change. Only
calls that this package uses are listed: those that the filter allows, the lock-down makes, or the self-test attempts.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from autograder.sandbox.worker.lockdown.errors import LockdownUnavailable

_X86_64 = """
    read=0 write=1 readv=19 writev=20 pread64=17 pwrite64=18 lseek=8 close=3 close_range=436 dup=32 dup3=292
    fstat=5 newfstatat=262 statx=332 faccessat=269 faccessat2=439 readlinkat=267 getdents64=217 getcwd=79
    openat=257 openat2=437 fcntl=72 ioctl=16 pipe2=293 ppoll=271 pselect6=270 epoll_create1=291 epoll_ctl=233
    epoll_pwait=281 eventfd2=290
    mmap=9 munmap=11 mremap=25 mprotect=10 madvise=28 brk=12
    clone=56 clone3=435 futex=202 set_robust_list=273 set_tid_address=218 rseq=334 sched_yield=24
    sched_getaffinity=204 getcpu=309
    kill=62 tgkill=234 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 sigaltstack=131 rt_sigpending=127
    rt_sigsuspend=130 rt_sigtimedwait=128 setitimer=38 getitimer=36 restart_syscall=219 exit=60 exit_group=231
    clock_gettime=228 clock_getres=229 clock_nanosleep=230 nanosleep=35 gettimeofday=96 times=100 getrusage=98
    getpid=39 gettid=186 getppid=110 getuid=102 geteuid=107 getgid=104 getegid=108 getresuid=118 getresgid=120
    getgroups=115 getrlimit=97 prlimit64=302 prctl=157 sysinfo=99 uname=63 getrandom=318
    seccomp=317 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 capget=125
    capset=126
    execve=59 ptrace=101 memfd_create=319 unshare=272 io_uring_setup=425 process_vm_readv=310 pidfd_open=434
    pidfd_send_signal=424 rt_sigqueueinfo=129 shmget=29 renameat2=316 linkat=265 unlinkat=263 fchmodat=268
    utimensat=280 setxattr=188 truncate=76 keyctl=250 bpf=321 userfaultfd=323 perf_event_open=298
    open_by_handle_at=304 mount=165 setpriority=141 sched_setaffinity=203
    stat=4 lstat=6 access=21 readlink=89 poll=7 select=23 dup2=33 pipe=22 epoll_wait=232 time=201 getpgrp=111
    pause=34 alarm=37 arch_prctl=158
"""

_AARCH64 = """
    read=63 write=64 readv=65 writev=66 pread64=67 pwrite64=68 lseek=62 close=57 close_range=436 dup=23 dup3=24
    fstat=80 newfstatat=79 statx=291 faccessat=48 faccessat2=439 readlinkat=78 getdents64=61 getcwd=17 openat=56
    openat2=437 fcntl=25 ioctl=29 pipe2=59 ppoll=73 pselect6=72 epoll_create1=20 epoll_ctl=21 epoll_pwait=22
    eventfd2=19
    mmap=222 munmap=215 mremap=216 mprotect=226 madvise=233 brk=214
    clone=220 clone3=435 futex=98 set_robust_list=99 set_tid_address=96 rseq=293 sched_yield=124
    sched_getaffinity=123 getcpu=168
    kill=129 tgkill=131 rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139 sigaltstack=132 rt_sigpending=136
    rt_sigsuspend=133 rt_sigtimedwait=137 setitimer=103 getitimer=102 restart_syscall=128 exit=93 exit_group=94
    clock_gettime=113 clock_getres=114 clock_nanosleep=115 nanosleep=101 gettimeofday=169 times=153
    getrusage=165
    getpid=172 gettid=178 getppid=173 getuid=174 geteuid=175 getgid=176 getegid=177 getresuid=148 getresgid=150
    getgroups=158 getrlimit=163 prlimit64=261 prctl=167 sysinfo=179 uname=160 getrandom=278
    seccomp=277 landlock_create_ruleset=444 landlock_add_rule=445 landlock_restrict_self=446 capget=90 capset=91
    execve=221 ptrace=117 memfd_create=279 unshare=97 io_uring_setup=425 process_vm_readv=270 pidfd_open=434
    pidfd_send_signal=424 rt_sigqueueinfo=138 shmget=194 renameat2=276 linkat=37 unlinkat=35 fchmodat=53
    utimensat=88 setxattr=5 truncate=45 keyctl=219 bpf=280 userfaultfd=282 perf_event_open=241
    open_by_handle_at=265 mount=40 setpriority=140 sched_setaffinity=122
"""


@dataclass(frozen=True)
class Architecture:
    """What a filter must know about a machine: its audit value and its system call numbers."""

    audit: int
    """The AUDIT_ARCH_ value in `seccomp_data.arch`, which distinguishes a native call from a 32-bit one."""
    has_x32: bool
    """Whether the audit value also covers a second set of numbers (x86_64's x32, with bit 30 set)."""
    numbers: Mapping[str, int]


def _parse(table: str) -> Mapping[str, int]:
    pairs = (entry.split("=") for entry in table.split())
    return MappingProxyType({name: int(number) for name, number in pairs})


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "x86_64": Architecture(audit=0xC000003E, has_x32=True, numbers=_parse(_X86_64)),
        "aarch64": Architecture(audit=0xC00000B7, has_x32=False, numbers=_parse(_AARCH64)),
    }
)


@cache
def native() -> Architecture:
    """The architecture of this process. Raises LockdownUnavailable if its system call numbers are unknown."""
    machine = platform.machine()
    if machine not in ARCHITECTURES or struct.calcsize("P") != 8:
        raise LockdownUnavailable(
            "architecture", f"no system call table for {machine} ({struct.calcsize('P') * 8} bit)"
        )
    return ARCHITECTURES[machine]


@cache
def _libc() -> ctypes.CDLL:
    """The C library of this process. Loaded on first use, since this fails on Windows."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def call(name: str, *arguments: int | ctypes.c_void_p) -> int:
    """Makes a system call by name. Integers are passed as 64-bit words. Raises OSError as the `os` module does."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result: int = _libc().syscall(ctypes.c_long(native().numbers[name]), *words)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def address(thing: ctypes.Structure | ctypes.Array[ctypes.c_char]) -> ctypes.c_void_p:
    """The address of a ctypes object, as an argument for `call`. The caller must keep the object alive."""
    return ctypes.c_void_p(ctypes.addressof(thing))
