"""Runs a command as a user who is not root, with this Python, even if it lies below a folder that only root can enter."""

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

USER = 20_000 + os.getpid() % 10_000
"""A user without other processes, which a limit of processes would count."""

# In a mount namespace of its own, each folder that is closed to others is replaced by an open one that holds only the
# way to Python.
_SCRIPT = """
set -e
closed=$1 python=$2 user=$3 limits=$4
shift 4
if [ -n "$closed" ]; then
    mount --make-rprivate /
    keep=$(mktemp -d)
    mount --bind "$python" "$keep"
    mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$python"
    mount --bind "$keep" "$python"
fi
eval "$limits"
exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
"""


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
    place = Path(sys.base_prefix)
    closed = next((str(p) for p in reversed(place.parents) if not p.stat().st_mode & stat.S_IXOTH), "")
    script = ["unshare", "--mount", "bash", "-c", _SCRIPT, "bash", closed, str(place), str(USER), limits, *words]
    return subprocess.run(script, **how)  # type: ignore[call-overload,no-any-return]
