"""Progress output: in a terminal a bar for the run and a bar for the current variant, in a log an occasional line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder.experiments.findings import Row

_EVERY = 10.0
"""Minimum number of seconds between two lines of a log."""


class Bars:
    """Shows the progress of a run. Use it as a context manager, and its `tick` as the lab's."""

    def __init__(self, console: Console, title: str) -> None:
        self.console, self.log = console, not console.is_terminal
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[unit]}"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[latest]}"),
            console=console,
            disable=self.log,
        )
        self.whole = self.progress.add_task(title, unit="variants", latest="")
        self.part = self.progress.add_task("", unit="batches", latest="", visible=False)
        self.name, self.per_epoch, self.last_line = "", 1, time.monotonic()

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.progress.stop()

    def tick(self) -> None:
        self.progress.advance(self.part)

    def variant(self, name: str, number: int, of: int) -> None:
        self.name = name
        self.progress.update(self.whole, completed=number - 1, total=of)
        self.progress.reset(self.part, description=name, latest="", visible=True, total=None)

    def steps(self, count: int) -> None:
        self.per_epoch = count

    def epoch(self, rows: Sequence[Row], of: int) -> None:
        done, row = len(rows), rows[-1]
        latest = f"epoch {done} of {of}: training {row.train_accuracy:.1%}, test {row.test_accuracy:.1%}"
        self.progress.update(
            self.part, completed=done * self.per_epoch, total=of * self.per_epoch, latest=latest, refresh=False
        )
        if done == of:
            self.progress.advance(self.whole)
        if self.log and (done == of or time.monotonic() - self.last_line >= _EVERY):
            self.console.print(f"{self.name}: {latest}", highlight=False)
            self.last_line = time.monotonic()
