"""Restricts the grader to one thread, like the worker, so that no sum depends on the number of cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from autograder.sandbox.host.environment import ONE_THREAD


def use_one_thread() -> None:
    """Restricts torch and all BLAS libraries to one thread from now on, including libraries that are loaded later."""
    torch.set_num_threads(1)
    threadpool_limits(limits=1, user_api="blas")
    os.environ.update(ONE_THREAD)


@contextmanager
def one_thread() -> Iterator[None]:
    """Restricts them to one thread inside the context, for a process that also does other work, such as a notebook's."""
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
