"""Grading processes as a pool, with a grader that takes no time: what comes back, what is tried again, what ends."""

from __future__ import annotations

import ctypes
import errno
import functools
import json
import multiprocessing
import os
import queue
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.checks.grader import load_grader
from autograder.classroom import worker_pool
from autograder.classroom.watchdog import Watchdog
from autograder.classroom.worker_pool import Outcome, Work, WorkerPool, from_message, ungraded
from autograder.grading.settings import Settings
from autograder.results import SubmissionName, SubmissionResult, to_plain
from autograder.sandbox.host import launch
from autograder.sandbox.host.errors import SandboxError
from autograder.sandbox.host.launch import Channel, Isolation, Zygote
from autograder.submissions.entries import Entry
from autograder.submissions.submission import SubmissionError
from tests.zoo import SOFTMAX

WORK = Work(Settings(seed=1), [SOFTMAX])
SECONDS = 60.0  # for what takes a moment: a loaded machine is no failure


def answer(name: str, *notes: object) -> bytes:
    """What a job sends: a result with these notes, by default the job's pid."""
    return message(noted(name, *(notes or (os.getpid(),))))


def message(result: SubmissionResult, *, disturbed: bool = False) -> bytes:
    """What a job sends."""
    return json.dumps({"result": to_plain(result), "seconds": 0.5, "disturbed": disturbed}).encode()


def noted(name: str, *notes: object) -> SubmissionResult:
    """A result without exercises."""
    return SubmissionResult(
        submission=SubmissionName(name, ""), seed=1, tier="fast", isolation="process", exercises=[],
        notes=[str(note) for note in notes],
    )  # fmt: skip


def serve(
    connection: Connection, work: Work, own: object, copies: list[Connection], zygote: object, beats: Any, *, act: Any
) -> None:
    """A job that answers with the id and its own pid, after `act(id)`."""
    for copy in copies:
        copy.close()
    while True:
        try:
            name = from_message(connection.recv_bytes()).id
        except (EOFError, OSError):
            os._exit(0)
        act(name)
        connection.send_bytes(answer(name))


Make = Callable[..., WorkerPool]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A pool whose jobs call `act` with each id before they answer."""
    pools: list[WorkerPool] = []

    def pool(jobs: int, act: Callable[[str], object] = lambda name: None) -> WorkerPool:
        monkeypatch.setattr(worker_pool, "_serve", functools.partial(serve, act=act))
        pools.append(WorkerPool(WORK, jobs, Isolation("process", None)))
        return pools[-1]

    yield pool
    for made in pools:
        made.close()


def entries(*names: str) -> list[Entry]:
    return [Entry(name, Path("/nowhere") / name) for name in names]


def graded(pool: WorkerPool, *names: str, tick: Callable[[], None] = lambda: None) -> dict[str, Outcome]:
    outcomes = list(pool.grade(entries(*names), tick))
    assert sorted(outcome.entry.id for outcome in outcomes) == sorted(names)
    return {outcome.entry.id: outcome for outcome in outcomes}


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    """No test leaves a process behind."""
    there = set(children())
    yield
    _, left = psutil.wait_procs(set(children()) - there, timeout=SECONDS)
    assert not left


# Results.


def test_each_submission_has_its_own_result(make: Make) -> None:
    found = graded(make(2), "a", "b", "c", "d", "e")
    assert all(outcome.result.submission.id == name for name, outcome in found.items())
    assert {outcome.seconds for outcome in found.values()} == {0.5}


def test_no_more_processes_than_jobs_and_no_more_than_submissions(make: Make) -> None:
    assert len({outcome.result.notes[0] for outcome in graded(make(2), *"abcdef").values()}) <= 2
    assert len({outcome.result.notes[0] for outcome in graded(make(5), "a", "b").values()}) == 2


def test_one_process_grades_one_after_the_other(make: Make) -> None:
    assert len({outcome.result.notes[0] for outcome in graded(make(1), *"abc").values()}) == 1


def test_nothing_to_grade_gives_nothing(make: Make) -> None:
    assert graded(make(2)) == {}


def test_a_result_comes_as_soon_as_it_is_there(make: Make) -> None:
    """The first submission waits for a word that it gets only after the second one's result."""
    reading, writing = os.pipe()
    pool = make(2, lambda name: os.read(reading, 1) if name == "slow" else None)
    outcomes = pool.grade(entries("slow", "quick"), lambda: None)
    assert next(outcomes).entry.id == "quick"
    os.write(writing, b".")
    assert next(outcomes).entry.id == "slow"
    assert list(outcomes) == []
    os.close(reading)
    os.close(writing)


def test_while_nothing_comes_there_are_ticks(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "TICK_SECONDS", 0.01)
    reading, writing = os.pipe()
    pool = make(1, lambda name: os.read(reading, 1))
    assert graded(pool, "slow", tick=lambda: os.write(writing, b".")).keys() == {"slow"}
    os.close(reading)
    os.close(writing)


# Deaths.


def once(marker: Path, act: Callable[[], object]) -> None:
    """Only the first time, in whichever process."""
    if not marker.exists():
        marker.touch()
        act()


def test_a_submission_whose_job_dies_is_tried_in_a_fresh_process_after_the_others(make: Make, tmp_path: Path) -> None:
    def die(name: str) -> None:
        (tmp_path / "tried").open("a").write(name)
        if name == "a":
            once(tmp_path / "died", lambda: os._exit(3))

    found = graded(make(1, die), "a", "b", "c")
    assert list(found) == ["b", "c", "a"]
    assert (tmp_path / "tried").read_text() == "abca"


@pytest.mark.parametrize(
    ("die", "how"),
    [
        (lambda: os._exit(3), "exit code 3"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "killed by SIGTERM"),
        (lambda: os._exit(worker_pool.ZYGOTE_LOST), "the zygote, which starts the workers, had died"),
    ],
)
def test_one_whose_job_dies_twice_is_a_grader_error_that_says_how(
    make: Make, die: Callable[[], None], how: str
) -> None:
    found = graded(make(1, lambda name: die() if name == "b" else None), "a", "b", "c")
    result = found["b"].result
    checks = result.exercises[0].checks
    assert {check.status for check in checks} == {"grader_error"}
    assert {check.message for check in checks} == {
        f"the process that graded this died 2 times ({how}), which is not your fault: grade the submission again, and if "
        "this happens again, report it to the maintainers of the grader"
    }
    assert result.score == 0
    assert found["b"].seconds == 0
    assert found["a"].result.submission.id == "a"
    assert found["c"].result.submission.id == "c"


def test_a_job_that_dies_between_two_submissions_costs_neither_its_result(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers, and is gone before it is sent the next."""

    def answer_and_die(connection: Connection, *_: object) -> None:
        name = from_message(connection.recv_bytes()).id
        connection.send_bytes(answer(name))
        os._exit(0)

    pool = make(1)
    monkeypatch.setattr(worker_pool, "_serve", answer_and_die)
    assert sorted(graded(pool, "a", "b", "c")) == ["a", "b", "c"]


# The machine.


def test_what_may_have_failed_because_of_the_machine_is_graded_again_at_the_end_and_alone(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def disturbed_once(connection: Connection, *_: object) -> None:
        while True:
            try:
                name = from_message(connection.recv_bytes()).id
            except (EOFError, OSError):
                os._exit(0)
            (tmp_path / "tried").open("a").write(name)
            first = not (tmp_path / name).exists()
            (tmp_path / name).touch()
            noted_now = noted(name, "first" if first else "second")
            connection.send_bytes(message(noted_now, disturbed=first and name in "ab"))

    pool = make(1)
    monkeypatch.setattr(worker_pool, "_serve", disturbed_once)
    found = graded(pool, *"abcd")
    assert (tmp_path / "tried").read_text() == "abcdab"
    assert {name: outcome.result.notes[0] for name, outcome in found.items()} == {
        "a": "second", "b": "second", "c": "first", "d": "first",
    }  # fmt: skip


def test_what_fails_alone_too_is_the_result(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def always_disturbed(connection: Connection, *_: object) -> None:
        name = from_message(connection.recv_bytes()).id
        connection.send_bytes(message(noted(name, "no room"), disturbed=True))
        connection.recv_bytes()

    pool = make(2)
    monkeypatch.setattr(worker_pool, "_serve", always_disturbed)
    assert [outcome.result.notes for outcome in graded(pool, "a").values()] == [["no room"]]


def test_second_tries_run_one_at_a_time(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each second try notes how many processes the pool has; a first try always meets the other one."""
    barrier = multiprocessing.get_context("fork").Barrier(2)

    def serve_two(connection: Connection, *_: object) -> None:
        while True:
            try:
                name = from_message(connection.recv_bytes()).id
            except (EOFError, OSError):
                os._exit(0)
            if first := not (tmp_path / name).exists():
                (tmp_path / name).touch()
                barrier.wait(SECONDS)
            siblings = len(psutil.Process(os.getppid()).children())
            connection.send_bytes(message(noted(name, siblings), disturbed=first))

    pool = make(2)
    monkeypatch.setattr(worker_pool, "_serve", serve_two)
    before = len(psutil.Process().children())
    found = graded(pool, "a", "b")
    assert {int(outcome.result.notes[0]) - before for outcome in found.values()} == {1}


def test_a_job_that_hangs_is_killed_and_the_others_go_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads from a pipe into which nobody writes, as from a disk that does not answer."""
    monkeypatch.setattr(worker_pool, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(worker_pool, "_patience", lambda settings: 0.5)
    reading, writing = os.pipe()
    found = graded(make(2, lambda name: os.read(reading, 1) if name == "b" else None), *"abcd")
    checks = found["b"].result.exercises[0].checks
    assert {check.status for check in checks} == {"grader_error"}
    assert checks[0].message.startswith("the process that graded this hung for 0 s and was killed, which is not")
    assert sum(check.max_score for check in checks) == 8
    assert all(found[name].result.notes for name in "acd")
    os.close(reading)
    os.close(writing)


def test_a_job_that_waits_for_a_worker_does_not_hang(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes far longer than the patience of its parent, and beats."""
    monkeypatch.setattr(worker_pool, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(worker_pool, "_patience", lambda settings: 0.5)

    def waits(connection: Connection, *others: Any) -> None:
        name = from_message(connection.recv_bytes()).id
        for _ in range(100):
            worker_pool._beat(others[-1])
            select.select([], [], [], 0.02)
        connection.send_bytes(message(noted(name, "done")))
        connection.recv_bytes()

    pool = make(1)
    monkeypatch.setattr(worker_pool, "_serve", waits)
    assert graded(pool, "a")["a"].result.notes == ["done"]


def test_a_job_may_be_silent_as_long_as_the_code_of_a_submission_may_run() -> None:
    assert worker_pool._patience(Settings()) == 240
    assert worker_pool._patience(Settings(tier="full")) == 3600


def test_the_worker_that_a_job_waits_for_makes_it_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher that the engine gets tells the pool of every wait."""
    launchers: list[Any] = []

    def engine(settings: Settings, isolation: Isolation) -> None:
        launchers.append(isolation.launcher)

    def grade(engine: object, entry: Entry, work: Work, isolation: Isolation) -> SubmissionResult:
        assert isolation.launcher is not None
        for _ in range(3):
            isolation.launcher.alive()
        return noted("a", beats.value)

    beats = ctypes.c_uint64()
    monkeypatch.setattr(worker_pool, "Engine", engine)
    monkeypatch.setattr(worker_pool, "_grade", grade)
    monkeypatch.setattr(worker_pool.CONTEXT, "RawValue", lambda kind: beats)
    (outcome,) = WorkerPool(WORK, 1, Isolation("strict", FakeZygote())).grade(entries("a"), lambda: None)
    assert outcome.result.notes == ["3"]


class Refusing:
    """In place of `Process.start`: the system refuses so many forks."""

    def __init__(self, times: int, start: Callable[[Any], None]) -> None:
        self.times = times
        self.start = start

    def __call__(self, process: Any) -> None:
        if self.times:
            self.times -= 1
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.start(process)


def test_a_process_that_cannot_be_forked_is_forked_a_moment_later(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = make(2)
    refusing = Refusing(3, worker_pool.CONTEXT.Process.start)
    monkeypatch.setattr(worker_pool.CONTEXT.Process, "start", lambda process: refusing(process))
    monkeypatch.setattr(launch, "PAUSE_SECONDS", 0.001)
    assert len(graded(pool, *"abc")) == 3
    assert refusing.times == 0


def test_without_room_for_a_single_process_the_run_ends_with_the_reason(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make(2)
    refusing = Refusing(10**6, worker_pool.CONTEXT.Process.start)
    monkeypatch.setattr(worker_pool.CONTEXT.Process, "start", lambda process: refusing(process))
    monkeypatch.setattr(worker_pool, "FORK_SECONDS", 0.0)
    with pytest.raises(SandboxError, match=r"no grading process could be started .*raise `ulimit -u`"):
        graded(pool, "a")


# Ends.


def test_when_all_is_graded_no_process_is_left(make: Make) -> None:
    there = set(children())
    graded(make(2), "a", "b", "c")
    assert set(children()) <= there


def test_closing_ends_every_process_at_once(make: Make) -> None:
    reading, writing = os.pipe()
    pool = make(3, lambda name: os.read(reading, 1) if name != "quick" else None)
    there = set(children())
    outcomes = pool.grade(entries("quick", "a", "b", "c"), lambda: None)
    next(outcomes)
    jobs = set(children()) - there
    assert len(jobs) == 3
    pool.close()
    assert not any(job.is_running() and job.status() != psutil.STATUS_ZOMBIE for job in jobs)
    pool.close()
    os.close(reading)
    os.close(writing)


# What a job is sent, and what it makes of it.


def test_paths_and_ids_of_any_bytes_arrive_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = multiprocessing.Pipe()
    path = Path(os.fsdecode(b"/class/\xff \xc3\xa9"))
    sent = Entry("a\udcff%", path, (path / "b\n.py",), problem="it is not \u0000 certain")
    found: queue.SimpleQueue[Entry] = queue.SimpleQueue()
    ended = threading.Event()

    class Exit(BaseException):
        """In place of an end of this process."""

    def exit_at_once(code: int) -> None:
        ended.set()
        raise Exit

    def receive() -> None:
        with suppress(Exit):
            worker_pool._receive(theirs, found)

    monkeypatch.setattr(worker_pool.os, "_exit", exit_at_once)
    thread = threading.Thread(target=receive)
    thread.start()
    worker_pool._GradingProcess(worker_pool.CONTEXT.Process(), ours, sent, Unwatched()).begin(sent)
    assert found.get(timeout=SECONDS) == sent
    ours.close()  # as when the parent dies
    assert ended.wait(SECONDS)
    thread.join()
    theirs.close()


class Unwatched(Watchdog):
    """For a process that never started."""

    def __init__(self) -> None:
        pass

    def begin(self) -> None:
        pass


class FakeEngine:
    """An engine that does what a test says."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.grade = lambda submission, ids: act()


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (SubmissionError("is no zip archive"), "error", "is no zip archive"),
        (
            ZeroDivisionError("by zero"),
            "grader_error",
            "the grader itself failed, which is not your fault: ZeroDivisionError: by zero\nTraceback",
        ),
    ],
)
def test_an_error_is_a_result_as_well(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: str, message: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(worker_pool, "read_entry", lambda entry: None)
    engine: Any = FakeEngine(fail)
    result = worker_pool._grade(engine, Entry("a", Path("/a")), WORK, Isolation("process", None))
    checks = result.exercises[0].checks
    assert (result.submission.id, result.score) == ("a", 0)
    assert {check.status for check in checks} == {status}
    assert all(check.message.startswith(message) for check in checks)


def test_what_was_not_graded_keeps_every_check_and_its_points() -> None:
    result = ungraded(Entry("a", Path("/a")), WORK, Isolation("strict", None), "error", "no zip")
    assert result.problem == "no zip"
    points = sum(check.spec.points for check in load_grader(SOFTMAX).checks)
    assert (result.score, result.max_score) == (0, points)
    assert {check.message for check in result.exercises[0].checks} == {"no zip"}


# The zygote.


class FakeZygote(Zygote):
    """Dies as often as it is told; its lines are lost where `lost_lines`."""

    def __init__(self, deaths: int = 0, lost_lines: bool = False) -> None:
        super().__init__()
        self.deaths = deaths
        self.lost_lines = lost_lines
        self.did: list[str] = []

    def start(self) -> None:
        self.did.append("start")

    def close(self) -> None:
        self.did.append("close")

    def connect(self) -> Channel:
        self.did.append("connect")
        if self.deaths:
            self.deaths -= 1
            raise SandboxError("the zygote died")
        line = Channel(None)
        line.lost = self.lost_lines
        return line


def test_each_job_has_a_line_of_its_own_to_the_zygote() -> None:
    zygote = FakeZygote()
    own = WorkerPool(WORK, 1, Isolation("strict", zygote, "why"))._connected()
    assert own is not None
    assert own[0] == "strict"
    assert own[2] == "why"
    assert own.launcher is not zygote
    assert zygote.did == ["connect"]


def test_a_zygote_that_died_is_replaced_before_a_job_starts() -> None:
    zygote = FakeZygote(deaths=1)
    assert WorkerPool(WORK, 1, Isolation("strict", zygote))._connected() is not None
    assert zygote.did == ["connect", "close", "start", "connect"]


def test_a_zygote_that_cannot_be_had_is_no_endless_loop() -> None:
    zygote = FakeZygote(deaths=2)
    with pytest.raises(SandboxError):
        WorkerPool(WORK, 1, Isolation("strict", zygote))._connected()


def test_without_a_zygote_a_job_finds_its_own_launcher() -> None:
    assert WorkerPool(WORK, 1, Isolation("process", None))._connected() is None


class Line(Channel):
    """Notes that it was closed here."""

    def __init__(self) -> None:
        super().__init__(None)
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_job_closes_what_a_fork_has_copied_and_leaves_the_zygote_to_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the first job one end is the parent's, of the second one more; each line to the zygote is the job's alone."""

    def count(connection: Connection, work: Work, own: Isolation, copies: list[Connection], *others: object) -> None:
        connection.recv_bytes()
        connection.send_bytes(
            answer("a", len(copies), isinstance(others[0], FakeZygote), isinstance(own.launcher, Line))
        )
        os._exit(0)

    lines = [Line(), Line()]
    zygote, waiting = FakeZygote(), iter(lines)
    monkeypatch.setattr(zygote, "connect", lambda: next(waiting))
    monkeypatch.setattr(worker_pool, "_serve", count)
    pool = WorkerPool(WORK, 2, Isolation("strict", zygote))
    found = sorted(outcome.result.notes for outcome in pool.grade(entries("a", "b"), lambda: None))
    assert found == [["1", "True", "True"], ["2", "True", "True"]]
    assert [line.closed for line in lines] == [True, True]


def test_a_job_leaves_the_zygote_before_it_grades(monkeypatch: pytest.MonkeyPatch) -> None:
    zygote = FakeZygote()
    monkeypatch.setattr(zygote, "leave_to_parent", lambda: zygote.did.append("left"))
    monkeypatch.setattr(worker_pool, "Engine", lambda settings, isolation: None)
    monkeypatch.setattr(worker_pool, "_grade", lambda engine, entry, work, isolation: noted("a", *zygote.did))
    (outcome,) = WorkerPool(WORK, 1, Isolation("strict", zygote)).grade(entries("a"), lambda: None)
    assert outcome.result.notes == ["connect", "left"]


def test_what_was_graded_after_the_zygote_died_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job grades, sees that its line was lost, and dies; so the submission is tried again, and given up."""
    monkeypatch.setattr(worker_pool, "Engine", lambda settings, isolation: None)
    monkeypatch.setattr(
        worker_pool, "_grade", lambda engine, entry, work, isolation: ungraded(entry, work, isolation, "error", "late")
    )
    pool = WorkerPool(WORK, 1, Isolation("strict", FakeZygote(lost_lines=True)))
    (outcome,) = pool.grade(entries("a"), lambda: None)
    message = outcome.result.exercises[0].checks[0].message
    assert message.startswith(
        "the process that graded this died 2 times (the zygote, which starts the workers, had died)"
    )


def test_a_job_answers_with_its_result_and_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    result = ungraded(Entry("a", Path("/a")), WORK, Isolation("strict", None), "error", "no zip")
    monkeypatch.setattr(worker_pool, "Engine", lambda settings, isolation: None)
    monkeypatch.setattr(worker_pool, "_grade", lambda engine, entry, work, isolation: result)
    pool = WorkerPool(WORK, 1, Isolation("strict", FakeZygote()))
    (outcome,) = pool.grade(entries("a"), lambda: None)
    assert outcome.result == result
    assert 0 <= outcome.seconds < SECONDS


def test_an_interrupt_waits_until_a_fork_is_done() -> None:
    def blocked() -> bool:
        return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])

    with worker_pool._interrupts_held():
        assert blocked()
    assert not blocked()
