"""Attacks on the lock-down, run as a script by test_lockdown.py: `python -I lockdown_trials.py PROJECT LANDLOCK WORKDIR`.

It needs only the standard library and the lock-down, so that it runs as any user under any Python. Each trial runs in a
locked fork. The output is one JSON object on stdout that maps a trial's name to "refused ..." or to what happened.
LANDLOCK is the version that Landlock is limited to, or 0 for the kernel's own. WORKDIR must belong to the current user.
"""

from __future__ import annotations

import ctypes
import dataclasses
import errno
import importlib
import json
import mmap
import os
import platform
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PROJECT, HELD_TO, WORKDIR = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
sys.path.insert(0, str(PROJECT))

from autograder.sandbox.worker import lockdown  # the path is set above
from autograder.sandbox.worker.lockdown import landlock, seccomp, syscalls
from autograder.sandbox.worker.lockdown import threads as thread_limit
from tests.sandbox.lockdown_attacks import LIBC, Scene, file_attempts, opening, reach_attempts

if HELD_TO:
    landlock.version = lambda: HELD_TO

PARENT = os.getpid()
VICTIM = WORKDIR / "victim.txt"
VICTIM.write_text("precious")
POLICY = lockdown.Policy(
    readable=lockdown.readable_paths(str(PROJECT)),
    memory_bytes=1 << 30,
    output_bytes=1 << 16,
    cpu_seconds=20,
    open_files=32,
    threads=5,
    parent_pid=PARENT,
)
UPROBES = {335, 336} if platform.machine() == "x86_64" else set()  # no filter sees them; SIGILL outside a probe
SCENE = Scene(
    parent=PARENT,
    group=os.getpgid(0),
    project=PROJECT,
    script=__file__,
    workdir=WORKDIR,
    victim=VICTIM,
    output=os.open(WORKDIR / "output", os.O_RDWR | os.O_CREAT, 0o600),
    folder=os.open(WORKDIR, os.O_RDONLY | os.O_DIRECTORY),
    pair=socket.socketpair(),
)
WITH_A_RULE = seccomp.ALLOWED | seccomp.LEGACY | seccomp.ABSENT | {*seccomp.filtered(0), *seccomp.LEGACY_FILTERED}


def verdicts(attempts: dict[str, Callable[[], object]]) -> dict[str, str]:
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = f"possible: {attempt()!r}"
        except OSError as error:
            found[name] = f"refused with {errno.errorcode[error.errno or 0]}"
        except ValueError as error:  # `resource` turns EPERM into this
            found[name] = f"refused: {error}"
        except AttributeError:
            found[name] = "refused: this C library does not have it"
    return found


def default_is_refusal() -> str:
    """Checks that every system call without a rule fails with EPERM. The arguments are harmless."""
    named = {syscalls.native().numbers[n] for n in WITH_A_RULE if n in syscalls.native().numbers}
    LIBC.syscall.restype = ctypes.c_long
    past = []
    for number in set(range(600)) - named - UPROBES:
        ctypes.set_errno(0)
        result = LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
        if (result, ctypes.get_errno()) != (-1, errno.EPERM):
            past.append(number)
    return f"past the filter: {past}" if past else "refused"


def threads() -> str:
    results: list[int] = []
    crew = [threading.Thread(target=lambda i=i: results.append(i)) for i in range(4)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return str(sorted(results))


def in_thread() -> str:
    """Checks that the filter and Landlock also bind threads that are started later."""
    results: list[str] = []
    attempts: dict[str, Callable[[], object]] = {
        "socket": socket.socket,
        "read": opening(VICTIM, os.O_RDONLY),
        "signal": lambda: os.kill(PARENT, 0),
    }
    thread = threading.Thread(target=lambda: results.extend(verdicts(attempts).values()))
    thread.start()
    thread.join()
    return "refused" if all(r.startswith("refused") for r in results) else str(results)


def thread_bomb() -> str:
    gate = threading.Event()
    crew = []
    try:
        for _ in range(64):
            crew.append(threading.Thread(target=gate.wait, daemon=True))
            crew[-1].start()
    except RuntimeError:
        return str(len(crew))  # with the main thread, less the last, which did not start
    finally:
        gate.set()
    return "unlimited"


def imports() -> str:
    for name in ("colorsys", "wave", "xml.dom.minidom", "lzma", "sqlite3"):
        if name in sys.modules:
            return f"{name} was there already"
        importlib.import_module(name)
    return (
        "ok" if "def popitem" in Path(os.path.dirname(os.__file__), "collections", "__init__.py").read_text() else "?"
    )


def memory() -> str:
    try:
        bytearray(POLICY.memory_bytes * 2)
    except MemoryError:
        return f"MemoryError, and {len(bytearray(POLICY.memory_bytes // 2))} fit"
    return "unlimited"


def output() -> str:
    written = 0
    try:
        while written < 1 << 24:
            written += os.write(SCENE.output, b"x" * 5000)
    except OSError as error:
        return f"{written} then {errno.errorcode[error.errno or 0]}"
    return "unlimited"


def open_files() -> str:
    try:
        for _ in range(1000):
            os.open("/dev/null", os.O_RDWR)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "unlimited"


def devices() -> str:
    with open("/dev/null", "w") as null:
        null.write("x")
    with open("/dev/urandom", "rb") as random:
        return str(len(random.read(8)))


def thirty_two_bit() -> str:
    """Calls getpid by int 0x80, whose numbers differ: a filter that ignores the architecture would mistake the call."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    entry = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return f"possible: {ctypes.CFUNCTYPE(ctypes.c_int)(entry)()}"


def x32() -> str:
    return f"possible: {LIBC.syscall(ctypes.c_long(0x40000000 + 39))}"


def who() -> str:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    keys = ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapInh", "CapBnd", "NoNewPrivs")
    return json.dumps({key: status[key] for key in keys})


def unavailable(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except lockdown.LockdownUnavailable as error:
        return error.mechanism
    return "applied"


def limits() -> dict[str, tuple[int, int]]:
    names = lockdown.apply_limits(POLICY)
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def with_threads() -> str:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    try:
        return unavailable(lambda: lockdown.apply(POLICY))
    finally:
        gate.set()
        thread.join()


def without_landlock() -> str:
    landlock.version = lambda: 0
    return unavailable(lambda: lockdown.apply(POLICY))


def in_fork(trial: Callable[[], object], lock: bool = True) -> object:
    """Runs a trial in a locked fork. Returns its result (anything that JSON can hold) or how the fork ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if lock:
                lockdown.apply(POLICY)
            answer = trial()
        except BaseException as error:  # whatever ends a trial is its result
            answer = f"{type(error).__name__}: {error}"
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answers:
        answered = answers.read()
    _, status = os.waitpid(pid, 0)
    return json.loads(answered) if answered else f"killed by {signal.Signals(os.WTERMSIG(status)).name}"


def orphan() -> str:
    """A locked grandchild waits, holding one end of a pipe. The pipe closes when the grandchild dies with its parent."""
    reading, writing = os.pipe()
    ready_reading, ready_writing = os.pipe()
    middle = os.fork()
    if middle == 0:
        policy = dataclasses.replace(POLICY, parent_pid=os.getpid())
        if os.fork() == 0:
            lockdown.apply(policy)
            os.write(ready_writing, b"r")
            signal.pause()
        os.read(ready_reading, 1)
        os._exit(0)
    os.close(writing)
    os.close(ready_writing)
    os.waitpid(middle, 0)
    ended = os.read(reading, 1) == b""
    return "ended with its parent" if ended else "?"


def main() -> None:
    signal.alarm(60)  # a trial that hangs fails the test instead of holding it up
    locked: dict[str, Callable[[], object]] = {
        "self_test": lambda: lockdown.self_test(PARENT, __file__),
        "files": lambda: verdicts(file_attempts(SCENE)),
        "reach": lambda: verdicts(reach_attempts(SCENE)),
        "default": default_is_refusal,
        "threads": threads,
        "in_thread": in_thread,
        "thread_bomb": thread_bomb,
        "imports": imports,
        "memory": memory,
        "output": output,
        "open_files": open_files,
        "devices": devices,
        "x32": x32,
        "int 0x80": thirty_two_bit,
    }
    answers = {name: in_fork(trial) for name, trial in locked.items()}
    answers["orphan"] = orphan()
    answers["limits"] = in_fork(limits, lock=False)
    answers["with_threads"] = in_fork(with_threads, lock=False)
    answers["without_landlock"] = in_fork(without_landlock, lock=False)
    stranger = dataclasses.replace(POLICY, parent_pid=1)
    answers["wrong_parent"] = in_fork(lambda: unavailable(lambda: lockdown.apply(stranger)), lock=False)
    answers["unlocked_self_test"] = in_fork(lambda: lockdown.self_test(PARENT, __file__), lock=False)
    answers["counted_apart"] = in_fork(lambda: thread_limit.cap(POLICY.threads, own_id=False), lock=False)
    answers["missing"] = lockdown.missing_mechanisms()
    answers["victim"] = VICTIM.read_text() + " " + " ".join(sorted(os.listdir(WORKDIR)))
    answers["identity"] = identity_of_a_worker()
    print(json.dumps(answers))


def identity_of_a_worker() -> object:
    """Reads /proc, which a locked process cannot, so the trial runs before Landlock and the filter are applied."""

    def trial() -> str:
        own = lockdown.identity.assume((rule.path for rule in POLICY.readable), PARENT, POLICY.threads)
        return json.dumps({"own_id": own, "pid": os.getpid(), **json.loads(who())})

    return json.loads(str(in_fork(trial, lock=False)))


if __name__ == "__main__":
    main()
