"""What is saved in a folder, as it happens: what `autograder watch` waits for."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Protocol

import watchfiles

QUIET_MS = 50
"""A save is over when nothing was reported for so long: editors truncate, write, rename and set times, all for one."""
LONGEST_SAVE_MS = 500
LOOK_MS = 500
"""How often we look whether the folder is still the one that we began with."""


class WatchError(Exception):
    """What keeps us from watching; the message says what, and what to do."""


class FileChanges(Protocol):
    """Where changes come from: the paths of files and folders that something happened to."""

    def wait(self) -> set[Path] | None:
        """Blocks until there are some; None once there will be no more."""

    def now(self) -> set[Path]:
        """Those since the last time, at once; often none."""


class FolderChanges:
    """What watchfiles reports of a folder, gathered by a thread, so that nothing is missed while checks run.

    Once entered, nothing is missed. A folder that is deleted and made again is found again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reported: queue.SimpleQueue[set[Path] | WatchError] = queue.SimpleQueue()
        self._begun, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._gather, name="watch", daemon=True)

    def __enter__(self) -> FolderChanges:
        self._thread.start()
        self._begun.wait()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait(self) -> set[Path]:
        """Blocks until something was reported. WatchError where the folder cannot be watched."""
        return self._take(self._reported.get()) | self.now()

    def now(self) -> set[Path]:
        paths: set[Path] = set()
        while not self._reported.empty():
            paths |= self._take(self._reported.get())
        return paths

    def _take(self, reported: set[Path] | WatchError) -> set[Path]:
        if isinstance(reported, WatchError):
            raise reported
        return reported

    def _gather(self) -> None:
        try:
            while not self._stop.is_set():
                self._gather_while_the_same()
                self._begun.set()
                self._stop.wait(LOOK_MS / 1000)
        except (OSError, RuntimeError) as error:
            remedy = "set WATCHFILES_FORCE_POLLING=1 to have it looked at from time to time"
            self._reported.put(WatchError(f"{self._folder} cannot be watched: {error}; {remedy}"))
        finally:
            self._begun.set()

    def _gather_while_the_same(self) -> None:
        """Until the folder is another one, or none."""
        folder = _identity(self._folder)
        if folder is None:
            return
        back = self._begun.is_set()
        for changes in watchfiles.watch(
            self._folder, watch_filter=None, step=QUIET_MS, debounce=LONGEST_SAVE_MS, stop_event=self._stop,
            rust_timeout=LOOK_MS, yield_on_timeout=True, raise_interrupt=False,
        ):  # fmt: skip
            self._begun.set()
            paths = {Path(path) for _, path in changes} | ({self._folder} if back else set())
            back = False
            if paths:
                self._reported.put(paths)
            if _identity(self._folder) != folder:
                return


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
