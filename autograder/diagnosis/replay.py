"""Replay: runs a known mistake on the inputs on which a submission failed, to see whether it gives the same answers.

A mistake is the teacher's own code, so it runs in this process. The check runs again with the same seed, and stops at
the first answer that differs from the student's.
"""

from __future__ import annotations

import io
import os
import warnings
from contextlib import redirect_stdout
from typing import Protocol

from autograder.checks.failure import CheckFailed
from autograder.diagnosis.layouts import StudentArrangement
from autograder.diagnosis.traces import Trace, digest_of, free_positions
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Assignment, Event
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import CallLimits, LocalWorker
from autograder.sandbox.wire.frames import Frame
from autograder.sandbox.wire.messages import Load, request_from


class Rerun(Protocol):
    """Runs one check against this module, with the seed of the first run."""

    def __call__(self, student: StudentModule) -> object: ...


class MistakeWorker(LocalWorker):
    """Runs a mistake in this process. It undoes what loading changes in the process, so that many can be loaded."""

    def ask(self, request: Frame, what: str, limits: CallLimits) -> Frame:
        reply = super().ask(request, what, limits)
        if isinstance(request_from(request.header), Load):
            self.close()
        return reply


class _DifferentAnswer(BaseException):
    """The mistake gave another answer than the student. A BaseException, so that no check can catch it."""


def mistake_module(module: str, files: dict[str, bytes], public: tuple[str, ...]) -> StudentModule:
    """A mistake as a StudentModule that runs in this process.

    Args:
        module: the exercise's module, "p1_mlp.mlp_nn".
        files: the source of the mistake and of the modules that it may import, by path.
        public: the names that the exercise asks for.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # as in a worker: a mistake may ask timm for pretrained weights
    return StudentModule(Assignment(module, files, public), MistakeWorker)


def answers_the_same(rerun: Rerun, mistake: StudentModule, trace: Trace, arrangement: StudentArrangement) -> bool:
    """Whether the mistake gives the student's answers to the same questions, to all of them and to no others.

    Args:
        rerun: runs the check against the mistake.
        mistake: the known mistake.
        trace: the student's answers.
        arrangement: gives the mistake's networks the layouts of the student's.
    """
    free = free_positions(trace)
    answered = 0

    def compare(event: Event) -> None:
        nonlocal answered
        position = answered
        if position == len(trace):
            raise _DifferentAnswer
        answered += 1
        if not digest_of(event).agrees(trace[position], with_numbers=position not in free):
            raise _DifferentAnswer

    mistake.observer = compare
    mistake.rearrange = arrangement
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rerun(mistake)
    except _DifferentAnswer:
        return False
    except (CheckFailed, StudentProblem):
        pass
    finally:
        mistake.observer = mistake.rearrange = None
    return answered == len(trace)
