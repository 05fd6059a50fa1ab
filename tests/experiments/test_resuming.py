"""An interrupted run continues with bit-identical curves, and the folder of a different run is not touched."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.experiments import checkpoints, report
from autograder.experiments.watching import Bars
from tests.experiments.conftest import Invoke


@pytest.fixture(autouse=True)
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skips the figures, which take longer than these trainings and are drawn in test_recipes."""
    monkeypatch.setattr(report, "_pictures", lambda run, results: {})


def curves(folder: Path) -> list[dict[str, str]]:
    """All columns except the time, which differs between runs."""
    with (folder / "curves.csv").open(encoding="utf-8") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("arguments", "folder", "batches"),
    [
        # dropout uses the global generator, Adam keeps moments, crops and flips are random in each epoch
        (("dropout", "--only", "p = 0.5"), "dropout-colour", 3),
        (("optimizers", "--only", "Adam"), "optimizers-colour", 3),
        (("augmentation", "--only", "crops and flips", "--only", "rotation"), "augmentation-colour", 3),
        (("decay", "--only", "decay"), "decay-colour", 3),
        (("circles",), "circles-circles", 4),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_stopped_run_continues_with_the_same_curves(
    arguments: tuple[str, ...],
    folder: str,
    batches: int,
    invoke: Invoke,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = (*arguments, "--from", "solutions", "--subset", "24", "--epochs", "2")
    assert invoke(*command).exit_code == 0
    unbroken = curves(tmp_path / folder)

    with monkeypatch.context() as patch:
        ticks = iter(range(batches + 1))  # stops in the middle of the second epoch

        def stop(bars: Bars) -> None:
            if next(ticks, None) is None:
                raise KeyboardInterrupt

        patch.setattr(Bars, "tick", stop)
        stopped = invoke(*command, "--fresh")
    assert stopped.exit_code == 130
    assert "run the same command to continue" in stopped.output

    assert invoke(*command).exit_code == 0
    assert curves(tmp_path / folder) == unbroken


def test_more_epochs_continue_from_the_last_one(invoke: Invoke, tmp_path: Path) -> None:
    command = ("circles_rates", "--from", "solutions", "--only", "η = 0.1", "--subset", "20")
    invoke(*command, "--epochs", "2")
    invoke(*command, "--epochs", "4")
    grown = curves(tmp_path / "circles_rates-circles")
    invoke(*command, "--epochs", "4", "--fresh")
    assert curves(tmp_path / "circles_rates-circles") == grown


def test_a_finished_run_trains_nothing(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("circles_rates", "--from", "solutions", "--subset", "20", "--epochs", "2")
    invoke(*command)
    monkeypatch.setattr(checkpoints.Folder, "save", lambda *_: pytest.fail("it trained again"))
    assert invoke(*command).exit_code == 0


def test_different_settings_do_not_mix_with_an_existing_run(invoke: Invoke, tmp_path: Path) -> None:
    command = ("circles_rates", "--from", "solutions", "--only", "η = 0.1", "--epochs", "1")
    invoke(*command)
    before = curves(tmp_path / "circles_rates-circles")
    result = invoke(*command, "--seed", "1")
    assert result.exit_code == 2
    assert "seed (0 there, 1 now)" in result.output
    assert "--fresh" in result.output
    assert curves(tmp_path / "circles_rates-circles") == before


def test_fresh_replaces_the_run(invoke: Invoke, tmp_path: Path) -> None:
    command = ("circles_rates", "--from", "solutions", "--only", "η = 0.1", "--epochs", "1")
    invoke(*command)
    before = curves(tmp_path / "circles_rates-circles")
    assert invoke(*command, "--seed", "1", "--fresh").exit_code == 0
    assert curves(tmp_path / "circles_rates-circles") != before
