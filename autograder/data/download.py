"""Where downloaded datasets are kept, and how one gets there whole or not at all."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

NETWORK_SECONDS = 20.0
"""How long a download waits for an answer of the network."""


def cache_folder() -> Path:
    """Give the folder for downloads, by the XDG base directory specification: a relative path there is ignored."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "autograder"


def download_folder(name: str, download: Callable[[str], object]) -> None:
    """Have a folder downloaded into the cache, whole or not at all, whoever else does so at the same time.

    Args:
        name: the folder, relative to the cache. Where it is there already in the end, it stays as it is.
        download: given an empty scratch folder, leaves the folder ``name`` in it. What it raises, this raises.
    """
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    before = socket.getdefaulttimeout()  # torchvision sets none, and would wait for a silent network without end
    socket.setdefaulttimeout(NETWORK_SECONDS)
    try:
        with tempfile.TemporaryDirectory(prefix=f"{name.lower()}-", dir=cache) as scratch:
            download(scratch)
            try:
                os.rename(Path(scratch, name), cache / name)
            except OSError:
                if not (cache / name).is_dir():  # else another process was first
                    raise
    finally:
        socket.setdefaulttimeout(before)


def reason_of(error: Exception) -> str:
    """Say in one line why a download failed."""
    return str(error).partition("\n")[0].rstrip(":") or type(error).__name__
