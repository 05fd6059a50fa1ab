"""What a regrade says: who changed, in which check, and why."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.classroom import changes, report, story, story_text
from autograder.classroom.run import report_class
from autograder.commands import app
from tests.classroom.class_runs import RIGHT, ClassRun, grade, hand_in, result
from tests.copies import changed, copy_course
from tests.zoo import SOFTMAX

# The first call decides whether softmax is right, and its input comes from the seed.
BY_SEED = RIGHT.replace(
    "def softmax(", "decided = []\n\n\ndef softmax(scores):\n"
    "    decided[:] = decided or [bool(scores[0, 0] > 0)]\n"
    "    return right(scores) if decided[0] else -right(scores)\n\n\ndef right(", 1,
)  # fmt: skip
SEEDS = (1, 4)  # for these it decides differently


def rows(results: Path) -> list[dict[str, str]]:
    text = (results / "changes.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def reasons(results: Path) -> set[str]:
    return {row["why"] for row in rows(results)}


def rewrite(results: Path, edit: Callable[[dict[str, Any]], object], name: str = "alice") -> None:
    """Makes a result one that was graded differently."""
    found = result(results, name)
    edit(found)
    (results / f"{name}.json").write_text(json.dumps(found))


def fail_first(found: dict[str, Any]) -> None:
    found["exercises"][0]["checks"][0].update(status="failed", score=0)


def graded_under(lone: ClassRun, **conditions: object) -> None:
    """Grades alice, whose first check fails under these conditions, and then passes."""
    grade(lone.submissions, lone.results)
    rewrite(lone.results, lambda found: (fail_first(found), found.update(conditions)))


# Reasons.


def test_another_seed_is_the_reason(lone: ClassRun) -> None:
    hand_in(lone.submissions, "bob", BY_SEED)
    grade(lone.submissions, lone.results, seed=SEEDS[0])
    grade(lone.submissions, lone.results, seed=SEEDS[1], regrade=True)
    assert {row["id"] for row in rows(lone.results)} == {"bob"}
    assert reasons(lone.results) == {"seed"}


def test_another_submission_is_the_reason(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    shutil.rmtree(lone.submissions / "alice")
    hand_in(lone.submissions, "alice", RIGHT.replace("def softmax(", "def renamed(", 1))
    grade(lone.submissions, lone.results)
    assert reasons(lone.results) == {"submission"}


def test_a_submission_that_can_be_read_now_is_another_one(lone: ClassRun) -> None:
    shutil.move(lone.submissions / "alice", lone.results.parent)
    (lone.submissions / "alice.zip").write_bytes(b"no zip")
    grade(lone.submissions, lone.results)
    (lone.submissions / "alice.zip").unlink()
    shutil.move(lone.results.parent / "alice", lone.submissions)
    grade(lone.submissions, lone.results)
    assert reasons(lone.results) == {"submission"}


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"version": "0.0.0"}, "version 0.0.0 → "),
        ({"tier": "full"}, "tier full → fast"),
        ({"isolation": "process"}, "isolation process → strict"),
        ({"seed": 7, "tier": "full"}, "seed; tier full → fast"),
        ({"digests": {}, "graders": "0" * 64}, "graders or data"),
    ],
)
def test_other_conditions_are_the_reason(lone: ClassRun, conditions: dict[str, Any], reason: str) -> None:
    graded_under(lone, **conditions)
    grade(lone.submissions, lone.results)
    assert [row["why"].startswith(reason) for row in rows(lone.results)] == [True]


@pytest.mark.parametrize(
    ("part", "reason"), [("engine", "engine"), ("data", "data"), (SOFTMAX, f"grader of {SOFTMAX}")]
)
def test_the_part_that_changed_is_the_reason(lone: ClassRun, part: str, reason: str) -> None:
    graded_under(lone)
    rewrite(lone.results, lambda found: found["digests"].update({part: "0" * 16}))
    grade(lone.submissions, lone.results, regrade=True)
    assert reasons(lone.results) == {reason}


def test_the_grader_of_an_imported_exercise_is_the_reason(lone: ClassRun) -> None:
    graded_under(lone)

    def edit(found: dict[str, Any]) -> None:
        found["digests"]["p1_mlp/svm"] = "0" * 16
        found["exercises"][0]["imports"] = ["p1_mlp/svm"]

    rewrite(lone.results, edit)
    before, after = (report.read_result(lone.results / "alice.json") for _ in range(2))
    assert before is not None
    assert after is not None
    after.digests = after.digests | {"p1_mlp/svm": "1" * 16}
    after.exercises[0].checks[0].status = "passed"
    found = changes.compare(before, after, {})
    assert found is not None
    assert found.reasons == ["grader of p1_mlp/svm"]


def test_the_grader_of_another_exercise_is_not_the_reason(lone: ClassRun) -> None:
    graded_under(lone)
    rewrite(lone.results, lambda found: found["digests"].update({"p1_mlp/svm": "0" * 16}))
    grade(lone.submissions, lone.results, regrade=True)
    assert reasons(lone.results) == {changes.NOT_DETERMINISTIC}


def test_an_edited_grader_is_named_by_a_run_in_the_course(tmp_path: Path) -> None:
    course = copy_course(tmp_path / "course")
    hand_in(tmp_path / "submissions", "alice", RIGHT)
    arguments = ["submissions", "--to", "results", "--only", SOFTMAX, "--jobs", "1"]
    command = [sys.executable, "-m", "autograder", "grade", *arguments]

    def run() -> str:
        environment = {"PYTHONPATH": str(course), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout

    run()
    grader = course / "autograder" / "graders" / f"{SOFTMAX.replace('/', '/test_')}.py"
    right = '    """softmax turns each row of scores into probabilities"""\n'
    with changed(grader, right, f'{right}    raise CheckFailed("stricter")\n'):
        printed = run()
    assert "1 result replaced; 1 student changed:" in printed
    assert f"  alice: 8 → 6 of 8 points (grader of {SOFTMAX})" in printed
    assert "not deterministic" not in printed.lower()


def test_a_grader_error_before_is_the_reason(lone: ClassRun) -> None:
    graded_under(lone)
    rewrite(lone.results, lambda found: found["exercises"][0]["checks"][0].update(status="grader_error"))
    grade(lone.submissions, lone.results)
    assert reasons(lone.results) == {"grader error before"}


def test_another_version_of_a_library_is_the_reason(lone: ClassRun) -> None:
    graded_under(lone)
    path = lone.results / "gradings.jsonl"
    line = json.loads(path.read_bytes())
    line["versions"]["torch"] = "1.0"
    path.write_text(json.dumps(line) + "\n")
    grade(lone.submissions, lone.results, regrade=True)
    (found,) = reasons(lone.results)
    assert found.startswith("torch 1.0 → ")


def test_another_environment_in_the_result_is_the_reason(lone: ClassRun) -> None:
    graded_under(lone)
    rewrite(lone.results, lambda found: found["environment"].update(kernels="AVX1"))
    grade(lone.submissions, lone.results, regrade=True)
    (found,) = reasons(lone.results)
    assert found.startswith("kernels AVX1 → ")


def test_a_result_that_changes_without_a_reason_is_reported_as_a_defect(lone: ClassRun) -> None:
    graded_under(lone)
    _, printed = grade(lone.submissions, lone.results, regrade=True)
    check = result(lone.results, "alice")["exercises"][0]["checks"][0]["id"]
    assert reasons(lone.results) == {changes.NOT_DETERMINISTIC}
    assert "NOT DETERMINISTIC: 1 check gave another result for the same submission, seed, graders, data" in printed
    assert f"{check} (alice)" in printed
    assert "NOT DETERMINISTIC" in (lone.results / "class.html").read_text()


def test_without_the_record_of_the_environment_no_defect_is_claimed(lone: ClassRun) -> None:
    graded_under(lone)
    (lone.results / "gradings.jsonl").unlink()
    _, printed = grade(lone.submissions, lone.results, regrade=True)
    assert reasons(lone.results) == {changes.UNKNOWN}
    assert "NOT DETERMINISTIC" not in printed


# What is compared.


def test_a_row_has_the_grading_and_both_verdicts(lone: ClassRun) -> None:
    graded_under(lone)
    grade(lone.submissions, lone.results, regrade=True)
    (row,) = rows(lone.results)
    date = json.loads((lone.results / "gradings.jsonl").read_text().splitlines()[1])["begin"]
    check = result(lone.results, "alice")["exercises"][0]["checks"][0]
    assert row == {
        "grading": "2", "date": date, "id": "alice", "exercise": SOFTMAX, "check": check["id"].partition("::")[2],
        "status before": "failed", "status after": "passed", "points before": "0", "points after": "1",
        "max before": "1", "max after": "1", "why": changes.NOT_DETERMINISTIC,
    }  # fmt: skip


def test_a_regrade_that_changes_nothing_says_so(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    _, printed = grade(lone.submissions, lone.results, regrade=True)
    assert "1 result replaced; no student changed: all checks have the same status and points as before" in printed
    assert not (lone.results / "changes.csv").exists()
    assert "What changed" not in (lone.results / "class.html").read_text()


def test_other_points_with_the_same_status_are_a_change(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    rewrite(lone.results, lambda found: found["exercises"][0]["checks"][0].update(score=2, max_score=2))
    _, printed = grade(lone.submissions, lone.results, regrade=True)
    assert "  alice: 9 of 9 points → 8 of 8 points (" in printed


def test_added_and_removed_checks_are_rows(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)

    def edit(found: dict[str, Any]) -> None:
        first, second = found["exercises"][0]["checks"][:2]
        found["exercises"][0]["checks"][0] = first | {"id": f"{SOFTMAX}::earlier"}
        found["digests"][SOFTMAX] = ""
        assert second["status"] == "passed"

    rewrite(lone.results, edit)
    grade(lone.submissions, lone.results, regrade=True)
    found = {row["check"]: (row["status before"], row["status after"]) for row in rows(lone.results)}
    new = result(lone.results, "alice")["exercises"][0]["checks"][0]["id"].partition("::")[2]
    assert found == {"earlier": ("passed", ""), new: ("", "passed")}


def test_added_and_left_out_exercises_are_no_changes_of_students(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results, only=("p1_mlp/svm",))
    _, printed = grade(lone.submissions, lone.results)
    assert "1 result replaced; no student changed: all checks in common have" in printed
    assert "exercise left out: p1_mlp/svm" in printed
    assert f"exercise added: {SOFTMAX}" in printed
    assert {(row["exercise"], row["why"]) for row in rows(lone.results)} == {
        ("p1_mlp/svm", "exercise left out"), (SOFTMAX, "exercise added"),
    }  # fmt: skip


def test_a_damaged_earlier_result_is_named(lone: ClassRun) -> None:
    grade(lone.submissions, lone.results)
    (lone.results / "alice.json").write_text("{")
    _, printed = grade(lone.submissions, lone.results)
    assert "  alice: ? → 8 of 8 points (the earlier result is damaged)" in printed
    assert (lone.results / "replaced/2/alice.json").read_text() == "{"


def test_new_and_removed_submissions_are_named(lone: ClassRun) -> None:
    hand_in(lone.submissions, "bob", RIGHT)
    _, first = grade(lone.submissions, lone.results)
    shutil.rmtree(lone.submissions / "alice")
    hand_in(lone.submissions, "carol", RIGHT)
    _, second = grade(lone.submissions, lone.results)
    assert "new result" not in first
    assert "1 new result: carol\n1 submission removed: alice\n" in second
    assert {(row["id"], row["why"]) for row in rows(lone.results)} == {
        ("carol", "new submission"), ("alice", "submission removed"),
    }  # fmt: skip


# Where it is shown.


def test_the_terminal_shows_a_dozen_and_counts_the_rest() -> None:
    total = changes.Total(1, 2, 0)
    mark = changes.Mark("failed", 0, 1)
    check = changes.CheckChange("p1_x/y", "z", mark, changes.Mark("passed", 1, 1), ("seed",))
    students = [changes.StudentChange(1, f"s{n}", changes.Total(0, 2, 0), total, (check,)) for n in range(15)]
    lines = story_text.chapter_lines(story.Chapter(replaced=20, students=students))
    assert lines[0] == "20 results replaced; 15 students changed:"
    assert lines[1] == "  s0: 0 → 1 of 2 points (seed)"
    assert len(lines) == 14
    assert lines[-1] == "  and 3 more in changes.csv"


def test_the_table_and_the_page_escape_ids(lone: ClassRun) -> None:
    graded_under(lone)
    grade(lone.submissions, lone.results, regrade=True)
    chapters = story.read_story(lone.results)
    found = chapters[-1].students[0]
    hostile = changes.StudentChange(
        2, "=1+<script>alert(1)</script>\x1b[31m\n", found.before, found.after, found.checks
    )
    chapters[-1].students = [hostile]
    chapters[-1].new = ["@<img src=x>"]
    results, _ = report.read_results(lone.results)
    page = report.class_page(results, story=story_text.page_values(chapters))
    assert "&lt;script&gt;" in page
    assert "&lt;img" in page
    assert "<script" not in page
    assert "<img" not in page
    table = list(csv.DictReader(io.StringIO(story.changes_csv(chapters).decode("utf-8-sig"))))
    assert [row["id"][:2] for row in table] == ["'=", "'@"]
    lines = "\n".join(story_text.run_lines(chapters, 2))
    assert "=1+<script>" in lines
    assert "\x1b" not in lines + page + str(table)


def test_the_page_keeps_the_last_change_after_a_regrade_without_one(lone: ClassRun) -> None:
    graded_under(lone, seed=7)
    grade(lone.submissions, lone.results)
    grade(lone.submissions, lone.results, regrade=True)
    page = (lone.results / "class.html").read_text()
    assert "<h2>What changed</h2>" in page
    assert "7/8 → 8/8" in page
    printed = report_class(lone.results)
    assert "  alice: 7 → 8 of 8 points (seed)" in printed
    assert printed.splitlines()[-1].startswith("grading 3 · ")


def changes_command(results: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["changes", str(results), *arguments])
    return done.exit_code, done.output


def test_two_gradings_can_be_compared(lone: ClassRun) -> None:
    graded_under(lone, seed=7)
    grade(lone.submissions, lone.results)
    grade(lone.submissions, lone.results, regrade=True)
    assert "alice: 7 → 8 of 8 points (seed)" in changes_command(lone.results, "--between", "1", "3")[1]
    assert "no student changed" in changes_command(lone.results, "--between", "2", "3")[1]
    assert "alice: 7 → 8 of 8 points (seed)" in changes_command(lone.results)[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--between", "1", "9"), "there is no grading 9"),
        (("--between", "1", "1"), "grading 1 is not before grading 1"),
    ],
)
def test_gradings_that_cannot_be_compared_are_refused(lone: ClassRun, arguments: tuple[str, ...], words: str) -> None:
    grade(lone.submissions, lone.results)
    code, printed = changes_command(lone.results, *arguments)
    assert code == 2
    assert words in printed


def test_a_folder_without_gradings_is_refused(tmp_path: Path) -> None:
    code, printed = changes_command(tmp_path)
    assert code == 2
    assert "has no gradings.jsonl" in printed
