"""The cost of grading in workers: `python -m benchmarks.run [--runs N] [--only PART]`.

Each time is compared with another one, and the two are measured in turn, so that a slow or loaded machine slows down
both. Times are medians over the rounds. A ratio is the median of the ratios of the rounds, not the ratio of the medians.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import torch

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.sandbox.host.launch import Zygote, confirm_strict
from autograder.sandbox.host.workers import Limits, ProcessWorker
from autograder.submissions.submission import Submission, read_submission

ROOT = Path(__file__).resolve().parents[1]
SEED = 1
STARTS_PER_RUN = 4
SMALL_TRIPS_PER_RUN = 200
LARGE_TRIPS_PER_RUN = 3
WORKERS_TARGET = 1.5
STRICT_TARGET = 1.15

Measurement = Callable[[], float]
"""A function that does the work once or several times, and returns the seconds for one."""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, what it is compared with, and the target ratio."""

    what: str
    against: str
    seconds: list[float]
    base: list[float]
    target: float | None = None

    @property
    def ratio(self) -> float:
        return median(one / other for one, other in zip(self.seconds, self.base))

    def __str__(self) -> str:
        aim = "" if self.target is None else f"{self.target:.2f} {'met' if self.ratio <= self.target else 'MISSED'}"
        left = f"{self.what:<40}{_shown(median(self.seconds)):>11}"
        return f"{left}  {self.against:<34}{_shown(median(self.base)):>11}{self.ratio:>10.2f}  {aim}".rstrip()


HEADER = f"{'measured':<40}{'median':>11}  {'against':<34}{'median':>11}{'ratio':>10}  target"


def _shown(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def in_turn(runs: int, measurements: Mapping[str, Measurement]) -> dict[str, list[float]]:
    """Runs each once to warm up, then all of them in every round. Each round starts with another one."""
    for measure in measurements.values():
        measure()
    names = list(measurements)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(runs):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(measurements[name]())
    return found


def timed(work: Callable[[], object], times: int = 1) -> float:
    """The seconds for one call, measured over `times` calls."""
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Sets the threads of torch in this process to `count`. Workers have one."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def cold(runs: int) -> list[Row]:
    """The time a student waits after a cold start, compared with the unavoidable import of torch."""
    pytest = [sys.executable, "-m", "pytest", "autograder", "--submission=solutions", "-q", "-p", "no:cacheprovider"]
    commands = {"pytest": pytest, "torch": [sys.executable, "-c", "import torch"]}
    found = in_turn(runs, {name: partial(timed, partial(_run, command)) for name, command in commands.items()})
    return [Row("pytest autograder, cold", 'python -c "import torch"', found["pytest"], found["torch"])]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")


def worker_starts(runs: int) -> list[Row]:
    """The time from the request to the zygote until the worker is ready, for both levels, and to import torch anew."""
    with closing(Zygote()) as zygote:
        reason = confirm_strict(zygote)
        if reason:
            raise RuntimeError(f"strict isolation does not work here: {reason}")
        measurements: dict[str, Measurement] = {
            level: partial(_start, zygote, level, STARTS_PER_RUN) for level in ("process", "strict")
        }
        measurements["torch"] = partial(timed, partial(_run, [sys.executable, "-c", "import torch"]))
        found = in_turn(runs, measurements)
    return [
        Row("worker start, process", 'python -c "import torch"', found["process"], found["torch"]),
        Row("worker start, strict", "worker start, process", found["strict"], found["process"]),
    ]


def _start(zygote: Zygote, level: str, times: int) -> float:
    total = 0.0
    for _ in range(times):
        begin = time.perf_counter()
        worker = ProcessWorker(zygote, level, Limits(), ())
        total += time.perf_counter() - begin
        worker.close()
    return total / times


def round_trips(runs: int, submission: Submission) -> list[Row]:
    """The time to send a tensor to a strict worker and back, compared with cloning it."""
    small, large = torch.zeros(8, dtype=torch.float64), torch.zeros(2_500_000, dtype=torch.float32)
    with closing(Engine(Settings(seed=SEED, isolation="strict"))) as engine:
        student = engine.student(submission, load_grader(ExerciseId("p1_mlp/softmax_cross_entropy")))
        with closing(student):
            rows = []
            sizes = (("64 B", small, SMALL_TRIPS_PER_RUN), ("10 MB", large, LARGE_TRIPS_PER_RUN))
            for size, tensor, times in sizes:
                measurements = {
                    "trip": partial(timed, partial(student.probe, "functions.echo", tensor), times),
                    "clone": partial(timed, tensor.clone, max(times, 20)),
                }
                found = in_turn(runs, measurements)
                rows.append(Row(f"round trip of {size}, strict", f"clone of {size}", found["trip"], found["clone"]))
    return rows


def gradings(runs: int, submission: Submission) -> list[Row]:
    """The time to grade all exercises in workers, compared with the same checks in one warm process.

    That process is prepared like the zygote: one thread, probes imported, and imported objects frozen, so that the garbage
    collector ignores them. torch has one thread at every level, so that the comparison is fair. A separate line shows the
    grader's process with torch's default number of threads.
    """
    for name in ("functions", "modules"):
        importlib.import_module(f"autograder.probes.{name}")
    default = torch.get_num_threads()
    with ExitStack() as stack:
        levels = ("none", "process", "strict")
        engines = {level: Engine(Settings(seed=SEED, isolation=level)) for level in levels}
        for engine in engines.values():
            stack.callback(engine.close)
            engine.warm_up()
            engine.confirm()
        gc.collect()
        gc.freeze()
        stack.callback(gc.unfreeze)
        measurements = {level: partial(_grade, engine, submission, 1) for level, engine in engines.items()}
        measurements["threads"] = partial(_grade, engines["strict"], submission, default)
        found = in_turn(runs, measurements)
    one, many = "grade, strict", f"grade, strict, grader on {default} threads"
    return [
        Row(one, "grade, none", found["strict"], found["none"], WORKERS_TARGET),
        Row(one, "grade, process", found["strict"], found["process"], STRICT_TARGET),
        Row(many, "grade, strict", found["threads"], found["strict"]),
    ]


def _grade(engine: Engine, submission: Submission, threads: int) -> float:
    with torch_threads(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from timm, if student code runs in this process; workers do not show them
        start = time.perf_counter()
        result = engine.grade(submission)
        seconds = time.perf_counter() - start
    if not result.complete:
        problems = [problem.message for exercise in result.exercises if (problem := exercise.first_problem)]
        raise RuntimeError(f"solutions do not pass with isolation {engine.settings.isolation}: {problems}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description="Measure the cost of grading in workers."
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds after the warm-up (default: 5)")
    parser.add_argument(
        "--only", choices=("cold", "starts", "trips", "grades"), help="measure only this part of the table"
    )
    options = parser.parse_args()
    runs = max(1, options.runs)
    submission = read_submission(ROOT / "solutions")
    parts: dict[str, Callable[[], list[Row]]] = {
        "grades": partial(gradings, runs, submission),
        "starts": partial(worker_starts, runs),
        "trips": partial(round_trips, runs, submission),
        "cold": partial(cold, runs),
    }
    print(f"{runs} rounds · {os.cpu_count()} CPUs · load {os.getloadavg()[0]:.1f} · torch {torch.__version__}\n")
    print(HEADER, flush=True)
    for name, part in parts.items():
        if options.only in (None, name):
            for row in part():
                print(row, flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
