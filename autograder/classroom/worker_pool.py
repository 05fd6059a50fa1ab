"""Grading processes: each grades one submission at a time, and one warm zygote forks the workers of them all.

A process is forked from one that has imported torch and the graders already, and so starts at once and shares their
memory. It sends JSON, never a pickle. When it dies, its submission is tried once more in a fresh one.
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

FORKS = sys.platform == "linux"  # elsewhere a fork of a process that has used system libraries is not safe
CONTEXT = multiprocessing.get_context("fork") if FORKS else multiprocessing.get_context("spawn")
TRIES = 2
TICK_SECONDS = 0.5
ZYGOTE_LOST = 70
"""Exit code of a job whose zygote died: what it graded since then is no verdict."""


@dataclass(frozen=True)
class Work:
    """What is asked of every submission."""

    settings: Settings
    exercises: list[ExerciseId]


@dataclass(frozen=True)
class Outcome:
    """A submission's result, and how long it took in seconds."""

    entry: Entry
    result: SubmissionResult
    seconds: float


@dataclass
class _GradingProcess:
    """One grading process as its parent sees it, and the submission that it has in hand."""

    process: BaseProcess
    connection: Connection
    entry: Entry

    def begin(self, entry: Entry) -> None:
        self.entry = entry
        with suppress(OSError):  # it is dead, which the next wait for its answer will tell
            self.connection.send_bytes(os.fsencode(entry.path) + b"\0" + entry.id.encode("utf-8", "surrogateescape"))

    def end(self) -> None:
        """At once: it holds nothing that would be lost."""
        self.connection.close()
        self.process.kill()
        self.process.join()


class WorkerPool:
    """Up to `jobs` grading processes. `isolation`: an isolation that was confirmed, with its launcher, which stays ours.

    To be used where no other thread runs and the graders are imported: it forks whenever a process is needed, after a
    death too.
    """

    def __init__(self, work: Work, jobs: int, isolation: Isolation) -> None:
        self._work = work
        self._size = jobs
        self._isolation = isolation
        self._jobs: list[_GradingProcess] = []

    def grade(self, entries: Iterable[Entry], tick: Callable[[], None]) -> Iterator[Outcome]:
        """The results as they come, in no fixed order; `tick` is called twice a second while there are none."""
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
        """Ends every process of ours, but the zygote, which is the caller's."""
        for job in self._jobs:
            job.end()
        self._jobs = []

    def _start(self, entry: Entry) -> _GradingProcess:
        own = self._connected()
        ours, theirs = CONTEXT.Pipe()
        # A fork has copies of all our ends. Were they left open there, nobody would notice our death.
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
        """A line to the zygote for a new job; to a new zygote, if that one died. None: the job finds its own launcher."""
        zygote = self._isolation.launcher
        if not isinstance(zygote, Zygote):
            return None
        try:
            line = zygote.connect()
        except SandboxError:
            zygote.close()
            zygote.start()
            line = zygote.connect()
        return self._isolation._replace(launcher=line)

    def _answer(self, job: _GradingProcess) -> Outcome | None:
        """What a job sent; None if it died."""
        try:
            answer = json.loads(job.connection.recv_bytes())
        except (EOFError, OSError):
            return None
        return Outcome(job.entry, from_plain(answer["result"], SubmissionResult), answer["seconds"])

    def _given_up(self, job: _GradingProcess) -> SubmissionResult:
        message = (
            f"the process that graded this died {TRIES} times ({_ending(job.process.exitcode)}), which is no fault of "
            "yours: grade it again, and if it stays so, tell those who maintain the grader"
        )
        return ungraded(job.entry, self._work, self._isolation, "grader_error", message)


def ungraded(entry: Entry, work: Work, isolation: Isolation, status: str, message: str) -> SubmissionResult:
    """A result without a point, whose every check has the same status and message."""
    exercises = []
    for exercise in work.exercises:
        grader = load_grader(exercise)
        checks = [CheckResult(check.id, check.title, status, 0, check.spec.points, message) for check in grader.checks]
        exercises.append(ExerciseResult(exercise, grader.spec.bonus, checks))
    settings = work.settings
    return SubmissionResult(
        submission=SubmissionName(entry.id, ""),
        seed=settings.seed,
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
    """A job's life: submissions in, results out, until the parent closes the line or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
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
    """In a thread, so that the parent's death is noticed at once, whatever is being graded. Workers die with us."""
    while True:
        try:
            path, _, name = connection.recv_bytes().partition(b"\0")
        except (EOFError, OSError):
            os._exit(0)
        entries.put(Entry(name.decode("utf-8", "surrogateescape"), Path(os.fsdecode(path))))


def _grade(engine: Engine, entry: Entry, work: Work, isolation: Isolation) -> SubmissionResult:
    """The result of one submission, whatever happens."""
    try:
        return engine.grade(read_entry(entry), work.exercises)
    except SubmissionError as error:
        return ungraded(entry, work, isolation, "error", str(error))
    except Exception as error:  # ours, and no reason to lose the others
        return ungraded(entry, work, isolation, "grader_error", grader_error_message(error))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until a fork is done: a child that it caught would act on it before it can ignore it."""
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
