"""Folders in the exchange belong to students: regular files are collected, links and special files are not."""

from __future__ import annotations

import json
import logging
import os
import pwd
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.notebooks.nbgrader.collect import SafeCollect
from autograder.notebooks.nbgrader.exchange_files import MAX_FILES, last_change, read_folder
from tests.notebooks.conftest import code, file_of
from tests.notebooks.nbgrader.exchange import new_gradebook

ME = pwd.getpwuid(os.getuid()).pw_name
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "handed in"
    path.mkdir()
    (path / "p1_mlp.ipynb").write_text("{}")
    return path


def test_files_are_read_with_their_folders(folder: Path) -> None:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"png")
    assert read_folder(folder).files == {"p1_mlp.ipynb": b"{}", "pictures/a.png": b"png"}


@pytest.mark.parametrize("place", ["p1_mlp.ipynb", "secret", "deep/secret"])
def test_no_link_is_followed(folder: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "teachers").write_text("answers")
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).unlink(missing_ok=True)
    (folder / place).symlink_to(tmp_path / "teachers")
    taken = read_folder(folder)
    assert b"answers" not in taken.files.values()
    assert "is a link" in taken.refused[place]


def test_no_linked_folder_is_entered(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "answers").write_text("42")
    (folder / "mine").symlink_to(tmp_path / "course")
    taken = read_folder(folder)
    assert set(taken.files) == {"p1_mlp.ipynb"}
    assert "is a link" in taken.refused["mine"]


def test_a_submission_that_is_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OSError, match=r"directory|links"):
        read_folder(tmp_path / "link")


def test_a_pipe_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "not a regular file" in read_folder(folder).refused["pipe"]


def test_a_file_that_is_too_large_is_refused_and_the_others_are_read(folder: Path) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(20 << 20)
    taken = read_folder(folder)
    assert "larger than 16 MiB" in taken.refused["big.bin"]
    assert set(taken.files) == {"p1_mlp.ipynb"}


def test_a_notebook_is_read_before_data_fills_the_limit(folder: Path) -> None:
    for number in range(4):
        with (folder / f"a{number}.bin").open("wb") as file:
            file.truncate(15 << 20)
    with (folder / "p1_mlp.ipynb").open("wb") as file:
        file.truncate(20 << 20)
    taken = read_folder(folder)
    assert "p1_mlp.ipynb" in taken.files
    assert "brings the submission above 64 MiB" in taken.refused["a2.bin"]


def test_the_number_of_files_is_limited(folder: Path) -> None:
    for number in range(MAX_FILES + 5):
        (folder / f"{number}").touch()
    taken = read_folder(folder)
    assert len(taken.files) <= MAX_FILES
    assert any("more than" in reason for reason in taken.refused.values())


def test_the_depth_of_folders_is_limited(folder: Path) -> None:
    deep = folder
    for _ in range(30):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "file").touch()
    taken = read_folder(folder)
    assert set(taken.files) == {"p1_mlp.ipynb"}
    assert any("folders deep" in reason for reason in taken.refused.values())


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a file to somebody else")
def test_a_hard_link_to_another_users_file_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "teachers").write_text("answers")
    os.link(tmp_path / "teachers", folder / "mine.py")
    os.chown(folder, 12345, 12345)
    assert "hard link" in read_folder(folder).refused["mine.py"]


def test_the_time_of_change_is_the_kernels(folder: Path) -> None:
    os.utime(folder / "p1_mlp.ipynb", (0, 0))
    os.utime(folder, (0, 0))
    assert abs(last_change(folder)[1] - datetime.now().timestamp()) < 60


# nbgrader's command.


@pytest.fixture
def inbound(tmp_path: Path) -> Path:
    path = tmp_path / "exchange" / "test" / "inbound"
    path.mkdir(parents=True)
    return path


def hand_in(inbound: Path, name: str, **files: bytes) -> Path:
    folder = inbound / name
    folder.mkdir()
    (folder / "p1_mlp.ipynb").write_bytes(file_of([code("mine")]))
    for path, data in files.items():
        (folder / path.replace("_txt", ".txt").replace("_ipynb", ".ipynb")).write_bytes(data)
    return folder


def now(**ago: float) -> str:
    return f"{datetime.now(timezone.utc) - timedelta(**ago):%Y-%m-%d %H:%M:%S.%f} UTC"


def collect(tmp_path: Path, caplog: pytest.LogCaptureFixture, **options: Any) -> Path:
    """Runs `nbgrader collect` and returns the folder `submitted`."""
    course = CourseDirectory(root=str(tmp_path / "course"), course_id="test", assignment_id="p1_mlp")
    if not (tmp_path / "course").exists():
        (tmp_path / "course").mkdir()
        shutil.copy(new_gradebook(), tmp_path / "course" / "gradebook.db")
        with Gradebook(course.db_url, "test") as book:
            book.add_assignment("p1_mlp", duedate=options.pop("due", None))
    with caplog.at_level(logging.INFO):
        action = SafeCollect(coursedir=course, root=str(tmp_path / "exchange"), **options)
        action.log = logging.getLogger("collect")
        action.start()
    return tmp_path / "course" / "submitted"


def timestamp(submitted: Path) -> datetime:
    text = (submitted / ME / "p1_mlp" / "timestamp.txt").read_text()
    return datetime.fromisoformat(text.removesuffix(" UTC"))


def test_a_submission_is_collected_with_its_time(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = now(seconds=5)
    hand_in(inbound, f"{ME}+p1_mlp+{told}+abc", submission_secret_txt=b"f00", timestamp_txt=b"2001-01-01 00:00:00 UTC")
    submitted = collect(tmp_path, caplog)
    assert timestamp(submitted) == datetime.fromisoformat(told.removesuffix(" UTC"))
    assert (submitted / ME / "p1_mlp" / "submission_secret.txt").read_text() == "f00"


def test_a_false_early_time_in_the_name_does_not_count(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in(inbound, f"{ME}+p1_mlp+{now(days=3)}+abc")
    assert datetime.now(timezone.utc).replace(tzinfo=None) - timestamp(collect(tmp_path, caplog)) < timedelta(minutes=2)
    assert "changed after the time in its name" in caplog.text


def test_a_high_tolerance_trusts_the_times_in_names(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in(inbound, f"{ME}+p1_mlp+2020-01-01 00:00:00.0 UTC+abc")
    assert timestamp(collect(tmp_path, caplog, tolerance=10**10)).year == 2020


def test_the_latest_submission_counts(tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, seconds in (("first", 60), ("second", 30)):
        notebook = file_of([code(name)])
        hand_in(inbound, f"{ME}+p1_mlp+{now(seconds=seconds)}+{name}", p1_mlp_ipynb=notebook)
    assert "second" in (collect(tmp_path, caplog) / ME / "p1_mlp" / "p1_mlp.ipynb").read_text()


def test_a_collected_submission_stays_unless_update_is_set(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in(inbound, f"{ME}+p1_mlp+{now(seconds=60)}+a")
    before = timestamp(collect(tmp_path, caplog))
    hand_in(inbound, f"{ME}+p1_mlp+{now(seconds=1)}+b")
    assert timestamp(collect(tmp_path, caplog)) == before
    assert timestamp(collect(tmp_path, caplog, update=True)) > before


def test_a_refused_notebook_is_replaced_by_one_that_says_why(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = hand_in(inbound, f"{ME}+p1_mlp+{now()}+a")
    (folder / "p1_mlp.ipynb").unlink()
    (folder / "p1_mlp.ipynb").symlink_to("/etc/passwd")
    notebook = json.loads((collect(tmp_path, caplog) / ME / "p1_mlp" / "p1_mlp.ipynb").read_text())
    assert "p1_mlp.ipynb is a link, which is never followed" in notebook["cells"][0]["source"]


def test_a_student_on_the_roster_has_the_rosters_id(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in(inbound, f"{ME}+p1_mlp+{now()}+a")
    collect(tmp_path, caplog)
    shutil.rmtree(tmp_path / "course" / "submitted")
    (tmp_path / "course" / "roster.csv").write_text(f"id,name,username\ns1,Somebody,{ME}\n")
    assert [path.name for path in collect(tmp_path, caplog).iterdir()] == ["s1"]


def test_feedback_can_be_released_without_a_secret(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in(inbound, f"{ME}+p1_mlp+{now()}+a", submission_secret_txt=b"../" * 4000)
    secret = (collect(tmp_path, caplog) / ME / "p1_mlp" / "submission_secret.txt").read_text()
    assert secret.startswith("local")  # no student knows it
    assert secret.isalnum()


@pytest.mark.parametrize("name", ["nobody-here+p1_mlp+{now}+x", "{me}+p1_mlp+soon", "..+p1_mlp+{now}", "+p1_mlp+{now}"])
def test_an_invalid_name_is_skipped_and_does_not_stop_the_others(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    hand_in(inbound, name.format(now=now(), me=ME))
    hand_in(inbound, f"{ME}+p1_mlp+{now(seconds=9)}+good")
    submitted = collect(tmp_path, caplog)
    assert [path.name for path in submitted.iterdir()] == [ME]
    assert "was skipped" in caplog.text


def test_before_duedate_takes_the_last_submission_in_time(
    tmp_path: Path, inbound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    early, late = now(seconds=100), now(seconds=10)
    due = datetime.fromisoformat(now(seconds=50).removesuffix(" UTC"))
    hand_in(inbound, f"{ME}+p1_mlp+{early}+a")
    hand_in(inbound, f"{ME}+p1_mlp+{late}+b")
    told = timestamp(collect(tmp_path, caplog, due=due, before_duedate=True))
    assert told == datetime.fromisoformat(early.removesuffix(" UTC"))
