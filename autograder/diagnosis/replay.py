"""Known mistakes run on the very inputs on which a submission was wrong: the one that answers the same is the reason.

A mistake is the teacher's own code, so it runs in this process. Its check runs again from the same seed, and stops at
the first answer that is another one than the student's.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Protocol

from autograder.checks.failure import CheckFailed
from autograder.diagnosis.layouts import Layout, StudentArrangement
from autograder.diagnosis.traces import Mark, Trace, mark_of, where_chance_is_free
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import Assignment, Event, StudentModule
from autograder.sandbox.host.workers import Limits, LocalWorker
from autograder.sandbox.wire.frames import Frame
from autograder.sandbox.wire.messages import Load, request_from


class Rerun(Protocol):
    """Runs one check, from the same seed, against this student."""

    def __call__(self, student: StudentModule) -> object: ...


class Replica(LocalWorker):
    """A mistake loaded in this process; what loading changes here is taken back at once, so that there can be many."""

    def ask(self, request: Frame, what: str, cpu_seconds: float) -> Frame:
        reply = super().ask(request, what, cpu_seconds)
        if isinstance(request_from(request.header), Load):
            self.close()
        return reply


class _Other(BaseException):
    """The mistake answers something else; no handler of a check may take it for its own."""


def replica(module: str, files: dict[str, bytes], public: tuple[str, ...]) -> StudentModule:
    """A student proxy of a mistake's source."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # as in a worker: a mistake may ask timm for weights
    return StudentModule(Assignment(module, files, public), Replica, Limits())


def answers_the_same(rerun: Rerun, mistake: StudentModule, trace: Trace, layouts: Sequence[Layout | None]) -> bool:
    """Whether the mistake, asked the same, answers what the student answered, and no more.

    `trace` and `layouts` are the student's: what was answered, and how each network's parameters are arranged.
    """
    free = where_chance_is_free(trace)
    found: list[Mark] = []

    def compare(event: Event) -> None:
        place = len(found)
        if place == len(trace):
            raise _Other
        mark = mark_of(event)
        found.append(mark)
        if not mark.agrees(trace[place], with_numbers=place not in free):
            raise _Other

    mistake.observer = compare
    mistake.rearrange = StudentArrangement(mistake, layouts)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rerun(mistake)
    except _Other:
        return False
    except (CheckFailed, StudentProblem):
        pass
    finally:
        mistake.observer = mistake.rearrange = None
    return len(found) == len(trace)
