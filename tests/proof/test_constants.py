"""A submission whose results are constants: which checks it passes, and that it is refused."""

from __future__ import annotations

import torch

from autograder.checks.grader import load_grader
from autograder.proof.constants import paid_for_constants, with_constants
from autograder.results import CheckResult, ExerciseResult
from tests.zoo import SOFTMAX

SOLUTION = """
import torch


def scores(x):
    return {"double": 2 * x, "count": len(x), "parts": [x, x > 0]}


class Net(torch.nn.Module):
    def forward(self, x):
        return x + 5


def refuse(x):
    raise ValueError("x")
"""


def _module() -> dict[str, object]:
    names: dict[str, object] = {}
    exec(with_constants(SOLUTION, ["scores", "Net", "refuse"], 1.0), names)
    return names


def test_every_number_of_a_function_is_replaced() -> None:
    found = _module()["scores"](torch.zeros(2))  # type: ignore[operator]
    assert torch.equal(found["double"], torch.ones(2))
    assert found["count"] == 1


def test_the_output_of_a_network_is_replaced() -> None:
    assert torch.equal(_module()["Net"]()(torch.zeros(3)), torch.ones(3))  # type: ignore[operator]


def test_only_checks_that_say_so_may_pass() -> None:
    grader = load_grader(SOFTMAX)
    passed = [CheckResult(check.id, check.title, "passed", 1, 1) for check in grader.checks[:2]]
    names = list(paid_for_constants(grader, ExerciseResult(SOFTMAX, False, passed)))
    assert names == [check.id.name for check in grader.checks[:2]]
