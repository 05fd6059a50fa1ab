"""One thread for all that the grader computes, as the worker has it: no sum then depends on how many cores there are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from autograder.sandbox.host.environment import ONE_THREAD


def use_one_thread() -> None:
    """From here on: torch, the BLAS libraries that are loaded, and those that will be, as SciPy's with scikit-learn."""
    torch.set_num_threads(1)
    threadpool_limits(limits=1, user_api="blas")
    os.environ.update(ONE_THREAD)


@contextmanager
def one_thread() -> Iterator[None]:
    """For a while, in a process that has work of its own, such as a notebook's."""
    threads, variables = torch.get_num_threads(), {name: os.environ.get(name) for name in ONE_THREAD}
    with threadpool_limits(limits=1, user_api="blas"):
        use_one_thread()
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            for name, value in variables.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
