"""Correct code passes with any kernels, and `check --kernels` says where it does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import torch
from threadpoolctl import threadpool_info
from typer.testing import CliRunner

from autograder.commands import app
from autograder.course.catalogue import Exercise, find_project
from autograder.grading.threads import one_thread, use_one_thread
from autograder.proof import kernels
from autograder.proof.kernels import MACHINES, Outcome, Setting, grade_everywhere
from autograder.sandbox.host.environment import ONE_THREAD, chooses_kernels

PROJECT = find_project(Path(__file__))
SOFTMAX, SVM = PROJECT.exercise("p1_mlp/softmax_cross_entropy"), PROJECT.exercise("p1_mlp/svm")
HASWELL = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"}
UNLUCKY = 71992336720347529215273810948644449741
"""With this seed, Haswell's kernel found another sigmoid SVC than other kernels."""

needs_avx2 = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"), reason="this CPU has no AVX2"
)


def _outcome(setting: Setting, exercise: Exercise, seed: int) -> Outcome:
    (outcome,) = grade_everywhere([setting], [exercise], [seed], jobs=1)
    return outcome


@needs_avx2
def test_svm_passes_if_grader_and_worker_use_different_kernels() -> None:
    outcome = _outcome(Setting("apart", HASWELL, {}), SVM, UNLUCKY)
    assert outcome.gradings == 1 + len(SVM.variants)
    assert outcome.failures == []


def test_a_setting_replaces_the_variables_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "256")
    monkeypatch.setenv("AUTOGRADER_DATA", "data")
    run = MagicMock(return_value=MagicMock(returncode=0, stdout=b'{"gradings": 1, "failures": ["svm"]}'))
    monkeypatch.setattr(subprocess, "run", run)
    assert _outcome(Setting("old", MACHINES["DEFAULT"]), SOFTMAX, 1).failures == ["svm"]
    environment = run.call_args.kwargs["env"]
    chosen = {name: value for name, value in environment.items() if chooses_kernels(name) and name not in ONE_THREAD}
    assert chosen == MACHINES["DEFAULT"]
    assert environment["AUTOGRADER_DATA"] == "data"


def test_a_process_that_ends_early_is_a_failure(tmp_path: Path) -> None:
    unknown = Exercise("p1_mlp", "unknown", tmp_path)
    assert _outcome(Setting("this machine"), unknown, 1).failures == ["the process ended with exit code 1"]


def test_only_settings_that_the_machine_supports_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    names = [setting.name for setting in kernels.settings()]
    assert "AVX2" in names
    assert "AVX512" not in names
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "SVE256")
    assert not any(setting.grader for setting in kernels.settings())


@pytest.mark.parametrize(("failures", "code"), [([], 0), (["p1_mlp/svm, the solution, seed 1: sweep: wrong"], 1)])
def test_the_command_fails_if_correct_code_does(
    failures: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT.root)
    found = [Outcome(Setting("an old machine"), 3, 1.0, failures)]
    monkeypatch.setattr(kernels, "grade_everywhere", lambda *given: iter(found))
    result = CliRunner().invoke(app, ["check", "--kernels", "--only", SVM.id])
    assert result.exit_code == code
    assert f"an old machine: 3 gradings, {len(failures)} failed" in result.output
    assert all(text in result.output for text in failures)


def _blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_the_number_of_threads_is_one_for_a_while_and_then_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before, blas = torch.get_num_threads(), _blas_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
            assert _blas_threads() <= {1}
            assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert _blas_threads() == blas
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert "MKL_NUM_THREADS" not in os.environ


def test_a_library_that_is_loaded_later_uses_one_thread_too() -> None:
    with one_thread():  # restores what is set here
        use_one_thread()
        assert {name: os.environ[name] for name in ONE_THREAD} == ONE_THREAD
