"""The audit trail: a line for each grading, with what is needed to repeat it."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from autograder import __version__
from autograder.classroom import environment
from autograder.classroom.gradings import Grading, read_gradings, recorded
from autograder.classroom.results_folder import ClassroomError, ResultsFolder
from autograder.classroom.story_text import grading_line
from tests.classroom.class_runs import ClassRun, grade, hand_in, result
from tests.zoo import PROJECT, SOFTMAX


def lines(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (results / "gradings.jsonl").read_text().splitlines()]


def test_a_line_says_what_graded_and_how(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results, seed=2**127)
    (line,) = lines(lone.results)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["begin"])
    assert line["begin"] <= line["end"]
    assert (line["number"], line["finished"], line["graded"], line["kept"], line["problems"]) == (1, True, 1, 0, 0)
    assert line["user"] == environment.user()
    assert line["command"] == {
        "regrade": False, "seed": hex(2**127), "round": 0, "tier": "fast", "isolation": "strict", "jobs": 1,
        "follow_through": False, "exercises": [SOFTMAX], "data_roots": [],
    }  # fmt: skip
    assert line["versions"]["autograder"] == __version__
    assert line["versions"]["python"] == platform.python_version()
    assert line["versions"]["torch"] == version("torch")
    assert line["machine"]["platform"] == platform.platform()
    assert line["machine"]["cores"] == str(os.cpu_count())
    assert any(library.startswith("openblas") or "mkl" in library for library in line["libraries"])


def test_a_result_leads_to_its_line(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    hand_in(lone.submissions, "bob", "")
    grade(lone.submissions, lone.results)
    assert [result(lone.results, name)["grading"] for name in ("alice", "bob")] == [1, 2]
    first, second = lines(lone.results)
    assert (second["number"], second["graded"], second["kept"]) == (2, 1, 1)
    assert second["code"]["graders"] == first["code"]["graders"] == result(lone.results, "bob")["graders"]
    assert second["code"]["digests"] == result(lone.results, "bob")["digests"]


def test_a_run_that_grades_nothing_has_no_line_and_does_not_import_torch(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    code = "\n".join([
        "import sys", "from pathlib import Path", "from autograder.classroom.run import Options, grade_class",
        "grade_class(Options(*map(Path, sys.argv[1:3]), only=(sys.argv[3],)))", "assert 'torch' not in sys.modules",
    ])  # fmt: skip
    arguments = [str(lone.submissions), str(lone.results), SOFTMAX]
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    assert len(lines(lone.results)) == 1


def test_what_could_not_be_graded_is_counted(lone: ClassRun) -> None:
    (lone.submissions / "bob.zip").write_bytes(b"no zip")
    _, printed = grade(lone.submissions, lone.results)
    (line,) = lines(lone.results)
    assert (line["graded"], line["problems"], line["grader_errors"]) == (2, 1, 0)
    assert "2 graded, 0 kept, 1 unreadable" in printed.splitlines()[-1]


def test_removed_submissions_are_recorded(lone: ClassRun) -> None:
    hand_in(lone.submissions, "bob", "")
    grade(lone.submissions, lone.results)
    (lone.submissions / "bob" / f"{SOFTMAX}.py").unlink()
    (lone.submissions / "bob" / "p1_mlp").rmdir()
    (lone.submissions / "bob").rmdir()
    grade(lone.submissions, lone.results, regrade=True)
    assert [line["removed"] for line in lines(lone.results)] == [[], ["bob"]]


def test_a_stopped_grading_has_its_counts_and_is_not_finished(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ResultsFolder, "write", stop)
    _, printed = grade(lone.submissions, lone.results)
    (line,) = lines(lone.results)
    assert (line["finished"], line["graded"]) == (False, 0)
    assert line["end"]
    assert "0 graded, 0 kept, not finished" in printed


def test_a_line_is_there_while_the_grading_runs(tmp_path: Path) -> None:
    with recorded(tmp_path, Grading(number=1, begin="2026-01-31T12:00:00Z")):
        (line,) = lines(tmp_path)
    assert (line["number"], line["end"], line["finished"], line["graded"]) == (1, "", False, None)


def test_the_next_grading_counts_what_a_killed_one_graded(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    (line,) = lines(lone.results)
    killed = line | {"end": "", "finished": False, "graded": None, "problems": None, "grader_errors": None}
    (lone.results / "gradings.jsonl").write_text(json.dumps(killed) + "\n")
    grade(lone.submissions, lone.results, regrade=True)
    first, second = lines(lone.results)
    assert (first["number"], first["graded"], first["finished"], first["end"]) == (1, 1, False, "")
    assert (second["number"], second["graded"], second["finished"]) == (2, 1, True)


def test_damaged_lines_stay(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    path = lone.results / "gradings.jsonl"
    path.write_bytes(b"\xff{half a li\n" + path.read_bytes())
    grade(lone.submissions, lone.results, regrade=True)
    assert path.read_bytes().startswith(b"\xff{half a li\n")
    assert [grading.number for grading in read_gradings(lone.results)] == [1, 2]


def test_a_line_that_cannot_be_written_stops_before_anything_is_graded(lone: ClassRun) -> None:
    (lone.results / "gradings.jsonl").mkdir(parents=True)
    with pytest.raises(ClassroomError, match=r"gradings\.jsonl"):
        grade(lone.submissions, lone.results)
    assert not list(lone.results.glob("alice.json"))


def test_the_terminal_and_the_page_show_the_line(lone: ClassRun) -> None:
    _, printed = grade(lone.submissions, lone.results)
    (grading,) = read_gradings(lone.results)
    assert printed.splitlines()[-1] == grading_line(grading)
    assert grading_line(grading) in (lone.results / "class.html").read_text()


def test_a_grading_in_one_line() -> None:
    grading = Grading(
        number=3, begin="2026-01-31T12:00:00Z", end="2026-01-31T12:01:30Z", graded=5, kept=2, user="ann",
        machine={"host": "lab"}, versions={"torch": "2.9", "timm": "1"},
    )  # fmt: skip
    grading.code.commit, grading.code.local_changes = "0123456789abcdef", True
    assert grading_line(grading) == (
        "grading 3 · 2026-01-31 12:00:00 UTC, 90 s · ann on lab · 5 graded, 2 kept, not finished · torch 2.9 · "
        "commit 0123456789 with local changes"
    )


# The commit of the graders.


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("autograder", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "autograder" / "__init__.py").touch()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "start")
    return tmp_path


def test_the_commit_is_that_of_the_project(repository: Path) -> None:
    assert environment.commit(repository) == (git(repository, "rev-parse", "HEAD"), False)


def test_changed_graders_are_local_changes(repository: Path) -> None:
    (repository / "autograder" / "new.py").touch()
    assert environment.commit(repository)[1] is True


def test_results_in_the_project_are_no_local_changes(repository: Path) -> None:
    (repository / "results" / "alice.json").touch()
    assert environment.commit(repository)[1] is False


def test_a_package_inside_another_repository_has_no_commit(repository: Path) -> None:
    installed = repository / "site-packages" / "autograder"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    assert environment.commit(installed.parent) == ("", False)


def test_without_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert environment.commit(tmp_path) == ("", False)
