"""Code that keeps something between calls is told apart from code that is wrong in every call, and from random code."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from autograder.grading.kept_state import kept_state
from autograder.sandbox.host.exchanges import Assignment, Event
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import LocalWorker

NUMBERS = itertools.count()

COUNTING = "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)"
DEFAULT = "def f(x, seen=[]):\n    seen.append(x)\n    return list(seen)"
CACHED = "import torch\nmade = {}\ndef f(x):\n    return made.setdefault('layer', torch.nn.Linear(x, 1))\n"
WRONG = "def f(x):\n    return 2 * x"
RANDOM = "import os\ndef f(x):\n    return int.from_bytes(os.urandom(4), 'big')"
RAISING = "seen = []\ndef f(x):\n    seen.append(x)\n    if len(seen) > 1: raise ValueError('twice')\n    return x"


def exchanges(source: str, *arguments: object) -> tuple[list[Event], object]:
    """The exchanges of calls of f, and what makes the module anew."""

    def fresh() -> StudentModule:
        name = f"kept{next(NUMBERS)}"  # a module is imported once in a process
        return StudentModule(Assignment(name, {f"{name}.py": source.encode()}, ("f",)), LocalWorker)

    events: list[Event] = []
    student = fresh()
    student.observer = events.append
    for argument in arguments:
        try:
            value = student.f(argument)
        except Exception:
            return events, fresh
    if hasattr(value, "parameters"):
        value.parameters()
    return events, fresh


@pytest.mark.parametrize("source", [COUNTING, DEFAULT, RAISING])
def test_an_answer_that_depends_on_calls_before_is_seen(source: str) -> None:
    assert kept_state(*exchanges(source, 1, 2)).startswith(
        "what f gives here depends on the calls before: called first, f(x=2) gives something else"
    )


def test_an_object_of_an_earlier_call_is_seen() -> None:
    assert "what f gives here depends on the calls before" in kept_state(*exchanges(CACHED, 2, 3))


@pytest.mark.parametrize("source", [WRONG, RANDOM])
def test_wrong_and_random_answers_are_no_sign_of_it(source: str) -> None:
    assert kept_state(*exchanges(source, 1, 2)) == ""


def test_the_first_call_depends_on_nothing() -> None:
    assert kept_state(*exchanges(COUNTING, 1)) == ""


@pytest.mark.parametrize("argument", [torch.ones(2), np.ones(2), [1, (2, 3)], {"a": torch.ones(1)}])
def test_any_argument_can_be_repeated(argument: object) -> None:
    assert kept_state(*exchanges(COUNTING, argument, argument)) != ""
