"""How many processes can compute at once."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """The number of cores that this process may use; all cores if the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
