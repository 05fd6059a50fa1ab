"""The zygote: imports torch once and forks a worker for each request. Run by `python -I <this file> ROOT SOCKET`.

It never sees a submission or an expected answer, since its children inherit everything that it holds.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import signal
import socket
import sys


def main(root: str, control: int) -> None:
    sys.path.insert(0, root)
    from autograder.sandbox.worker import children

    with socket.socket(fileno=control) as channel:
        warm_up(root)
        channel.send(b"ready")
        children.run(channel, root)


def warm_up(root: str) -> None:
    """Imports what every worker needs, on a single thread, since a fork keeps only the thread that forks."""
    import torch

    torch.set_num_threads(1)
    from autograder.sandbox.worker import forbidden, serve

    assert serve
    forbidden.warm_up()
    from autograder import probes

    for probe in pkgutil.iter_modules(probes.__path__):
        importlib.import_module(f"autograder.probes.{probe.name}")
    from autograder.probes.execution import Observer

    # One training step, watched by a dispatch mode, so that torch's lazily imported parts are loaded before the lock-down.
    model = torch.nn.Linear(2, 2)
    with Observer(model, 1):
        model(torch.ones(1, 2))
    torch.nn.functional.cross_entropy(model(torch.ones(1, 2)), torch.zeros(1, dtype=torch.int64)).backward()  # type: ignore[no-untyped-call]
    next(iter(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(1, 2)))))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != root]
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    main(sys.argv[1], int(sys.argv[2]))
    os._exit(0)  # skips the libraries' clean-up, which has nothing to do here and prints warnings
