"""What calls have used, from outside, and what happens when it is used up."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox.host import budget
from autograder.sandbox.host.budget import Budget, Meter, Usage, unlimited
from autograder.sandbox.host.errors import TimedOut
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import LocalWorker

MODULE = b"calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return calls\ndef g(x): return x\n"


NUMBERS = itertools.count()


class Ending(LocalWorker):
    """A worker in which calls of `f` do not end."""

    def ask(self, request, what, limits):
        if what.startswith("f("):
            raise TimedOut(f"{what} did not end")
        return super().ask(request, what, limits)


def student(worker=LocalWorker, limit: Budget | None = None) -> StudentModule:
    name = f"budget{next(NUMBERS)}"  # a module is imported once in a process
    return StudentModule(Assignment(name, {f"{name}.py": MODULE}, ("f", "g")), worker, limit)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has computed, says so, and then waits for its end."""
    code = "x = sum(range(10**7)); print(); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
        running.communicate(b"\n")


def test_computing_is_not_idle_time(process: subprocess.Popen[bytes]) -> None:
    used = Meter(process.pid).read()
    assert used.cpu > 0
    again = Meter(process.pid).read() - used
    assert again.idle >= -0.02  # CPU time is counted in ticks of 10 ms


def test_a_process_that_has_ended_has_used_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    meter = Meter(ended.pid)
    ended.wait()
    assert meter.read() == Usage()


def test_a_process_that_has_ended_keeps_what_it_has_used() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    meter = Meter(ended.pid)
    used = meter.read()
    ended.communicate(b"\n")
    assert meter.read() == used != Usage()


def test_this_process_has_computed() -> None:
    assert Meter(os.getpid()).read().cpu > 0


def test_the_budget_of_a_submission_is_that_of_its_exercises_together() -> None:
    submission = Budget(Usage(10, 10), "this submission")
    first, second = submission.part(Usage(8, 8), "first"), submission.part(Usage(8, 8), "second")
    first.spend(Usage(cpu=7))
    second.spend(Usage(cpu=4))
    assert not Budget.exceeded(Budget(Usage(8, 8), "first", used=first.used))
    assert second.exceeded() == (
        "the calls in this submission have used 11 s of CPU time, and all together may use 10 s; most of it in first (7 s), "
        "second (4 s)"
    )


def test_what_the_running_call_uses_counts() -> None:
    assert (
        Budget(Usage(5, 5), "first").exceeded(Usage(idle=6)).startswith("the calls in first have used 6 s in sleeping")
    )


def test_nothing_exceeds_what_is_not_limited() -> None:
    limit = unlimited()
    limit.spend(Usage(1e9, 1e9))
    assert not limit.exceeded()


def test_once_the_budget_is_used_up_nothing_is_called() -> None:
    module = student(limit=Budget(Usage(1, 1), "m", used=Usage(cpu=2)))
    with pytest.raises(TimedOut, match="the calls in m have used 2 s of CPU time"):
        module.g(1)


def test_what_did_not_end_is_not_called_again() -> None:
    module = student(Ending)
    for argument in (1, 2):
        with pytest.raises(TimedOut, match=r"^f\(x=1\) did not end"):
            module.f(argument)


def test_other_functions_are_still_called() -> None:
    module = student(Ending)
    with pytest.raises(TimedOut):
        module.f(1)
    assert module.g(3) == 3


def test_time_in_which_the_grader_waited_for_a_core_is_not_idle_time(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, extra = budget.busy_seconds, {"thread-self": 0.0}
    monkeypatch.setattr(budget, "busy_seconds", lambda name: (measure(name)[0], measure(name)[1] + extra.get(name, 0)))
    meter = Meter(process.pid)
    before = meter.read()
    extra["thread-self"] = 1000.0
    assert (meter.read() - before).idle < -900
