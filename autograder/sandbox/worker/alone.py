"""A worker in its own interpreter, for platforms where forking is unsafe. Run by `python -I <this file> ROOT SOCKET …`."""

from __future__ import annotations

import os
import sys


def main(root: str, descriptor: int, memory_bytes: int, output_bytes: int, cpu_seconds: int) -> None:
    sys.path.insert(0, root)
    from autograder.sandbox.worker import lockdown, output, serve, zygote

    zygote.warm_up(root)
    sys.stdout = sys.stderr = output.BoundedText(1, output_bytes // 2)
    lockdown.apply_limits(
        lockdown.Policy(
            readable=(),
            memory_bytes=memory_bytes,
            output_bytes=output_bytes,
            cpu_seconds=cpu_seconds,
            open_files=lockdown.OPEN_FILES,
            threads=lockdown.THREADS,
            parent_pid=os.getppid(),
        )
    )
    serve.serve(descriptor)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
