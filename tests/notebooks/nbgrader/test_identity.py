"""One student has one id on every route, and two students never have the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from autograder.classroom.roster import Roster
from autograder.course.catalogue import CourseError
from autograder.notebooks.nbgrader.gradebook import add_students, import_results
from autograder.notebooks.nbgrader.identity import (
    course_roster,
    identify,
    login_id,
    remember,
    remembered,
)
from autograder.results import HandIn
from autograder.submissions.lms_names import Sender, sender_of
from tests.notebooks.nbgrader.exchange import new_gradebook
from tests.notebooks.nbgrader.test_gradebook import book, result_of

ANNA, OTHER = "Anna Müller_12345_assignsubmission_file_", "Anna Müller_777_assignsubmission_file_"
CSV = """id,name,email,moodle,username
s1,Anna Müller,anna@uni.example,12345,amueller
s2,Anna Müller,anna2@uni.example,,bmueller
s3,Bo Chen,bo@uni.example,5,bchen
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "course"
    path.mkdir()
    (path / "nbgrader_config.py").touch()
    shutil.copy(new_gradebook(), path / "gradebook.db")
    return path


@pytest.fixture
def roster(course: Path) -> Roster:
    (course / "roster.csv").write_text(CSV)
    found = course_roster(course)
    assert found is not None
    return found


def sender(name: str) -> Sender:
    found = sender_of(name)
    assert found is not None
    return found


def ids(course: Path, *names: str, assignment: str = "p1_mlp", roster: Roster | None = None) -> dict[str, str]:
    """The ids in one download, which the course remembers; a refused sender has its reason."""
    senders = [sender(name) for name in names]
    found = identify(senders, roster, {}, remembered(course, assignment))
    remember(course, assignment, {found.ids[each.key]: each for each in senders if each.key in found.ids})
    return {each.label: found.ids.get(each.key) or found.refused[each.key] for each in senders}


def test_a_second_download_with_another_student_of_this_name_is_refused(course: Path) -> None:
    assert ids(course, ANNA) == {"Anna Müller_12345": "Anna Müller"}
    (reason,) = ids(course, OTHER).values()
    assert reason.startswith("Anna Müller_777 has the name of Anna Müller_12345, whose work was collected before")
    assert "roster.csv" in reason
    assert ids(course, ANNA) == {"Anna Müller_12345": "Anna Müller"}


def test_in_a_download_with_both_the_known_one_keeps_the_id(course: Path) -> None:
    ids(course, ANNA)
    found = ids(course, ANNA, OTHER)
    assert found["Anna Müller_12345"] == "Anna Müller"
    assert "one of 2 students of this name" in found["Anna Müller_777"]


def test_another_assignment_has_other_numbers(course: Path) -> None:
    ids(course, ANNA)
    assert ids(course, OTHER, assignment="p2_cnn") == {"Anna Müller_777": "Anna Müller"}


def test_names_that_a_file_system_takes_for_one_are_refused(course: Path) -> None:
    found = ids(course, ANNA, "anna müller_3_assignsubmission_file_")
    assert all("one of 2 students of this name" in reason for reason in found.values())


def test_the_roster_gives_the_id_by_the_number_and_refuses_a_name_that_fits_two(course: Path, roster: Roster) -> None:
    found = ids(course, ANNA, "Bo Chen_5_assignsubmission_file_", roster=roster)
    assert found == {"Anna Müller_12345": "s1", "Bo Chen_5": "s3"}
    without = roster.without_moodle_numbers()
    (reason,) = ids(course, OTHER, assignment="p2_cnn", roster=without).values()
    assert "Anna Müller_777 can be Anna Müller (id s1) and Anna Müller (id s2)" in reason


def test_a_student_who_is_not_on_the_roster_is_collected_and_named(roster: Roster) -> None:
    found = identify([sender("Cy Doe_9_assignsubmission_file_")], roster, {}, {})
    assert list(found.ids.values()) == ["Cy Doe"]
    assert found.notes == ["Cy Doe_9 is not on the roster: add this student to roster.csv"]


@pytest.mark.parametrize(
    ("login", "identity"), [("amueller", "s1"), ("bo", "s3"), ("Bo Chen", "Bo Chen"), ("eve", "eve")]
)
def test_a_login_has_the_id_of_the_roster(roster: Roster, login: str, identity: str) -> None:
    assert login_id(login, roster) == identity
    assert login_id(login, None) == login


def test_a_damaged_roster_or_memory_is_an_error_with_a_remedy(course: Path) -> None:
    (course / "roster.csv").write_text("colour\nred\n")
    with pytest.raises(CourseError, match=r"roster\.csv is not a roster"):
        course_roster(course)
    (course / "lms_students.json").write_text("{")
    with pytest.raises(CourseError, match="restore it from a backup"):
        remembered(course, "p1_mlp")


# The gradebook.


def bring_in(course: Path, *results: tuple[str, HandIn | None]) -> list[str]:
    folder = course.parent / "results"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, hand_in in results:
        result = result_of(name, {"p1_mlp/mlp_nn": 2.5})
        if hand_in is not None:
            result["hand_in"] = msgspec.to_builtins(hand_in)
        (folder / f"{name}.json").write_text(json.dumps(result))
    return import_results(folder, course)


def students(course: Path) -> set[str]:
    with book(course) as found:
        return {submission.student.id for submission in found.assignment_submissions("p1_mlp")}


def from_moodle(folder: str, **options: bool) -> tuple[str, HandIn]:
    label = sender(folder).label
    return label, HandIn(student=label, files=(folder,), **options)


def test_the_gradebook_has_the_students_of_the_roster(course: Path, roster: Roster) -> None:
    assert add_students(course, roster) == 3
    with book(course) as found:
        anna = found.find_student("s1")
        assert (anna.first_name, anna.last_name, anna.email) == ("Anna", "Müller", "anna@uni.example")


@pytest.mark.parametrize("with_roster", [True, False])
def test_a_result_belongs_to_the_student_that_zip_collect_gives_it_to(course: Path, with_roster: bool) -> None:
    if with_roster:
        (course / "roster.csv").write_text(CSV)
    (collected,) = ids(course, ANNA, roster=course_roster(course)).values()
    bring_in(course, from_moodle(ANNA))
    assert students(course) == {collected}


def test_a_result_that_fits_two_students_is_refused_by_name_and_the_others_are_imported(
    course: Path, roster: Roster
) -> None:
    with pytest.raises(CourseError, match=r"not imported: Anna Müller_777 can be Anna Müller \(id s1\)"):
        bring_in(course, from_moodle(OTHER), from_moodle("Bo Chen_6_assignsubmission_file_"))
    assert students(course) == {"s3"}


def test_a_result_of_another_student_of_this_name_is_refused(course: Path) -> None:
    ids(course, ANNA, "Bo Chen_5_assignsubmission_file_")
    with pytest.raises(CourseError, match="Anna Müller_777 has the name of Anna Müller_12345"):
        bring_in(course, from_moodle(OTHER), from_moodle("Bo Chen_5_assignsubmission_file_"))
    assert students(course) == {"Bo Chen"}


def test_two_results_of_one_student_are_refused(course: Path, roster: Roster) -> None:
    with pytest.raises(CourseError, match="bo and s3 are both of s3"):
        bring_in(course, ("bo", None), ("s3", None))


def test_attempts_that_do_not_count_are_not_imported(course: Path) -> None:
    bring_in(course, ("anna", HandIn(student="anna")), ("anna~1", HandIn(student="anna", counts=False)))
    assert students(course) == {"anna"}
