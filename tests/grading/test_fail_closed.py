"""Where a part is missing or dies, there is an error that says so, and no points: on the real thing, not by patches."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.grader import load_grader
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.sandbox.host.launch import Zygote, choose_isolation
from autograder.sandbox.worker import lockdown
from tests.ordinary_user import run_as_ordinary_user
from tests.zoo import PROJECT, SOFTMAX, as_submission, messages

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(lockdown.missing_mechanisms()), reason="no Landlock or no seccomp on this machine"
)

REFUSING = PROJECT / "tests" / "sandbox" / "refusing.py"
RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    """A class of one, with a right submission."""
    place = tmp_path / "class" / "alice" / f"{SOFTMAX}.py"
    place.parent.mkdir(parents=True)
    place.write_text(RIGHT)
    return tmp_path / "class"


def run(command: list[str | Path], without: str = "") -> subprocess.CompletedProcess[str]:
    """Runs our command line, on a kernel without these system calls."""
    kernel = [sys.executable, REFUSING, without] if without else []
    return subprocess.run(
        [*kernel, sys.executable, "-m", *command], cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False
    )


def grade(submissions: Path, results: Path, *options: str, without: str = "") -> subprocess.CompletedProcess[str]:
    return run(["autograder", "grade", submissions, "--to", results, "--only", SOFTMAX, *options], without)


# A mechanism is missing.


@pytest.mark.parametrize(
    ("mechanism", "call"),
    [("landlock", "landlock_create_ruleset"), ("seccomp", "seccomp")],
    ids=["landlock", "seccomp"],
)
def test_a_class_is_not_graded_without_a_mechanism_unless_that_is_asked_for(
    alice: Path, tmp_path: Path, mechanism: str, call: str
) -> None:
    refused = grade(alice, tmp_path / "results", without=call)
    assert refused.returncode == 2
    text = " ".join(refused.stderr.split())
    assert f"--isolation strict cannot be had here: {mechanism}: " in text
    assert "use --isolation process" in text
    assert not list((tmp_path / "results").glob("[!.]*.json"))
    assert not (tmp_path / "results" / "summary.csv").exists()


def test_a_class_is_graded_without_a_mechanism_if_that_is_asked_for(alice: Path, tmp_path: Path) -> None:
    done = grade(alice, tmp_path / "results", "--isolation", "process", without="landlock_create_ruleset")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "results" / "alice.json").read_bytes())
    assert (result["score"], result["isolation"]) == (8, "process")


def pytest_run(alice: Path, report: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = ["pytest", "autograder", f"--submission={alice / 'alice'}", f"--report-json={report}", "-q", *options]
    return run([*words, "-k", "softmax_cross_entropy"], without="landlock_create_ruleset")


def test_a_student_without_a_mechanism_falls_back_and_the_report_says_why(alice: Path, tmp_path: Path) -> None:
    done = pytest_run(alice, tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["isolation"] == "process"
    assert report["isolation_reason"].startswith("strict cannot be had here: landlock: ")
    assert report["score"] == 8
    assert "strict cannot be had here: landlock: " in " ".join(done.stdout.split())


def test_a_student_who_asks_for_strict_gets_no_less(alice: Path, tmp_path: Path) -> None:
    done = pytest_run(alice, tmp_path / "report.json", "--isolation=strict")
    assert done.returncode not in (0, 1)
    assert "--isolation strict cannot be had here: landlock: " in " ".join((done.stdout + done.stderr).split())
    assert not (tmp_path / "report.json").exists()


# A process dies.


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine(Settings(seed=1, isolation="strict"))) as made:
        yield made


def test_a_worker_that_is_killed_gets_no_points_and_may_have_been_killed_by_the_machine(engine: Engine) -> None:
    source = RIGHT.replace("def softmax", "import os, signal\ndef softmax_", 1)
    source += "\ndef softmax(ytilde):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    assert engine.isolation.launcher is not None
    engine.isolation.launcher.disturbed = False
    result = engine.grade_exercise(as_submission(source), load_grader(SOFTMAX))
    assert "crashed the Python process with SIGKILL" in messages(result)
    killed = [check for check in result.checks if "SIGKILL" in check.message]
    assert {(check.status, check.score) for check in killed} == {("error", 0)}
    assert engine.isolation.launcher.disturbed
    engine.isolation.launcher.disturbed = False
    assert engine.grade_exercise(as_submission(RIGHT), load_grader(SOFTMAX)).score == 8
    assert not engine.isolation.launcher.disturbed


def test_after_the_zygote_died_every_check_is_a_grader_error() -> None:
    isolation = choose_isolation("strict")
    assert isinstance(isolation.launcher, Zygote)
    with closing(Engine(Settings(seed=1, isolation="strict"), isolation)) as engine:
        engine.confirm()
        assert isolation.launcher._process is not None
        os.kill(isolation.launcher._process.pid, signal.SIGKILL)
        result = engine.grade_exercise(as_submission(RIGHT), load_grader(SOFTMAX))
    assert {check.status for check in result.checks} == {"grader_error"}
    assert (result.score, result.max_score) == (0, 8)
    assert "the zygote" in messages(result)


# No room.


TINY = """
set -e
mount -t tmpfs -o size=64k tmpfs "$1"
head -c 40000 /dev/zero > "$1/filling"
shift
exec "$@"
"""


def whole(folder: Path) -> dict[str, Any]:
    """The results in a folder. Fails if one is not a whole JSON object, or if an unfinished file is left."""
    assert not list(folder.rglob("*.part"))
    return {path.stem: json.loads(path.read_bytes()) for path in folder.glob("[!.]*.json")}


def test_a_full_disk_is_said_and_leaves_no_half_of_a_result(alice: Path, tmp_path: Path) -> None:
    """The disk has room for the record of the class, but not for the results of twelve students."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root can mount a small disk; the test with a limit on files runs as an ordinary user")
    for number in range(11):
        shutil.copytree(alice / "alice", alice / f"student{number}")
    results, copy = tmp_path / "results", tmp_path / "copy"
    results.mkdir()
    command = [sys.executable, "-m", "autograder", "grade", alice, "--to", results, "--only", SOFTMAX, "--jobs", "1"]
    keep = ["bash", "-c", '"${@:3}"; status=$?; cp -r "$1" "$2"; exit $status', "bash", results, copy, *command]
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", TINY, "bash", results, *keep],
        cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No space left on device" in " ".join(done.stderr.split())
    found = whole(copy)
    assert len(found) < 12
    assert all(result["score"] == 8 for result in found.values())


def test_a_limit_on_files_is_said_and_leaves_no_half_of_a_result(alice: Path, tmp_path: Path) -> None:
    """No file may have more than 4 KiB, which a result has."""
    for path in tmp_path.rglob("*"):
        path.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "autograder", "grade", alice, "--to", home / "results", "--only", SOFTMAX]
    limits = f"ulimit -f 4; export PYTHONPATH={PROJECT}"
    done = run_as_ordinary_user([*command, "--jobs", "1"], home, limits=limits)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "alice.json cannot be written (File too large)" in " ".join(done.stderr.split())
    assert whole(home / "results") == {}
