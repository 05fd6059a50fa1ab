"""Runs experiments from their command line, on a few examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import torch
from click.testing import Result
from typer.testing import CliRunner

from autograder.experiments import command, data, figures

Invoke = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]


@lru_cache
def _load(name: str, roots: tuple[Path, ...], subset: int | None) -> data.Data:
    return data.load(name, roots, subset)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Uses a single thread, since several would only wait for each other on so few examples."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Invoke:
    """Runs the command with `--to tmp_path`. Each dataset is read once, and figures have few pixels."""

    def load(name: str, roots: Iterable[Path], subset: int | None = None) -> data.Data:
        return _load(name, tuple(roots), subset)

    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("AUTOGRADER_DATA", raising=False)
    monkeypatch.setattr(command, "load", load)
    monkeypatch.setattr(figures, "DPI", 40)
    monkeypatch.setattr(figures, "GRID", 20)
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(command.app, [*arguments, "--to", str(tmp_path)], catch_exceptions=False)

    return run
