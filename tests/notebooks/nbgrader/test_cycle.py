"""The course in nbgrader from release to feedback: real commands, users and engine, and the attacks that nbgrader permits.

One cycle for all tests here, since each command of nbgrader takes seconds to start.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from autograder.notebooks.build import Notebook, stripped
from tests.notebooks.conftest import tagged
from tests.notebooks.nbgrader.exchange import ASSIGNMENT, PROJECT, CommandFailed, Course, course_with
from tests.notebooks.nbgrader.hostile import ATTACKS, attack_cell

BY_HAND = "text-q01"
QUESTION = "checks-q07"
EXERCISES = ("softmax_cross_entropy", "mlp_by_hand", "mlp_autograd", "mlp_nn", "mlp_optim", "svm")
MARKUP = "<script>alert('mine')</script> and [a link](javascript:alert(2)), where a<b"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0,
    reason="the cycle makes users of this machine, which needs root: run it in the container of .ci/run",
)


@dataclass
class Cycle:
    """The observations. `scores`: by student and tag, after autograde; `regraded`: those after a changed answer."""

    course: Course
    listed: str = ""
    collected: str = ""
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    needs_marking: dict[str, set[str]] = field(default_factory=dict)
    extra: dict[str, set[float | None]] = field(default_factory=dict)
    regraded: dict[str, dict[str, float | None]] = field(default_factory=dict)
    marked_after_regrade: float | None = None
    modules: dict[str, dict[str, float]] = field(default_factory=dict)
    feedback: dict[str, str] = field(default_factory=dict)
    exported: list[dict[str, str]] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)

    def student(self, name: str) -> str:
        return self.course.students[name].name


@pytest.fixture(scope="module")
def cycle() -> Iterator[Cycle]:
    with course_with("right", "half", "wrong", "hostile") as course:
        found = Cycle(course)
        hand_out(found)
        course.everybody(lambda student: student.nbgrader("fetch_assignment", ASSIGNMENT))
        fill_in(found)
        course.everybody(lambda student: student.nbgrader("submit", ASSIGNMENT))
        attack_the_exchange(found)
        found.collected = course.nbgrader("collect", ASSIGNMENT)
        add_attackers(found)
        course.nbgrader("autograde", ASSIGNMENT)
        found.scores, found.needs_marking = gradebook(found)
        grade_modules(found)
        mark_by_hand(found)
        regrade(found)
        give_feedback(found)
        course.nbgrader("export", "--to", "grades.csv")
        with (course.folder / "grades.csv").open(encoding="utf-8-sig", newline="") as table:
            found.exported = list(csv.DictReader(table))
        yield found


def hand_out(found: Cycle) -> None:
    course = found.course
    course.autograder(
        "course", "init", str(course.folder), "--course-id", "test", "--exchange", str(course.root / "exchange"),
        "--practical", ASSIGNMENT,
    )  # fmt: skip
    shutil.copytree(course.folder / "students", course.root / "students")
    course.nbgrader("generate_assignment", ASSIGNMENT)
    course.nbgrader("release_assignment", ASSIGNMENT)
    found.listed = course.students["right"].nbgrader("list")


def source(exercise: str, who: str) -> str:
    """A student's code: the solution, for some students with an error in one exercise, or with most exercises empty."""
    text = (PROJECT / "solutions" / ASSIGNMENT / f"{exercise}.py").read_text()
    if who == "half" and exercise in ("mlp_by_hand", "mlp_autograd"):
        return text.replace("eta * ", "2 * eta * ")
    return text


def answered(who: str, exercise: str) -> bool:
    return who == "right" or (who == "half" and exercise != "svm")


def fill_in(found: Cycle) -> None:
    course = found.course
    instructor = json.loads((course.folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    for cell in instructor["cells"]:
        cell["source"] = "".join(cell["source"])
    for who, student in course.students.items():
        notebook = json.loads(student.notebook.read_text())
        for cell in notebook["cells"]:
            tag = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            name = tag.removeprefix("answer-")
            if tag == BY_HAND and who != "wrong":
                cell["source"] = MARKUP
            elif tag != name and name in EXERCISES and answered(who, name):
                cell["source"] = f"# exercise: {name}\n" + without_siblings(source(name, who))
            elif tag != name and who == "right" and name not in EXERCISES:
                cell["source"] = tagged(instructor, tag)["source"]
            elif tag != name and who == "wrong":
                cell["source"] = f"# exercise: {name}\ndef train(:" if name in EXERCISES else "q07_eta = 'no idea'"
        if who == "hostile":
            attack(notebook, "gives-itself-credit", found)
        student.write(notebook)
        if who == "half":  # a browser's name for a second download
            student.notebook.rename(student.notebook.with_name(f"{ASSIGNMENT} (1).ipynb"))


def without_siblings(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("from ."))


def attack(notebook: Notebook, name: str, found: Cycle) -> None:
    """Hostile code in answer cells and in an untagged cell, and cells and metadata that differ from the released ones."""
    text = attack_cell(name, str(found.course.folder), str(found.course.root))
    for exercise in ("mlp_by_hand", "softmax_cross_entropy"):
        tagged(notebook, f"answer-{exercise}")["source"] = f"# exercise: {exercise}\n{text}"
    notebook["cells"].insert(
        0, {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": 1}
    )
    claims = tagged(notebook, "checks-svm")
    claims["source"], claims["metadata"]["nbgrader"]["points"] = "6.0", 99
    claims["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "6.0"}, "metadata": {}}]
    claims["outputs"][0]["execution_count"] = 1
    tagged(notebook, "checks-mlp_nn")["metadata"]["nbgrader"]["grade_id"] = "checks-mlp_optim"


def attack_the_exchange(found: Cycle) -> None:
    """Acts as the student: links to the teacher's files, a false time, another student's name, an invalid name."""
    victim = found.student("right")
    script = f"""
import os, pathlib
inbound, me = {str(found.course.inbound)!r}, {found.student("hostile")!r}
mine = pathlib.Path(os.environ["MINE"])
mine.joinpath("timestamp.txt").write_text("2001-01-01 00:00:00 UTC")
os.symlink({str(found.course.folder / "gradebook.db")!r}, mine / "gradebook.py")
os.symlink({str(found.course.folder / "source")!r}, mine / "source")
os.mkfifo(mine / "pipe.py")
for name in [f"{{me}}+{ASSIGNMENT}+soon", f"{victim}+{ASSIGNMENT}+2050-01-01 00:00:00 UTC+x"]:
    os.mkdir(os.path.join(inbound, name))
mine.rename(os.path.join(inbound, f"{{me}}+{ASSIGNMENT}+2001-01-01 00:00:00 UTC+x"))
link = os.path.join(inbound, f"{{me}}+{ASSIGNMENT}+2051-01-01 00:00:00 UTC+x")
os.symlink({str(found.course.folder / "source" / ASSIGNMENT)!r}, link)
"""
    student = found.course.students["hostile"]
    (mine,) = [path for path in found.course.inbound.iterdir() if path.name.startswith(f"{student.name}+")]
    student.environment["MINE"] = str(mine)
    student.run("-c", script)


def add_attackers(found: Cycle) -> None:
    """A submission for each attack that stock nbgrader permits, and for each way to break a notebook."""
    folder = found.course.folder
    released = (folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    texts: dict[str, Any] = {"corrupt": '{"cells": [', "huge": released + " " * (65 << 20), "no-notebook": "[]"}
    for name in ATTACKS:
        notebook = json.loads(released)
        attack(notebook, name, found)
        texts[f"attack-{name}"] = json.dumps(notebook)
    for name, text in texts.items():
        place = folder / "submitted" / name / ASSIGNMENT
        place.mkdir(parents=True)
        (place / f"{ASSIGNMENT}.ipynb").write_text(text)
        (place / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
        (place / "submission_secret.txt").write_text(f"secret of {name}")


def open_gradebook(found: Cycle) -> Any:
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{found.course.folder / 'gradebook.db'}")


def gradebook(found: Cycle) -> tuple[dict[str, dict[str, float | None]], dict[str, set[str]]]:
    scores, open_ = {}, {}
    with open_gradebook(found) as book:
        for handed_in in book.assignment_submissions(ASSIGNMENT):
            grades = [grade for notebook in handed_in.notebooks for grade in notebook.grades]
            scores[handed_in.student.id] = {grade.name: with_extra(grade) for grade in grades}
            open_[handed_in.student.id] = {grade.name for grade in grades if grade.needs_manual_grade}
            found.extra[handed_in.student.id] = {grade.extra_credit for grade in grades}
            found.times[handed_in.student.id] = str(handed_in.timestamp)
    return scores, open_


def with_extra(grade: Any) -> float | None:
    """The automatic score of a cell, including extra credit."""
    return None if grade.auto_score is None else grade.auto_score + (grade.extra_credit or 0)


def grade_modules(found: Cycle) -> None:
    """Grades the same code as Python files and imports the results into the gradebook."""
    root, seed = (
        found.course.root,
        re.search(r"SEED = '(\d+)'", (found.course.folder / "nbgrader_config.py").read_text()),
    )
    assert seed
    for who in ("right", "half"):
        for exercise in filter(lambda name, who=who: answered(who, name), EXERCISES):
            path = root / "modules" / f"module-{who}" / ASSIGNMENT / f"{exercise}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source(exercise, who))
    found.course.autograder(
        "grade", str(root / "modules"), "--to", str(root / "results"), "--only", ASSIGNMENT, "--seed", seed[1]
    )
    for who in ("right", "half"):
        result = json.loads((root / "results" / f"module-{who}.json").read_text())
        found.modules[who] = {exercise["id"].split("/")[1]: exercise["score"] for exercise in result["exercises"]}
    found.course.autograder("gradebook", str(root / "results"), "--course", str(found.course.folder))


def mark_by_hand(found: Cycle) -> None:
    with open_gradebook(found) as book:
        grade = book.find_grade(BY_HAND, ASSIGNMENT, ASSIGNMENT, found.student("right"))
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.find_comment(
            BY_HAND, ASSIGNMENT, ASSIGNMENT, found.student("right")
        ).manual_comment = "Well said, <b>half</b>."
        book.db.commit()


def regrade(found: Cycle) -> None:
    """Corrects the expected answer to a question in the notebook source, and grades the class again."""
    project = found.course.root / "project"
    (project / "solutions").mkdir(parents=True)
    (project / "autograder").symlink_to(PROJECT / "autograder")
    for path in (PROJECT / "solutions").iterdir():
        if path.name != "notebooks":
            (project / "solutions" / path.name).symlink_to(path)
    shutil.copytree(PROJECT / "solutions" / "notebooks", project / "solutions" / "notebooks")
    text = project / "solutions" / "notebooks" / f"{ASSIGNMENT}.py"
    name = QUESTION.removeprefix("checks-")
    lines = text.read_text().split("\n")
    (number,) = [n for n, line in enumerate(lines) if f'question="{name}"' in line]
    lines[number] = re.sub(r"expected=\{.*?\}", f'expected={{"{name}_other": 12345}}', lines[number])
    text.write_text("\n".join(lines))
    config = found.course.folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace(repr(str(PROJECT)), repr(str(project))))
    found.course.nbgrader("autograde", ASSIGNMENT, "--force", "--student", found.student("right"))
    found.regraded, _ = gradebook(found)
    with open_gradebook(found) as book:
        found.marked_after_regrade = book.find_grade(
            BY_HAND, ASSIGNMENT, ASSIGNMENT, found.student("right")
        ).manual_score


def give_feedback(found: Cycle) -> None:
    course = found.course
    attackers = ",".join(name for name in found.scores if name.startswith("attack-"))  # each page takes seconds
    course.nbgrader("generate_feedback", ASSIGNMENT, f"--CourseDirectory.student_id_exclude={attackers}")
    course.nbgrader("release_feedback", ASSIGNMENT)
    for who in ("right", "hostile"):
        student = course.students[who]
        student.nbgrader("fetch_feedback", ASSIGNMENT)
        (page,) = student.home.glob(f"{ASSIGNMENT}/feedback/*/{ASSIGNMENT}.html")
        found.feedback[who] = page.read_text()
    for name in ("corrupt", "huge"):
        found.feedback[name] = (course.folder / "feedback" / name / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()


# From release to feedback.


def test_students_see_what_was_released(cycle: Cycle) -> None:
    assert re.search(rf"test {ASSIGNMENT}\b", cycle.listed)


def test_nbgrader_releases_the_same_code_as_autograder(cycle: Cycle) -> None:
    made, released = (
        json.loads((cycle.course.folder / step / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())["cells"]
        for step in ("source", "release")
    )
    for cell in made:
        cell["source"] = "".join(cell["source"])
    assert [stripped(cell) for cell in made] == ["".join(cell["source"]) for cell in released]


def test_right_code_gets_all_points_and_text_has_to_be_marked_by_hand(cycle: Cycle) -> None:
    student = cycle.student("right")
    with open_gradebook(cycle) as book:
        most = {cell.name: cell.max_score for cell in book.find_notebook(ASSIGNMENT, ASSIGNMENT).grade_cells}
    assert most["checks-svm"] == 0
    most["checks-svm"] = 6  # a bonus
    got = cycle.scores[student]
    assert {tag: score for tag, score in got.items() if tag.startswith("checks-")} == {
        tag: points for tag, points in most.items() if tag.startswith("checks-")
    }
    assert got[BY_HAND] is None
    assert cycle.needs_marking[student] == {BY_HAND}


@pytest.mark.parametrize("who", ["right", "half"])
def test_both_routes_give_the_same_scores(cycle: Cycle, who: str) -> None:
    by_notebook = {name: cycle.scores[cycle.student(who)][f"checks-{name}"] for name in EXERCISES}
    assert by_notebook == cycle.modules[who]


def test_credit_is_given_for_each_check(cycle: Cycle) -> None:
    score = cycle.scores[cycle.student("half")]["checks-mlp_by_hand"]
    assert score is not None
    assert 0 < score < cycle.modules["right"]["mlp_by_hand"]


def test_a_syntax_error_earns_nothing(cycle: Cycle) -> None:
    assert set(cycle.scores[cycle.student("wrong")].values()) == {0}


def test_module_scores_are_in_the_same_gradebook(cycle: Cycle) -> None:
    assert {name: cycle.regraded["module-half"][f"checks-{name}"] for name in EXERCISES} == cycle.modules["half"]


def test_a_changed_answer_counts_when_graded_again(cycle: Cycle) -> None:
    student = cycle.student("right")
    assert (cycle.scores[student][QUESTION], cycle.regraded[student][QUESTION]) == (1, 0)


def test_marks_by_hand_survive_regrading(cycle: Cycle) -> None:
    assert cycle.marked_after_regrade == 1.5


def test_feedback_reaches_the_student_with_scores_and_reasons(cycle: Cycle) -> None:
    page = cycle.feedback["right"]
    assert "mlp_by_hand: 14 of 14 points, passed" in page
    assert "Well said" in page


def test_pages_show_students_text_without_running_it(cycle: Cycle) -> None:
    page = cycle.feedback["right"]
    assert "alert('mine')" in page.replace("&#x27;", "'").replace("&#39;", "'")
    assert "<script>alert('mine')" not in page
    assert 'href="javascript:' not in page


def test_the_export_has_a_line_for_every_student(cycle: Cycle) -> None:
    lines = {line["student_id"]: line for line in cycle.exported}
    right = lines[cycle.student("right")]
    assert float(right["score"]) == sum(filter(None, cycle.regraded[cycle.student("right")].values())) + 1.5
    assert {cycle.student(who) for who in cycle.course.students} <= lines.keys()


# Attacks that stock nbgrader permits.


@pytest.mark.parametrize("name", [*(f"attack-{name}" for name in ATTACKS)])
def test_no_attack_earns_a_point(cycle: Cycle, name: str) -> None:
    assert set(cycle.scores[name].values()) == {0}


def test_no_attack_changed_the_gradebook(cycle: Cycle) -> None:
    # A bonus is extra credit, of 0 where nothing is right; any other was written by somebody else.
    extra = {who: found for who, found in cycle.extra.items() if who.startswith("attack-")}
    assert extra
    assert all(found == {None, 0} for found in extra.values())
    assert not (cycle.course.root / "stolen").exists()


@pytest.mark.parametrize("name", ["corrupt", "huge", "no-notebook"])
def test_an_unreadable_notebook_is_left_to_a_person_and_does_not_stop_the_others(cycle: Cycle, name: str) -> None:
    assert set(cycle.scores[name].values()) == {None}
    assert cycle.needs_marking[name] == set(cycle.scores[name])


@pytest.mark.parametrize(("name", "reason"), [("corrupt", "is not a readable notebook"), ("huge", "is larger than")])
def test_the_feedback_on_an_unreadable_notebook_says_why(cycle: Cycle, name: str, reason: str) -> None:
    assert f"{ASSIGNMENT}.ipynb {reason}" in cycle.feedback[name]


def test_collect_follows_no_link_of_a_student(cycle: Cycle) -> None:
    taken = cycle.course.folder / "submitted" / cycle.student("hostile") / ASSIGNMENT
    assert sorted(path.name for path in taken.iterdir()) == [
        f"{ASSIGNMENT}.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
    ]


def test_a_time_that_a_student_claims_does_not_count(cycle: Cycle) -> None:
    told = datetime.fromisoformat(cycle.times[cycle.student("hostile")]).replace(tzinfo=timezone.utc)
    assert datetime.now(timezone.utc) - told < timedelta(hours=2)


def test_a_student_cannot_hand_in_for_another(cycle: Cycle) -> None:
    assert f"its name says {cycle.student('right')}, but its owner is {cycle.student('hostile')}" in cycle.collected


def test_an_invalid_name_in_the_exchange_is_reported_and_skipped(cycle: Cycle) -> None:
    assert "its name contains no time" in cycle.collected
    assert "it is a link or not a folder" in cycle.collected


def test_students_cannot_read_the_course_folder(cycle: Cycle) -> None:
    with pytest.raises(CommandFailed, match="PermissionError"):
        cycle.course.students["hostile"].run("-c", f"open({str(cycle.course.folder / 'gradebook.db')!r})")


def test_the_users_are_removed_afterwards() -> None:
    with course_with("gone") as course:
        name = course.students["gone"].name
    assert subprocess.run(["id", name], capture_output=True, check=False).returncode != 0
    assert not Path(course.root).exists()
