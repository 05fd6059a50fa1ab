"""Handing in copies a student's own files, and says before it copies what else there is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError

from autograder.notebooks.nbgrader.submit import SafeSubmit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "p1_mlp"
    path.mkdir()
    (path / "p1_mlp.ipynb").write_text("{}")
    return path


def submit(folder: Path) -> Path:
    copy = folder.parent / "inbound"
    SafeSubmit(coursedir=CourseDirectory()).do_copy(str(folder), str(copy))
    return copy


def test_own_files_are_copied(folder: Path) -> None:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"png")
    copy = submit(folder)
    assert (copy / "p1_mlp.ipynb").read_text() == "{}"
    assert (copy / "pictures" / "a.png").read_bytes() == b"png"


@pytest.mark.parametrize("place", ["everything", "deep/everything", "p1_mlp.ipynb"])
def test_a_link_to_the_root_is_named_and_nothing_is_copied(folder: Path, place: str) -> None:
    (folder / "deep").mkdir()
    (folder / place).unlink(missing_ok=True)
    (folder / place).symlink_to("/")
    with pytest.raises(ExchangeError):
        submit(folder)
    assert not (folder.parent / "inbound").exists()


def test_the_message_names_what_to_remove(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "everything").symlink_to("/")
    os.mkfifo(folder / "pipe")
    with pytest.raises(ExchangeError, match="everything is a link, which is never followed; pipe is a pipe"):
        submit(folder)


def test_a_folder_that_is_a_link_is_refused(folder: Path) -> None:
    (folder.parent / "link").symlink_to("/")
    with pytest.raises(ExchangeError):
        submit(folder.parent / "link")
    assert not (folder.parent / "inbound").exists()
