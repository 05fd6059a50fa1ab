"""The settings of a grading run."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path


def parse_seed(text: str) -> int:
    """A seed as it is printed, or in hexadecimal ("0x2a"), as summary.csv has it. ValueError if it is neither."""
    seed = int(text, 0)
    if seed < 0:
        raise ValueError(f"the seed {text} is negative: give the one that an earlier run printed")
    return seed


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to grade."""

    seed: int = field(default_factory=lambda: secrets.randbits(128))
    tier: str = "fast"
    """The size of the datasets: "fast" or "full"."""
    isolation: str | None = None
    """"strict", "process" or "none"; None for the strictest that works here."""
    data_root: Path | None = None
    """The folder of local datasets; None for the default places."""
    follow_through: bool = False
    """Whether blocked exercises are graded a second time, with the reference in place of the exercises that block them."""
    own_inputs: bool = False
    """Whether the inputs depend on the submission's files too: who changes the code after seeing inputs gets others."""
    replay: bool = True
    """Whether mistakes are named by replay if there is `solutions/`; otherwise they are named by fingerprints."""
