"""Reads the objects of a git repository that may be hostile: by git itself, but never under the repository's own config.

A config can name programs that git runs, for instance to verify a signature or to fetch a missing object. So git gets an
empty repository of ours, and the other's objects as its alternates. All objects are read, also those that no branch leads to:
what a clone, a copy of the folder or a stash gives away does not depend on branches.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from autograder.course.catalogue import CourseError

DAMAGED = "damaged"
_CONFIG_BYTES = 1 << 20
_SHA256 = re.compile(r"^\s*objectformat\s*=\s*sha256\s*$", re.IGNORECASE | re.MULTILINE)


class GitError(CourseError):
    """A repository cannot be read. The message says which and why."""


@dataclass(frozen=True)
class Object:
    """An object of a repository: its id, its kind (commit, tree, blob, tag or damaged), and its size in bytes."""

    id: str
    kind: str
    size: int


def is_git_folder(folder: Path) -> bool:
    """Whether a folder holds a repository's objects: a `.git`, a bare repository, or one of a submodule."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def git_folders(path: Path) -> Iterator[Path]:
    """The folders with objects of the repositories at or below a path. Links are not followed.

    The `.git` of a linked working tree is a file that names the folder.
    """
    if not path.is_dir():
        return
    for name, folders, files in os.walk(path):
        folder = Path(name)
        if is_git_folder(folder):
            folders.remove("objects")
            yield folder
        elif ".git" in files and (named := _named_by(folder / ".git")):
            yield named


def _named_by(file: Path) -> Path | None:
    """The folder with the objects of a linked working tree; None if the file does not lead to one."""
    git = file.parent / _start(file).removeprefix("gitdir:").strip()
    common = _start(git / "commondir").strip()
    folder = (git / common).resolve()
    return folder if is_git_folder(folder) else None


def _start(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_CONFIG_BYTES)
    except OSError:
        return ""


class Objects:
    """The objects of one repository; `opened` gives one."""

    def __init__(self, git: list[str], environment: dict[str, str]) -> None:
        self._git, self._environment = git, environment
        self._reader = subprocess.Popen(
            [*git, "cat-file", "--batch"], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def all(self) -> Iterator[Object]:
        """All objects, in the order in which they are stored. GitError if the store is damaged."""
        command = [*self._git, "cat-file", "--batch-all-objects", "--batch-check", "--unordered"]
        with subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            for line in cast("IO[str]", process.stdout):
                id, kind, *size = line.split()
                yield Object(id, kind, int(size[0])) if size else Object(id, DAMAGED, 0)
            problem = cast("IO[str]", process.stderr).read(1000)
        if process.returncode:
            raise GitError(f"git cannot list its objects: {problem.strip() or 'it gives no reason'}")

    def read(self, id: str) -> tuple[str, bytes] | None:
        """The kind and content of an object; None if it is missing. GitError if it is damaged."""
        requests, answers = cast("IO[bytes]", self._reader.stdin), cast("IO[bytes]", self._reader.stdout)
        try:
            requests.write(id.encode() + b"\n")
            requests.flush()
            head = answers.readline().split()
        except BrokenPipeError:
            head = []
        if len(head) == 2:  # "<id> missing"
            return None
        if len(head) != 3:
            raise GitError(f"git cannot read the object {id}: it seems to be damaged")
        size = int(head[2])
        content = answers.read(size + 1)
        if len(content) != size + 1:
            raise GitError(f"git cannot read the object {id}: it seems to be damaged")
        return head[1].decode(), content[:-1]

    def close(self) -> None:
        """Ends the process that reads."""
        cast("IO[bytes]", self._reader.stdin).close()
        cast("IO[bytes]", self._reader.stdout).close()
        self._reader.wait()


@contextmanager
def opened(git_folder: Path) -> Iterator[Objects]:
    """The objects of the repository with this git folder. GitError if git is missing or the folder has no objects."""
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed: install it to scan the history")
    place = str((git_folder / "objects").resolve())
    if "\n" in place:
        raise GitError(f"{place!r} contains a line break, which git cannot read: rename the folder")
    with tempfile.TemporaryDirectory(prefix="autograder-git-") as ours:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": ours,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
        }  # fmt: skip
        form = "sha256" if _SHA256.search(_start(git_folder / "config")) else "sha1"
        made = subprocess.run(
            [program, "init", "--quiet", "--bare", "--template=", f"--object-format={form}", ours],
            env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode:
            raise GitError(f"git cannot make a repository in {ours}: {made.stderr.strip()}")
        Path(ours, "objects", "info").mkdir(exist_ok=True)
        quoted = place if place.isprintable() and place.isascii() and '"' not in place else _quoted(place)
        Path(ours, "objects", "info", "alternates").write_text(f"{quoted}\n")
        objects = Objects([program, f"--git-dir={ours}"], environment)
        try:
            yield objects
        finally:
            objects.close()


def _quoted(path: str) -> str:
    """A path in the quotes that git reads in its list of alternates."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in os.fsencode(path)) + '"'
