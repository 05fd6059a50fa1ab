"""The controls: each attack against a grader in the same process. `python -m tests.attacks.unprotected DIR` runs them.

It needs nothing but torch. The output is one JSON object that maps an attack's name to what happened. An attack runs in a
fork of its own, with limits, so that this machine outlives it.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import types
from pathlib import Path
from typing import Any, BinaryIO

import torch

from tests.attacks.attack import DEATH, HANG, VERDICT, VICTIM, Attack
from tests.attacks.scene import Scene
from tests.attacks.table import MODULES

SECONDS = 30.0
HANG_SECONDS = 1.0
"""After which a grader counts as one that never ends, if that is what the attack is after."""
ENDED_BY_SIGNAL = 100
WRONG_ANSWER, NO_VERDICT = 1, 2
WIRE = 3
REPLY = b"done"


class Request:
    """What waits for a reply on the wire."""

    def __init__(self, request: int) -> None:
        self.request = request


class Executor:
    """What stands for the code beside the student's, which a naive grader trusts."""

    def answer(self, found: bool) -> bool:
        return found


def same(got: Any, expected: torch.Tensor) -> bool:
    if isinstance(got, torch.Tensor):
        return torch.allclose(got, expected)
    return bool(got == expected)


def grade(source: str, number: int, word: str) -> int:
    """Grades a module as a naive grader does. Returns the exit code, 0 if it passes."""
    frame, executor = Request(number), Executor()
    kept_secret, kept_secrets = word, {"the_secret": [word]}
    module = types.ModuleType("student")
    sys.modules["student"] = module
    helpers = types.ModuleType("autograder.stand_in")
    helpers.same = same  # type: ignore[attr-defined]
    sys.modules[helpers.__name__] = helpers

    def reference(x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x, 1)

    passed = False
    try:
        exec(compile(source, "student.py", "exec"), module.__dict__)
        x = torch.arange(28, dtype=torch.float64).reshape(7, 4) % 5
        got = module.softmax(x)
        passed = all([same(got, reference(x)) or sys.modules["autograder.stand_in"].same(got, reference(x))])
        passed = executor.answer(passed)
        os.write(WIRE, REPLY)
        code = 0
        if not passed:
            print(f"softmax is wrong: {got!r}")
            code = WRONG_ANSWER
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        code = NO_VERDICT
    print(json.dumps({"score": 8 if passed else 0}))
    assert frame.request
    assert kept_secret
    assert kept_secrets
    return code


def student(source: str, number: int, scene: Scene, output: BinaryIO, wire: int) -> None:
    """Becomes the naive grader, as a program of its own."""
    for target in (1, 2):
        os.dup2(output.fileno(), target)
    if wire != WIRE:
        os.dup2(wire, WIRE)
    os.open(scene.secret, os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, -1))
    resource.setrlimit(resource.RLIMIT_CPU, (8, 8))
    resource.setrlimit(resource.RLIMIT_FSIZE, (128 << 20, 128 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    atexit._clear()
    code: Any = NO_VERDICT
    try:
        code = grade(source, number, scene.word)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


def between(source: str, number: int, scene: Scene, output: BinaryIO, wire: int) -> None:
    """The parent of the naive grader, which an attack may end."""
    os.setpgid(0, 0)
    child = os.fork()
    if child == 0:
        try:
            student(source, number, scene, output, wire)
        finally:
            os._exit(NO_VERDICT)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else ENDED_BY_SIGNAL - code)


def control(attack: Attack, scene: Scene) -> bool:
    """Whether the attack works on the naive grader."""
    number = int.from_bytes(os.urandom(7), "little")
    source = scene.armed(attack)
    reading, wire = os.pipe()
    os.set_blocking(reading, False)
    with tempfile.TemporaryFile() as output:
        parent = os.fork()
        if parent == 0:
            between(source, number, scene, output, wire)
        os.close(wire)
        hung, status = ended(parent, HANG_SECONDS if attack.effect == HANG else SECONDS)
        output.seek(0)
        shown = output.read()
        try:
            replied = os.read(reading, 1 << 16)
        except BlockingIOError:
            replied = b""
        os.close(reading)
    code = os.waitstatus_to_exitcode(status)
    if attack.effect == HANG:
        return hung
    if attack.effect == DEATH:
        return code == NO_VERDICT or code > ENDED_BY_SIGNAL
    if attack.effect == VERDICT:
        return code == 0 or b'"score": 8' in shown or replied not in (b"", REPLY)
    if attack.effect == VICTIM and code < 0 and not hung:
        return True
    unpickle(replied)
    return scene.happened(attack, shown)


def unpickle(data: bytes) -> None:
    """As a grader does that trusts the other side of its pipe."""
    import pickle

    try:
        pickle.loads(data)
    except Exception:
        return


def ended(parent: int, seconds: float) -> tuple[bool, int]:
    """Waits for a process and its children. Returns whether they had to be ended, and the status."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        number, status = os.waitpid(parent, os.WNOHANG)
        if number:
            kill_group(parent)
            return False, status
        time.sleep(0.005)
    kill_group(parent)
    return True, os.waitpid(parent, 0)[1]


def kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    scene = Scene(folder)
    found = {}
    try:
        for name, attack in MODULES.items():
            scene.restore()
            found[name] = control(attack, scene)
    finally:
        scene.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
