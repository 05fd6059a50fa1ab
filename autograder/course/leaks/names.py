"""Names of files that are never handed out, and paths in texts that exist on one machine only."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath

from autograder.course.leaks.code import Fragment

_NEVER = {
    "a teacher's folder": ("solutions", "mistakes", "variants", "mark_schemes", "source", "gradebook.db"),
    "a teacher's file": ("allowed_overlaps.toml", "*[-_.]solution.*", "*[-_.]solutions.*", "*mark[-_ ]scheme*"),
    "our own tests": ("tests",),
    "version control": (".git", ".gitignore", ".gitattributes", ".hg", ".svn", "*.orig", "*.rej", "*.patch", "*.diff"),
    "a checkpoint": (".ipynb_checkpoints", "*-checkpoint.*"),
    "an editor's copy": ("*~", "*.bak*", "*.swp", "*.swo", ".#*", "#*#", "*.tmp", "*.part", ".vscode", ".idea"),
    "a cache": ("__pycache__", "*.pyc", "*.pyo", ".*_cache", ".hypothesis", ".cache", "*.pickle", "*.pkl", "*.joblib"),
    "left by a build": (".venv", "venv", "*.egg-info", "build", "dist", ".DS_Store", "Thumbs.db", "desktop.ini"),
}
_SECRET = ("a teacher's folder", "a teacher's file")
_LOCAL = re.compile(
    r"""(?<![\w.])(?: /(?:home|Users|root)/[\w.-]+ | /(?:mnt|media|scratch)/[\w.-]+/ | /private/var/folders/\w+
        | [A-Za-z]:\\{1,2}Users\\{1,2}[\w.-]+ | /tmp/(?:tmp|pytest-|ipykernel_)\w+ )""",
    re.VERBOSE,
)


def forbidden(name: str) -> str | None:
    """Why a file of this name is never handed out; None if it may be."""
    for part in PurePosixPath(name).parts:
        for why, patterns in _NEVER.items():
            if any(fnmatch(part, pattern) for pattern in patterns):
                return f"{part!r} is {why}"
    return None


@cache
def secret_name(name: str) -> str | None:
    """Why a file or folder of this name, without a path, must not be in a public repository; None if it may be."""
    for why in _SECRET:
        if any(fnmatch(name, pattern) for pattern in _NEVER[why]):
            return f"{name!r} is {why}"
    return None


def local_paths(text: str, own: tuple[Path, ...]) -> Iterator[Fragment]:
    """The paths in a text that exist on one machine only: home and temporary folders, and the folders in `own`."""
    own_patterns = [re.compile(rf"(?<![\w.]){re.escape(str(path))}(?![\w-])") for path in own if len(path.parts) > 1]
    for pattern in (_LOCAL, *own_patterns):
        for match in pattern.finditer(text):
            yield Fragment(match[0], text.count("\n", 0, match.start()) + 1)
