"""Gives memory that was freed back to the system: the C library keeps it, and a grading process lives for a whole class."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Frees unused objects that refer to each other, and has glibc release free memory. It takes tenths of a second.

    With another C library, it only frees the objects.
    """
    gc.collect()
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
