"""What commands say about other users of the machine: all of it in `doctor`, a warning elsewhere, nothing to students."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from autograder.commands import exposed
from autograder.commands.exposed import ExposureError, exposure_of, warn_of_exposure
from autograder.commands.student import _check_exposure
from tests.course.repositories import course


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def clone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A clone that every user can enter, as the working directory and as the installed package."""
    with tempfile.TemporaryDirectory(prefix="autograder-exposed-") as folder:
        Path(folder).chmod(0o755)
        root = course(Path(folder).resolve() / "clone").root
        monkeypatch.setattr(exposed, "INSTALLED", root)
        monkeypatch.chdir(root)
        yield root


@pytest.fixture
def closed(clone: Path) -> Path:
    clone.chmod(0o700)
    return clone


def test_doctor_shows_what_is_open_and_how_to_close_it(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _check_exposure((), (), False)
    output = capsys.readouterr().out
    assert f"everybody  {clone}/solutions (the reference solutions): every user of this machine can read it" in output
    assert f"chmod o-rwx {clone}/solutions" in output


def test_doctor_says_that_nothing_is_open(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _check_exposure((), (), True)
    assert f"can neither read nor change anything in {closed}" in capsys.readouterr().out


def test_doctor_strict_ends_with_an_error_if_something_is_open(clone: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        _check_exposure((), (), True)
    assert ended.value.exit_code == 1


def test_doctor_says_nothing_in_a_students_copy(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "solutions").rename(clone.parent / "elsewhere")
    _check_exposure((), (), True)
    assert capsys.readouterr().out == ""


def test_doctor_checks_further_folders(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = closed.parent / "results"
    results.mkdir()
    (results / "anna.json").write_text("{}")
    _check_exposure((results,), (), False)
    assert f"chmod o-rwx {results}" in capsys.readouterr().out


def test_no_control_character_in_a_name_reaches_the_terminal(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "\x1b[31mroster.csv").write_text("anna")
    _check_exposure((), (), False)
    assert "\\x1b[31mroster.csv" in capsys.readouterr().out


def test_a_folder_that_does_not_exist_is_named(closed: Path) -> None:
    with pytest.raises(ExposureError, match="nowhere does not exist"):
        exposure_of((closed,), (closed / "nowhere",))


def test_a_group_that_does_not_exist_is_named(closed: Path) -> None:
    with pytest.raises(ExposureError, match="--assistants: this machine has no group of this name"):
        exposure_of((closed,), (), ("no-such-group",))


def test_a_warning_is_one_line_for_the_folder_and_one_for_the_clone(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course_folder = clone.parent / "course"
    course_folder.mkdir()
    warn_of_exposure(course_folder)
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(f"every user of this machine can enter it. To close it: chmod o-rwx {course_folder}")
    assert second == (
        f"warning: every user of this machine can read {clone}/solutions; `autograder doctor` says how to close it"
    )


def test_no_warning_is_printed_if_nothing_is_open(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_exposure(closed.parent / "new")
    assert capsys.readouterr().err == ""
