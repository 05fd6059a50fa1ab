"""Every collected check is in the result of a pytest run, whatever other plugins and signals do to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.zoo import PROJECT, SOFTMAX

ENDLESS = """

def cross_entropy_gradient(ytilde, Y):
    while True:
        pass
"""
DEAD_NODE = """
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if "gradient_of_one_hot" in item.name and os.environ.get("PYTEST_XDIST_WORKER"):
        os._exit(9)
"""
LEAVING = """
import pytest


@pytest.fixture(autouse=True)
def leaving():
    yield
    raise RuntimeError("this plugin cannot clean up")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    if "arguments_and_dtype" in item.name:
        raise RuntimeError("this plugin cannot clean up")
"""


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solution, with one function that never returns."""
    return _submission(tmp_path_factory.mktemp("endless"), ENDLESS)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _submission(tmp_path_factory.mktemp("right"), "")


def _submission(folder: Path, addition: str) -> Path:
    path = folder / SOFTMAX.path
    path.parent.mkdir()
    path.write_text((PROJECT / "solutions" / SOFTMAX.path).read_text(encoding="utf-8") + addition, encoding="utf-8")
    return folder


def run(submission: Path, *options: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """The exit code, the result and the Gradescope report of a run of one exercise."""
    files = {kind: submission / f"{kind}.txt" for kind in ("json", "gradescope")}
    reports = [f"--report-{kind}={path}" for kind, path in files.items()]
    command = [sys.executable, "-m", "pytest", "autograder", f"--submission={submission}", "-k", SOFTMAX.name, *reports]
    done = subprocess.run(
        [*command, "-q", "-p", "no:cacheprovider", *options],
        cwd=PROJECT, capture_output=True, text=True, check=False, env={"PATH": "", "PYTHONPATH": str(submission)},
    )  # fmt: skip
    assert files["json"].is_file(), done.stdout + done.stderr
    result, report = (json.loads(path.read_text()) for path in files.values())
    return done.returncode, result, report


def statuses(result: dict[str, Any]) -> list[str]:
    return [check["status"] for check in result["exercises"][0]["checks"]]


def test_a_check_that_pytest_timeout_ends_keeps_its_points_in_the_total(endless: Path) -> None:
    code, result, report = run(endless, "--timeout=2")
    assert (code, result["score"], result["max_score"]) == (1, 5, 8)
    assert statuses(result).count("grader_error") == 3
    assert sum(test["max_score"] for test in report["tests"]) == 8
    assert "Timeout (>2.0s)" in result["exercises"][0]["checks"][-1]["message"]


def test_checks_of_a_node_that_was_killed_keep_their_points_in_the_total(right: Path) -> None:
    (right / "dead_node.py").write_text(DEAD_NODE)
    code, result, _ = run(right, "-p", "dead_node", "-n", "2", "--max-worker-restart=0")
    assert code == 1
    assert (len(statuses(result)), result["max_score"]) == (8, 8)
    assert "grader_error" in statuses(result)
    assert result["score"] < 8


def test_a_run_stopped_by_x_is_not_a_success(endless: Path) -> None:
    code, result, _ = run(endless, "-x", "--timeout=2")
    assert (code, result["score"], result["max_score"]) == (1, 5, 8)
    assert statuses(result)[-2:] == ["blocked", "blocked"]
    assert "not run: pytest stopped before this check" in result["exercises"][0]["checks"][-1]["message"]


def test_a_run_with_a_failure_besides_the_checks_is_not_a_success(right: Path) -> None:
    (right / "leaving.py").write_text(LEAVING)
    code, result, _ = run(right, "-p", "leaving")
    assert (code, result["score"], result["max_score"]) == (1, 8, 8)


def test_a_check_that_is_run_again_counts_once(endless: Path) -> None:
    _, result, _ = run(endless, "--reruns=1", "--timeout=1")
    assert (len(statuses(result)), result["max_score"]) == (8, 8)


@pytest.mark.parametrize("options", [("-p", "randomly"), ("-O",)], ids=" ".join)
def test_a_right_submission_gets_full_marks_with_these_plugins(right: Path, options: tuple[str, ...]) -> None:
    if options == ("-O",):
        code = (
            f"import sys, pytest; sys.exit(pytest.main(['autograder', '--submission={right}', '-k', '{SOFTMAX.name}']))"
        )
        done = subprocess.run([sys.executable, "-O", "-c", code], cwd=PROJECT, capture_output=True, check=False)
        assert done.returncode == 0
    else:
        assert run(right, *options)[0] == 0
