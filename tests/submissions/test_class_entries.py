"""What lies in the folder of a class: all of it belongs to an entry, and the files of one student to one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.members import SubmissionError
from tests.submissions.making import fill, tarred, zipped

SOFTMAX = "p1_mlp/softmax_cross_entropy.py"
SVM = "p1_mlp/svm.py"
CANVAS = "durandmarie_777_88_"


def entries(folder: Path) -> dict[str, Entry]:
    return {entry.id: entry for entry in find_submissions(folder)}


def only(folder: Path) -> Entry:
    [entry] = find_submissions(folder)
    return entry


def names(entry: Entry) -> list[str]:
    return [path.name for path in entry.paths]


# Nothing is skipped.


def test_everything_that_is_not_hidden_or_a_tools_is_an_entry(tmp_path: Path) -> None:
    visible = {
        "a": "a/x.py", "b": "b.zip", "c": "c.rar", "d": "d.tar.gz", "e": "e.7z", "f": "f.pdf", "g": "g.ipynb.txt",
        "h.docx": "h.docx", "i": "i.ipynb", "j": "j.py", "README.md": "README.md", "noending": "noending",
    }  # fmt: skip
    fill(tmp_path, dict.fromkeys([*visible.values(), ".DS_Store", "Thumbs.db", "__MACOSX/x", ".git/config"], b"?"))
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    assert set(entries(tmp_path)) == {*visible, "empty", "pipe"}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.rar", b"Rar!\x1a\x07\x01\x00", "a.rar is a RAR archive, which is not opened: pack the folder as .zip"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "a.7z is a 7-Zip archive, which is not opened: pack the folder as .zip"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is a PDF: hand in the notebook"),
        ("a.docx", b"PK\x03\x04", "a.docx is an office document: hand in the notebook"),
        ("a.zip", b"", "a.zip is an empty file: pack the folder"),
        ("notes.txt", b"hi", "notes.txt is data or text: hand in the notebook"),
    ],
)
def test_what_cannot_be_graded_says_so_with_a_remedy(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    fill(tmp_path, {name: data, "zoe/svm.py": "x = 1"})
    entry = find_submissions(tmp_path)[0]
    with pytest.raises(SubmissionError, match=words):
        read_entry(entry)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    with pytest.raises(SubmissionError, match="alice is empty: hand in"):
        read_entry(only(tmp_path))


@pytest.mark.parametrize("name", ["alice.tar.gz", "alice.tgz", "alice.tar"])
def test_a_tar_is_read(tmp_path: Path, name: str) -> None:
    entry = only(fill(tmp_path, {name: tarred((SOFTMAX, "x = 1"), compression="gz")}))
    assert (entry.id, read_entry(entry).files) == ("alice", {SOFTMAX: b"x = 1"})


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_no_file_of_the_class_is_opened_through_a_link_or_a_pipe(tmp_path: Path, kind: str) -> None:
    folder = fill(tmp_path / "class", {"bob/svm.py": "x = 1"})
    secret = fill(tmp_path, {"secret.py": "secret"}) / "secret.py"
    if kind == "link":
        (folder / "eve_svm.py").symlink_to(secret)
    else:
        os.mkfifo(folder / "eve_svm.py")
    assert read_entry(entries(folder)["eve"]).files.get(SVM) is None


# The files of one student.


def test_flat_files_of_canvas_are_one_entry(tmp_path: Path) -> None:
    files = {"durandmarie_777_88_softmax_cross_entropy.py": "a = 1", "durandmarie_777_89_svm.py": "b = 1"}
    entry = only(fill(tmp_path, files))
    assert entry.id == "durandmarie_777"
    assert read_entry(entry).files == {SOFTMAX: b"a = 1", SVM: b"b = 1"}


def test_the_newest_upload_of_a_file_counts_and_the_older_is_named(tmp_path: Path) -> None:
    files = {"durandmarie_777_188_svm.py": "old = 1", "durandmarie_777_1090_svm-1.py": "new = 1"}
    submission = read_entry(only(fill(tmp_path, files)))
    assert submission.files == {SVM: b"new = 1"}
    assert "durandmarie_777_188_svm.py was left aside: durandmarie_777_1090_svm-1.py was uploaded later" in (
        submission.left_aside
    )


def test_a_zip_and_a_pdf_in_canvas_are_one_entry(tmp_path: Path) -> None:
    files = {f"{CANVAS}lab.zip": zipped({SVM: "x = 1"}), "durandmarie_777_89_report.pdf": b"%PDF"}
    submission = read_entry(only(fill(tmp_path, files)))
    assert submission.files == {SVM: b"x = 1"}
    assert any("report.pdf" in text for text in submission.left_aside)


def test_late_and_earlier_files_of_canvas_are_two_attempts_of_one_student(tmp_path: Path) -> None:
    found = find_submissions(fill(tmp_path, {f"{CANVAS}svm.py": "", "durandmarie_LATE_777_99_svm-1.py": ""}))
    assert [entry.id for entry in found] == ["durandmarie_777"] * 2


def test_two_students_of_one_name_in_canvas_are_two(tmp_path: Path) -> None:
    assert set(entries(fill(tmp_path, {"annali_7_1_svm.py": "", "annali_8_2_svm.py": ""}))) == {"annali_7", "annali_8"}


def test_files_named_after_a_student_and_an_exercise_are_one_entry(tmp_path: Path) -> None:
    files = {"durand_softmax_cross_entropy.py": "a = 1", "durand_svm (1).py": "b = 1", "li_svm.py": "c = 1"}
    found = entries(fill(tmp_path, files))
    assert set(found) == {"durand", "li"}
    assert read_entry(found["durand"]).files == {SOFTMAX: b"a = 1", SVM: b"b = 1"}


def test_the_files_and_the_online_text_of_moodle_are_one_entry(tmp_path: Path) -> None:
    prefix = "Anna Müller_100_assignsubmission"
    files = {f"{prefix}_file_/svm.py": "x = 1", f"{prefix}_onlinetext_/onlinetext.html": "<p>hi</p>"}
    entry = only(fill(tmp_path, files))
    assert entry.id == "Anna Müller_100"
    submission = read_entry(entry)
    assert submission.files == {SVM: b"x = 1"}
    assert any("onlinetext_ was handed in as a text" in text for text in submission.left_aside)


def test_flat_files_of_moodle_are_one_entry(tmp_path: Path) -> None:
    prefix = "Anna Müller_100_assignsubmission_file_"
    assert set(read_entry(only(fill(tmp_path, {f"{prefix}svm.py": "x", f"{prefix}a.csv": "1"}))).files) == {SVM}


@pytest.mark.parametrize(
    "name", ["Anna_100_assignsubmission_onlinetext_/onlinetext.html", "durandmarie_777_text.html",
     "L_bob_attempt_2026-10-01-12-00-00.txt"]
)  # fmt: skip
def test_an_online_text_alone_is_an_entry_with_a_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match=r"was handed in as a text, a link or a comment .* ask for the file"):
        read_entry(only(fill(tmp_path, {name: "text"})))


def test_each_attempt_in_blackboard_is_an_entry_with_its_file(tmp_path: Path) -> None:
    start = "Lab 1_amueller_attempt_2026-10-0"
    files = {f"{start}{day}-12-00-00{end}": day for day in "12" for end in (".txt", "_svm.py")}
    found = find_submissions(fill(tmp_path, files))
    assert [(entry.id, read_entry(entry).files, read_entry(entry).left_aside) for entry in found] == [
        ("amueller", {SVM: b"1"}, ()),
        ("amueller", {SVM: b"2"}, ()),
    ]


def test_usernames_that_end_alike_in_blackboard_are_two_students(tmp_path: Path) -> None:
    date = "attempt_2026-10-01-12-00-00_svm.py"
    found = find_submissions(fill(tmp_path, {f"Lab_x_smith_{date}": "", f"Lab_y_smith_{date}": ""}))
    assert len({entry.id for entry in found}) == 2


def test_a_pdf_beside_the_zip_of_the_same_name_belongs_to_it(tmp_path: Path) -> None:
    entry = only(fill(tmp_path, {"alice.zip": zipped({SVM: "x = 1"}), "alice.pdf": b"%PDF"}))
    assert names(entry) == ["alice.zip", "alice.pdf"]
    assert read_entry(entry).files == {SVM: b"x = 1"}


def test_an_id_does_not_depend_on_who_else_hands_in(tmp_path: Path) -> None:
    one = fill(tmp_path / "one", {"Anna Müller_100_assignsubmission_file_/svm.py": ""})
    two = fill(tmp_path / "two", {f"Anna Müller_{n}_assignsubmission_file_/svm.py": "" for n in (100, 101)})
    assert set(entries(one)) < set(entries(two))


def test_the_roster_in_the_folder_is_no_entry(tmp_path: Path) -> None:
    fill(tmp_path, {"alice/svm.py": "", "roster.csv": "id\n"})
    assert [entry.id for entry in find_submissions(tmp_path, tmp_path / "roster.csv")] == ["alice"]


def test_the_exercises_of_one_student_are_no_class(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="is one submission, not a folder of submissions"):
        find_submissions(fill(tmp_path, {"softmax_cross_entropy.py": "", "svm.py": "", "p1_mlp.ipynb": ""}))
