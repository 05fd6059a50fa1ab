"""The messages of the command line when something is missing or misspelt."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

import pytest

from autograder.experiments.recipes import RECIPES
from tests.experiments.conftest import ROOT, Invoke


@lru_cache
def generated_stubs() -> tuple[tuple[Path, str], ...]:
    """The path in the project and the text of each stub."""
    from autograder.course.build import generated
    from autograder.course.catalogue import Project

    files = ((path.relative_to(ROOT), text) for path, text in generated(Project(ROOT)))
    return tuple((path, text) for path, text in files if path.parts[0] == "exercises")


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """exercises/ with freshly generated stubs, whatever the repository's own folder contains."""
    for name, text in generated_stubs():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "exercises"


def test_list_names_every_experiment(invoke: Invoke) -> None:
    output = invoke("list").output
    assert [name for name in RECIPES if name not in output] == []


def test_help_names_the_options(invoke: Invoke) -> None:
    output = invoke("--help").output
    options = ("--from", "--dataset", "--data-root", "--epochs", "--subset", "--device", "--seed", "--to", "--fresh")
    assert [option for option in options if option not in output] == []


def test_an_unknown_name_lists_the_experiments(invoke: Invoke) -> None:
    result = invoke("cnn_rate")
    assert result.exit_code == 2
    assert "no experiment 'cnn_rate'" in result.output
    assert "cnn_rates" in result.output


def test_an_unsuitable_dataset_is_refused(invoke: Invoke) -> None:
    result = invoke("cnn_rates", "--dataset", "circles", "--from", "solutions")
    assert result.exit_code == 2
    assert "colour or cifar10" in result.output


def test_an_unknown_variant_lists_the_variants(invoke: Invoke) -> None:
    result = invoke("circles", "--only", "by foot", "--from", "solutions")
    assert result.exit_code == 2
    assert "by hand; autograd; nn; optim" in result.output


def test_an_unknown_device_is_refused(invoke: Invoke) -> None:
    result = invoke("mnist", "--device", "abacus", "--from", "solutions")
    assert result.exit_code == 2
    assert "--device abacus is not available here; use one of: cpu" in result.output


@pytest.mark.parametrize("name", RECIPES)
def test_stubs_are_named_before_anything_is_trained(name: str, invoke: Invoke, stubs: Path, tmp_path: Path) -> None:
    result = invoke(name, "--from", str(stubs))
    assert result.exit_code == 2
    for exercise in RECIPES[name].needs:
        assert f"{exercise}: " in result.output
    assert "not written yet" in result.output
    assert not list(tmp_path.glob("*/run.json"))


def test_a_missing_file_is_named(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    result = invoke("mnist", "--from", str(tmp_path / "mine"))
    assert result.exit_code == 2
    assert "p1_mlp/mlp_optim: there is no" in result.output


def test_a_missing_folder_is_named(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("mnist", "--from", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert f"there is no folder {tmp_path / 'nowhere'}" in result.output


def test_a_half_written_function_is_named_when_it_is_called(invoke: Invoke, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "solutions" / "p1_mlp", tmp_path / "mine" / "p1_mlp")
    file = tmp_path / "mine" / "p1_mlp" / "mlp_optim.py"
    source = file.read_text(encoding="utf-8")
    before, after = source.split("    model = nn.Sequential", 1)
    stub = 'if nx:\n        raise NotImplementedError("later")\n'
    file.write_text(f"{before}    {stub}    model = nn.Sequential{after}", encoding="utf-8")
    result = invoke("mnist", "--from", str(tmp_path / "mine"), "--subset", "10")
    assert result.exit_code == 2
    assert "p1_mlp/mlp_optim: init_model is not written yet" in result.output


def test_changed_code_is_a_different_run(invoke: Invoke, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "solutions" / "p1_mlp", tmp_path / "mine" / "p1_mlp")
    command = ("mnist", "--from", str(tmp_path / "mine"), "--subset", "10", "--epochs", "1")
    assert invoke(*command).exit_code == 0
    file = tmp_path / "mine" / "p1_mlp" / "mlp_optim.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# longer\n", encoding="utf-8")
    result = invoke(*command)
    assert result.exit_code == 2
    assert "different settings: code (" in result.output
