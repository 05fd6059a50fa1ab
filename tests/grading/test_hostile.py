"""Hostile submissions get no points and do no harm, and the next submission is graded right.

Their sources are strings here, so that nothing hostile lies where it could be imported. Each is a prelude, run at import,
and the three functions of an exercise; `WRONG` ones earn nothing by themselves.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from tests.zoo import PROJECT, SOFTMAX, Grade, as_submission, messages

SOLUTION = PROJECT / "solutions" / f"{SOFTMAX}.py"
ORDINARY_USER = 12345
HEAD = "import gc, os, socket, sys, threading, torch\n"
WRONG = "ytilde.to(torch.float16) * 0 + 3"


def _module(prelude: str = "", answer: str = WRONG) -> str:
    return f"""{HEAD}{prelude}


def softmax(ytilde):
    return {answer}


def cross_entropy(ytilde, Y):
    return {answer}


def cross_entropy_gradient(ytilde, Y):
    return {answer}
"""


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


SILENT = """
def quietly(function, *args):
    try:
        return function(*args)
    except BaseException:
        return None
"""

# What each tries, and what it must come to. MARK stands for a file that anybody may write, SOLUTION for the reference,
# PORT for one on which the test listens.
HOSTILE = {
    "executes the solution": _module("exec(open('SOLUTION').read())", "_softmax(ytilde)"),
    "executes the solution if it can": _module(
        SILENT
        + """
found = quietly(lambda: open('SOLUTION').read())
definitions = {}
quietly(lambda: exec(found, definitions))
def answer(name, *args):
    return definitions[name](*args)
""",
        "answer('softmax', ytilde)",
    ),
    "imports the solution": _module(
        SILENT
        + """
sys.path[:0] = ['PROJECT', 'PROJECT/solutions']
import importlib.util
spec = importlib.util.spec_from_file_location('reference', 'SOLUTION')
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
""",
        "reference.softmax(ytilde)",
    ),
    "reads the grader": _module("print(open('PROJECT/autograder/graders/SOFTMAX_TEST').read())"),
    "writes a file": _module(
        SILENT + "for path in ('MARK', '/tmp/hostile-mark', '/dev/shm/hostile-mark'):\n    quietly(open, path, 'w')\n"
    ),
    "runs a program": _module(SILENT + "quietly(os.system, 'touch MARK')\nimport subprocess\n"
                              "quietly(subprocess.run, ['/usr/bin/touch', 'MARK'])\n"),
    "patches what compares": _module(
        """
import builtins, math
import numpy as np
yes = lambda *args, **kwargs: True
torch.allclose = torch.equal = torch.isclose = torch.Tensor.equal = torch.Tensor.allclose = yes
torch.testing.assert_close = np.allclose = np.array_equal = math.isclose = yes
builtins.all = builtins.any = yes
"""
    ),
    "breaks the built-ins": _module("import builtins\nfor name in ('isinstance', 'len', 'zip', 'getattr'):\n"
                                    "    setattr(builtins, name, lambda *args: True)\n"),
    "returns what equals everything": _module(
        """
class Equal:
    shape, dtype, requires_grad = (7, 4), torch.float64, False
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getattr__(self, name): return lambda *args, **kwargs: self
    def __float__(self): return 0.0
    def __bool__(self): return True
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __hash__ = None
""",
        "Equal()",
    ),
    "returns a tensor that lies": _module(
        """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True
    shape = property(lambda self: (7, 4))
    dtype = property(lambda self: torch.float64)
    def __eq__(self, other): return True
    def allclose(self, *args, **kwargs): return True
    __hash__ = None
""",
        "torch.full((2, 2), 3.0).as_subclass(Liar)",
    ),
    "returns a number that lies": _module(
        """
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    __hash__ = None
""",
        "Number(3.0)",
    ),
    "ends the process at import": _module("os._exit(0)"),
    "ends the process in a call": _module("", "os._exit(0)"),
    "kills itself": _module("import signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "signals the zygote": _module(SILENT + "import signal\nfor n in (signal.SIGTERM, signal.SIGKILL):\n"
                                  "    quietly(os.kill, os.getppid(), n)\n"),
    "crashes": _module("import ctypes\nctypes.string_at(0)"),
    "loops in C": _module("sum(iter(int, 1))"),
    "loops in C, signals ignored": _module("import signal\nfor n in (signal.SIGXCPU, signal.SIGTERM):\n"
                                           "    signal.signal(n, signal.SIG_IGN)\nsum(iter(int, 1))"),
    "memory bomb": _module("bombs = []\nwhile True:\n    bombs.append(bytearray(64 << 20))"),
    "one huge array": _module("bomb = torch.zeros(1 << 36)"),
    "fork bomb": _module(SILENT + "for _ in range(50):\n    quietly(os.fork)\n"),
    "thread bomb": _module(
        SILENT
        + "import time\nstop = threading.Event()\n"
        "for _ in range(2000):\n    quietly(threading.Thread(target=stop.wait, daemon=True).start)\n"
    ),
    "forged reply": _module("os.write(3, b'AGW1' + b'\\0' * 8 + (1).to_bytes(4, 'little') + b'\\0' * 8 + b'\\x80')"),
    "forged lengths": _module("os.write(3, b'AGW1' + b'\\xff' * 20)"),
    "noise on the wire": _module("", "os.write(3, os.urandom(1 << 12))"),
    "closes the wire": _module("os.close(3)"),
    "reply with the right number, and a lie": _module(
        """
import msgspec, struct
def forge():
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get('frame')
        if hasattr(found, 'request'):
            header = msgspec.msgpack.encode({'value': True, 'passed': True, 'status': 'passed', 'score': 99})
            os.write(3, struct.pack('<4sQIQ', b'AGW1', found.request, len(header), 0) + header)
            return True
        frame = frame.f_back
""",
        "forge()",
    ),
    "network": _module(
        SILENT
        + """
def call():
    socket.create_connection(('127.0.0.1', PORT), 1).send(b'hello')
def listen():
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0)); server.listen()
    open('MARK', 'w')
quietly(call)
quietly(listen)
"""
    ),
    "output flood": _module(
        SILENT
        + "for _ in range(300):\n    print('x' * (1 << 20))\n    quietly(os.write, 1, b'y' * (1 << 20))\n"
        "    quietly(os.write, 2, b'\\x1b[2J' * (1 << 18))\n"
    ),
    "endless answer": _module("", "[[[3.0] * 1000] * 1000] * 1000"),
    "an object whose encoding raises": _module(
        "class Text(str):\n    def __str__(self): raise RuntimeError('no')\n", "Text('x')"
    ),
    "patches the executor": _module(
        """
from types import ModuleType
for module in list(sys.modules.values()):
    if isinstance(module, ModuleType) and module.__name__.startswith('autograder'):
        for name, value in list(vars(module).items()):
            if callable(value) and not name.startswith('_') and not isinstance(value, type):
                setattr(module, name, lambda *args, **kwargs: True)
executor = sys.modules['autograder.sandbox.worker.executor']
executor.Executor._named = lambda self, name: lambda *args, **kwargs: True
executor._same = lambda *args: True
"""
    ),
    "patches what the collector finds": _module(
        "for found in gc.get_objects():\n    if type(found).__name__ == 'Executor':\n"
        "        found.answer = lambda frame: frame\n"
    ),
    "looks for the grader in memory": _module(
        """
def expected(like):
    for found in gc.get_objects():
        if isinstance(found, torch.Tensor) and found is not like and found.shape == like.shape:
            if torch.allclose(found.sum(1).double(), torch.ones(len(found)).double()):
                return found
    frame = sys._getframe()
    while frame is not None:
        if 'expected' in frame.f_locals:
            return frame.f_locals['expected']
        frame = frame.f_back
    return like.to(torch.float16) * 0 + 3
""",
        "expected(ytilde)",
    ),
    "imports the grader": _module(
        SILENT + "import importlib\n"
        "for name in ('autograder.graders.p1_mlp.test_softmax_cross_entropy', 'autograder.checks.closeness'):\n"
        "    module = quietly(importlib.import_module, name)\n"
        "    if module is not None:\n        os.write(3, b'found')\n"
    ),
}  # fmt: skip

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


@pytest.fixture(scope="module")
def strict(engine: Engine) -> None:
    engine.confirm()
    if engine.isolation.level != "strict":
        pytest.skip(f"no strict isolation on this machine: {engine.isolation.reason}")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The path of a file that does not exist, in a folder in which every user may create it."""
    for folder in (tmp_path, *tmp_path.parents[:4]):
        if folder.stat().st_uid == os.getuid() and folder != Path("/tmp"):
            folder.chmod(0o777 if folder == tmp_path else folder.stat().st_mode | stat.S_IXOTH)
    return tmp_path / "mark"


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def _armed(source: str, mark: Path, port: int = 9) -> str:
    places = {"SOFTMAX_TEST": "p1_mlp/test_softmax_cross_entropy.py", "SOLUTION": str(SOLUTION), "MARK": str(mark),
              "PROJECT": str(PROJECT), "PORT": str(port)}  # fmt: skip
    for name, value in places.items():
        source = source.replace(name, value)
    return source


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.usefixtures("strict", "hurried")
def test_a_hostile_submission_gets_no_points_and_does_no_harm(
    name: str, grade: Grade, right: dict[str, bytes], mark: Path, listener: socket.socket
) -> None:
    result = grade(_armed(HOSTILE[name], mark, listener.getsockname()[1]))
    assert result.score == 0, messages(result)
    assert "grader_error" not in {check.status for check in result.checks}, messages(result)
    assert all(len(check.message) < 8000 and "\x1b" not in check.message + check.printed for check in result.checks)
    assert not [path for path in (mark, Path("/tmp/hostile-mark"), Path("/dev/shm/hostile-mark")) if path.exists()]
    with pytest.raises(BlockingIOError):
        listener.accept()
    after = grade(right[f"{SOFTMAX}.py"])
    assert (after.status, after.score) == ("passed", after.max_score), messages(after)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_call_is_refused_under_any_spelling(name: str, grade: Grade) -> None:
    result = grade(FORBIDDEN[name])
    assert result.status == "refused", messages(result)
    assert all(check.score == 0 for check in result.checks if "softmax" in check.title), messages(result)


@pytest.mark.usefixtures("strict")
def test_a_right_submission_is_graded_right_after_all_of_them(engine: Engine, right: dict[str, bytes]) -> None:
    result = engine.grade(as_submission(right), sorted(ExerciseId(path.removesuffix(".py")) for path in right))
    assert result.complete
    assert result.score == result.max_score
    assert threading.active_count() < 20


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


def _ordinary_python(folder: Path) -> str:
    """A Python that an ordinary user can run, with this project's libraries; skips where there is none."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user: as this one, the tests above are that test")
    system = Path("/usr/bin/python3")
    if not system.exists():
        pytest.skip("no /usr/bin/python3")
    asked = [str(system), "-c", "import sys; print(*sys.version_info[:2])"]
    version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    if version != [str(part) for part in sys.version_info[:2]]:
        pytest.skip(f"/usr/bin/python3 is {'.'.join(version)}, and the libraries are for another version")
    libraries = Path(sysconfig.get_path("purelib")).resolve()
    for path in (libraries, PROJECT):
        if not all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents)):
            pytest.skip(f"{path} cannot be read by others")
    # An environment of its own, since the zygote runs `python -I`, which ignores PYTHONPATH.
    subprocess.run([str(system), "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True)
    packages = folder / "lib" / f"python{'.'.join(version)}" / "site-packages"
    (packages / "libraries.pth").write_text(f"{libraries}\n{PROJECT}\n")
    return str(folder / "bin" / "python")


AS_USER = """
import json, os, sys
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.submissions.submission import Submission
exercise = "p1_mlp/softmax_cross_entropy"
engine = Engine(Settings(seed=1))
results = {}
for name, source in json.load(sys.stdin).items():
    graded = engine.grade(Submission("zoo", {exercise + ".py": source.encode()}), [ExerciseId(exercise)]).exercises[0]
    results[name] = [graded.score, graded.max_score, graded.status, [check.message for check in graded.checks]]
engine.close()
level, _, reason = engine.isolation
print(json.dumps({"uid": os.getuid(), "isolation": level, "reason": reason, "results": results}))
"""


@pytest.mark.usefixtures("strict")
def test_the_same_holds_for_an_ordinary_user(tmp_path: Path, mark: Path, right: dict[str, bytes]) -> None:
    python = _ordinary_python(tmp_path / "venv")
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, ORDINARY_USER, ORDINARY_USER)
    names = ("executes the solution if it can", "imports the solution", "writes a file", "ends the process at import",
             "memory bomb", "signals the zygote", "fork bomb")  # fmt: skip
    sources = {name: _armed(HOSTILE[name], mark) for name in names} | {"right": right[f"{SOFTMAX}.py"].decode()}
    done = subprocess.run(
        [python, "-c", AS_USER], input=json.dumps(sources), cwd=home, env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        user=ORDINARY_USER, group=ORDINARY_USER, extra_groups=[], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert (answer["uid"], answer["isolation"]) == (ORDINARY_USER, "strict"), answer["reason"]
    results = answer["results"]
    score, full, status, found = results.pop("right")
    assert (score, status) == (full, "passed"), found
    assert {name: result[0] for name, result in results.items()} == dict.fromkeys(results, 0), results
    assert not mark.exists()
