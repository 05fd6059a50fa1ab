"""What the machine denies: a fork is tried again, and threads are counted by the host where the kernel cannot do it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox.host import launch
from autograder.sandbox.host.errors import SandboxError, TooManyThreads
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.launch import Channel, Patience, Zygote
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import Limits, ProcessWorker
from autograder.sandbox.wire.messages import ZygoteReply
from autograder.sandbox.worker.lockdown import limits, threads
from autograder.sandbox.worker.output import BoundedText

linux = pytest.mark.skipif(sys.platform != "linux", reason="there are zygotes only on Linux")


class Full(Channel):
    """A zygote that may not fork so many times."""

    def __init__(self, times: int, *, busy: bool = True) -> None:
        super().__init__(None)
        self.times = times
        self.busy = busy

    def _ask(self, request, descriptors):
        if self.times == 0:
            raise AssertionError("a worker was started")
        self.times -= 1
        return ZygoteReply(problem="BlockingIOError: [Errno 11]", busy=self.busy) if self.times else ZygoteReply(pid=7)


def spawn(channel: Channel) -> int:
    ours, theirs = os.pipe()
    try:
        with open(ours, "rb") as some:
            return channel.spawn(None, some, theirs)  # type: ignore[arg-type]  # nothing is sent
    finally:
        os.close(theirs)


def test_a_fork_that_the_system_refuses_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "PAUSE_SECONDS", 0.001)
    channel = Full(4)
    assert spawn(channel) == 7
    assert channel.times == 0


def test_it_is_not_tried_for_ever_and_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FORK_SECONDS", 0.0)
    with pytest.raises(SandboxError, match=r"no worker could be started within 0 s .*raise `ulimit -u`"):
        spawn(Full(4))


def test_what_cannot_work_a_moment_later_is_not_tried_again() -> None:
    channel = Full(4, busy=False)
    with pytest.raises(SandboxError, match="no worker could be started: BlockingIOError"):
        spawn(channel)
    assert channel.times == 3


def test_a_worker_that_could_not_be_forked_was_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FORK_SECONDS", 0.0)
    channel = Full(4)
    assert not channel.disturbed
    with pytest.raises(SandboxError):
        ProcessWorker(channel, "process", Limits(), ())
    assert channel.disturbed


def test_pauses_end_with_the_time() -> None:
    assert not Patience(0.0).pause()


# Threads.

MANY = b"""
import threading
threading.stack_size(64 << 10)
gate = threading.Event()
def many(number):
    for _ in range(number):
        threading.Thread(target=gate.wait, daemon=True).start()
    while True:
        pass
def background(number):
    for _ in range(number):
        threading.Thread(target=gate.wait, daemon=True).start()
    end = __import__("time").monotonic() + 0.3
    while __import__("time").monotonic() < end:
        pass
    return number
"""


@pytest.fixture
def student(zygote: Zygote) -> Iterator[StudentModule]:
    """A module in a worker whose threads only the host counts."""
    assignment = Assignment("m", {"m.py": MANY}, ("many", "background"))
    made = StudentModule(assignment, lambda: ProcessWorker(zygote, "process", Limits(), ()))
    yield made
    made.close()


@linux
@pytest.mark.parametrize("function", ["many", "background"])
def test_a_worker_with_too_many_threads_is_ended_by_the_host(student: StudentModule, function: str) -> None:
    with pytest.raises(TooManyThreads, match=r"your code has started \d+ threads, and it may have 32"):
        getattr(student, function)(40)
    assert student.background(20) == 20


@linux
def test_a_worker_leaves_the_last_processes_of_the_user_for_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    caps: list[int] = []
    monkeypatch.setattr(limits, "cap_processes", caps.append)
    for allowed in (40, 4000, limits.resource.RLIM_INFINITY):
        monkeypatch.setattr(limits.resource, "getrlimit", lambda kind, allowed=allowed: (allowed, allowed))
        limits.keep_processes(threads.KEPT_FOR_FORKS)
    assert caps == [20, 4000 - 32]


# Prints.


def test_a_print_that_the_machine_has_no_room_for_is_no_error_of_the_code() -> None:
    """Every write to this device fails, as on a full disk."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        assert BoundedText(descriptor, 100).write("hello") == 5
    finally:
        os.close(descriptor)


# The watchdog.


@linux
def test_whoever_waits_for_a_worker_says_so(
    zygote: Zygote, student: StudentModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each call, and while it lasts."""
    said: list[None] = []
    monkeypatch.setattr(zygote, "alive", lambda: said.append(None))
    student.background(1)
    assert len(said) > 3
