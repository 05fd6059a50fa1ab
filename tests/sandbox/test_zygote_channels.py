"""One zygote serves several channels, and a worker ends with the channel that requested it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import psutil
import pytest

from autograder.sandbox.host.errors import SandboxError
from autograder.sandbox.host.launch import Channel, Zygote
from autograder.sandbox.host.workers import Limits, ProcessWorker

Abandon = Callable[[Channel], psutil.Process]

SECONDS = 10.0  # far more than the milliseconds needed, so that a busy machine does not fail the test


def _worker(channel: Channel) -> tuple[ProcessWorker, psutil.Process]:
    worker = ProcessWorker(channel, "process", Limits(), ())
    return worker, psutil.Process(worker._pid)


@pytest.fixture
def abandoned() -> Iterator[Abandon]:
    """Starts workers whose sockets stay open when their channel closes, so that only the zygote can end them."""
    sockets: list[socket.socket] = []

    def start(channel: Channel) -> psutil.Process:
        worker, process = _worker(channel)
        sockets.append(worker._socket)
        return process

    yield start
    for held in sockets:
        held.close()


def _gone(*processes: psutil.Process) -> bool:
    return not psutil.wait_procs(list(processes), timeout=SECONDS)[1]


def test_each_channel_gets_workers_of_its_own(zygote: Zygote) -> None:
    one, other = zygote.connect(), zygote.connect()
    (first, first_process), (second, second_process) = _worker(one), _worker(other)
    assert first_process.ppid() == second_process.ppid()
    first.close()
    second.close()
    assert _gone(first_process)
    assert _gone(second_process)
    one.close()
    other.close()


def test_only_the_workers_of_a_closed_channel_end(zygote: Zygote, abandoned: Abandon) -> None:
    closed, kept = zygote.connect(), zygote.connect()
    ended = abandoned(closed)
    running = abandoned(kept)
    closed.close()
    assert _gone(ended)
    assert running.is_running()
    assert running.status() != psutil.STATUS_ZOMBIE
    kept.close()
    assert _gone(running)


def test_a_channel_cannot_end_the_worker_of_another(zygote: Zygote) -> None:
    one, other = zygote.connect(), zygote.connect()
    worker, process = _worker(one)
    other.end(process.pid)
    assert process.is_running()
    worker.close()
    one.close()
    other.close()


def test_a_connected_channel_can_connect_another(zygote: Zygote) -> None:
    first = zygote.connect()
    second = first.connect()
    first.close()
    worker, _ = _worker(second)
    assert worker.close() == 0
    second.close()


def test_the_zygote_survives_a_host_that_died_before_the_reply(zygote: Zygote) -> None:
    dead = zygote.connect()
    assert dead._line is not None
    dead._line.send(b"\x81\xa4type\xa7inspect")  # a request whose reply finds the channel closed
    dead.close()
    assert zygote.inspect().pid == 0


def test_a_worker_holds_no_other_channel_open(zygote: Zygote) -> None:
    one, other = zygote.connect(), zygote.connect()
    worker, process = _worker(one)
    assert sorted(os.listdir(f"/proc/{process.pid}/fd"), key=int) == ["0", "1", "2", "3"]
    worker.close()
    one.close()
    other.close()


@pytest.fixture
def brief() -> Zygote:
    zygote = Zygote()
    zygote.start()
    return zygote


def test_the_zygote_and_all_workers_end_with_the_first_channel(brief: Zygote, abandoned: Abandon) -> None:
    own = abandoned(brief)
    other = brief.connect()
    others = abandoned(other)
    brief.close()
    assert _gone(own, others)
    with pytest.raises(SandboxError):
        other.inspect()
    assert other.lost
    other.close()


def test_a_zygote_that_is_not_warm_yet_ends_when_closed(brief: Zygote) -> None:
    assert brief._process is not None
    process = psutil.Process(brief._process.pid)
    brief.close()
    assert not process.is_running()
