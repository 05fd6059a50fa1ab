"""The scan finds a forbidden call in a branch that no check runs, and ignores one in a branch that can never run."""

from __future__ import annotations

import pytest
import torch

from autograder.sandbox.wire.messages import ForbiddenRules
from autograder.sandbox.worker.scan import forbidden_in_source

RULES = ForbiddenRules(functions=("torch.softmax",))
FUNCTION = "import torch\n{module}\n\ndef softmax(x):\n    {line}\n        return torch.softmax(x, 1)\n    return x\n"


def uses(line: str, module: str = "") -> list[str]:
    assert torch.softmax  # the scan only looks up names in modules that are already imported
    return forbidden_in_source(FUNCTION.format(line=line, module=module).encode(), ("softmax",), RULES)["softmax"]


@pytest.mark.parametrize("line", ["if x.ndim > 7:", "if True:", "if not False:", "while x.any():"])
def test_a_branch_that_may_run_counts(line: str) -> None:
    assert uses(line) == ["torch.softmax (line 6)"]


@pytest.mark.parametrize("line", ["if False:", "if 0:", "if not True:"])
def test_a_branch_disabled_by_a_literal_does_not_count(line: str) -> None:
    assert uses(line) == []


def test_a_module_constant_counts_as_a_literal() -> None:
    assert uses("if not STABLE:", "STABLE = True") == []


@pytest.mark.parametrize(
    "module", ["STABLE = True\nSTABLE = False", "def f():\n    global STABLE\n    STABLE = False\n\n\nSTABLE = True"]
)
def test_a_name_that_is_bound_twice_does_not_count_as_a_literal(module: str) -> None:
    assert len(uses("if not STABLE:", module)) == 1


def test_the_other_branch_of_a_dead_one_counts() -> None:
    source = b"import torch\n\n\ndef softmax(x):\n    return x if False else torch.softmax(x, 1)\n"
    assert forbidden_in_source(source, ("softmax",), RULES)["softmax"] == ["torch.softmax (line 5)"]
