"""Calls of a student's functions whose own problems are left to other checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograder.checks.failure import CheckFailed
from autograder.sandbox.host.errors import NotStarted, StudentProblem


def attempted(questions: Iterable[Callable[[], Any]]) -> list[Any]:
    """The answers to the questions that can be answered.

    Raises the first problem if no question can be answered, and NotStarted if a function is still to be written.
    """
    answers, problems = [], []
    for ask in questions:
        try:
            answers.append(ask())
        except NotStarted:
            raise
        except (StudentProblem, CheckFailed) as problem:
            problems.append(problem)
    if problems and not answers:
        raise problems[0]
    return answers
