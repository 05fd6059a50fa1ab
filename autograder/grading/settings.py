"""How a run grades: its seed, tier, isolation and data."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to grade. `isolation` None: the strictest that works here."""

    seed: int = field(default_factory=lambda: secrets.randbits(128))
    tier: str = "fast"
    isolation: str | None = None
    data_root: Path | None = None
    follow_through: bool = False
    replay: bool = True
    """Whether mistakes are named by replay where `solutions/` is; without it, by fingerprints."""
