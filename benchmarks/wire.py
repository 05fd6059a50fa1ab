"""A million hostile messages over the wire: how they end, how long the longest takes, and how much memory is held.

    python -m benchmarks.wire [--messages 1000000] [--seed N]

Half of them go to the grader as answers of a worker, half to a worker and the zygote as requests. The process ends with
exit code 1 if one is neither read nor refused, takes more than a second of CPU time, or memory grows by more than 256 MiB.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable

import psutil

from tests.sandbox.hostile_messages import Messages, replies, requests
from tests.sandbox.receivers import Host, Receiver

MAX_SECONDS = 1.0
MAX_GROWTH = 256 << 20


def send(messages: Messages, read: Callable[[bytes], str], count: int) -> tuple[Counter[str], float, int]:
    """How so many messages end, the CPU time of the slowest, and by how much memory has grown."""
    ends: Counter[str] = Counter()
    slowest = 0.0
    process = psutil.Process()
    before = most = process.memory_info().rss
    for number in range(count):
        message = messages.draw()
        start = time.process_time()
        try:
            end = read(message)
        except Exception as error:
            end = f"DEFECT {type(error).__name__}"
            if ends[end] == 0:
                print(f"{type(error).__name__}: {error}: {message[:200]!r}", file=sys.stderr)
        slowest = max(slowest, time.process_time() - start)
        ends[end] += 1
        if number % 1000 == 0:
            most = max(most, process.memory_info().rss)
    return ends, slowest, most - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    failed = False
    receivers = {"the grader": (replies(), Host().read), "a worker and the zygote": (requests(), Receiver().read)}
    for name, (real, read) in receivers.items():
        start = time.monotonic()
        ends, slowest, growth = send(Messages(options.seed, real), read, options.messages // 2)
        seconds = time.monotonic() - start
        failed |= slowest > MAX_SECONDS or growth > MAX_GROWTH or any(end.startswith("DEFECT") for end in ends)
        print(f"to {name}: {ends.total():,} messages in {seconds:.0f} s, seed {options.seed}")
        print(f"  {', '.join(f'{count:,} {end}' for end, count in ends.most_common())}")
        print(
            f"  the slowest took {slowest * 1000:.0f} ms of CPU time; memory grew by {growth / 2**20:.0f} MiB",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
