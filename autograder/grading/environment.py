"""The versions and the machine that a result depends on beside the code that graded."""

from __future__ import annotations

import functools
import platform

import numpy as np
import torch


@functools.cache
def environment() -> dict[str, str]:
    """Versions of Python and the numerical libraries, the system, and the instructions that torch's kernels use."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "kernels": torch.backends.cpu.get_cpu_capability(),
    }
