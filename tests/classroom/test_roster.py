"""Rosters as Moodle, Canvas, Gradescope and people write them, and who a name or number belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom.roster import Roster, RosterError, Student, Undecided, read_roster
from autograder.submissions.lms_names import Sender, sender_of

OWN = "id,name,email,section\ns1,Anna Müller,anna@uni.de,A\ns2,Bob Li,bob@uni.de,B\n"
MOODLE_PARTICIPANTS = (
    '\ufeff"First name","Last name","ID number","Email address",Groups\n'
    'Anna,Müller,1001,anna@uni.de,"Group A"\nBob,Li,1002,bob@uni.de,\n'
)
MOODLE_WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed","Last modified (grade)",'
    '"Feedback comments"\n'
    '"Participant 12345","Anna Müller",anna@uni.de,"Submitted for grading",,100.00,Yes,-,\n'
    '"Participant 12346","Anna Müller",anna.mueller@uni.de,,,100.00,Yes,-,\n'
    '"Participant 12347","Bob Li",bob@uni.de,,,100.00,Yes,-,\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (4001),Current Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,10.00,(read only)\n"
    '"Durand, Marie",777,u1,mdurand,"Vision A",,\n'
    '"Li, Bob",778,u2,bli,"Vision B",,\n'
    '"Student, Test",779,,9b1f7c0de,"Vision A",,\n'
)
GRADESCOPE = (
    "First Name\tLast Name\tSID\tEmail\tRole\tSections\n"
    "Anna\tMüller\t1001\tanna@uni.de\tStudent\tA\nTess\tTeacher\t\ttess@uni.de\tInstructor\t\n"
)


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def from_text(text: str, encoding: str = "utf-8") -> Roster:
        (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
        return read_roster(tmp_path / "roster.csv")

    return from_text


def moodle(name: str, number: int) -> Sender:
    found = sender_of(f"{name}_{number}_assignsubmission_file_")
    assert found is not None
    return found


# Files.


def test_our_own_columns(read) -> None:  # type: ignore[no-untyped-def]
    assert read(OWN).students == (
        Student("s1", "Anna Müller", "anna@uni.de", "A"),
        Student("s2", "Bob Li", "bob@uni.de", "B"),
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_encodings(read, separator: str, encoding: str) -> None:  # type: ignore[no-untyped-def]
    assert read(OWN.replace(",", separator), encoding).students == read(OWN).students


def test_columns_in_another_order_and_case(read) -> None:  # type: ignore[no-untyped-def]
    assert read("EMAIL , Name,other,ID\na@b,Ann,x,7\n").students == (Student("7", "Ann", "a@b"),)


def test_participants_of_moodle(read) -> None:  # type: ignore[no-untyped-def]
    assert read(MOODLE_PARTICIPANTS).students[0] == Student("1001", "Anna Müller", "anna@uni.de", "Group A")


def test_the_grading_worksheet_of_moodle(read) -> None:  # type: ignore[no-untyped-def]
    found = read(MOODLE_WORKSHEET).students
    assert found[0] == Student("anna@uni.de", "Anna Müller", "anna@uni.de", moodle="12345")
    assert len(found) == 3


def test_the_gradebook_of_canvas_without_the_rows_that_are_no_students(read) -> None:  # type: ignore[no-untyped-def]
    assert read(CANVAS).students == (
        Student("u1", "Marie Durand", "", "Vision A", ("mdurand",), canvas="777"),
        Student("u2", "Bob Li", "", "Vision B", ("bli",), canvas="778"),
    )


def test_the_roster_of_gradescope_without_teachers(read) -> None:  # type: ignore[no-untyped-def]
    assert read(GRADESCOPE).students == (Student("1001", "Anna Müller", "anna@uni.de", "A"),)


def test_an_export_in_french(read) -> None:  # type: ignore[no-untyped-def]
    found = read("Prénom;Nom;Numéro d'identification;Adresse de courriel\nMarie;Durand;7;m@u.fr\n").students
    assert found == (Student("7", "Marie Durand", "m@u.fr"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"roster\.csv is not a roster \(its columns are none\): give a CSV"),
        ("a,b\n1,2\n", r"roster\.csv is not a roster \(its columns are a, b\)"),
        ("name\nAnna\n", r"no column with ids .*its columns are name"),
        ("id,name\n", r"no row of a student"),
        ("id,name\n1,Anna\n,Bob\n", r"roster\.csv:3 has no id: Bob has nothing in the column id; fill it in"),
        ("id,name\n1,Anna\n\n1,Bob\n", r"roster\.csv:4 has the id 1 of line 2 again: give every student"),
        ("id,name\nab,Anna\nAB,Bob\n", r"roster\.csv:3 has the id AB of line 2 again"),
        ("id,ID,name\n1,2,Anna\n", r"two columns for the same, id and ID: delete one"),
        ('id,name\n1,"' + "x" * 200_000 + '"\n', r"roster\.csv:2 is not a line of a CSV file"),
    ],
)
def test_an_unusable_file_is_named_with_line_value_and_remedy(read, text: str, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RosterError, match=words):
        read(text)


def test_another_encoding_is_named_with_the_line(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RosterError, match=r'roster\.csv:2 is not UTF-8: save it again as "CSV UTF-8"'):
        read(OWN, "cp1252")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"no\.csv cannot be read \(No such file"):
        read_roster(tmp_path / "no.csv")


def test_texts_of_the_roster_are_bounded_and_printable(read) -> None:  # type: ignore[no-untyped-def]
    [student] = read(f"id,name\n1,\x1b[31m{'x' * 9000}\n").students
    assert len(student.name) < 300
    assert student.name.isprintable()


# Who it is.


def test_the_number_of_moodle_decides_between_two_of_one_name(read) -> None:  # type: ignore[no-untyped-def]
    roster = read(MOODLE_WORKSHEET)
    assert roster.find(moodle("Anna Müller", 12345)).id == "anna@uni.de"
    assert roster.find(moodle("Anna Müller", 12346)).id == "anna.mueller@uni.de"


def test_two_of_one_name_are_refused_without_a_number_and_both_are_named(read) -> None:  # type: ignore[no-untyped-def]
    roster = read("id,name\ns1,Anna Müller\ns2,Anna Müller\n")
    with pytest.raises(
        Undecided, match=r"Müller_1 can be Anna Müller \(id s1\) and Anna Müller \(id s2\): add what"
    ) as it:
        roster.find(moodle("Anna Müller", 1))
    assert [student.id for student in it.value.students] == ["s1", "s2"]


def test_another_student_of_the_same_name_is_not_taken_for_the_one_on_the_roster(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Undecided, match=r"Bob Li_9 has the name of a student on the roster, but .* has 12347"):
        read(MOODLE_WORKSHEET).find(moodle("Bob Li", 9))


def test_a_number_and_a_name_of_two_students_are_refused(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Undecided, match=r"Bob Li_12345 has the number of Anna Müller .* but the name of Bob Li"):
        read(MOODLE_WORKSHEET).find(moodle("Bob Li", 12345))


def test_the_number_of_one_lms_is_none_of_another(read) -> None:  # type: ignore[no-untyped-def]
    assert read("id,name,canvas\n12345,Anna,5\n").find(moodle("Zoe", 12345)) is None
    assert read("id,name,canvas\n12345,Anna,5\n").find(moodle("Zoe", 5)) is None


@pytest.mark.parametrize(
    "name",
    ["Marie Durand", "Durand, Marie", "durand marie", "MARIE DURAND", "Durand_Marie", "durandmarie", "mariedurand",
     "u1", "MDurand"],
)  # fmt: skip
def test_a_name_in_any_spelling(read, name: str) -> None:  # type: ignore[no-untyped-def]
    assert read(CANVAS).find(name).id == "u1"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Zoé O'Neil-Ångström", "Zoe ONeil Angstrom"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Jose\u0301 Díaz", "Díaz, José"),
    ],
)
def test_accents_and_punctuation_do_not_matter(read, written: str, name: str) -> None:  # type: ignore[no-untyped-def]
    assert read(f'id,name\n1,"{written}"\n').find(name).id == "1"


@pytest.mark.parametrize("name", ["Marie", "Durand", "Marie Durands", "Maria Durand", "", "Durand Li"])
def test_a_part_of_a_name_is_not_the_name(read, name: str) -> None:  # type: ignore[no-untyped-def]
    assert read(CANVAS).find(name) is None


def test_names_that_are_one_word_in_canvas_are_told_apart_by_the_id(read) -> None:  # type: ignore[no-untyped-def]
    roster = read("id,name,canvas\ns1,Ann Ali,7\ns2,Anna Li,8\n")
    assert roster.find(sender_of("annali_8_1_a.py")).id == "s2"
    with pytest.raises(Undecided):
        roster.find(sender_of("annali_9_1_a.py")) or read("id,name\ns1,Ann Ali\ns2,Anna Li\n").find("annali")


def test_the_username_of_blackboard_is_a_login_or_the_start_of_an_address(read) -> None:  # type: ignore[no-untyped-def]
    date = "attempt_2026-10-01-12-00-00_a.py"
    assert read(CANVAS).find(sender_of(f"Lab_mdurand_{date}")).id == "u1"
    assert read(OWN).find(sender_of(f"Lab_bob_{date}")).id == "s2"
    assert read("id,name\nx_smith,X\nsmith,Y\n").find(sender_of(f"Lab_x_smith_{date}")).id == "x_smith"


def test_an_address_decides_before_the_name(read) -> None:  # type: ignore[no-untyped-def]
    roster = read(MOODLE_WORKSHEET)
    assert roster.find(Sender("Anna Müller", "", email="ANNA@uni.de", kind="gradescope")).id == "anna@uni.de"
    assert roster.find("anna.mueller@uni.de").id == "anna.mueller@uni.de"
