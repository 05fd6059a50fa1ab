"""An ordinary user, as whom root can run what is tested."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.zoo import PROJECT

ORDINARY_USER = 12345


def ordinary_python(folder: Path) -> str:
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
