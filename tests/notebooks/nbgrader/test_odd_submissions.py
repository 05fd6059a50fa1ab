"""A class of odd submissions in one real `nbgrader autograde`: graded where possible, or else a person has to look."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.notebooks.build import Notebook
from tests.notebooks.conftest import code, file_of, tagged
from tests.notebooks.nbgrader.small_course import (
    ASSIGNMENT,
    EXERCISE,
    TEXTS,
    SmallCourse,
    make_course,
    without_metadata,
)

CHECKS = f"checks-{EXERCISE}"
FULL = {CHECKS: (8.0, False), "checks-q02": (1.0, False), "checks-q04": (1.0, False)}
TO_MARK = {"text-q01": (None, True), "text-q03": (None, True)}
BY_HAND = dict.fromkeys((*FULL, *TO_MARK), (None, True))
SECRET = "the solution that nobody may copy"


@dataclass
class Seen:
    course: SmallCourse
    log: str
    alone: str
    """The log of grading one student, whose notebook lies in a folder."""

    def lines(self, student: str) -> str:
        return "\n".join(line for line in self.log.split("\n") if f"] {student}" in line)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    course = make_course(tmp_path_factory.mktemp("odd"))
    renamed(course)
    stripped(course)
    unreadable(course)
    links(course)
    log = course.nbgrader("autograde", ASSIGNMENT)
    return Seen(course, log, course.nbgrader("autograde", ASSIGNMENT, "--force", "--student", "folder"))


# Renamed notebooks, and several of them.


def renamed(course: SmallCourse) -> None:
    worked = course.worked()
    for student, name in (("download", "p1_mlp (1)"), ("named", "durand"), ("copied", "p1_mlp-Copy1")):
        course.put(student, {f"{name}.ipynb": worked})
    course.put("folder", {"work/P1_MLP.ipynb": worked})
    course.put("blank", {"p1_mlp.ipynb": course.released, "p1_mlp-Copy1.ipynb": worked})
    course.put("two", {"p1_mlp.ipynb": worked, "a.ipynb": course.worked(text_q01="Something else.")})


@pytest.mark.parametrize("student", ["download", "named", "copied", "folder", "blank", "two"])
def test_a_notebook_is_graded_whatever_its_name(seen: Seen, student: str) -> None:
    assert seen.course.grades(student) == FULL | TO_MARK
    assert seen.course.cell(student, "text-q01") == TEXTS["text-q01"]


@pytest.mark.parametrize(
    ("student", "name"), [("named", "durand"), ("blank", "p1_mlp-Copy1"), ("folder", "work/P1_MLP")]
)
def test_the_log_says_which_file_was_taken(seen: Seen, student: str, name: str) -> None:
    assert f"{student}, p1_mlp: {name}.ipynb is taken as p1_mlp.ipynb" in seen.log


def test_one_student_is_graded_as_in_the_class(seen: Seen) -> None:
    assert "folder, p1_mlp: work/P1_MLP.ipynb is taken as p1_mlp.ipynb" in seen.alone


def test_the_log_says_that_a_blank_original_was_ignored(seen: Seen) -> None:
    assert "blank, p1_mlp: p1_mlp.ipynb was ignored: nothing in it is answered" in seen.log


def test_two_worked_notebooks_are_an_error_in_the_log(seen: Seen) -> None:
    assert "ERROR | two, p1_mlp: a.ipynb also holds answers, which differ: p1_mlp.ipynb counts" in plain(seen.log)


# Cells without metadata, and answers in other cells.


def stripped(course: SmallCourse) -> None:
    course.put("stripped", {"p1_mlp.ipynb": without_metadata(course.worked())})
    course.put("stripped-empty", {"p1_mlp.ipynb": without_metadata(course.released)})
    beside = course.worked(text_q01="YOUR ANSWER HERE")
    insert_below(beside, "text-q01", TEXTS["text-q01"])
    course.put("below", {"p1_mlp.ipynb": beside})
    question = course.worked(text_q01="YOUR ANSWER HERE")
    (asked,) = [cell for cell in question["cells"] if "Question 1" in "".join(cell["source"])]
    asked["source"] = "".join(asked["source"]) + "\n\n" + TEXTS["text-q01"]
    course.put("in-question", {"p1_mlp.ipynb": question})
    lost = course.worked()
    for tag in ("text-q01", "answer-q02"):
        lost["cells"].remove(tagged(lost, tag))
    course.put("lost", {"p1_mlp.ipynb": lost})
    course.put("empty-text", {"p1_mlp.ipynb": course.worked(text_q01="YOUR ANSWER HERE")})


def insert_below(notebook: Notebook, tag: str, text: str) -> None:
    place = notebook["cells"].index(tagged(notebook, tag)) + 1
    notebook["cells"].insert(place, {"cell_type": "markdown", "metadata": {}, "source": text, "id": "mine"})


def test_a_notebook_without_metadata_loses_nothing(seen: Seen) -> None:
    assert seen.course.grades("stripped") == FULL | TO_MARK
    assert {tag: seen.course.cell("stripped", tag) for tag in TEXTS} == TEXTS


def test_an_empty_notebook_without_metadata_is_empty(seen: Seen) -> None:
    assert seen.course.grades("stripped-empty") == dict.fromkeys(BY_HAND, (0.0, False))
    assert seen.course.comments("stripped-empty")["text-q01"] == "No response."


@pytest.mark.parametrize("student", ["below", "in-question"])
def test_text_beside_an_empty_answer_cell_is_marked_by_hand(seen: Seen, student: str) -> None:
    assert seen.course.grades(student) == FULL | TO_MARK
    assert "there is text near it" in (seen.course.comments(student)["text-q01"] or "")


def test_a_missing_cell_is_marked_by_hand(seen: Seen) -> None:
    assert seen.course.grades("lost") == FULL | TO_MARK | {"checks-q02": (0.0, True)}
    assert "is missing in the notebook" in (seen.course.comments("lost")["text-q01"] or "")


def test_an_answer_that_was_not_given_earns_nothing(seen: Seen) -> None:
    assert seen.course.grades("empty-text")["text-q01"] == (0.0, False)
    assert seen.course.comments("empty-text")["text-q01"] == "No response."


# What cannot be read.


def unreadable(course: SmallCourse) -> None:
    worked = json.dumps(course.worked()).encode()
    course.put("cut-off", {"p1_mlp.ipynb": worked[: len(worked) // 2]})
    course.put("empty", {"p1_mlp.ipynb": b""})
    course.put("huge", {"p1_mlp.ipynb": worked + b" " * (65 << 20)})
    course.put("other", {"p1_mlp.ipynb": file_of([code("x = 1", "answer-convnet")])})
    course.put("report", {"report.pdf": b"%PDF", "p1_mlp/softmax_cross_entropy.py": code_of(course)})
    (course.folder / "submitted" / "nothing" / ASSIGNMENT).mkdir(parents=True)
    large = course.worked()
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 1000}] * 20_000
    large["cells"].insert(0, code("print()") | {"outputs": outputs})
    course.put("large-outputs", {"p1_mlp.ipynb": large})


def code_of(course: SmallCourse) -> bytes:
    return str(tagged(course.worked(), f"answer-{EXERCISE}")["source"]).encode()


@pytest.mark.parametrize(
    ("student", "reason"),
    [("cut-off", "is not a readable notebook"), ("empty", "is not a readable notebook"),
     ("huge", "is larger than 64 MiB: clear its outputs"), ("other", "is the notebook of p2_cnn: hand in the one of p1_mlp"),
     ("nothing", "there is no notebook p1_mlp.ipynb")],
)  # fmt: skip
def test_what_cannot_be_read_is_marked_by_hand_and_everybody_is_told(seen: Seen, student: str, reason: str) -> None:
    assert seen.course.grades(student) == BY_HAND
    assert any(reason in line and "ERROR" in line and student in line for line in seen.log.split("\n"))
    for comment in seen.course.comments(student).values():
        assert reason in (comment or "")


def test_a_python_file_without_a_notebook_earns_its_points(seen: Seen) -> None:
    assert seen.course.grades("report") == BY_HAND | {CHECKS: FULL[CHECKS]}


def test_a_notebook_that_is_large_because_of_its_outputs_is_graded(seen: Seen) -> None:
    assert seen.course.grades("large-outputs") == FULL | TO_MARK


# Links and pipes.


def links(course: SmallCourse) -> None:
    outside = course.folder.parent / "outside"
    outside.mkdir()
    (outside / "solution.txt").write_text(SECRET)
    (outside / "p1_mlp.ipynb").write_text(json.dumps(course.worked()))
    place = course.put("links", {"p1_mlp.ipynb": course.worked()})
    os.symlink(outside / "solution.txt", place / "notes.txt")
    os.symlink(outside, place / "data")
    os.link(course.folder / "mark_schemes" / "p1_mlp.md", place / "scheme.md")
    os.mkfifo(place / "pipe.txt")
    os.mkfifo(place / "timestamp.txt")
    (course.folder / "submitted" / "link-to-folder").mkdir()
    os.symlink(outside, course.folder / "submitted" / "link-to-folder" / ASSIGNMENT)
    course.put("link-to-notebook", {})
    os.symlink(outside / "p1_mlp.ipynb", course.folder / "submitted" / "link-to-notebook" / ASSIGNMENT / "p1_mlp.ipynb")


def test_a_submission_with_links_is_graded_without_them(seen: Seen) -> None:
    assert seen.course.grades("links") == FULL | TO_MARK
    assert not list((seen.course.folder / "submitted" / "links" / ASSIGNMENT).glob("[!ps]*"))


@pytest.mark.parametrize("name", ["notes.txt", "data", "scheme.md", "pipe.txt", "timestamp.txt"])
def test_each_link_is_named_in_the_log(seen: Seen, name: str) -> None:
    assert any("ERROR" in line and f"links: {name} is a" in line for line in seen.log.split("\n"))


def test_a_notebook_that_is_a_link_is_not_graded(seen: Seen) -> None:
    assert seen.course.grades("link-to-notebook") == BY_HAND


def test_a_folder_that_is_a_link_is_not_followed(seen: Seen) -> None:
    assert "link-to-folder has no submission left" in seen.log
    assert not (seen.course.folder / "autograded" / "link-to-folder").exists()


def test_nothing_behind_a_link_is_copied(seen: Seen) -> None:
    copies = [path for path in (seen.course.folder / "autograded").rglob("*") if path.is_file()]
    assert copies
    assert not [path for path in copies if SECRET in text_of(path) or "mark schemes" in text_of(path)]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def plain(log: str) -> str:
    """The log without the name and the time of its lines."""
    import re

    return re.sub(r"\[(\w+) \| (\w+)\]", r"\2 |", log)
