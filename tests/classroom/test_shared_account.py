"""A class on an account with few processes (`ulimit -u`): a submission that takes all it can get costs the others nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.worker import lockdown
from tests.classroom.class_runs import RIGHT, hand_in
from tests.ordinary_user import run_as_ordinary_user
from tests.zoo import PROJECT, SOFTMAX

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(lockdown.missing_mechanisms()), reason="no Landlock or no seccomp on this machine"
)

GREEDY = """
import threading, time
threading.stack_size(64 << 10)
held = []
def hold():
    time.sleep(1e6)
def retake():
    while True:
        try:
            threading.Thread(target=hold, daemon=True).start()
        except RuntimeError:
            time.sleep(0.001)
threading.Thread(target=retake, daemon=True).start()
def softmax(ytilde):
    end = time.monotonic() + 8
    while not held and time.monotonic() < end:
        pass
    held.append(1)
    raise ValueError("enough")
cross_entropy = cross_entropy_gradient = softmax
"""
CLASSMATES = ("s1", "s2", "s3", "s4", "s5")
REFUSING = PROJECT / "tests" / "sandbox" / "refusing.py"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that an ordinary user can enter, with the class."""
    hand_in(tmp_path / "submissions", "s0", GREEDY)
    for name in CLASSMATES:
        hand_in(tmp_path / "submissions", name, RIGHT)
    for path in tmp_path.rglob("*"):
        path.chmod(0o755)
    (tmp_path / "home").mkdir()
    return tmp_path


def results(place: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_bytes()) for path in (place / "home" / "results").glob("s*.json")}


@pytest.mark.parametrize("refused", ["", "unshare"], ids=["with user namespaces", "without"])
def test_threads_that_take_every_free_process_cost_the_classmates_nothing(place: Path, refused: str) -> None:
    command = [sys.executable, "-m", "autograder", "grade", place / "submissions", "--to", place / "home" / "results"]
    command += ["--only", SOFTMAX, "--jobs", "2"]
    kernel = [sys.executable, REFUSING, refused] if refused else []
    limits = f"ulimit -u 40; export PYTHONPATH={PROJECT}"
    done = run_as_ordinary_user([*kernel, *command], place / "home", limits=limits)
    assert done.returncode == 0, done.stdout + done.stderr
    found = results(place)
    assert {name: found[name]["score"] for name in CLASSMATES} == dict.fromkeys(CLASSMATES, 8)
    assert found["s0"]["score"] == 0
    statuses = {check["status"] for check in found["s0"]["exercises"][0]["checks"]}
    assert "grader_error" not in statuses
