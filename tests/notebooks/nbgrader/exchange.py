"""A course on a machine with real users: a teacher, who is root, and students, who run nbgrader under their own ids."""

from __future__ import annotations

import atexit
import functools
import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from autograder.notebooks.build import Notebook

PROJECT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
ASSIGNMENT = "p1_mlp"
SECONDS = 600


class CommandFailed(AssertionError):
    """A command ended with a non-zero exit code."""


@dataclass
class Student:
    """A user of this machine. `python`: an interpreter that users other than the teacher may run."""

    name: str
    home: Path
    python: list[str]
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        user = pwd.getpwnam(self.name)
        return _run(
            [*self.python, *command], self.home, self.environment,
            user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        )  # fmt: skip

    def nbgrader(self, *arguments: str) -> str:
        return self.run("-m", "nbgrader", *arguments)

    @property
    def notebook(self) -> Path:
        return self.home / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

    def write(self, notebook: Notebook) -> None:
        self.notebook.write_text(json.dumps(notebook))


@dataclass
class Course:
    """The teacher's side."""

    root: Path
    students: dict[str, Student] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "course"

    @property
    def inbound(self) -> Path:
        return self.root / "exchange" / "test" / "inbound"

    def nbgrader(self, *arguments: str) -> str:
        return _run([str(BIN / "nbgrader"), *arguments], self.folder, teacher())

    def autograder(self, *arguments: str) -> str:
        return _run([str(BIN / "autograder"), *arguments], PROJECT, teacher())

    def everybody(self, does: Callable[[Student], None]) -> None:
        """Runs two commands at a time, since each nbgrader command takes seconds to start."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(does, self.students.values()))


def teacher() -> dict[str, str]:
    return os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}  # nbgrader calls alembic by name


@contextmanager
def course_with(*names: str) -> Iterator[Course]:
    """A course folder, an exchange, and users with these names, who are removed afterwards. Needs root."""
    root = Path(tempfile.mkdtemp(prefix="autograder-cycle-"))
    root.chmod(0o755)
    course = Course(root)
    made = []
    try:
        for name in names:
            user, home = f"{name}-{os.getpid()}", root / "home" / name
            home.mkdir(parents=True)
            subprocess.run(["useradd", "--no-create-home", "--home-dir", str(home), user], check=True)
            made.append(user)
            shutil.chown(home, user, user)
            home.chmod(0o700)
            environment = {
                "HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                "JUPYTER_CONFIG_PATH": str(root / "students"), "JUPYTER_PLATFORM_DIRS": "0",
            }  # fmt: skip
            course.students[name] = _with_python(Student(user, home, [], environment))
        yield course
    finally:
        for user in made:
            subprocess.run(["userdel", user], check=False)
        shutil.rmtree(root, ignore_errors=True)


def _with_python(student: Student) -> Student:
    """The running Python, or the system's with our packages if other users cannot reach the running one."""
    system = {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONDONTWRITEBYTECODE": "1"}
    for python, extra in ((sys.executable, {}), ("/usr/bin/python3", system)):
        tried = Student(student.name, student.home, [python], student.environment | extra)
        try:
            tried.run("-c", "import nbgrader, sqlalchemy, zmq")
            return tried
        except (CommandFailed, OSError) as error:
            why = error
    raise AssertionError(f"other users cannot run any Python that has nbgrader: {why}")


def _run(command: list[str], folder: Path, environment: dict[str, str], **options: Any) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False, **options
    )
    if done.returncode:
        raise CommandFailed(f"{' '.join(command[-4:])}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


@functools.cache
def new_gradebook() -> Path:
    """An empty gradebook, to be copied: nbgrader takes seconds to make one, since it runs a process for its version."""
    from nbgrader.api import Gradebook

    folder = tempfile.mkdtemp(prefix="autograder-gradebook-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with patch.dict(os.environ, teacher()), Gradebook(f"sqlite:///{folder}/gradebook.db"):
        return Path(folder, "gradebook.db")
