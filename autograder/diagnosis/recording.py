"""Runs one check to see what a submission answers in it: how fingerprints are taken, and how they are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check
from autograder.diagnosis.layouts import Layout, ReferenceArrangement
from autograder.diagnosis.traces import Trace, skeleton, trace_of
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import Event, StudentModule

Prepare = Callable[[Check, StudentModule, int], Callable[[], Any]]
"""A check's function with its arguments, which are made from the seed."""


def trace_of_check(
    prepare: Prepare, check: Check, student: StudentModule, seed: int, layouts: Sequence[Layout]
) -> tuple[Trace, str, str]:
    """What is answered in one check under this seed, the status, and the kind of the reason."""
    exchanges: list[Event] = []
    run = prepare(check, student, seed)
    student.observer = exchanges.append
    student.rearrange = ReferenceArrangement(student, layouts) if layouts else None
    try:
        run()
    except (CheckFailed, StudentProblem) as problem:
        return trace_of(exchanges), problem.status, skeleton(problem)
    finally:
        student.observer = student.rearrange = None
    return trace_of(exchanges), "passed", ""
