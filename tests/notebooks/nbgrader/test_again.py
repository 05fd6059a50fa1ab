"""From Moodle's download to feedback, graded twice, with real commands: marks by hand stay, and nothing changes hands."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.notebooks.build import Notebook
from tests.notebooks.nbgrader.small_course import ASSIGNMENT, SmallCourse, make_course

ANNA, BO, CY = "Anna Müller", "Bo Chen", "cy"
MARKED = {(ANNA, "text-q01"): 1.5, (ANNA, "checks-q02"): 0.5, (BO, "text-q01"): 1.0, (BO, "text-q03"): 2.0}


@dataclass
class Seen:
    course: SmallCourse
    collected: str = ""
    regraded: str = ""
    released: str = ""
    second: str = ""
    open: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Whether a grade that was marked by hand has to be reviewed, by student and tag."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    course = make_course(tmp_path_factory.mktemp("again"))
    (course.folder.parent / "exchange").chmod(0o777)
    found = Seen(course)
    found.collected = collect(course, {
        f"{ANNA}_12345_assignsubmission_file_/mine (1).ipynb": course.worked(),
        f"{BO}_5_assignsubmission_file_/p1_mlp.ipynb": course.worked(),
        f"{BO}_5_assignsubmission_file_/report.pdf": b"%PDF",
    })  # fmt: skip
    place = course.put(CY, {"p1_mlp.ipynb": course.worked()})  # as collect does
    (place / "submission_secret.txt").write_text("abc")
    (place / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    course.nbgrader("autograde", ASSIGNMENT)
    for (student, tag), score in MARKED.items():
        course.mark(student, tag, score)
    course.put(BO, {"p1_mlp.ipynb": course.worked(text_q01="Something else.")})
    found.regraded = course.nbgrader("autograde", ASSIGNMENT, "--force")
    with course.book() as book:
        for student, tag in MARKED:
            grade = book.find_grade(tag, ASSIGNMENT, ASSIGNMENT, student)
            assert grade.manual_score == MARKED[student, tag]
            found.open[student, tag] = grade.needs_manual_grade
    course.nbgrader("generate_feedback", ASSIGNMENT)
    found.released = course.nbgrader("release_feedback", ASSIGNMENT)
    found.second = collect(
        course, {f"{ANNA}_777_assignsubmission_file_/p1_mlp.ipynb": course.worked(text_q01="Not hers.")}
    )
    return found


def collect(course: SmallCourse, files: dict[str, bytes | Notebook]) -> str:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
            archive.writestr(info, data if isinstance(data, bytes) else json.dumps(data))
    download = course.folder / "downloaded" / ASSIGNMENT / "archive" / "all.zip"
    download.parent.mkdir(parents=True, exist_ok=True)
    download.write_bytes(out.getvalue())
    return course.nbgrader("zip_collect", ASSIGNMENT, "--force")


def submitted(seen: Seen, student: str) -> Path:
    return seen.course.folder / "submitted" / student / ASSIGNMENT


def test_a_download_is_collected_with_its_times(seen: Seen) -> None:
    assert (submitted(seen, ANNA) / "p1_mlp.ipynb").is_file()
    assert (submitted(seen, ANNA) / "timestamp.txt").read_text().startswith("2026-03-01")


def test_a_file_that_is_not_graded_is_named_with_its_student(seen: Seen) -> None:
    assert "Bo Chen_5: report.pdf is a PDF, and is not graded" in seen.collected
    assert (submitted(seen, BO) / "report.pdf").is_file()


def test_a_mark_on_an_unchanged_answer_stays_marked(seen: Seen) -> None:
    assert not seen.open[ANNA, "text-q01"]
    assert not seen.open[ANNA, "checks-q02"]
    assert not seen.open[BO, "text-q03"]
    assert "Anna Müller, p1_mlp: text-q01, marked by hand with 1.5: the answer is still the same" in seen.regraded


def test_a_mark_on_a_changed_answer_has_to_be_reviewed(seen: Seen) -> None:
    assert seen.open[BO, "text-q01"]
    assert "Bo Chen, p1_mlp: text-q01, marked by hand with 1: the answer has changed since" in seen.regraded
    assert seen.regraded.count("has changed since") == 1


def test_feedback_is_released_to_those_who_can_fetch_it(seen: Seen) -> None:
    released = list((seen.course.folder.parent / "exchange" / "test" / "feedback").glob("*.html"))
    assert len(released) == 1
    assert f"Releasing feedback for student '{CY}'" in seen.released


def test_the_others_get_it_through_the_lms(seen: Seen) -> None:
    assert "2 did not hand in through the exchange" in seen.released
    assert "through your LMS: Anna Müller, Bo Chen" in seen.released
    assert "Traceback" not in seen.released
    assert (seen.course.folder / "feedback" / ANNA / ASSIGNMENT / "p1_mlp.html").is_file()


def test_another_student_of_this_name_does_not_replace_the_first_ones_work(seen: Seen) -> None:
    assert "Anna Müller_777 has the name of Anna Müller_12345, whose work was collected before" in seen.second
    assert b"Not hers" not in (submitted(seen, ANNA) / "p1_mlp.ipynb").read_bytes()
