"""All attacks, by name."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.forging import FORGING
from tests.attacks.harming import HARMING
from tests.attacks.stealing import STEALING

MODULES: dict[str, Attack] = {
    f"{attack.family}: {name}": attack for room in (FORGING, STEALING, HARMING) for name, attack in room.items()
}
"""Modules that a student could hand in."""
