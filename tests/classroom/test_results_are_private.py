"""A new folder of results can be entered by its owner only, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.results_folder import ResultsFolder


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_folder_is_closed(tmp_path: Path) -> None:
    ResultsFolder(tmp_path / "new" / "results").close()
    assert (tmp_path / "new" / "results").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir(0o750)
    ResultsFolder(tmp_path / "results").close()
    assert (tmp_path / "results").stat().st_mode & 0o777 == 0o750
