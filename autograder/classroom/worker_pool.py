"""A pool of grading processes, each of which grades one submission at a time. One zygote forks the workers of them all.

A grading process is forked from this one, which has imported torch and the graders, so it starts fast and shares their
memory. It sends JSON, never a pickle. If it dies, its submission is tried once more in a new process.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine, grader_error_message
from autograder.grading.settings import Settings
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult, from_plain, to_plain
from autograder.sandbox.host.errors import SandboxError
from autograder.sandbox.host.launch import Channel, Isolation, Zygote, choose_isolation
from autograder.submissions.entries import Entry, read_entry
from autograder.submissions.submission import SubmissionError

FORKS = sys.platform == "linux"  # elsewhere it is not safe to fork after system libraries were used
CONTEXT = multiprocessing.get_context("fork") if FORKS else multiprocessing.get_context("spawn")
TRIES = 2
TICK_SECONDS = 0.5
ZYGOTE_LOST = 70
"""The exit code of a process whose zygote died. What it was grading has no valid result."""


@dataclass(frozen=True)
class Work:
    """What to grade in every submission, and how."""

    settings: Settings
    exercises: list[ExerciseId]


@dataclass(frozen=True)
class Outcome:
    """A submission's result."""

    entry: Entry
    result: SubmissionResult
    seconds: float
    """How long grading took."""


@dataclass
class _GradingProcess:
    """One grading process as its parent sees it, and the submission that it is grading."""

    process: BaseProcess
    connection: Connection
    entry: Entry

    def begin(self, entry: Entry) -> None:
        """Sends the process its next submission."""
        self.entry = entry
        with suppress(OSError):  # if the process is dead, the next wait for its answer notices that
            self.connection.send_bytes(to_message(entry))

    def end(self) -> None:
        """Kills the process, which has no state to lose."""
        self.connection.close()
        self.process.kill()
        self.process.join()


class WorkerPool:
    """Up to `jobs` grading processes.

    It forks whenever it needs a process, so the graders should be imported and no other thread may run.

    Args:
        work: what to grade.
        jobs: the largest number of processes.
        isolation: a confirmed isolation with its launcher, which the caller closes.
    """

    def __init__(self, work: Work, jobs: int, isolation: Isolation) -> None:
        self._work = work
        self._size = jobs
        self._isolation = isolation
        self._jobs: list[_GradingProcess] = []

    def grade(self, entries: Iterable[Entry], tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yields results as they come, in no fixed order; calls `tick` twice a second while there are none."""
        waiting = deque(entries)
        tries: dict[str, int] = {}
        while waiting or self._jobs:
            while waiting and len(self._jobs) < self._size:
                self._jobs.append(self._start(waiting.popleft()))
            ready = set(wait([job.connection for job in self._jobs], TICK_SECONDS))
            if not ready:
                tick()
            for job in [job for job in self._jobs if job.connection in ready]:
                outcome = self._answer(job)
                if outcome is not None and waiting:
                    job.begin(waiting.popleft())
                else:
                    self._jobs.remove(job)
                    job.end()
                if outcome is None:
                    tries[job.entry.id] = tries.get(job.entry.id, 0) + 1
                    if tries[job.entry.id] < TRIES:
                        waiting.appendleft(job.entry)
                        continue
                    outcome = Outcome(job.entry, self._given_up(job), 0.0)
                yield outcome

    def close(self) -> None:
        """Ends all grading processes, but not the zygote, which belongs to the caller."""
        for job in self._jobs:
            job.end()
        self._jobs = []

    def _start(self, entry: Entry) -> _GradingProcess:
        own = self._connected()
        ours, theirs = CONTEXT.Pipe()
        # A fork inherits our ends of all pipes. It must close them, or the other processes could not notice our death.
        copies = [ours, *(job.connection for job in self._jobs)] if FORKS else []
        zygote = self._isolation.launcher if FORKS and isinstance(self._isolation.launcher, Zygote) else None
        process = CONTEXT.Process(target=_serve, args=(theirs, self._work, own, copies, zygote), daemon=True)
        with _interrupts_held():
            process.start()
        theirs.close()
        if own is not None and own.launcher is not None:
            own.launcher.close()
        job = _GradingProcess(process, ours, entry)
        job.begin(entry)
        return job

    def _connected(self) -> Isolation | None:
        """A connection to the zygote for a new process; a dead zygote is restarted first.

        None if there is no zygote; the process then chooses its own launcher.
        """
        zygote = self._isolation.launcher
        if not isinstance(zygote, Zygote):
            return None
        try:
            connection = zygote.connect()
        except SandboxError:
            zygote.close()
            zygote.start()
            connection = zygote.connect()
        return self._isolation._replace(launcher=connection)

    def _answer(self, job: _GradingProcess) -> Outcome | None:
        """What a process sent; None if it died."""
        try:
            answer = json.loads(job.connection.recv_bytes())
        except (EOFError, OSError):
            return None
        return Outcome(job.entry, from_plain(answer["result"], SubmissionResult), answer["seconds"])

    def _given_up(self, job: _GradingProcess) -> SubmissionResult:
        message = (
            f"the process that graded this died {TRIES} times ({_ending(job.process.exitcode)}), which is not "
            "your fault: grade the submission again, and if this happens again, report it to the maintainers of the grader"
        )
        return ungraded(job.entry, self._work, self._isolation, "grader_error", message)


def ungraded(entry: Entry, work: Work, isolation: Isolation, status: str, message: str) -> SubmissionResult:
    """A result with no points, in which every check has this status and message."""
    exercises = []
    for exercise in work.exercises:
        grader = load_grader(exercise)
        checks = [CheckResult(check.id, check.title, status, 0, check.spec.points, message) for check in grader.checks]
        exercises.append(ExerciseResult(exercise, grader.spec.bonus, checks))
    settings = work.settings
    return SubmissionResult(
        submission=SubmissionName(entry.id, ""),
        seed=settings.seed,
        own_inputs=settings.own_inputs,
        tier=settings.tier,
        isolation=isolation.level,
        isolation_reason=isolation.reason,
        exercises=exercises,
        problem=message,
        follow_through=settings.follow_through,
    )


def _serve(
    connection: Connection, work: Work, own: Isolation | None, copies: list[Connection], zygote: Zygote | None
) -> None:
    """The main loop of a grading process: receives submissions and sends results until the parent closes the pipe or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    for copy in copies:
        copy.close()
    if zygote is not None:
        zygote.leave_to_parent()
    entries: queue.SimpleQueue[Entry] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, entries), daemon=True).start()
    isolation = own if own is not None else choose_isolation(work.settings.isolation)
    engine = Engine(work.settings, isolation)
    while True:
        entry = entries.get()
        start = time.monotonic()
        result = _grade(engine, entry, work, isolation)
        if isinstance(isolation.launcher, Channel) and isolation.launcher.lost:
            os._exit(ZYGOTE_LOST)
        answer = {"result": to_plain(result), "seconds": time.monotonic() - start}
        connection.send_bytes(json.dumps(answer).encode())


def _receive(connection: Connection, entries: queue.SimpleQueue[Entry]) -> None:
    """Receives submissions in a thread, so that the parent's death is noticed while one is graded; then exits at once."""
    while True:
        try:
            message = connection.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        entries.put(from_message(message))


def to_message(entry: Entry) -> bytes:
    """What a grading process needs to read an entry. JSON escapes the bytes of names that are not valid UTF-8."""
    return json.dumps([entry.id, entry.problem, *map(str, entry.paths)]).encode()


def from_message(message: bytes) -> Entry:
    """The inverse of `to_message`."""
    identity, problem, path, *more = json.loads(message)
    return Entry(identity, Path(path), tuple(map(Path, more)), problem=problem)


def _grade(engine: Engine, entry: Entry, work: Work, isolation: Isolation) -> SubmissionResult:
    """The result of one submission, whatever happens."""
    try:
        return engine.grade(read_entry(entry), work.exercises)
    except SubmissionError as error:
        return ungraded(entry, work, isolation, "error", str(error))
    except Exception as error:  # a fault of the grader; the other submissions can still be graded
        return ungraded(entry, work, isolation, "grader_error", grader_error_message(error))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Holds back Ctrl-C during a fork, since the child would act on it before it can ignore it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _ending(code: int | None) -> str:
    if code == ZYGOTE_LOST:
        return "the zygote, which starts the workers, had died"
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
