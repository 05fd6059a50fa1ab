"""Downloads datasets into the user's cache folder, completely or not at all."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

NETWORK_SECONDS = 20.0
"""Timeout for each response from the network."""


def cache_folder() -> Path:
    """The folder for downloads, by the XDG base directory specification, which ignores a relative path."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "autograder"


def download_folder(name: str, download: Callable[[str], object]) -> None:
    """Download a folder into the cache, completely or not at all, even if other processes do so at the same time.

    Args:
        name: the folder, relative to the cache. If another process made it first, that one is kept.
        download: is called with an empty scratch folder and must make the folder ``name`` in it. Its errors propagate.
    """
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    before = socket.getdefaulttimeout()  # torchvision sets no timeout and would wait forever for a silent network
    socket.setdefaulttimeout(NETWORK_SECONDS)
    try:
        with tempfile.TemporaryDirectory(prefix=f"{name.lower()}-", dir=cache) as scratch:
            download(scratch)
            try:
                os.rename(Path(scratch, name), cache / name)
            except OSError:
                if not (cache / name).is_dir():  # otherwise another process was first
                    raise
    finally:
        socket.setdefaulttimeout(before)


def reason_of(error: Exception) -> str:
    """The reason why a download failed, in one line."""
    return str(error).partition("\n")[0].rstrip(":") or type(error).__name__
