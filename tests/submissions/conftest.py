"""What tests of submissions share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def durand(tmp_path: Path) -> Path:
    """The folder of a student, in a class."""
    folder = tmp_path / "class" / "durand"
    folder.mkdir(parents=True)
    return folder
