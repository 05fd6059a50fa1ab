"""What the calls of a submission may use: each call, an exercise, and all exercises together.

CPU time and idle time are counted apart. A worker is idle while it neither computes nor waits for a core, as in a sleep.
Time in which the grader itself computes or waits for a core, before it sends a call or after the answer has come, is no
idle time of the worker either, so a machine with many other jobs uses up nobody's time.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

IDLE_SECONDS_OF_A_CALL = 10.0


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU time of all threads, and of idle time."""

    cpu: float = 0.0
    idle: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu + other.cpu, self.idle + other.idle)

    def __sub__(self, other: Usage) -> Usage:
        return Usage(self.cpu - other.cpu, self.idle - other.idle)


class Meter:
    """Measures what a process uses, from outside."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._last = Usage()
        self._counted = time.monotonic()

    def counts_threads_again(self, seconds: float) -> bool:
        """Whether so many seconds have passed since this was last true."""
        now = time.monotonic()
        if now - self._counted < seconds:
            return False
        self._counted = now
        return True

    def threads(self) -> int:
        """The number of threads of the process; of one that has ended, 0."""
        with suppress(psutil.Error):
            return int(self._process.num_threads())
        return 0

    def read(self) -> Usage:
        """The CPU time of the process so far, and the time in which it was idle, from any fixed moment on.

        Of a process that has ended, the last reading.
        """
        with suppress(psutil.Error):
            times = self._process.cpu_times()
            cpu = float(times.user + times.system)
            _, waited = busy_seconds(str(self._process.pid))
            self._last = Usage(cpu, time.monotonic() - cpu - waited - sum(busy_seconds("thread-self")))
        return self._last


def busy_seconds(process: str) -> tuple[float, float]:
    """Seconds that a main thread ran, and that it was ready to run and did not, as Linux counts them; 0 where it does not.

    `process`: a folder of `/proc`.
    """
    try:
        ran, waited, *_ = Path("/proc", process, "schedstat").read_bytes().split()
        return int(ran) / 1e9, int(waited) / 1e9
    except (OSError, ValueError):
        return 0.0, 0.0


@dataclass
class Budget:
    """What all calls of an exercise may use, or with `parts` those of a submission.

    >>> submission = Budget(Usage(200, 40), "this submission")
    >>> exercise = submission.part(Usage(90, 15), "softmax_cross_entropy")
    >>> exercise.spend(Usage(cpu=91))
    >>> exercise.exceeded()
    'the calls in softmax_cross_entropy have used 91 s of CPU time, and all together may use 90 s'
    """

    limit: Usage
    owner: str
    whole: Budget | None = None
    used: Usage = Usage()
    parts: list[Budget] = field(default_factory=list)

    def part(self, limit: Usage, owner: str) -> Budget:
        """The budget of an exercise within this one."""
        self.parts.append(Budget(limit, owner, self))
        return self.parts[-1]

    def spend(self, usage: Usage) -> None:
        """Adds what a call has used."""
        self.used += usage
        if self.whole is not None:
            self.whole.spend(usage)

    def exceeded(self, now: Usage = Usage()) -> str:
        """What has been used up, in words, if the running call has used `now`; empty while there is something left."""
        used = self.used + now
        for name, spent, limit in (
            ("of CPU time", used.cpu, self.limit.cpu),
            ("in sleeping or waiting", used.idle, self.limit.idle),
        ):
            if spent > limit:
                return (
                    f"the calls in {self.owner} have used {spent:.0f} s {name}, and all together may use {limit:g} s"
                    f"{self._most()}"
                )
        return self.whole.exceeded(now) if self.whole is not None else ""

    def _most(self) -> str:
        """Which exercises have used most."""
        spent = sorted(((part.used.cpu + part.used.idle, part.owner) for part in self.parts), reverse=True)[:3]
        return f"; most of it in {', '.join(f'{owner} ({seconds:.0f} s)' for seconds, owner in spent)}" if spent else ""


NO_LIMIT = float("inf")


def unlimited() -> Budget:
    """The budget of code that is not a submission's."""
    return Budget(Usage(NO_LIMIT, NO_LIMIT), "code that is not limited")


def budget_of_a_submission(tier: str) -> Budget:
    """What all exercises of a submission may use. A right one takes about 10 s of CPU time in the fast tier."""
    return Budget(Usage(200, 40) if tier == "fast" else Usage(6 * 3600, 600), "this submission")


def budget_of_an_exercise(submission: Budget, tier: str, name: str) -> Budget:
    """What one exercise may use of what its submission may use."""
    return submission.part(Usage(90, 15) if tier == "fast" else Usage(2 * 3600, 60), name)
