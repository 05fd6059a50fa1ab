"""A worker inherits only the environment variables that select linear algebra kernels."""

from __future__ import annotations

import socket
import subprocess
from contextlib import closing
from unittest.mock import MagicMock

import pytest

from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.sandbox.host import launch
from autograder.sandbox.host.environment import ONE_THREAD, worker_environment
from tests.zoo import SOFTMAX, as_submission

CHOOSES = {
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_L2_SIZE": "512",
    "MKL_CBWR": "AVX2,STRICT",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
    "KMP_DETERMINISTIC_REDUCTION": "1",
}
TELLS = "import os\ndef softmax(ytilde):\n    raise ValueError(' '.join(os.environ.get(n, '-') for n in {names}))\n"


def test_variables_that_select_kernels_are_inherited() -> None:
    assert worker_environment(CHOOSES).items() >= CHOOSES.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LD_PRELOAD", "libm.so.6"),
        ("LD_LIBRARY_PATH", "lib"),
        ("PYTHONPATH", "graders"),
        ("AUTOGRADER_DATA", "data"),
        ("OMP_TOOL_LIBRARIES", "libm.so.6"),
        ("OMP_DISPLAY_ENV", "true"),
        ("MKL_VERBOSE", "1"),
        ("ONEDNN_JIT_DUMP", "1"),
        ("OPENBLAS_CORETYPE", "/etc/passwd"),
        ("OPENBLAS_CORETYPE", "Haswell\nLD_PRELOAD=libm.so.6"),
        ("OPENBLAS_CORETYPE", "H" * 200),
        ("XOPENBLAS_CORETYPE", "Haswell"),
    ],
)
def test_variables_that_load_print_write_or_name_a_path_are_not_inherited(name: str, value: str) -> None:
    assert worker_environment({name: value}) == worker_environment({})


@pytest.mark.parametrize("name", [*ONE_THREAD, "MKL_DOMAIN_NUM_THREADS", "BLIS_JC_NT", "GOTO_NUM_THREADS"])
def test_a_worker_has_one_thread_whatever_the_grader_has(name: str) -> None:
    assert worker_environment({name: "2"}) == worker_environment({})


def test_both_launchers_pass_the_environment_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("LD_PRELOAD", "libm.so.6")
    popen = MagicMock()
    monkeypatch.setattr(subprocess, "Popen", popen)
    with closing(launch.Zygote()) as zygote:
        zygote.start()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        launch.Interpreters().spawn(launch.Spawn("process", 1 << 30, 1 << 20, 10, ()), theirs, 1)
    environments = [call.kwargs["env"] for call in popen.call_args_list]
    assert environments == [worker_environment()] * 2
    assert environments[0]["OPENBLAS_CORETYPE"] == "Haswell"
    assert "LD_PRELOAD" not in environments[0]


def test_student_code_runs_in_that_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    monkeypatch.setenv("LD_PRELOAD", "libm.so.6")
    engine = Engine(Settings(seed=1))
    try:
        source = TELLS.format(names=["OPENBLAS_CORETYPE", "LD_PRELOAD", "OPENBLAS_NUM_THREADS"])
        result = engine.grade(as_submission(source), [SOFTMAX])
    finally:
        engine.close()
    assert "Nehalem - 1" in result.exercises[0].checks[0].message
