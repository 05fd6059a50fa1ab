"""Replaced results are kept, whichever step a run is stopped at."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder.classroom import history, results_folder, story
from autograder.classroom.history import read_history
from autograder.classroom.report import read_results
from autograder.classroom.results_folder import ClassroomError, ResultsFolder
from autograder.classroom.run import report_class
from tests.classroom.class_runs import FILE, RIGHT, ClassRun, grade, hand_in, result


class _Killed(BaseException):
    """What no code catches, as SIGKILL."""


def kept(results: Path) -> dict[str, bytes]:
    folder = results / "replaced"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def current(results: Path, name: str = "alice") -> bytes:
    return (results / f"{name}.json").read_bytes()


def test_a_first_grading_keeps_nothing(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    assert kept(lone.results) == {}


def test_each_grading_keeps_what_it_replaces(lone: ClassRun) -> None:
    versions = []
    for _ in range(3):
        grade(lone.submissions, lone.results, regrade=True)
        versions.append(current(lone.results))
    assert kept(lone.results) == {"2/alice.json": versions[0], "3/alice.json": versions[1]}
    assert [result(lone.results, "alice")["grading"], *(json.loads(v)["grading"] for v in versions)] == [3, 1, 2, 3]


def test_a_resubmission_keeps_the_earlier_result_and_no_other(lone: ClassRun) -> None:
    hand_in(lone.submissions, "bob", RIGHT)
    grade(lone.submissions, lone.results)
    before = current(lone.results)
    (lone.submissions / "alice" / FILE).write_text(RIGHT + "\n")
    grade(lone.submissions, lone.results)
    assert kept(lone.results) == {"2/alice.json": before}


def test_a_result_with_a_grader_error_is_kept(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    found = result(lone.results, "alice")
    found["exercises"][0]["checks"][0]["status"] = "grader_error"
    (lone.results / "alice.json").write_text(json.dumps(found))
    grade(lone.submissions, lone.results)
    assert json.loads(kept(lone.results)["2/alice.json"]) == found


def test_kept_files_are_no_results(lone: ClassRun) -> None:
    for _ in range(2):
        grade(lone.submissions, lone.results, regrade=True)
    shutil.copy(lone.results / "replaced/2/alice.json", lone.results / "replaced/2/zoe.json")
    results, damaged = read_results(lone.results)
    assert [found.submission.id for found in results] == ["alice"]
    assert damaged == []
    assert report_class(lone.results).startswith("1 row in ")


def test_a_student_may_have_the_name_of_the_folder(lone: ClassRun) -> None:
    hand_in(lone.submissions, "replaced", RIGHT)
    for _ in range(2):
        grade(lone.submissions, lone.results, regrade=True)
    assert set(kept(lone.results)) == {"2/alice.json", "2/replaced.json"}
    assert result(lone.results, "replaced")["score"] == 8


# Stops and errors between the steps.


def _killed_between_the_steps(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regrades, and stops after the earlier result is kept and before it is replaced."""

    def die(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        write = results_folder.write_atomically
        patch.setattr(
            results_folder, "write_atomically", lambda path, data: (die if path.stem == "alice" else write)(path, data)
        )
        with pytest.raises(_Killed):
            grade(lone.submissions, lone.results, regrade=True)


def test_a_kill_between_the_steps_loses_nothing(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(lone.submissions, lone.results)
    before = current(lone.results)
    _killed_between_the_steps(lone, monkeypatch)
    assert current(lone.results) == before
    assert kept(lone.results) == {"2/alice.json": before}


def test_a_run_after_such_a_kill_continues_the_history(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(lone.submissions, lone.results)
    before = current(lone.results)
    _killed_between_the_steps(lone, monkeypatch)
    _, printed = grade(lone.submissions, lone.results)
    assert kept(lone.results) == {"2/alice.json": before, "3/alice.json": before}
    assert "1 result replaced; no student changed" in printed
    (versions,) = read_history(lone.results)
    assert sorted(versions.graded) == [1, 3]
    assert [found.replaced for found in story.read_story(lone.results)] == [0, 1]


def test_a_stopped_and_a_continued_regrade_are_told_together(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bob", "carol"):
        hand_in(lone.submissions, name, RIGHT)
    grade(lone.submissions, lone.results)
    for name in ("alice", "bob", "carol"):
        found = result(lone.results, name)
        found["exercises"][0]["checks"][0].update(status="failed", score=0)
        (lone.results / f"{name}.json").write_text(json.dumps(found | {"seed": 7}))
    write, room = ResultsFolder.write, iter([True])

    def stop(self: ResultsFolder, name: str, found: Any) -> None:
        if not next(room, False):
            raise KeyboardInterrupt
        write(self, name, found)

    with monkeypatch.context() as patch:
        patch.setattr(ResultsFolder, "write", stop)
        code, first = grade(lone.submissions, lone.results, regrade=True)
    assert code == 130
    assert "1 result replaced; 1 student changed:" in first
    _, second = grade(lone.submissions, lone.results)
    assert "3 results replaced; 3 students changed:" in second
    assert "new result" not in second


def test_a_result_that_cannot_be_kept_is_not_replaced(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(lone.submissions, lone.results)
    before = current(lone.results)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(results_folder, "keep", full)
    with pytest.raises(ClassroomError, match=r"alice\.json cannot be kept in .*replaced \(No space left on device\)"):
        grade(lone.submissions, lone.results, regrade=True)
    assert current(lone.results) == before


def test_without_hard_links_the_file_is_copied(lone: ClassRun, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(lone.submissions, lone.results)
    before = current(lone.results)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    grade(lone.submissions, lone.results, regrade=True)
    assert kept(lone.results) == {"2/alice.json": before}


def test_a_kept_file_is_never_overwritten(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    history.keep(lone.results, "alice.json", 5)
    with pytest.raises(FileExistsError):
        history.keep(lone.results, "alice.json", 5)


def test_a_deleted_record_does_not_repeat_a_number(lone: ClassRun) -> None:
    for _ in range(3):
        grade(lone.submissions, lone.results, regrade=True)
    (lone.results / "gradings.jsonl").unlink()
    shutil.rmtree(lone.results / "replaced")
    grade(lone.submissions, lone.results, regrade=True)
    assert result(lone.results, "alice")["grading"] == 4
