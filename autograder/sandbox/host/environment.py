"""The environment variables of a worker: a few fixed ones, and those of the grader that decide how numbers are computed.

Every kernel of a BLAS and every vector unit rounds sums differently. If the grader's environment selects one, for example
by OPENBLAS_CORETYPE, a worker must use the same one, or grader and worker would compute different results.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

FIXED = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "MPLBACKEND": "Agg",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",  # timm fails immediately to download weights, without half a minute of retries
}
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
"""Limits every library to one thread: a fork keeps only one, and no sum may depend on the number of threads."""

_PASSED_ON = re.compile(
    r"(OPENBLAS|GOTO|MKL|BLIS|VECLIB|OMP|GOMP|KMP|DNNL|ONEDNN)_[A-Z0-9_]+"
    r"|ATEN_CPU_CAPABILITY|NPY_(DISABLE|ENABLE)_CPU_FEATURES"
)
# These set numbers of threads, print, write files, or load libraries.
_KEPT_BACK = re.compile(r"THREAD|_NT$|VERBOSE|DISPLAY|SETTINGS|WARNINGS|DUMP|FILE|PROFILE|TRACE|TOOL|LIBRAR")
_HARMLESS = re.compile(r"[A-Za-z0-9_.,:=+\- ]{1,100}")  # no slash: not a path


def worker_environment(ours: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The complete environment of a worker, given the grader's: what Python and torch need, and what selects kernels."""
    chosen = {
        name: value
        for name, value in ours.items()
        if chooses_kernels(name) and not _KEPT_BACK.search(name) and _HARMLESS.fullmatch(value)
    }
    return {**chosen, **FIXED, **ONE_THREAD}


def chooses_kernels(name: str) -> bool:
    """Whether a variable decides how a linear algebra library computes."""
    return _PASSED_ON.fullmatch(name) is not None
