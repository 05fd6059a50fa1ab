"""One class of all kinds of submissions, graded by the real command: a row for each entry and for each missing student."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.commands import app
from tests.submissions.making import tarred, zipped
from tests.zoo import PROJECT, SOFTMAX

FILE = f"{SOFTMAX}.py"
RIGHT = (PROJECT / "solutions" / FILE).read_text()
WRONG = "def softmax(ytilde):\n    return ytilde * 0\n"
DEADLINE = "2026-11-20 23:59+00:00"
IN_TIME, LATE = 1_795_000_000, 1_796_000_000  # 18 and 30 November 2026
ROSTER = """id;name;email;section;moodle;canvas
s1;Müller, Anna;anna@uni.de;A;100;
s2;Müller, Anna;am@uni.de;B;101;
s3;Durand, Marie;marie@uni.de;A;;777
s4;Li, Bob;bli@uni.de;B;;
s5;Cy Nobody;cy@uni.de;B;;
s6;Dan Twin;dan@uni.de;A;;
s7;Dan Twin;dt@uni.de;A;;
g1;Gus Green;gus@uni.de;A;;
s8;=HYPERLINK("x") <b>;fay@uni.de;A;;
"""
GRADESCOPE = """---
submission_501:
  :submitters:
  - :name: Gus Green
    :sid:
    :email: gus@uni.de
  - :name: Hana Ito
    :sid: h2
    :email: hana@uni.de
  :created_at: 2026-11-20 10:00:00.000000000 Z
  :history: []
"""
MOODLE = "Anna Müller_{}_assignsubmission_{}_"
BLACKBOARD = "Lab 1_bli_attempt_2026-11-{}-12-00-00"

# By the student's id: the status and the score of each row, from the first attempt to the last, and a word of the problem.
EXPECTED: dict[str, list[tuple[str, float, str]]] = {
    "s1": [("passed", 8, "")],
    "s2": [("failed", 0, "")],
    "s3": [("failed", 0, ""), ("passed", 8, "")],
    "s4": [("passed", 8, ""), ("failed", 0, "")],
    "s5": [("not_started", 0, "nothing was handed in")],
    "s6": [("not_started", 0, "certainly this student's: see Dan Twin")],
    "s7": [("not_started", 0, "certainly this student's: see Dan Twin")],
    "s8": [("passed", 8, "")],
    "Dan Twin": [("error", 0, "Dan Twin (id s6) and Dan Twin (id s7)")],
    "eve": [("error", 0, "eve.rar is a RAR archive")],
    "flo": [("error", 0, "flo.7z is a 7-Zip archive")],
    "gil": [("error", 0, "gil.pdf is a PDF")],
    "hal": [("passed", 8, "")],
    "ivo": [("error", 0, "ivo is empty")],
    "jan": [("passed", 8, "")],
    "kim": [("error", 0, "is not a readable notebook")],
    "lea": [("error", 0, "is not a readable notebook")],
    "mia": [("passed", 8, "")],
    "g1": [("passed", 8, "")],
    "Hana Ito_h2": [("passed", 8, "")],
    "anon_Ab1Cd": [("passed", 8, "")],
    "README.md": [("error", 0, "README.md is data or text")],
    "Zoe Text_102": [("error", 0, "handed in as a text, a link or a comment")],
}


def make_class(folder: Path) -> Path:
    """The submissions of EXPECTED, and the roster, in one folder."""
    files: dict[str, str | bytes] = {
        f"{MOODLE.format(100, 'file')}/softmax_cross_entropy (1).py": RIGHT,
        f"{MOODLE.format(100, 'onlinetext')}/onlinetext.html": "<p>See my file</p>",
        f"{MOODLE.format(101, 'file')}/{FILE}": WRONG,
        "Zoe Text_102_assignsubmission_onlinetext_/onlinetext.html": "<p>def softmax</p>",
        "durandmarie_777_88_softmax_cross_entropy.py": WRONG,
        "durandmarie_LATE_777_99_softmax_cross_entropy-1.py": RIGHT,
        f"{BLACKBOARD.format(19)}.txt": "Name: Bob Li (bli)",
        f"{BLACKBOARD.format(19)}_softmax_cross_entropy.py": RIGHT,
        f"{BLACKBOARD.format(21)}_softmax_cross_entropy.py": WRONG,
        f"Dan Twin/{FILE}": RIGHT,
        f"fay/{FILE}": RIGHT,
        "eve.rar": b"Rar!\x1a\x07\x01\x00",
        "flo.7z": b"7z\xbc\xaf\x27\x1c",
        "gil.pdf": b"%PDF-1.7",
        "hal.tar.gz": tarred((FILE, RIGHT), compression="gz"),
        "jan_softmax_cross_entropy.py": RIGHT,
        "kim.ipynb": '{"cells": [',
        "lea.ipynb.txt": "{",
        "mia.zip": zipped({FILE: RIGHT, "report.pdf": "%PDF"}),
        "README.md": "x",
        "anon_Ab1Cd_301_softmax_cross_entropy.py": RIGHT,
        f"submission_501/{FILE}": RIGHT,
        "submission_metadata.yml": GRADESCOPE,
        "roster.csv": ROSTER,
    }
    (folder / "ivo").mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        os.utime(path, (IN_TIME, IN_TIME))
    os.utime(folder / "mia.zip", (LATE, LATE))
    return folder


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "autograder", *map(str, arguments)]


def grade_arguments(submissions: Path, results: Path, *options: str) -> list[str]:
    return command(
        "grade", submissions, "--to", results, "--only", SOFTMAX, "--jobs", "1", "--seed", "1",
        "--roster", submissions / "roster.csv", "--deadline", DEADLINE, *options,
    )  # fmt: skip


def run(arguments: list[str]) -> str:
    return subprocess.run(arguments, cwd=PROJECT, text=True, capture_output=True, check=True).stdout


def table(results: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((results / "summary.csv").read_text(encoding="utf-8-sig"))))


def by_student(results: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in table(results):
        found.setdefault(row["id"], []).append(row)
    return found


def result(results: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((results / f"{name}.json").read_bytes())
    return found


def graded(results: Path) -> dict[str, int]:
    """When each result was written. A result that is only copied or described anew is not counted."""
    return {str(path.relative_to(results)): result(path.parent, path.stem)["grading"] for path in results.rglob("*.json")
            if not path.name.startswith(".") and "replaced" not in path.parts}  # fmt: skip


@dataclass(frozen=True)
class ClassRun:
    submissions: Path
    results: Path
    printed: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> ClassRun:
    folder = tmp_path_factory.mktemp("class")
    submissions = make_class(folder / "submissions")
    return ClassRun(submissions, folder / "results", run(grade_arguments(submissions, folder / "results")))


@pytest.mark.parametrize("student", EXPECTED)
def test_each_row_has_its_status_score_and_problem(finished: ClassRun, student: str) -> None:
    rows = by_student(finished.results)[student]
    expected = EXPECTED[student]
    assert [(row[f"{SOFTMAX} status"], float(row["score"])) for row in rows] == [case[:2] for case in expected]
    for row, (_, _, words) in zip(rows, expected, strict=True):
        assert words in row["problem"]
        assert bool(words) == bool(row["problem"])


def test_there_is_a_row_for_everything_and_no_other(finished: ClassRun) -> None:
    assert {student: len(rows) for student, rows in by_student(finished.results).items()} == {
        student: len(rows) for student, rows in EXPECTED.items()
    }


def test_the_roster_names_everybody_it_knows(finished: ClassRun) -> None:
    rows = by_student(finished.results)
    assert [(row["name"], row["email"], row["section"]) for row in rows["s1"]] == [("Anna Müller", "anna@uni.de", "A")]
    assert rows["s5"][0]["name"] == "Cy Nobody"
    assert rows["hal"][0]["notes"] == "not on the roster"


def test_the_attempt_that_counts_is_the_students_result(finished: ClassRun) -> None:
    rows = by_student(finished.results)
    assert [row["counts"] for row in rows["s3"]] == ["no: a later attempt counts", "yes: the last attempt"]
    assert [row["attempt"] for row in rows["s4"]] == ["1 of 2", "2 of 2"]
    assert (result(finished.results, "s3")["score"], result(finished.results, "s4")["score"]) == (8, 0)
    assert result(finished.results, "s3")["submission"]["id"] == "s3"


def test_what_nobody_can_be_given_is_in_nobodys_result(finished: ClassRun) -> None:
    assert not {path.stem for path in finished.results.glob("*.json")} & {"s5", "s6", "s7", "Dan Twin"}
    assert by_student(finished.results)["Dan Twin"][0]["counts"] == "no: it is not certain whose it is"


def test_late_work_is_marked_with_what_says_so(finished: ClassRun) -> None:
    rows = by_student(finished.results)
    assert [row["late"] for row in rows["s3"]] == ["no", "late (by Canvas)"]
    assert [row["late"] for row in rows["s4"]] == ["no", "late (by Blackboard)"]
    assert rows["mia"][0]["late"] == "late (by the date of the newest file)"
    assert (rows["hal"][0]["late"], rows["s5"][0]["late"]) == ("no", "")


def test_notes_reach_the_table(finished: ClassRun) -> None:
    rows = by_student(finished.results)
    assert "softmax_cross_entropy (1).py" in rows["s1"][0]["notes"]
    assert "onlinetext_ was handed in as a text" in rows["s1"][0]["notes"]
    assert "report.pdf" in rows["mia"][0]["notes"]


def test_the_counts_in_the_terminal_are_true(finished: ClassRun) -> None:
    assert "8 could not be read, 1 not certain whose it is, 2 with files left aside, 3 handed in nothing, 3 late, " in (
        finished.printed
    )
    assert "3 that do not count, 13 not on the roster, 0 with a timeout, 0 with a grader error" in finished.printed
    assert "19 submissions: mean" in finished.printed


def test_the_page_has_the_problems_the_notes_and_the_missing(finished: ClassRun) -> None:
    page = (finished.results / "class.html").read_text()
    for words in ("eve.rar is a RAR archive", "report.pdf was left aside", "Cy Nobody", "nothing was handed in",
                  "late (by Canvas)", "not on the roster", "yes: the last attempt"):  # fmt: skip
        assert words in page
    assert "3 handed in nothing" in page


def test_names_from_the_roster_are_harmless(finished: ClassRun) -> None:
    assert by_student(finished.results)["s8"][0]["name"].startswith("'=")
    page = (finished.results / "class.html").read_text()
    assert "HYPERLINK" in page
    assert "<b>" not in page


def test_a_rerun_grades_nothing(finished: ClassRun) -> None:
    before = graded(finished.results)
    assert "nothing is new or changed: all 22 submissions" in run(
        grade_arguments(finished.submissions, finished.results)
    )
    assert graded(finished.results) == before


def test_the_reports_are_made_again_with_all_rows(finished: ClassRun) -> None:
    before = (finished.results / "summary.csv").read_bytes()
    (finished.results / "summary.csv").unlink()
    assert "25 rows in" in run(command("report", finished.results))
    assert (finished.results / "summary.csv").read_bytes() == before


def refused(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, ["grade", *map(str, arguments), "--only", SOFTMAX])
    assert done.exit_code == 2
    return done.stderr


def test_without_its_roster_a_class_is_not_graded_again(finished: ClassRun) -> None:
    words = "was graded with a roster, from which the students' ids are: add --roster again"
    assert words in refused(finished.submissions, "--to", finished.results)


def test_another_policy_grades_nothing_again(finished: ClassRun) -> None:
    """Best counts the better of each student, before-deadline what is not late; nothing is graded, only copied."""
    before = graded(finished.results / "attempts")
    for policy, marie in (("best", [False, True]), ("before-deadline", [True, False])):
        printed = run(grade_arguments(finished.submissions, finished.results, "--attempts", policy))
        assert "nothing is new or changed" in printed
        assert graded(finished.results / "attempts").items() >= before.items()
        rows = by_student(finished.results)
        assert [row["counts"].startswith("yes") for row in rows["s3"]] == marie
        assert [row["counts"].startswith("yes") for row in rows["s4"]] == [True, False]
        assert result(finished.results, "s4")["score"] == 8
        assert (finished.results / "mia.json").exists() == (policy == "best")
    run(grade_arguments(finished.submissions, finished.results))
    assert result(finished.results, "s4")["score"] == 0
    assert (finished.results / "mia.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--deadline", "2026-11-20"], "--deadline: '2026-11-20' has no time of day: give a date and a time"),
        (["--attempts", "before-deadline"], "--attempts before-deadline needs the deadline: add --deadline"),
        (["--roster", "no.csv"], "no.csv cannot be read"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: list[str], words: str) -> None:
    (tmp_path / "in" / "alice").mkdir(parents=True)
    assert words in refused(tmp_path / "in", "--to", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_after_a_kill_there_is_a_row_for_everything(tmp_path: Path) -> None:
    submissions, results = tmp_path / "in", tmp_path / "out"
    for name in (
        "ann",
        "bob",
        "cat",
        "annali_7_1_softmax_cross_entropy.py",
        "annali_LATE_7_2_softmax_cross_entropy-1.py",
    ):
        path = submissions / name if name.endswith(".py") else submissions / name / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RIGHT)
    (submissions / "roster.csv").write_text("id,name,canvas\nann,Ann,\nnil,Nobody,\ns7,Anna Li,7\n")
    with subprocess.Popen(
        grade_arguments(submissions, results), cwd=PROJECT, text=True, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if line.startswith("1/"))
        os.killpg(process.pid, signal.SIGKILL)
    students = {"ann": 1, "bob": 1, "cat": 1, "s7": 2, "nil": 1}
    run(command("report", results))
    assert {student: len(rows) for student, rows in by_student(results).items()} == students
    waiting = [row for row in table(results) if row["problem"].startswith("not graded yet")]
    assert 0 < len(waiting) < 5
    assert {row["score"] for row in waiting} == {"0"}
    before = graded(results)
    run(grade_arguments(submissions, results))
    assert graded(results).items() >= before.items()
    assert {student: len(rows) for student, rows in by_student(results).items()} == students
    assert {row["score"] for row in table(results) if row["id"] != "nil"} == {"8"}
