"""What was noticed about a submission reaches its result, and the end of a pytest run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.grading.engine import Engine
from autograder.reports.terminal import remarks
from tests.submissions.making import GOOD, MLP, SOFTMAX, fill, read
from tests.zoo import PROJECT

FILES = {"softmax_cross_entropy (1).py": (PROJECT / "solutions" / SOFTMAX).read_bytes(), "report.pdf": b"x"}


def test_the_result_holds_what_was_left_aside_and_what_could_not_be_read(engine: Engine, durand: Path) -> None:
    submission = read(fill(durand, {MLP: GOOD, "report.pdf": b"x", "p2_cnn.ipynb": b"{"}))
    result = engine.result(submission, [])
    assert result.left_aside == ["report.pdf was left aside: it is a PDF"]
    assert result.unreadable[0].startswith("p2_cnn.ipynb is not a readable notebook")
    assert remarks(result, all_files=False) == ["", "about the submission:", f"  {result.unreadable[0]}"]


def run_pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "autograder", "-q", "-p", "no:cacheprovider", "-k", "softmax_cross_entropy",
         *arguments],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_pytest_shows_the_notes(durand: Path) -> None:
    done = run_pytest(f"--submission={fill(durand, FILES)}")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.partition("about the submission:\n")[2]
    assert f"  softmax_cross_entropy (1).py was taken as {SOFTMAX}\n" in shown
    assert "  report.pdf was left aside: it is a PDF\n" in shown


def test_pytest_refuses_a_submission_with_nothing_to_grade(durand: Path) -> None:
    done = run_pytest(f"--submission={fill(durand, {'report.pdf': b'x'})}")
    assert done.returncode == 4
    assert "ERROR: durand holds only report.pdf (a PDF): hand in the notebook" in done.stderr
