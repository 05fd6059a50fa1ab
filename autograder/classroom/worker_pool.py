"""A pool of grading processes, each of which grades one submission at a time. One zygote forks the workers of them all.

A grading process is forked from this one, which has imported torch and the graders, so it starts fast and shares their
memory. It sends JSON, never a pickle.

One submission costs another nothing. What may have failed because of the machine, such as a worker that could not be
forked or that the system killed, is graded once more at the end, alone, when no other submission's code runs. The same
holds for a submission whose grading process died. A grading process that hangs is killed. While it waits for a worker, whose
time is limited, it does not hang, however long that takes on a busy machine.
"""

from __future__ import annotations

import ctypes
import errno
import functools
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
from autograder.classroom.watchdog import Watchdog
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine, grader_error_message
from autograder.grading.settings import Settings
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult, from_plain, to_plain
from autograder.sandbox.host.budget import budget_of_a_submission
from autograder.sandbox.host.errors import SandboxError
from autograder.sandbox.host.launch import (
    FORK_SECONDS,
    NO_ROOM,
    Channel,
    Isolation,
    Patience,
    Zygote,
    choose_isolation,
)
from autograder.submissions.entries import Entry, read_entry
from autograder.submissions.submission import SubmissionError

FORKS = sys.platform == "linux"  # elsewhere it is not safe to fork after system libraries were used
CONTEXT = multiprocessing.get_context("fork") if FORKS else multiprocessing.get_context("spawn")
TICK_SECONDS = 0.5
MAX_PATIENCE = 3600.0
END_SECONDS = 5.0
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
    disturbed: bool = False
    """Whether a part may have failed because of this machine."""


@dataclass
class _GradingProcess:
    """One grading process as its parent sees it, and the submission that it is grading."""

    process: BaseProcess
    connection: Connection
    entry: Entry
    watchdog: Watchdog

    def begin(self, entry: Entry) -> None:
        """Sends the process its next submission."""
        self.entry = entry
        self.watchdog.begin()
        with suppress(OSError):  # if the process is dead, the next wait for its answer notices that
            self.connection.send_bytes(to_message(entry))

    def end(self) -> None:
        """Kills the process, which has no state to lose."""
        self.connection.close()
        self.process.kill()
        self.process.join(END_SECONDS)  # a process that waits for a dead disk does not end


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
        self._patience = _patience(work.settings)

    def grade(self, entries: Iterable[Entry], tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yields results as they come, in no fixed order; calls `tick` twice a second while there are none."""
        again: deque[Entry] = deque()
        for outcome in self._grade_at_once(deque(entries), self._size, tick):
            if outcome.disturbed:
                again.append(outcome.entry)
            else:
                yield outcome
        yield from self._grade_at_once(again, 1, tick)

    def _grade_at_once(self, waiting: deque[Entry], size: int, tick: Callable[[], None]) -> Iterator[Outcome]:
        """Grades each of these once, up to `size` at a time."""
        while waiting or self._jobs:
            self._fill(waiting, size)
            ready = set(wait([job.connection for job in self._jobs], TICK_SECONDS))
            if not ready:
                tick()
            for job in list(self._jobs):
                if job.connection in ready:
                    yield self._finished(job, waiting)
                elif job.watchdog.silence() > self._patience:
                    self._remove(job)
                    yield Outcome(job.entry, self._grader_error(job, self._hung()), self._patience)

    def _fill(self, waiting: deque[Entry], size: int) -> None:
        """Starts processes up to `size`. Where the machine has no room for one, the running ones go on without it."""
        patience = Patience(FORK_SECONDS)
        while waiting and len(self._jobs) < size:
            try:
                self._jobs.append(self._start(waiting[0]))
            except OSError as error:
                if self._jobs:
                    return
                if error.errno not in (errno.EAGAIN, errno.ENOMEM):
                    raise SandboxError(f"no grading process could be started: {error}") from error
                if not patience.pause():
                    raise SandboxError(f"no grading process could be started ({error}): {NO_ROOM}") from error
            else:
                waiting.popleft()

    def _finished(self, job: _GradingProcess, waiting: deque[Entry]) -> Outcome:
        """The outcome of a process that has answered or died. It gets the next submission, or ends."""
        entry, outcome = job.entry, self._answer(job)
        if outcome is not None and waiting:
            job.begin(waiting.popleft())
            return outcome
        self._remove(job)
        return outcome or Outcome(entry, self._grader_error(job, self._died(job)), 0.0, disturbed=True)

    def _remove(self, job: _GradingProcess) -> None:
        self._jobs.remove(job)
        job.end()

    def close(self) -> None:
        """Ends all grading processes, but not the zygote, which belongs to the caller."""
        for job in self._jobs:
            job.end()
        self._jobs = []

    def _start(self, entry: Entry) -> _GradingProcess:
        own = self._connected()
        try:
            return self._forked(entry, own)
        finally:
            if own is not None and own.launcher is not None:
                own.launcher.close()  # this process's copy

    def _forked(self, entry: Entry, own: Isolation | None) -> _GradingProcess:
        ours, theirs = CONTEXT.Pipe()
        # A fork inherits our ends of all pipes. It must close them, or the other processes could not notice our death.
        copies = [ours, *(job.connection for job in self._jobs)] if FORKS else []
        zygote = self._isolation.launcher if FORKS and isinstance(self._isolation.launcher, Zygote) else None
        beats = CONTEXT.RawValue(ctypes.c_uint64)
        process = CONTEXT.Process(target=_serve, args=(theirs, self._work, own, copies, zygote, beats), daemon=True)
        try:
            with _interrupts_held():
                process.start()
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        job = _GradingProcess(process, ours, entry, Watchdog(process, beats))
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
        result = from_plain(answer["result"], SubmissionResult)
        return Outcome(job.entry, result, answer["seconds"], answer["disturbed"])

    def _died(self, job: _GradingProcess) -> str:
        return f"the process that graded this died 2 times ({_ending(job.process.exitcode)})"

    def _hung(self) -> str:
        return f"the process that graded this hung for {self._patience:.0f} s and was killed"

    def _grader_error(self, job: _GradingProcess, what: str) -> SubmissionResult:
        message = (
            f"{what}, which is not your fault: grade the submission again, and if this happens again, report it to the "
            "maintainers of the grader"
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
    connection: Connection,
    work: Work,
    own: Isolation | None,
    copies: list[Connection],
    zygote: Zygote | None,
    beats: ctypes.c_uint64,
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
    launcher = isolation.launcher
    if launcher is not None:
        launcher.alive = functools.partial(_beat, beats)
    while True:
        entry = entries.get()
        start = time.monotonic()
        if launcher is not None:
            launcher.disturbed = False
        result = _grade(engine, entry, work, isolation)
        if isinstance(launcher, Channel) and launcher.lost:
            os._exit(ZYGOTE_LOST)
        disturbed = launcher is not None and launcher.disturbed
        answer = {"result": to_plain(result), "seconds": time.monotonic() - start, "disturbed": disturbed}
        connection.send_bytes(json.dumps(answer).encode())


def _beat(beats: ctypes.c_uint64) -> None:
    beats.value += 1


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


def _patience(settings: Settings) -> float:
    """How many seconds a process may be without a word: as many as a submission's code may run, or an hour."""
    limit = budget_of_a_submission(settings.tier).limit
    return min(limit.cpu + limit.idle, MAX_PATIENCE)


def _ending(code: int | None) -> str:
    if code == ZYGOTE_LOST:
        return "the zygote, which starts the workers, had died"
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
