"""Whatever nbgrader would follow or wait for is moved out of a submission before it is copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.notebooks.nbgrader.set_aside import inodes, set_aside

NOTHING: frozenset[tuple[int, int]] = frozenset()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "submitted" / "anna" / "p1_mlp"
    path.mkdir(parents=True)
    (path / "p1_mlp.ipynb").write_text("{}")
    return path


def left(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_ordinary_files_and_folders_stay(folder: Path, tmp_path: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "x.csv").write_text("1")
    assert set_aside(folder, tmp_path / "aside", NOTHING) == []
    assert left(folder) == {"p1_mlp.ipynb", "data", "data/x.csv"}
    assert not (tmp_path / "aside").exists()


def test_links_and_pipes_are_moved_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / "deep").mkdir()
    os.symlink("/etc/passwd", folder / "deep" / "notes.txt")
    os.symlink(folder, folder / "loop")
    os.mkfifo(folder / "pipe\x1b.py")
    lines = set_aside(folder, tmp_path / "aside", NOTHING)
    assert [line.partition(":")[0] for line in sorted(lines)] == [
        "deep/notes.txt is a link, which is never followed",
        "loop is a link, which is never followed",
        "pipe\\x1b.py is a pipe, a socket or a device",
    ]
    assert left(folder) == {"p1_mlp.ipynb", "deep"}
    assert len(list((tmp_path / "aside").iterdir())) == 3


def test_a_submission_that_is_a_link_itself_is_moved(folder: Path, tmp_path: Path) -> None:
    link = folder.parent / "p2_cnn"
    os.symlink(folder, link)
    (line,) = set_aside(link, tmp_path / "aside", NOTHING)
    assert line.startswith("p2_cnn is a link, which is never followed")
    assert not link.is_symlink()
    assert left(folder) == {"p1_mlp.ipynb"}


def test_a_hard_link_to_a_file_of_the_course_is_moved(folder: Path, tmp_path: Path) -> None:
    secret, other = tmp_path / "source" / "p1_mlp.ipynb", tmp_path / "own.py"
    secret.parent.mkdir()
    secret.write_text("answers")
    other.write_text("x = 1")
    os.link(secret, folder / "copy.txt")
    os.link(other, folder / "own.py")
    (line,) = set_aside(folder, tmp_path / "aside", inodes([secret.parent, tmp_path / "absent"]))
    assert line.startswith("copy.txt is a hard link to a file of the course")
    assert left(folder) == {"p1_mlp.ipynb", "own.py"}
    assert secret.read_text() == "answers"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_a_hard_link_to_another_users_file_is_moved(folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("x")
    os.chown(theirs, 12345, 12345)
    os.link(theirs, folder / "mine.txt")
    (line,) = set_aside(folder, tmp_path / "aside", NOTHING)
    assert line.startswith("mine.txt is a hard link to another user's file")
