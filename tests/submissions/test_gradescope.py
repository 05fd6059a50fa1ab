"""Gradescope's list of submissions, which is written by Ruby and may be anything once somebody edited it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from autograder.submissions.entries import find_submissions, read_entry
from autograder.submissions.gradescope import METADATA_FILE, read_metadata
from autograder.submissions.members import SubmissionError

METADATA = """---
submission_101:
  :submitters:
  - :name: Anna Müller
    :sid: '1001'
    :email: anna@uni.de
  :created_at: 2026-11-19 10:00:00.123456000 Z
  :score: 0.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
  :history:
  - :id: 99
    :created_at: 2026-11-18 10:00:00.000000000 Z
    :score: 0.0
submission_102:
  :submitters:
  - :name: Bob Li
    :sid: 1002
    :email: bob@uni.de
  - :name: Carol Wu
    :sid:
    :email: carol@uni.de
  :created_at: 2026-11-20 10:00:00.000000000 Z
  :history: []
"""


def export(folder: Path, text: str = METADATA) -> Path:
    for name in ("submission_101", "submission_102"):
        (folder / name).mkdir(parents=True)
        (folder / name / "softmax_cross_entropy.py").write_text(f"name = {name!r}\n")
    (folder / METADATA_FILE).write_text(text)
    return folder


def test_the_students_of_each_folder(tmp_path: Path) -> None:
    found = read_metadata(export(tmp_path) / METADATA_FILE)
    assert {folder: [(s.name, s.number, s.email, s.attempt) for s in senders] for folder, senders in found.items()} == {
        "submission_101": [("Anna Müller", "1001", "anna@uni.de", 2)],
        "submission_102": [("Bob Li", "1002", "bob@uni.de", 1), ("Carol Wu", "", "carol@uni.de", 1)],
    }
    assert found["submission_101"][0].time == datetime(2026, 11, 19, 10, 0, 0, 123456, tzinfo=timezone.utc)


def test_every_member_of_a_group_has_an_entry_and_the_list_itself_is_none(tmp_path: Path) -> None:
    entries = find_submissions(export(tmp_path))
    assert {entry.id: entry.path.name for entry in entries} == {
        "Anna Müller_1001": "submission_101", "Bob Li_1002": "submission_102", "Carol Wu": "submission_102",
    }  # fmt: skip
    assert b"submission_102" in read_entry(entries[1]).files["p1_mlp/softmax_cross_entropy.py"]


def test_a_folder_that_the_list_does_not_have_is_an_entry_too(tmp_path: Path) -> None:
    (export(tmp_path) / "submission_999").mkdir()
    assert "submission_999" in {entry.id for entry in find_submissions(tmp_path)}


def test_a_folder_that_is_not_there_is_an_entry_with_a_problem(tmp_path: Path) -> None:
    text = METADATA + "submission_103:\n  :submitters:\n  - :name: Dan\n"
    [dan] = [entry for entry in find_submissions(export(tmp_path, text)) if entry.id == "Dan"]
    with pytest.raises(
        SubmissionError, match=r"submission_103 is in submission_metadata\.yml but not in the folder: download it again"
    ):
        read_entry(dan)


@pytest.mark.parametrize("name", ["..", ".", "../secret", "/etc", "a/b", '"a\\\\b"'])
def test_the_list_leads_to_no_other_place(tmp_path: Path, name: str) -> None:
    text = METADATA + f"{name}:\n  :submitters:\n  - :name: Eve\n"
    assert all(entry.id != "Eve" for entry in find_submissions(export(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    ["a: [", "- a\n", "just text", "a: !!python/object/apply:os.system ['touch here']\n\t", "\x00"],
)
def test_a_damaged_list_is_named_with_a_remedy(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        SubmissionError, match=r"submission_metadata\.yml cannot be read .*download the submissions from G"
    ):
        find_submissions(export(tmp_path, text))


def test_no_object_is_made_from_the_list(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"submission_101: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{mark}]]\n"
    with pytest.raises(SubmissionError):
        read_metadata(export(tmp_path / "x", text) / METADATA_FILE)
    assert not mark.exists()


def test_a_name_that_is_a_bomb_is_ignored(tmp_path: Path) -> None:
    layers = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    text = f"a0: &a0 [x]\n{layers}submission_101:\n  :submitters:\n  - :name: *a29\n    :sid: 7\n"
    assert [s.label for s in read_metadata(export(tmp_path, text) / METADATA_FILE)["submission_101"]] == ["7"]


@pytest.mark.parametrize("about", ["null", "text", "{}", "{':submitters': text}", "{':submitters': [1, null]}"])
def test_a_folder_without_students_in_the_list_is_its_own_student(tmp_path: Path, about: str) -> None:
    entries = find_submissions(export(tmp_path, f"submission_101: {about}\n"))
    assert [entry.id for entry in entries] == ["submission_101", "submission_102"]
