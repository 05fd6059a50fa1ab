"""Names that Moodle, Canvas and Blackboard give to what they export."""

from __future__ import annotations

from datetime import datetime

import pytest

from autograder.submissions.lms_names import Sender, sender_of


def sender(name: str) -> Sender:
    found = sender_of(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "who", "number", "file", "is_text"),
    [
        ("Anna Müller_12345_assignsubmission_file_", "Anna Müller", "12345", "", False),
        ("Anna Müller_12345_assignsubmission_file", "Anna Müller", "12345", "", False),
        ("Anna Müller_12345_assignsubmission_file_p1_mlp.ipynb", "Anna Müller", "12345", "p1_mlp.ipynb", False),
        ("Anna Müller_12345_assignsubmission_onlinetext_", "Anna Müller", "12345", "", True),
        ("Participant_6028_assignsubmission_file_", "Participant", "6028", "", False),
        ("Team A_assignsubmission_file_", "Team A", "", "", False),
    ],
)
def test_moodle(name: str, who: str, number: str, file: str, is_text: bool) -> None:
    assert sender(name) == Sender(who, number, file=file, kind="moodle", is_text=is_text)


@pytest.mark.parametrize(
    ("name", "who", "number", "late", "attempt", "file"),
    [
        ("durandmarie_777_88_mlp_nn.py", "durandmarie", "777", False, None, "mlp_nn.py"),
        ("durandmarie_LATE_777_88_mlp_nn-1.py", "durandmarie", "777", True, 2, "mlp_nn-1.py"),
        ("müllerannalena_777_88_week 3.zip", "müllerannalena", "777", False, None, "week 3.zip"),
        ("anon_Ab1Cd_88_mlp_nn.py", "", "anon_Ab1Cd", False, None, "mlp_nn.py"),
        ("LATE_anon_Ab1Cd_88_mlp_nn.py", "", "anon_Ab1Cd", True, None, "mlp_nn.py"),
    ],
)
def test_canvas(name: str, who: str, number: str, late: bool, attempt: int | None, file: str) -> None:
    assert sender(name) == Sender(who, number, late=late, attempt=attempt, file=file, kind="canvas", upload=88)


@pytest.mark.parametrize(
    "name", ["durandmarie_777_text.html", "durandmarie_LATE_777_link.html", "anon_Ab1Cd_text.html"]
)
def test_a_text_or_link_in_canvas_is_no_file(name: str) -> None:
    assert sender(name).is_text


def test_blackboard() -> None:
    found = sender("Lab 1_amueller_attempt_2026-10-01-12-30-05_p1_mlp.zip")
    assert (found.name, found.file, found.kind, found.is_text) == ("amueller", "p1_mlp.zip", "blackboard", False)
    assert found.time == datetime(2026, 10, 1, 12, 30, 5).astimezone()
    assert sender("Lab 1_amueller_attempt_2026-10-01-12-30-05.txt").is_text


@pytest.mark.parametrize(
    "name",
    [
        "Eve_5_assignsubmission_file_Anna Müller_12345_assignsubmission_file_mlp_nn.py",
        "Eve_5_assignsubmission_file_durandmarie_777_88_mlp_nn.py",
        "eve_5_6_durandmarie_777_88_mlp_nn.py",
        "Lab_eve_attempt_2026-10-01-12-00-00_Lab_anna_attempt_2026-10-01-12-00-00_mlp_nn.py",
    ],
)
def test_a_file_cannot_pretend_to_be_another_students(name: str) -> None:
    assert sender(name).name.casefold() == "eve"


@pytest.mark.parametrize(
    "name",
    ["alice", "alice.zip", "mlp_nn.py", "durand_mlp_nn.py", "Team_1_2_mlp.py", "x_attempt_2026-99-99-99-99-99_a.py",
     "_assignsubmission_file_", "group_12", "1_2_3.py"],
)  # fmt: skip
def test_other_names_are_of_no_lms(name: str) -> None:
    assert sender_of(name) is None


def test_two_usernames_with_an_underscore_are_never_one_student() -> None:
    one, other = (sender(f"Lab_{name}_attempt_2026-10-01-12-00-00_a.py") for name in ("x_smith", "y_smith"))
    assert one.name == other.name
    assert one.key != other.key


def test_a_late_file_is_of_the_same_student() -> None:
    assert sender("annali_7_8_a.py").key == sender("annali_LATE_7_9_b.py").key
