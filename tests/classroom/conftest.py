"""A zygote for the runs of a module, and a class of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom import run
from autograder.sandbox.host.launch import Isolation, Zygote
from autograder.sandbox.host.student_module import StudentModule
from tests.classroom.class_runs import RIGHT, ClassRun, hand_in
from tests.zoo import CPU_SECONDS


class _Shared(Zygote):
    """A zygote that is not closed after a run unless it is dead, since starting one takes seconds."""

    def close(self) -> None:
        if self.lost:
            super().close()


@pytest.fixture(scope="module")
def warm() -> Iterator[Zygote]:
    """A zygote shared by all runs in this process; calls get a fraction of a second of CPU time."""
    zygote, begin = _Shared(), StudentModule.begin_check
    zygote.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "choose_isolation", lambda level: Isolation(level, zygote))
        patch.setattr(StudentModule, "begin_check", lambda self, seed, cpu_seconds: begin(self, seed, CPU_SECONDS))
        yield zygote
    Zygote.close(zygote)


@pytest.fixture
def lone(tmp_path: Path, warm: Zygote) -> ClassRun:
    """A class with one right submission, not graded yet."""
    hand_in(tmp_path / "submissions", "alice", RIGHT)
    return ClassRun(tmp_path / "submissions", tmp_path / "results", 0, "")
