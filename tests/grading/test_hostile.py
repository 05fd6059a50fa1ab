"""Forbidden calls are refused, honest parts of a hostile submission count, and no settings of a submission are read.

The sources are strings here, so that nothing hostile lies where it could be imported. `tests/attacks/` has the attacks.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.zoo import PROJECT, SOFTMAX, Grade, messages

HEAD = "import gc, os, socket, sys, threading, torch\n"


def _forbidden(expression: str, prelude: str = "") -> str:
    """All three functions begin with a forbidden softmax; each is otherwise right."""
    return f"""{HEAD}{prelude}


def softmax(ytilde):
    return {expression}


def cross_entropy(ytilde, Y):
    p = softmax(ytilde)
    shifted = ytilde - ytilde.amax(1, keepdim=True)
    return -(Y * (shifted - shifted.exp().sum(1, keepdim=True).log())).sum() / len(Y) + 0 * p.sum()


def cross_entropy_gradient(ytilde, Y):
    return (softmax(ytilde) - Y) / len(Y)
"""


# Right but for the use of a forbidden callable: every check that meets it is refused.
FORBIDDEN = {
    "alias": _forbidden("s(ytilde, 1)", "from torch import softmax as s"),
    "getattr": _forbidden("getattr(torch, 'soft' + 'max')(ytilde, 1)"),
    "method": _forbidden("ytilde.softmax(1)"),
    "kept at import": _forbidden("kept[0](ytilde, 1)", "kept = [torch.nn.functional.softmax]"),
    "module": _forbidden("torch.nn.Softmax(1)(ytilde)"),
    "torch.ops": _forbidden("torch.ops.aten._softmax(ytilde, 1, False)"),
    "torch.jit.script": _forbidden(
        "scripted(ytilde)", "@torch.jit.script\ndef scripted(x: torch.Tensor):\n    return torch.softmax(x, 1)\n"
    ),
    "compilation unit": _forbidden(
        "unit.f(ytilde)", "unit = torch.jit.CompilationUnit('def f(x):\\n    return torch.softmax(x, 1)\\n')"
    ),
    "caught": _forbidden(
        "sneaky(ytilde)",
        """
def sneaky(x):
    try:
        torch.softmax(x, 1)
    except BaseException:
        pass
    e = (x - x.amax(1, keepdim=True)).exp()
    return e / e.sum(1, keepdim=True)
""",
    ),
    "thread": _forbidden(
        "threaded(ytilde)",
        """
name = 'soft' + 'max'
def threaded(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(getattr(torch, name)(x, 1)))
    thread.start(); thread.join()
    return found[0] if found else x
""",
    ),
    "executor pool": _forbidden(
        "pooled(ytilde)",
        """
from concurrent.futures import ThreadPoolExecutor
name = 'soft' + 'max'
def pooled(x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(getattr(torch, name), x, 1).result()
""",
    ),
    "raw thread": _forbidden(
        "raw(ytilde)",
        """
import _thread
name = 'soft' + 'max'
def raw(x):
    found, done = [], _thread.allocate_lock()
    done.acquire()
    def work():
        try:
            found.append(getattr(torch, name)(x, 1))
        finally:
            done.release()
    _thread.start_new_thread(work, ())
    done.acquire()
    return found[0] if found else x
""",
    ),
    "function modes off": _forbidden(
        "off(ytilde)",
        "def off(x):\n    with torch._C.DisableTorchFunction():\n        return getattr(torch, 'soft' + 'max')(x, 1)\n",
    ),
    "after the call": _forbidden(
        "ytilde.as_subclass(Late)",
        "class Late(torch.Tensor):\n    def detach(self):\n"
        "        return getattr(torch, 'soft' + 'max')(self.as_subclass(torch.Tensor), 1)\n",
    ),
}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The path of a file that does not exist, in a folder in which every user may create it."""
    for folder in (tmp_path, *tmp_path.parents[:4]):
        if folder.stat().st_uid == os.getuid() and folder != Path("/tmp"):
            folder.chmod(0o777 if folder == tmp_path else folder.stat().st_mode | stat.S_IXOTH)
    return tmp_path / "mark"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_call_is_refused_under_any_spelling(name: str, grade: Grade) -> None:
    result = grade(FORBIDDEN[name])
    assert result.status == "refused", messages(result)
    assert all(check.score == 0 for check in result.checks if "softmax" in check.title), messages(result)


@pytest.mark.parametrize("name", ["ends the process", "breaks the probes"])
def test_honest_parts_of_a_hostile_submission_keep_their_points(
    name: str, grade: Grade, right: dict[str, bytes]
) -> None:
    ending = (
        "os._exit(0)" if name == "ends the process" else "sys.modules['autograder.probes.functions'].__dict__.clear()"
    )
    source = right[f"{SOFTMAX}.py"].decode() + (
        f"\n\nimport os, sys\n\n\ndef cross_entropy_gradient(ytilde, Y):\n    {ending}\n"
    )
    result = grade(source)
    assert result.score == 5, messages(result)


def test_a_finalizer_that_ends_the_worker_ends_nothing_else(grade: Grade) -> None:
    """It runs when the objects of a check are released, between two checks."""
    ending = "import os\n\n\nclass Ending:\n    def __del__(self):\n        os._exit(0)\n\n\n"
    names = ("softmax(ytilde)", "cross_entropy(ytilde, Y)", "cross_entropy_gradient(ytilde, Y)")
    result = grade(ending + "\n\n".join(f"def {name}:\n    return Ending()\n" for name in names))
    assert {check.status for check in result.checks} == {"failed", "blocked"}, messages(result)
    assert "an object of class Ending" in messages(result)


def test_settings_and_conftest_of_a_submission_are_not_read(
    tmp_path: Path, mark: Path, right: dict[str, bytes]
) -> None:
    folder = tmp_path / "submission"
    (folder / "p1_mlp").mkdir(parents=True)
    write = f"open({str(mark)!r}, 'a').write(__file__)\n"
    hooks = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
    for path in ("conftest.py", "p1_mlp/conftest.py", "sitecustomize.py", "pytest.py", "torch.py", "test_mine.py"):
        (folder / path).write_text(write + hooks)
    options = "addopts = --collect-only -p no:autograder --no-such-option\n"
    (folder / "pytest.ini").write_text(f"[pytest]\n{options}")
    (folder / "tox.ini").write_text(f"[pytest]\n{options}")
    (folder / "setup.cfg").write_text(f"[tool:pytest]\n{options}")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--collect-only --no-such-option'\n")
    (folder / f"{SOFTMAX}.py").write_text("def softmax(ytilde):\n    return ytilde\n")
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "autograder", f"--submission={folder}", f"--report-json={report}", "-q", "-k",
         "softmax_cross_entropy", "--seed=1", "-p", "no:cacheprovider"],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not mark.exists(), mark.read_text()
    assert done.returncode == 1, done.stdout + done.stderr
    assert json.loads(report.read_text())["score"] == 0
