"""Checkpoints after each epoch, so that an interrupted run can continue and gives the same curves.

A checkpoint of a variant holds its rows, the learner's state, and the state of every random generator that the next epoch
may use. On one machine with the same number of threads, a CPU then gives the same bits as an uninterrupted run.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.atomic_files import write_atomically
from autograder.experiments.findings import Row
from autograder.experiments.learners import State

SETTINGS = "run.json"


class DifferentRun(Exception):
    """The folder holds a run with different settings or different code. The message names them and gives a remedy."""


def seed_everything(seed: int) -> None:
    """Seeds the global generators of PyTorch, NumPy and Python."""
    torch.manual_seed(seed)  # includes the accelerators
    np.random.seed(seed)
    random.seed(seed)


def random_states(order: torch.Generator) -> State:
    """The states of the global generators and of `order`."""
    name, keys, *rest = np.random.get_state(legacy=True)
    return {
        "order": order.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": [name, keys.tolist(), *rest],  # type: ignore[union-attr]  # legacy: a tuple
        "python": random.getstate(),
    }


def restore_random(states: State, order: torch.Generator) -> None:
    """Restores all generators to these states."""
    order.set_state(states["order"])
    torch.set_rng_state(states["torch"])
    if states["cuda"]:
        torch.cuda.set_rng_state_all(states["cuda"])
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))
    random.setstate(states["python"])


class Folder:
    """The folder of a run: `run.json` with its settings, and `checkpoints/` with a file for each variant."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, settings: dict[str, Any], fresh: bool = False) -> None:
        """Starts a run, or continues the existing one.

        Args:
            settings: plain values; two runs are the same run if these are equal.
            fresh: discard the existing run.

        Raises DifferentRun if the run in the folder has different settings.
        """
        file = self.path / SETTINGS
        if fresh:
            for old in (self.path / "checkpoints").glob("*.pt"):
                old.unlink()
        elif file.is_file():
            existing = self.settings()
            differing = [key for key in settings if existing.get(key) != settings[key]]
            if differing:
                what = ", ".join(f"{key} ({existing.get(key)} there, {settings[key]} now)" for key in differing)
                raise DifferentRun(
                    f"{self.path} holds a run with different settings: {what}. Give another folder with --to, or replace "
                    "that run with --fresh"
                )
        write_atomically(file, (json.dumps(settings, indent=2) + "\n").encode())

    def settings(self) -> dict[str, Any]:
        """The settings of the existing run, or {} if there is none."""
        try:
            return dict(json.loads((self.path / SETTINGS).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def save(self, variant: str, rows: list[Row], state: State, generators: State) -> None:
        """Replaces the checkpoint of a variant atomically."""
        data = io.BytesIO()
        torch.save({"rows": [tuple(row) for row in rows], "state": state, "random": generators}, data)
        write_atomically(self._file(variant), data.getvalue())

    def load(self, variant: str) -> tuple[list[Row], State, State] | None:
        """The rows, the learner's state and the generators' states of a variant, or None without a checkpoint."""
        file = self._file(variant)
        if not file.is_file():
            return None
        # The generators' states must be on the CPU; load_state_dict moves the weights to their device.
        checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        return [Row(*row) for row in checkpoint["rows"]], checkpoint["state"], checkpoint["random"]

    def _file(self, variant: str) -> Path:
        """The checkpoint of a variant, under a unique name that is valid on any file system."""
        plain = re.sub(r"[^A-Za-z0-9.]+", "-", variant).strip("-")[:40]
        return self.path / "checkpoints" / f"{plain}-{hashlib.sha256(variant.encode()).hexdigest()[:8]}.pt"
