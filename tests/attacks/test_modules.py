"""No module gains a point, a secret, or anything outside its worker, and the next submission is graded right.

All are graded by one strict engine, as the current user and, where that is root, as an ordinary one. The controls show that
each of them works against a grader in the same process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attack import FLOOD
from tests.attacks.scene import PROJECT, SECRET_VARIABLE, new_word
from tests.attacks.table import MODULES
from tests.ordinary_user import USER, run_as_ordinary_user

SECONDS = 1200
MAX_SHOWN = 8000
"""Characters of what is shown of one check."""


def run(script: str, folder: Path, *, as_user: bool = False) -> Any:
    """What a script of this folder says, with a secret in its environment. It is a program of its own, as the grader is."""
    command = [sys.executable, "-m", f"tests.attacks.{script}", str(folder / "scene")]
    own = {SECRET_VARIABLE: new_word(), "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    if as_user:
        done = run_as_ordinary_user(command, folder, more=own, timeout=SECONDS)
    else:
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder)} | own
        how = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "timeout": SECONDS}
        done = subprocess.run(command, check=False, **how)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def controls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Whether each attack works on a naive grader."""
    if sys.platform != "linux":
        pytest.skip("the attacks are written for Linux")
    found: dict[str, bool] = run("unprotected", tmp_path_factory.mktemp("unprotected"))
    return found


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every user may enter, beside pytest's own, which each run of pytest closes to others."""
    with tempfile.TemporaryDirectory(prefix="autograder-attacks-") as path:
        os.chmod(path, 0o755)
        yield Path(path)


@pytest.fixture(scope="module", params=["self", "user"])
def report(request: pytest.FixtureRequest, folder: Path) -> Any:
    """What was seen of all attacks on the strict engine."""
    home = folder / str(request.param)
    home.mkdir()
    found = run("graded", home, as_user=request.param == "user")
    assert (found["uid"] == USER) == (request.param == "user" and os.geteuid() == 0)
    if found["isolation"] != "strict":
        pytest.skip(f"no strict isolation on this machine: {found['reason']}")
    return found["seen"]


@pytest.mark.parametrize("name", MODULES)
def test_the_attack_works_where_nothing_protects(name: str, controls: dict[str, bool]) -> None:
    assert controls[name]


@pytest.mark.parametrize("name", MODULES)
def test_the_attack_gains_nothing(name: str, report: Any) -> None:
    seen = report[name]
    assert seen["score"] == 0, seen["messages"]
    assert not seen["got_it"], seen["messages"]
    assert seen["harm"] == []
    assert seen["next_is_right"]
    assert "grader_error" not in seen["statuses"], seen["messages"]


@pytest.mark.parametrize("name", [name for name, attack in MODULES.items() if attack.effect == FLOOD])
def test_a_flood_is_cut(name: str, report: Any) -> None:
    assert report[name]["shown_characters"] < 8 * MAX_SHOWN


def test_nothing_that_is_shown_acts_on_a_terminal(report: Any) -> None:
    assert [name for name, seen in report.items() if seen["unprintable"]] == []
