"""Notices a grading process that hangs, as in reading from a disk that does not answer."""

from __future__ import annotations

import ctypes
from multiprocessing.process import BaseProcess

from autograder.sandbox.host.budget import Meter, Usage


class Watchdog:
    """Measures for how long a process has computed or slept without a beat.

    The process beats while it waits for a worker, whose time is limited. The time in which it waits for a core is not
    counted, so that no process seems to hang because the machine is busy.

    Args:
        process: a running process.
        beats: a number in shared memory that grows with each beat.
    """

    def __init__(self, process: BaseProcess, beats: ctypes.c_uint64) -> None:
        assert process.pid is not None
        self._meter = Meter(process.pid)
        self._beats = beats
        self.begin()

    def begin(self) -> None:
        """Starts to measure: the process has something to do."""
        self._heard = self._beats.value
        self._since: Usage = self._meter.read()

    def silence(self) -> float:
        """The seconds since the last beat that was noticed by a call of this method, or since `begin`."""
        if self._beats.value != self._heard:
            self.begin()
        used = self._meter.read() - self._since
        return used.cpu + used.idle
