"""Runs one check and records what the student's code answers: for taking fingerprints, and for comparing with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.checks.grader import Check
from autograder.diagnosis.layouts import Layout, ReferenceArrangement
from autograder.diagnosis.traces import Trace, message_pattern, trace_of
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.exchanges import Event
from autograder.sandbox.host.student_module import StudentModule

Prepare = Callable[[Check, StudentModule, int], Callable[[], Any]]
"""Binds a check's function to its arguments, which are made from a seed."""


def trace_of_check(
    prepare: Prepare, check: Check, student: StudentModule, seed: int, layouts: Sequence[Layout]
) -> tuple[Trace, str, str]:
    """The answers in one check under this seed, the status of the check, and the pattern of its message.

    `layouts`: how the reference arranges the parameters of its networks; the student's networks are arranged likewise.
    """
    student.rearrange = ReferenceArrangement(student, layouts) if layouts else None
    try:
        exchanges, problem = exchanges_of_check(prepare, check, student, seed)
    finally:
        student.rearrange = None
    if problem is None:
        return trace_of(exchanges), "passed", ""
    return trace_of(exchanges), problem.status, message_pattern(problem)


def exchanges_of_check(
    prepare: Prepare, check: Check, student: StudentModule, seed: int
) -> tuple[list[Event], CheckFailed | StudentProblem | None]:
    """The exchanges in one check under this seed, and why the check did not pass, if it did not."""
    exchanges: list[Event] = []
    run = prepare(check, student, seed)
    student.observer = exchanges.append
    try:
        run()
    except (CheckFailed, StudentProblem) as problem:
        return exchanges, problem
    finally:
        student.observer = None
    return exchanges, None
