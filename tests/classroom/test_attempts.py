"""Deadlines, the time of a submission, and which attempt counts."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.classroom.attempts import handing, in_order, judge, parse_deadline
from autograder.course.catalogue import ExerciseId
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult
from autograder.submissions.entries import Entry, find_submissions

DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=timezone.utc)


def result(score: float) -> SubmissionResult:
    exercise = ExerciseId("p1_x/y")
    checks = [CheckResult(exercise.check("a"), "claim", "passed", score, 10)]
    return SubmissionResult(
        submission=SubmissionName("a", ""), seed=1, tier="fast", isolation="strict",
        exercises=[ExerciseResult(exercise, False, checks)],
    )  # fmt: skip


def entry(folder: Path, name: str, time: datetime | None = None) -> Entry:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("x = 1")
    if time is not None:
        os.utime(folder / name, (time.timestamp(), time.timestamp()))
    return next(found for found in find_submissions(folder) if found.path.name == name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20 23:59+00:00", DEADLINE),
        ("2026-11-20T23:59Z", DEADLINE),
        ("2026-11-21 00:59:00+01:00", DEADLINE),
        ("2026-11-20 23:59", datetime(2026, 11, 20, 23, 59).astimezone()),
    ],
)
def test_a_deadline_is_in_local_time_or_has_an_offset(text: str, expected: datetime) -> None:
    assert parse_deadline(text) == expected


@pytest.mark.parametrize("text", ["2026-11-20", "tomorrow", "", "20.11.2026 23:59", "2026-13-01 10:00"])
def test_a_deadline_without_a_time_of_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"give a date and a time, as in --deadline"):
        parse_deadline(text)


def test_the_lms_says_when_it_was_and_not_the_file(tmp_path: Path) -> None:
    name = "Lab_bob_attempt_2026-11-19-10-00-00_svm.py"
    found = handing(entry(tmp_path, name, DEADLINE + timedelta(days=9)), DEADLINE)
    assert (found.late, found.source) == (False, "Blackboard")


def test_the_mark_of_canvas_decides(tmp_path: Path) -> None:
    late = handing(entry(tmp_path, "bobli_LATE_7_8_svm.py", DEADLINE - timedelta(days=9)), DEADLINE)
    in_time = handing(entry(tmp_path, "annali_8_8_svm.py", DEADLINE + timedelta(days=9)), None)
    assert (late.late, late.source, in_time.late) == (True, "Canvas", False)


def test_otherwise_the_newest_file_decides_and_only_with_a_deadline(tmp_path: Path) -> None:
    (tmp_path / "bob").mkdir()
    for name, days in (("old.py", -5), ("new.py", 5)):
        (tmp_path / "bob" / name).write_text("")
        time = (DEADLINE + timedelta(days=days)).timestamp()
        os.utime(tmp_path / "bob" / name, (time, time))
    [bob] = find_submissions(tmp_path)
    assert handing(bob, DEADLINE).late is True
    assert handing(bob, DEADLINE).source == "the date of the newest file"
    assert handing(bob, None).late is None


def test_a_link_is_not_followed_for_its_date(tmp_path: Path) -> None:
    (tmp_path / "class" / "bob").mkdir(parents=True)
    entry(tmp_path / "elsewhere", "bob_svm.py", DEADLINE + timedelta(days=9))
    (tmp_path / "class" / "bob" / "x").symlink_to(tmp_path / "elsewhere")
    os.utime(tmp_path / "class" / "bob" / "x", (0, 0), follow_symlinks=False)
    [bob] = find_submissions(tmp_path / "class")
    assert handing(bob, DEADLINE).late is False


def test_later_uploads_are_later_attempts(tmp_path: Path) -> None:
    names = ["bobli_7_90_svm.py", "bobli_LATE_7_80_svm.py", "bobli_LATE_7_100_vit.py"]
    entries = {entry(tmp_path, name) for name in names}
    when = {each: handing(each, None) for each in entries}
    assert [each.sender.late for each in in_order(sorted(entries, key=str), when) if each.sender] == [False, True, True]


def kinds(policy: str, lates: list[bool | None], scores: list[float | None]) -> tuple[list[bool], list[str]]:
    results = [result(score) if score is not None else None for score in scores]
    verdicts = judge(policy, lates, results)
    return [verdict.counts for verdict in verdicts], [verdict.why for verdict in verdicts]


def test_the_last_attempt_counts() -> None:
    assert kinds("last", [False, True], [9, 1]) == ([False, True], ["a later attempt counts", "the last attempt"])


def test_the_best_attempt_counts_and_of_equals_the_later() -> None:
    assert kinds("best", [None] * 3, [1, 9, 2])[0] == [False, True, False]
    assert kinds("best", [None] * 3, [9, 9, 2])[0] == [False, True, False]
    assert kinds("best", [None] * 2, [None, 0])[0] == [False, True]


def test_the_last_attempt_before_the_deadline_counts() -> None:
    counts, why = kinds("before-deadline", [False, False, True], [9, 1, 9])
    assert counts == [False, True, False]
    assert why[1:] == ["the last attempt before the deadline", "handed in after the deadline"]
    assert kinds("before-deadline", [True], [9])[0] == [False]
    assert kinds("before-deadline", [False], [9]) == ([True], [""])


def test_a_single_attempt_counts() -> None:
    assert kinds("last", [True], [0]) == ([True], [""])
