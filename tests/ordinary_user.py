"""Runs a command as a user who is not root, even if Python or the project lies below a folder that only root can enter."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.zoo import PROJECT

USER = 20_000 + os.getpid() % 10_000
"""A user without other processes, which a limit of processes would count."""

# In a mount namespace of its own, the folders that are closed to others are replaced by open ones that hold only what is
# needed: `closed` has a folder in each line, and `needed` one in each line that lies below one of these.
_SCRIPT = """
set -e
closed=$1 needed=$2 user=$3 limits=$4
shift 4
kept=$(mktemp -d)
if [ -n "$closed" ]; then
    mount --make-rprivate /
    number=0
    while read -r place; do
        number=$((number + 1))
        mkdir "$kept/$number"
        mount --bind "$place" "$kept/$number"
    done <<< "$needed"
    while read -r folder; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done <<< "$closed"
    number=0
    while read -r place; do
        number=$((number + 1))
        mkdir -p "$place"
        mount --bind "$kept/$number" "$place"
    done <<< "$needed"
fi
eval "$limits"
exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
"""


def _closed_folders() -> dict[Path, Path]:
    """What a command needs of this Python and this project, each with the folder above it that is closed to others."""
    found: dict[Path, Path] = {}
    for place in (PROJECT, Path(sys.base_prefix), Path(sys.prefix)):
        closed = next((p for p in reversed(place.parents) if not p.stat().st_mode & stat.S_IXOTH), None)
        if closed is not None and not any(place.is_relative_to(other) for other in found):
            found[place] = closed
    return found


def run_as_ordinary_user(
    command: Sequence[str | Path],
    home: Path,
    *,
    limits: str = ":",
    timeout: float = 300,
    more: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Runs a command, which gets `home` as its own, below limits such as "ulimit -u 40".

    `more`: what is added to the environment.
    """
    environment = {**os.environ, **more, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    how = {"cwd": home, "env": environment, "capture_output": True, "text": True, "timeout": timeout, "check": False}
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return subprocess.run(["bash", "-c", f'{limits}; exec "$@"', "bash", *words], **how)  # type: ignore[call-overload,no-any-return]
    if not shutil.which("unshare") or not shutil.which("setpriv"):
        pytest.skip("becoming another user needs unshare and setpriv of util-linux")
    os.chown(home, USER, USER)
    for above in home.parents:  # pytest makes them for root alone
        if any(name.startswith("pytest-") for name in above.parts):
            above.chmod(0o711)
    found = _closed_folders()
    closed, needed = ("\n".join(dict.fromkeys(map(str, paths))) for paths in (found.values(), found))
    script = ["unshare", "--mount", "bash", "-c", _SCRIPT, "bash", closed, needed, str(USER), limits, *words]
    return subprocess.run(script, **how)  # type: ignore[call-overload,no-any-return]
