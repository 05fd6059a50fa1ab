"""The environment of a grading: versions, machine, settings of the linear algebra, and the commit of the graders.

Versions are read from the packages' metadata, so nothing is imported for them.
"""

from __future__ import annotations

import getpass
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder import __version__
from autograder.classroom.graders_digest import PACKAGE
from autograder.sandbox.host.environment import chooses_kernels

COMPUTING = ("torch", "torchvision", "numpy", "scikit-learn", "timm")
"""The packages that a result may depend on."""
OTHERS = ("nbgrader",)
GIT_SECONDS = 20.0


def versions() -> dict[str, str]:
    """The versions of autograder, Python and those packages that are installed."""
    found = {"autograder": __version__, "python": platform.python_version()}
    for name in (*COMPUTING, *OTHERS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """Host, platform, processor, and the number of cores."""
    return {
        "host": platform.node(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": str(os.cpu_count() or ""),
    }


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment variables that decide how numbers are computed."""
    return {name: value for name, value in sorted(environment.items()) if chooses_kernels(name)}


def libraries() -> list[str]:
    """The BLAS and OpenMP libraries in this process, with version, kernel and threads. Torch should be imported."""
    import threadpoolctl

    found = []
    for library in threadpoolctl.threadpool_info():
        parts = (library["internal_api"], library["version"], library.get("architecture"))
        found.append(f"{' '.join(part for part in parts if part)}, threads: {library['num_threads']}")
    return sorted(found)


def user() -> str:
    """The name of the account; its number if it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def commit(project: Path = PACKAGE.parent) -> tuple[str, bool]:
    """The git commit of the project, and whether its graders or solutions differ from it; ("", False) if there is none."""
    tracked = _git(project, "ls-files", "--error-unmatch", f"{PACKAGE.name}/__init__.py")
    found = _git(project, "rev-parse", "HEAD") if tracked else ""
    return (
        (found, bool(_git(project, "status", "--porcelain", "--", PACKAGE.name, "solutions"))) if found else ("", False)
    )


def _git(folder: Path, *arguments: str) -> str:
    """What git prints; "" if it fails or is not installed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=GIT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
