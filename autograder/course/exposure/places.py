"""Which files of a course other users must not read, and which they must not change.

Secret by default: in the teacher's clone, whatever is not known to be public counts as secret, such as results, a roster, or
a copy of the clone. A course folder and a results folder are secret as a whole.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from autograder.course.catalogue import INSTALLED, Project

_PUBLIC = (
    "autograder", "exercises", "benchmarks", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile",
    "pyproject.toml", ".ci", ".github", ".gitignore", ".gitattributes", ".pre-commit-config.yaml", ".python-version",
    ".editorconfig", ".vscode", ".idea", ".coverage", ".DS_Store", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info",
    ".venv", "venv", "runs", "measure.log",
)  # fmt: skip
_SECRET = {
    "solutions": "the reference solutions",
    "tests": "our own tests, which contain answers",
    "build": "a build, which may contain a copy of anything",
    "dist": "a build, which may contain a copy of anything",
}
_IN_ASSIGNMENTS = (
    "source", "mark_schemes", "gradebook.db", "submitted", "autograded", "feedback", "downloaded", "*.csv", "*.bak*",
)  # fmt: skip
_BACKUPS = ("*~", "*.bak*", "*.swp", "*.swo", ".#*", "#*#", "*.orig", "*.rej", "*.patch", "*.diff", "*-checkpoint.*")
_RELEASED = "RELEASE.json"
_COURSE = "nbgrader_config.py"


@dataclass(frozen=True)
class Place:
    """A file or folder to check. If it is public, only changes to it matter."""

    path: Path
    what: str
    secret: bool = True


def places_of_clone(project: Project) -> Iterator[Place]:
    """Everything in the teacher's clone, and the git folders that belong to it, wherever they are."""
    root = project.root.resolve()
    for path in sorted(root.iterdir()):
        if path.name == ".git":
            yield from (Place(folder, "the history, which contains the solutions") for folder in git_folders(root))
        elif path.name == "assignments":
            holds = any(fnmatch(name, pattern) for name in _names(path) for pattern in _IN_ASSIGNMENTS)
            yield Place(path, "notebooks with answers, or students' work" if holds else "the course's files", holds)
        elif path.name in _SECRET:
            yield Place(path, _SECRET[path.name])
        elif any(fnmatch(path.name, pattern) for pattern in _PUBLIC) or _is_release(path):
            yield Place(path, "part of the engine" if path.name == "autograder" else "part of the course", False)
            yield from (Place(copy, "an editor's copy or a backup") for copy in _backups(path))
        elif not path.is_symlink():
            yield Place(path, "not a part of the course that students get")


def places_of_folder(folder: Path) -> Iterator[Place]:
    """A course folder, a results folder, or any other folder that is secret as a whole."""
    what = "a course: answers, the seed, students' work" if (folder / _COURSE).is_file() else "results or other work"
    yield Place(folder.resolve(), what)


def places_of_python(clones: Iterable[Path] = ()) -> Iterator[Place]:
    """The Python that grades, and the installed package if it is in none of these clones.

    Whoever can change these runs code as the teacher.
    """
    libraries = Path(sysconfig.get_path("purelib"))
    if INSTALLED not in clones:
        yield Place(INSTALLED / "autograder", "the installed engine", False)
    for folder in {Path(sys.prefix), Path(sysconfig.get_path("scripts")), libraries}:
        yield Place(folder.resolve(), "the Python that grades", False)


def git_folders(root: Path) -> list[Path]:
    """The git folder of a working tree, the one that it shares with other working trees, and object folders elsewhere."""
    git = root / ".git"
    found = [git]
    if git.is_file():
        pointer = _first_line(git).removeprefix("gitdir:").strip()
        git = (root / pointer).resolve()
        common = _first_line(git / "commondir")
        found = [(git / common).resolve() if common else git]
    objects = found[0] / "objects"
    for line in _first_lines(objects / "info" / "alternates"):
        elsewhere = (objects / line).resolve()
        found.append(elsewhere.parent if elsewhere.name == "objects" else elsewhere)
    return [path for path in found if path.exists()]


def releases_in(root: Path) -> list[Path]:
    """The releases in a clone, which students are meant to read."""
    return [path for path in root.iterdir() if _is_release(path)]


def _is_release(path: Path) -> bool:
    """Whether a path is a release, or the zip of one."""
    return (path / _RELEASED).is_file() or (path.suffix == ".zip" and (path.with_suffix("") / _RELEASED).is_file())


def _backups(top: Path) -> Iterator[Path]:
    if top.name in (".venv", "venv"):
        return
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in sorted(files):
            if any(fnmatch(name, pattern) for pattern in _BACKUPS):
                yield Path(folder, name)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _first_line(path: Path) -> str:
    return next(iter(_first_lines(path)), "")


def _first_lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line for line in file.read(1 << 16).splitlines() if line and not line.startswith("#")]
    except OSError:
        return []
