"""Grades correct code as other machines would: no result may depend on how a machine rounds sums.

Each setting makes the linear algebra libraries use other kernels. The libraries read the environment variables for this
when they are loaded, so each setting needs its own process: `python -m autograder.proof.kernels`, which reads a `Work`
from its standard input.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec
import numpy as np
import torch
from threadpoolctl import threadpool_limits

from autograder.course.catalogue import Exercise, find_project
from autograder.grading.settings import Settings
from autograder.proof.content import first_reason
from autograder.proof.trials import Trial, trials
from autograder.sandbox.host.environment import chooses_kernels
from autograder.sandbox.host.launch import ROOT

MACHINES = {
    "DEFAULT": {
        "OPENBLAS_CORETYPE": "Prescott", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
    },
    "AVX2": {
        "OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512", "ATEN_CPU_CAPABILITY": "avx2", "MKL_CBWR": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
    },
    "AVX512": {
        "OPENBLAS_CORETYPE": "SkylakeX", "ATEN_CPU_CAPABILITY": "avx512", "MKL_CBWR": "AVX512",
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
    },
}  # fmt: skip
"""Variables that make the libraries compute as on other machines, by torch's name for the vector unit, oldest first."""
AT_RISK = ("p1_mlp/svm", "p2_cnn/preprocessing", "p2_cnn/training", "p3_vit/self_attention")
"""Exercises where rounding errors can grow, in iterations, eigenvalues or accuracies. Their variants are graded too."""


class Setting(msgspec.Struct, frozen=True):
    """One way to compute: environment variables for the grader, and for the worker if they differ."""

    name: str
    grader: dict[str, str] = {}
    worker: dict[str, str] | None = None
    threads: int = 1
    """The number of threads in the grader. A worker always has one."""


class Work(msgspec.Struct):
    """The gradings for one process."""

    setting: Setting
    exercises: list[str]
    seeds: list[int]


@dataclass(frozen=True)
class Outcome:
    """The gradings under one setting: how many there were, and which failed."""

    setting: Setting
    gradings: int
    seconds: float
    failures: list[str] = field(default_factory=list)


class _Graded(msgspec.Struct):
    gradings: int
    failures: list[str]


def settings() -> list[Setting]:
    """The settings that this machine supports."""
    names = list(MACHINES)
    best = torch.backends.cpu.get_cpu_capability()
    here = names[: names.index(best) + 1] if best in names else []
    found = [Setting("this machine"), Setting("this machine, 2 threads in the grader", threads=2)]
    found += [Setting(name, MACHINES[name]) for name in here]
    if len(here) > 1:
        old, new = here[0], here[-1]
        found.append(Setting(f"grader {old}, worker {new}", MACHINES[old], MACHINES[new]))
        found.append(Setting(f"grader {new}, worker {old}", MACHINES[new], MACHINES[old]))
    return found


def grade_everywhere(
    settings: Sequence[Setting], exercises: Iterable[Exercise], seeds: Sequence[int], jobs: int
) -> Iterator[Outcome]:
    """Grades the solutions under each setting, and the variants of exercises at risk; `jobs` settings at a time."""
    works = [Work(setting, [str(exercise.id) for exercise in exercises], list(seeds)) for setting in settings]
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(_in_process, works)


def _in_process(work: Work) -> Outcome:
    start = time.monotonic()
    kept = {name: value for name, value in os.environ.items() if not chooses_kernels(name)}
    process = subprocess.run(
        [sys.executable, "-m", "autograder.proof.kernels"],
        input=msgspec.json.encode(work), stdout=subprocess.PIPE, cwd=ROOT, env=kept | work.setting.grader, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - start
    if process.returncode:
        return Outcome(work.setting, 0, seconds, [f"the process ended with exit code {process.returncode}"])
    graded = msgspec.json.decode(process.stdout, type=_Graded)
    return Outcome(work.setting, graded.gradings, seconds, graded.failures)


def _grade(work: Work) -> _Graded:
    if work.setting.worker is not None:
        _load_libraries()
        for name in work.setting.grader:
            del os.environ[name]
        os.environ.update(work.setting.worker)
    project = find_project(ROOT)
    exercises = [project.exercise(name) for name in work.exercises]
    failures, sources = [], [source for exercise in exercises for source in _right(exercise, work.seeds)]
    with trials(Settings(), exercises, jobs=1) as ready:
        torch.set_num_threads(work.setting.threads)
        with threadpool_limits(limits=work.setting.threads, user_api="blas"):
            for trial, result in zip(sources, ready.results(sources)):
                if result.status != "passed":
                    failures.append(f"{trial.exercise.id}, {trial.name}, seed {trial.seed}: {first_reason(result)}")
    return _Graded(len(sources), failures)


def _right(exercise: Exercise, seeds: list[int]) -> Iterator[Trial]:
    paths = {"the solution": exercise.solution}
    if exercise.id in AT_RISK:
        paths |= {path.name: path for path in exercise.variants}
    for name, path in paths.items():
        for seed in seeds:
            yield Trial(exercise, name, path.read_bytes(), seed)


def _load_libraries() -> None:
    """Makes the grader's libraries choose their kernels before the environment is changed for the worker."""
    import sklearn.svm  # this loads SciPy's OpenBLAS

    sklearn.svm.SVC().fit(np.eye(2), [0, 1])
    x = torch.ones(1, 1, 8, 8)
    torch.nn.functional.conv2d(x, x[..., :3, :3])
    torch.linalg.inv(torch.eye(8) + x[0, 0] @ x[0, 0])


if __name__ == "__main__":
    graded = _grade(msgspec.json.decode(sys.stdin.buffer.read(), type=Work))
    sys.stdout.buffer.write(msgspec.json.encode(graded))
