"""Changes of files in a folder, reported as they happen: what `autograder watch` waits for."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Protocol

import watchfiles

QUIET_MS = 50
"""A save counts as finished after this long without an event: one save may truncate, write, rename and set times."""
LONGEST_SAVE_MS = 500
"""Events are reported after this long even if more keep coming."""
FOLDER_CHECK_MS = 500
"""How often to check whether the folder was deleted or replaced."""


class WatchError(Exception):
    """The folder cannot be watched, or not any more. The message says why and what to do."""


class FileChanges(Protocol):
    """A source of changes: sets of paths of files and folders that were created, changed or deleted; or a key."""

    def wait(self) -> set[Path] | str | None:
        """Blocks until there are changes, or a key is pressed, and returns them; None if there will be no more."""

    def now(self) -> set[Path]:
        """The changes since the last call, without blocking; often none."""


class FolderChanges:
    """The changes that watchfiles reports for a folder.

    A thread collects them from the moment the context is entered, so that none is missed while checks run. A folder that
    is deleted and created again is watched again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reported: queue.SimpleQueue[set[Path] | str | WatchError] = queue.SimpleQueue()
        self._changed: set[Path] = set()
        self._pressed: list[str] = []
        self._watching, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._collect, name="watch", daemon=True)

    def __enter__(self) -> FolderChanges:
        self._thread.start()
        self._watching.wait()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def press(self, key: str) -> None:
        """Reports a key, from any thread."""
        self._reported.put(key)

    def wait(self) -> set[Path] | str:
        """Blocks until there are changes, or a key is pressed. WatchError if the folder cannot be watched."""
        while True:
            if paths := self.now():
                return paths
            if self._pressed:
                return self._pressed.pop(0)
            self._keep(self._reported.get())

    def now(self) -> set[Path]:
        while not self._reported.empty():
            self._keep(self._reported.get())
        paths, self._changed = self._changed, set()
        return paths

    def _keep(self, reported: set[Path] | str | WatchError) -> None:
        if isinstance(reported, WatchError):
            raise reported
        if isinstance(reported, str):
            self._pressed.append(reported)
        else:
            self._changed |= reported

    def _collect(self) -> None:
        try:
            while not self._stop.is_set():
                self._collect_until_replaced()
                self._watching.set()
                self._stop.wait(FOLDER_CHECK_MS / 1000)
        except (OSError, RuntimeError) as error:
            remedy = "set WATCHFILES_FORCE_POLLING=1 to have it checked at regular intervals instead"
            self._reported.put(WatchError(f"{self._folder} cannot be watched: {error}; {remedy}"))
        finally:
            self._watching.set()

    def _collect_until_replaced(self) -> None:
        """Returns when the folder is deleted or replaced by another one of the same name."""
        folder = _identity(self._folder)
        if folder is None:
            return
        reappeared = self._watching.is_set()
        for changes in watchfiles.watch(
            self._folder, watch_filter=None, step=QUIET_MS, debounce=LONGEST_SAVE_MS, stop_event=self._stop,
            rust_timeout=FOLDER_CHECK_MS, yield_on_timeout=True, raise_interrupt=False,
        ):  # fmt: skip
            self._watching.set()
            paths = {Path(path) for _, path in changes} | ({self._folder} if reappeared else set())
            reappeared = False
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
