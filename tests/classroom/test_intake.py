"""The class list: one identity for each student, and never one result for two."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from autograder.classroom import appeal
from autograder.classroom.intake import ClassList, Policy, Senders, take_in
from autograder.classroom.report import RUN_FILE
from autograder.classroom.roster import Roster, Student
from autograder.results import SubmissionName, SubmissionResult
from autograder.submissions.entries import read_entry
from autograder.submissions.members import SubmissionError

ANNA, OTHER_ANNA = Student("s1", "Anna Müller", "anna@uni.de", "A"), Student("s2", "Anna Müller", "am@uni.de", "B")
BOB = Student("s3", "Bob Li", "bob@uni.de", canvas="777", moodle="30")


def moodle(name: str, number: int) -> str:
    return f"{name}_{number}_assignsubmission_file_"


def take(folder: Path, names: list[str], *students: Student, policy: str = "last") -> ClassList:
    for name in names:
        path = folder / name if "." in name else folder / name / "svm.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1")
    return take_in(folder, Roster(students) if students else None, Policy(policy))


def ids(found: ClassList) -> dict[str, str]:
    """The student of each entry, by the name of its first file."""
    return {row.entry.path.name: row.about.student for row in found.rows}


@pytest.mark.parametrize(
    "name",
    ["bobli_777_1_svm.py", moodle("Bob Li", 30), "Lab_bob_attempt_2026-10-01-12-00-00_svm.py", "Li, Bob", "s3", "S3.zip",
     "bob@uni.de.zip", "bob_li_svm.py"],
)  # fmt: skip
def test_one_id_on_every_route(tmp_path: Path, name: str) -> None:
    [row] = take(tmp_path, [name], BOB, ANNA).rows
    assert (row.about.student, row.result, row.entry.id, row.about.name) == ("s3", "s3", "s3", "Bob Li")


def test_who_is_not_on_the_roster_is_graded_with_a_remark(tmp_path: Path) -> None:
    [row] = take(tmp_path, ["zoe"], BOB).rows
    assert (row.about.student, row.about.notes, row.about.counts) == ("zoe", ("not on the roster",), True)


def test_an_id_on_the_roster_is_nobody_elses(tmp_path: Path) -> None:
    class_list = take(tmp_path, ["x_777_1_svm.py"], Student("x_777", "Anna Müller", canvas="5"))
    assert ids(class_list)["x_777_1_svm.py"].startswith("x_777~")


def test_those_who_handed_in_nothing_are_listed(tmp_path: Path) -> None:
    [missing] = take(tmp_path, [moodle("Bob Li", 30)], BOB, ANNA).missing
    assert (missing.student, missing.name, missing.why) == ("s1", "Anna Müller", "nothing was handed in")


def test_two_of_one_name_are_rows_of_their_own_that_count_for_neither(tmp_path: Path) -> None:
    found = take(tmp_path, [moodle("Anna Müller", 100), moodle("Anna Müller", 101)], ANNA, OTHER_ANNA)
    assert {row.about.student for row in found.rows} == {"Anna Müller_100", "Anna Müller_101"}
    assert {row.about.counts for row in found.rows} == {False}
    assert all(row.result.startswith("attempts/") for row in found.rows)
    for row in found.rows:
        with pytest.raises(
            SubmissionError, match=r"Anna Müller \(id s1\) and Anna Müller \(id s2\): add what tells them"
        ):
            read_entry(row.entry)
    assert {about.student for about in found.missing} == {"s1", "s2"}
    assert all("certainly this student's: see Anna Müller_10" in about.why for about in found.missing)


def test_two_of_one_name_with_one_on_the_roster_are_not_mixed(tmp_path: Path) -> None:
    found = take(tmp_path, [moodle("Anna Müller", 100), moodle("Anna Müller", 101)], ANNA)
    assert len({row.about.student for row in found.rows}) == 2
    assert "s1" not in ids(found).values()
    assert all(
        "has the name of Anna Müller (id s1), and so has Anna Müller_10" in row.entry.problem for row in found.rows
    )


def test_a_second_download_never_gives_ones_work_to_the_other(tmp_path: Path) -> None:
    """The first download has only one of the two; the numbers differ."""
    first = take(tmp_path / "1", [moodle("Anna Müller", 100)])
    second = take(tmp_path / "2", [moodle("Anna Müller", 101)])
    both = take(tmp_path / "3", [moodle("Anna Müller", 100), moodle("Anna Müller", 101)])
    assert ids(first) | ids(second) == ids(both)
    assert len(set(ids(both).values())) == 2


@pytest.mark.parametrize("steps", [[[100], [101]], [[100], [100, 101], [101]], [[100, 101], [101]]])
def test_whose_a_name_was_is_remembered(tmp_path: Path, steps: list[list[int]]) -> None:
    """The second student of a name hands in later, when the first has gone from the folder."""
    senders: Senders = {}
    for number, step in enumerate(steps):
        folder = tmp_path / str(number)
        take(folder, [moodle("Anna Müller", one) for one in step])
        found = take_in(folder, Roster((ANNA,)), Policy(), None, senders)
        senders = found.senders
    [row] = found.rows
    assert (row.about.student, row.about.counts) == ("Anna Müller_101", False)


def test_the_same_files_are_the_same_students_in_the_next_run(tmp_path: Path) -> None:
    first = take(tmp_path, [moodle("Anna Müller", 100), "bobli_777_1_svm.py"], ANNA, BOB)
    again = take_in(tmp_path, Roster((ANNA, BOB)), Policy(), None, first.senders)
    assert ids(again) == ids(first)
    assert set(ids(again).values()) == {"s1", "s3"}


def test_the_number_decides_and_the_other_of_the_name_is_no_attempt(tmp_path: Path) -> None:
    known = Student("s1", "Anna Müller", moodle="100")
    found = take(tmp_path, [moodle("Anna Müller", 100), moodle("Anna Müller", 101)], known)
    assert ids(found)[moodle("Anna Müller", 100)] == "s1"
    assert ids(found)[moodle("Anna Müller", 101)] == "Anna Müller_101"


def test_numbers_of_another_assignment_do_not_matter(tmp_path: Path) -> None:
    assert ids(take(tmp_path, [moodle("Bob Li", 999)], BOB)) == {moodle("Bob Li", 999): "s3"}


def test_several_entries_of_a_student_are_attempts(tmp_path: Path) -> None:
    names = ["bobli_777_1_svm.py", "bobli_LATE_777_2_svm-1.py"]
    first, last = take(tmp_path, names, BOB).rows
    assert [row.about.student for row in (first, last)] == ["s3", "s3"]
    assert [(row.about.attempt, row.about.counts) for row in (first, last)] == [(1, False), (2, True)]
    assert first.result != last.result
    assert {row.result for row in (first, last)} == {f"attempts/{row.entry.id}" for row in (first, last)}


def test_without_a_roster_two_entries_of_one_name_are_two_students(tmp_path: Path) -> None:
    found = take(tmp_path, ["alice", "alice.zip"])
    assert len({row.about.student for row in found.rows}) == 2


def test_every_row_has_a_result_of_its_own(tmp_path: Path) -> None:
    names = [moodle("Anna Müller", 100), moodle("Anna Müller", 101), "bobli_777_1_svm.py", "bobli_LATE_777_2_svm.py",
             "Bob Li", "Li, Bob", "bob li.zip", "zoe", "zoe.zip", "ZOE"]  # fmt: skip
    found = take(tmp_path, names, ANNA, BOB)
    assert len({row.result.casefold() for row in found.rows}) == len(found.rows) == len(names)
    assert len({row.entry.id for row in found.rows}) == len(names)


def test_an_appeal_finds_an_attempt_and_all_its_files(tmp_path: Path) -> None:
    names = ["bobli_777_1_svm.py", "bobli_777_3_vit.py", "bobli_LATE_777_2_svm-1.py"]
    rows = take(tmp_path / "in", names, BOB).rows
    out = tmp_path / "out"
    out.mkdir()
    (out / RUN_FILE).write_bytes(msgspec.json.encode({"seed": 1, "submissions": str(tmp_path / "in")}))
    for row in rows:
        name = SubmissionName(row.entry.id, "")
        found = SubmissionResult(
            submission=name, seed=1, tier="fast", isolation="strict", exercises=[], hand_in=row.about
        )
        entry = appeal._recorded(out / f"{row.result}.json", found)
        assert entry.paths == row.entry.paths
        assert read_entry(entry).sha256 == read_entry(row.entry).sha256
