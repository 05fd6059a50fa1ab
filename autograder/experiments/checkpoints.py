"""What a run leaves behind after each epoch, so that a killed one goes on and draws the same curve.

Saved with a variant: its rows, the learner's state, and every generator of random numbers that the next epoch could draw
from. On one machine and with as many threads, a CPU then gives the same bits as an unbroken run.
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


class OtherRun(Exception):
    """The folder holds a run with other settings or other code; the message says which, and the remedy."""


def seed_everything(seed: int) -> None:
    """All the generators that PyTorch, NumPy and Python share out."""
    torch.manual_seed(seed)  # the accelerators' too
    np.random.seed(seed)
    random.seed(seed)


def random_states(order: torch.Generator) -> State:
    """Where all generators stand."""
    name, keys, *rest = np.random.get_state(legacy=True)
    return {
        "order": order.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": [name, keys.tolist(), *rest],  # type: ignore[union-attr]  # legacy: a tuple
        "python": random.getstate(),
    }


def restore_random(states: State, order: torch.Generator) -> None:
    """Puts all generators back there."""
    order.set_state(states["order"])
    torch.set_rng_state(states["torch"])
    if states["cuda"]:
        torch.cuda.set_rng_state_all(states["cuda"])
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))
    random.setstate(states["python"])


class Folder:
    """Where a run keeps its states: `run.json`, and `checkpoints/` with a file for each variant."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, settings: dict[str, Any], fresh: bool = False) -> None:
        """Begins a run, or goes on with the one that is there.

        Args:
            settings: plain values; two runs are the same one if theirs are equal.
            fresh: forget what is there.

        Errors: OtherRun where the run in the folder has other settings.
        """
        file = self.path / SETTINGS
        if fresh:
            for old in (self.path / "checkpoints").glob("*.pt"):
                old.unlink()
        elif file.is_file():
            there = self.settings()
            differing = [key for key in settings if there.get(key) != settings[key]]
            if differing:
                what = ", ".join(f"{key} ({there.get(key)} there, {settings[key]} now)" for key in differing)
                raise OtherRun(
                    f"{self.path} holds another run, with other {what}. Give another folder with --to, or begin anew in "
                    "this one with --fresh"
                )
        write_atomically(file, (json.dumps(settings, indent=2) + "\n").encode())

    def settings(self) -> dict[str, Any]:
        """Of the run that is there; {} if there is none."""
        try:
            return dict(json.loads((self.path / SETTINGS).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def save(self, variant: str, rows: list[Row], state: State, generators: State) -> None:
        """Replaces the checkpoint of a variant, whole or not at all."""
        data = io.BytesIO()
        torch.save({"rows": [tuple(row) for row in rows], "state": state, "random": generators}, data)
        write_atomically(self._file(variant), data.getvalue())

    def load(self, variant: str) -> tuple[list[Row], State, State] | None:
        """Rows, state and generators of a variant; None where there is no checkpoint."""
        file = self._file(variant)
        if not file.is_file():
            return None
        # Generators' states live on the CPU wherever the weights do; load_state_dict moves those by itself.
        kept = torch.load(file, map_location="cpu", weights_only=True)
        return [Row(*row) for row in kept["rows"]], kept["state"], kept["random"]

    def _file(self, variant: str) -> Path:
        """A name that any file system takes, and that no other variant has."""
        plain = re.sub(r"[^A-Za-z0-9.]+", "-", variant).strip("-")[:40]
        return self.path / "checkpoints" / f"{plain}-{hashlib.sha256(variant.encode()).hexdigest()[:8]}.pt"
