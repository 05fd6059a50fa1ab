"""Plain values there and back."""

from __future__ import annotations

from typing import Any


def echo(value: Any) -> Any:
    """What it is given: measures a round trip."""
    return value
