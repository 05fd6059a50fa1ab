"""The settings of a grading run."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path


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
    replay: bool = True
    """Whether mistakes are named by replay if there is `solutions/`; otherwise they are named by fingerprints."""
