"""What a worker finds in its environment: little, and of ours only what decides how numbers are computed.

Sums are rounded differently by every kernel of a BLAS and every vector unit. Where our own environment chooses one, by
OPENBLAS_CORETYPE for instance, a worker has to choose the same, or grader and worker compute with two libraries.
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
    "HF_HUB_OFFLINE": "1",  # weights that timm would look for fail at once, and not after half a minute of retries
}
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
"""A fork keeps no thread but one, and no sum may depend on how many there are."""

_PASSED_ON = re.compile(
    r"(OPENBLAS|GOTO|MKL|BLIS|VECLIB|OMP|GOMP|KMP|DNNL|ONEDNN)_[A-Z0-9_]+"
    r"|ATEN_CPU_CAPABILITY|NPY_(DISABLE|ENABLE)_CPU_FEATURES"
)
# They set numbers of threads, print, write files, or load libraries.
_KEPT_BACK = re.compile(r"THREAD|_NT$|VERBOSE|DISPLAY|SETTINGS|WARNINGS|DUMP|FILE|PROFILE|TRACE|TOOL|LIBRAR")
_HARMLESS = re.compile(r"[A-Za-z0-9_.,:=+\- ]{1,100}")  # no slash: not a path


def worker_environment(ours: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The whole environment of a worker, given ours: as little as Python and torch need, and what chooses kernels."""
    chosen = {
        name: value
        for name, value in ours.items()
        if chooses_kernels(name) and not _KEPT_BACK.search(name) and _HARMLESS.fullmatch(value)
    }
    return {**chosen, **FIXED, **ONE_THREAD}


def chooses_kernels(name: str) -> bool:
    """Whether a variable is one by which a library for linear algebra chooses how to compute."""
    return _PASSED_ON.fullmatch(name) is not None
