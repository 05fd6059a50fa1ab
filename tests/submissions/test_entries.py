"""The folders of a class are read completely, in any layout that students hand in, and nothing outside them is read."""

from __future__ import annotations

import io
import json
import os
import random
import socket
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.grading.engine import Engine
from autograder.submissions import folders
from autograder.submissions.arrange import arrange
from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.folders import open_folder
from autograder.submissions.helpers import MAX_HELPERS
from autograder.submissions.ids import distinct_ids, safe_id
from autograder.submissions.left_aside import MAX_LINES
from autograder.submissions.members import Listing, Member, Unusable
from autograder.submissions.notebooks.modules import Places
from autograder.submissions.submission import Submission, SubmissionError, read_submission
from tests.submissions.making import fill
from tests.zoo import MLP as MLP_ID
from tests.zoo import PROJECT, messages
from tests.zoo import SOFTMAX as SOFTMAX_ID

MLP, SOFTMAX = f"{MLP_ID}.py", f"{SOFTMAX_ID}.py"
GOOD, SECRET = b"x = 1\n", b"the_answer = 42\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    folder = tmp_path / "class" / "alice"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.py"
    path.write_bytes(SECRET)
    return path


def packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(folder: Path) -> Submission:
    """Reads a path as one submission of a class."""
    return read_entry(Entry("alice", folder))


def arranged(files: Mapping[str, bytes], *exercises: str) -> tuple[dict[str, bytes], dict[str, str], str]:
    """Arranges files in memory for a course with these exercises."""
    listing = Listing()
    for name, data in files.items():
        listing.add(Member(name, tuple(name.split("/")), lambda limit, data=data: data))
    result = arrange(listing, [ExerciseId(name) for name in exercises or (MLP_ID, SOFTMAX_ID)])
    return result.files, result.problems, "\n".join(result.notes)


# Where the exercises lie.


@pytest.mark.parametrize(
    "prefix", ["", "exercises/", "Exercises/", "alice-main/", "alice-main/exercises/", "a/b/c/", "a/b/exercises/"]
)
def test_the_layout_is_found_below_single_folders(alice: Path, prefix: str) -> None:
    fill(alice, {f"{prefix}{MLP}": GOOD, f"{prefix}{SOFTMAX}": GOOD, f"{prefix}p1_mlp/helper.py": b"h = 1\n"})
    result = read(alice)
    assert result.files == {MLP: GOOD, SOFTMAX: GOOD, "p1_mlp/helper.py": b"h = 1\n"}
    assert (result.problems, result.notes) == ({}, ())


def test_a_part_of_the_layout_is_enough(alice: Path) -> None:
    assert read(fill(alice, {MLP: GOOD})).files == {MLP: GOOD}


def test_a_full_copy_of_the_course_yields_its_exercises_and_nothing_of_this_package() -> None:
    files, problems, notes = arranged(
        {f"course/exercises/{MLP}": GOOD, "course/autograder/cli.py": b"1", "course/autograder/data/x.py": b"1",
         "course/autograder/graders/p1_mlp/test_mlp_nn.py": b"1", "course/helper.py": b"2"}
    )  # fmt: skip
    assert (files, problems, notes) == ({MLP: GOOD, "helper.py": b"2"}, {}, "")


def test_practicals_in_folders_of_their_own_are_found() -> None:
    ids = (ExerciseId("p1_mlp/a"), ExerciseId("p2_cnn/b"))
    files, problems, _ = arranged(
        {"week 1/p1_mlp/a.py": b"a", "week 2/p2_cnn/b.py": b"b", "week 2/p2_cnn/h.py": b"h"}, *ids
    )
    assert (files, problems) == ({"p1_mlp/a.py": b"a", "p2_cnn/b.py": b"b", "p2_cnn/h.py": b"h"}, {})


def test_an_older_copy_deeper_down_is_ignored_with_a_note() -> None:
    files, problems, notes = arranged({MLP: GOOD, f"old/{MLP}": b"old"})
    assert (files, problems) == ({MLP: GOOD}, {})
    assert f"old/{MLP} was ignored" in notes


def test_loose_exercise_files_come_to_their_practical(alice: Path) -> None:
    result = read(fill(alice, {"mlp_nn.py": GOOD, "helper.py": b"h"}))
    assert (result.files, result.problems) == ({MLP: GOOD, "helper.py": b"h"}, {})


@pytest.mark.parametrize("prefix", ["exercises/", "alice/", "alice/exercises/"])
def test_loose_exercise_files_below_a_wrapping_folder_too(prefix: str) -> None:
    assert arranged({f"{prefix}mlp_nn.py": GOOD})[0] == {MLP: GOOD}


def test_a_loose_file_that_two_practicals_could_own_is_named_in_a_note() -> None:
    files, problems, notes = arranged({"train.py": GOOD}, "p1_mlp/train", "p2_cnn/train")
    assert (files, problems) == ({"train.py": GOOD}, {})
    assert "train.py could belong to p1_mlp or p2_cnn" in notes


def test_an_exercises_name_in_another_practical_is_a_helper() -> None:
    assert arranged({"p2_cnn/a.py": GOOD}, "p1_mlp/a", "p2_cnn/b") == ({"p2_cnn/a.py": GOOD}, {}, "")


def test_helpers_are_importable_where_students_put_them(engine: Engine, alice: Path) -> None:
    right = (PROJECT / "solutions" / SOFTMAX).read_bytes()
    use = b"from helper import *\nfrom tools.more import two\nassert two == 2\n"
    files = {SOFTMAX: use, "p1_mlp/helper.py": right, "p1_mlp/tools/more.py": b"two = 2\n"}
    result = engine.grade(read(fill(alice, {f"alice-main/exercises/{k}": v for k, v in files.items()})), [SOFTMAX_ID])
    assert result.complete, messages(result.exercises[0])


def test_only_python_files_are_kept_and_tools_folders_are_left_aside(alice: Path) -> None:
    fill(alice, {MLP: GOOD, "p1_mlp/data.csv": b"1", "README": b"hi", "p1_mlp/__pycache__/x.py": b"1", ".git/x.py": b"1",
                 "__MACOSX/x.py": b"1", "p1_mlp/.hidden.py": b"1", "env/pyvenv.cfg": b"", "env/lib/a.py": b"1",
                 "env/aaa.py": b"1"})  # fmt: skip
    result = read(alice)
    assert (result.files, result.notes) == ({MLP: GOOD}, ())
    names = "README and p1_mlp/data.csv"
    assert result.left_aside == (f"{names} were left aside: only notebooks and Python files are graded",)


def test_an_empty_folder_says_so(alice: Path) -> None:
    (alice / ".DS_Store").touch()
    with pytest.raises(SubmissionError, match=r"^alice is empty: hand in your notebook"):
        read(alice)


def test_a_folder_with_nothing_but_a_zip_is_that_zip(alice: Path) -> None:
    fill(alice, {"upload/work.zip": packed({f"exercises/{MLP}": GOOD}), "upload/comment.txt": b"hi", ".DS_Store": b""})
    assert read(alice).files == {MLP: GOOD}


def test_such_a_zip_may_be_handed_in_locally_too(alice: Path) -> None:
    assert read_submission(fill(alice, {"work.zip": packed({MLP: GOOD})})).files == {MLP: GOOD}


def test_a_zip_beside_python_files_is_not_opened_and_the_reason_is_given(alice: Path) -> None:
    result = read(fill(alice, {MLP: GOOD, "old.zip": packed({SOFTMAX: GOOD})}))
    assert result.files == {MLP: GOOD}
    [text] = result.left_aside
    assert text.startswith("old.zip was left aside: there are Python files or notebooks beside it")


def test_of_several_zips_none_is_opened(alice: Path) -> None:
    with pytest.raises(SubmissionError, match=r"^alice holds a\.zip and b\.zip: hand in a single archive"):
        read(fill(alice, {"a.zip": packed({MLP: GOOD}), "b.zip": packed({MLP: b"2"})}))


def test_a_broken_zip_in_a_folder_is_named(alice: Path) -> None:
    with pytest.raises(SubmissionError, match=r"alice/work\.zip is not a zip archive"):
        read(fill(alice, {"work.zip": b"no"}))


# Which of two files counts.


@pytest.mark.parametrize("other", [f"exercises/{MLP}", "mlp_nn.py", "exercises/mlp_nn.py"])
def test_two_different_files_for_one_exercise_are_both_named(alice: Path, other: str) -> None:
    result = read(fill(alice, {MLP: GOOD, other: b"x = 2\n", SOFTMAX: GOOD}))
    assert result.files == {SOFTMAX: GOOD}
    problem = result.problems[MLP]
    assert f"{MLP} and {other} could both" in problem or f"{other} and {MLP} could both" in problem


@pytest.mark.parametrize("other", [f"exercises/{MLP}", "mlp_nn.py", "p1_mlp/MLP_nn.py"])
def test_two_files_of_the_same_content_are_no_conflict(alice: Path, other: str) -> None:
    result = read(fill(alice, {MLP: GOOD, other: GOOD}))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})


def test_two_weeks_with_different_versions_are_a_conflict() -> None:
    files, problems, _ = arranged({f"week1/{MLP}": GOOD, f"week2/{MLP}": b"2"})
    assert files == {}
    assert f"week1/{MLP} and week2/{MLP} could both be" in problems[MLP]


def test_two_different_helpers_of_the_same_path_are_a_problem() -> None:
    helpers = {"p1_mlp/h.py": b"1", "exercises/p1_mlp/h.py": b"2"}
    files, problems, _ = arranged({MLP: GOOD, f"exercises/{SOFTMAX}": GOOD, **helpers})
    assert files == {MLP: GOOD, SOFTMAX: GOOD}
    assert "p1_mlp/h.py" in problems


@pytest.mark.parametrize("wrong", ["p1_mlp/MLP_nn.py", "P1_mlp/mlp_nn.py", "p1_mlp/mlp_nn.PY", "Mlp_NN.py"])
def test_a_name_in_another_case_counts_with_a_note(alice: Path, wrong: str) -> None:
    result = read(fill(alice, {wrong: GOOD}))
    assert result.files == {MLP: GOOD}
    assert result.notes == (f"{wrong} was taken as {MLP}",)


# Links, and anything else that is not a regular file.


def test_a_link_to_a_file_is_not_followed_and_affects_only_itself(alice: Path, secret: Path) -> None:
    fill(alice, {SOFTMAX: GOOD})
    (alice / MLP).symlink_to(secret)
    result = read(alice)
    assert result.files == {SOFTMAX: GOOD}
    assert f"{MLP} is a link, which is never followed" in result.problems[MLP]


def test_a_helper_that_is_a_link_is_reported(alice: Path, secret: Path) -> None:
    fill(alice, {MLP: GOOD})
    (alice / "p1_mlp/helper.py").symlink_to(secret)
    result = read(alice)
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert "helper.py is a link" in result.unreadable[0]


@pytest.mark.parametrize("name", ["p1_mlp", "exercises"])
def test_a_link_to_a_folder_is_not_followed_and_is_the_reason(alice: Path, tmp_path: Path, name: str) -> None:
    outside = fill(tmp_path / "outside", {"mlp_nn.py": SECRET, MLP: SECRET})
    (alice / name).symlink_to(outside, target_is_directory=True)
    with pytest.raises(SubmissionError, match=f"alice cannot be read: {name} is a link, which is never followed"):
        read(alice)
    result = read(fill(alice, {"softmax_cross_entropy.py": GOOD}))
    assert result.files == {SOFTMAX: GOOD}
    assert f"{name} is a link" in result.problems[MLP]


def test_any_other_link_to_a_folder_is_a_note(alice: Path, tmp_path: Path) -> None:
    fill(alice, {MLP: GOOD})
    (alice / "data").symlink_to(tmp_path)
    (alice / "again").symlink_to(alice)
    result = read(alice)
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert len(result.notes) == 2


@pytest.mark.parametrize("target", ["folder", "file", "nowhere", "itself"])
def test_a_student_who_is_a_link_is_refused(tmp_path: Path, secret: Path, target: str) -> None:
    fill(tmp_path / "folder", {MLP: SECRET})
    link = tmp_path / "alice"
    link.symlink_to({"folder": tmp_path / "folder", "file": secret, "nowhere": tmp_path / "no", "itself": link}[target])
    with pytest.raises(SubmissionError, match="alice is a link or not a folder"):
        read(link)


def test_a_zip_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.zip").write_bytes(packed({MLP: SECRET}))
    (tmp_path / "alice.zip").symlink_to(tmp_path / "real.zip")
    with pytest.raises(SubmissionError, match=r"alice\.zip is a link"):
        read(tmp_path / "alice.zip")


def test_the_only_zip_of_a_folder_must_not_be_a_link(alice: Path, tmp_path: Path) -> None:
    (tmp_path / "real.zip").write_bytes(packed({MLP: SECRET}))
    (alice / "work.zip").symlink_to(tmp_path / "real.zip")
    with pytest.raises(SubmissionError, match=r"work\.zip is a link"):
        read(alice)


def test_the_folder_that_a_user_names_may_be_a_link(alice: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(fill(alice, {MLP: GOOD}))
    assert read_submission(tmp_path / "mine").files == {MLP: GOOD}


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_a_special_file_is_a_problem_and_does_not_block(
    alice: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(alice, {SOFTMAX: GOOD})
    monkeypatch.chdir(alice)  # a socket's path must be short
    if kind == "pipe":
        os.mkfifo(MLP)
    elif kind == "folder":
        fill(alice, {f"{MLP}/x.py": GOOD})
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(MLP)
    result = read(alice)
    assert result.files[SOFTMAX] == GOOD
    assert "is a folder" in result.problems[MLP] if kind == "folder" else "not a regular file" in result.problems[MLP]


@as_root
def test_a_device_is_not_even_opened(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(alice, {SOFTMAX: GOOD})
    try:
        os.mknod(alice / MLP, 0o20666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("no devices can be made here")
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, **options: opened.append(path) or real(path, flags, **options))
    result = read(alice)
    assert "not a regular file" in result.problems[MLP]
    assert "mlp_nn.py" not in opened
    assert "softmax_cross_entropy.py" in opened


def test_a_pipe_for_a_student_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alice.zip")
    with pytest.raises(SubmissionError, match=r"alice\.zip is not a regular file"):
        read(tmp_path / "alice.zip")


@as_root
def test_a_hard_link_to_another_users_file_is_refused(alice: Path, secret: Path) -> None:
    fill(alice, {SOFTMAX: GOOD})
    for folder in (alice, alice / "p1_mlp"):
        os.chown(folder, 12345, 12345)
    os.link(secret, alice / MLP)
    result = read(alice)
    assert result.files == {SOFTMAX: GOOD}
    assert "hard link to another user's file" in result.problems[MLP]


def test_hard_links_between_a_students_own_files_are_allowed(alice: Path, tmp_path: Path) -> None:
    fill(alice, {MLP: GOOD})
    os.link(alice / MLP, tmp_path / "snapshot.py")
    assert read(alice).files == {MLP: GOOD}


@as_root
def test_a_copy_owned_by_another_user_is_allowed(alice: Path) -> None:
    fill(alice, {MLP: GOOD})
    os.chown(alice / "p1_mlp", 12345, 12345)
    assert read(alice).files == {MLP: GOOD}


@pytest.mark.parametrize("exchanged", ["p1_mlp", MLP])
def test_a_file_replaced_by_a_link_after_listing_is_not_read(
    alice: Path, tmp_path: Path, secret: Path, exchanged: str
) -> None:
    fill(alice, {MLP: GOOD})
    fill(tmp_path / "outside", {"mlp_nn.py": SECRET})
    with open_folder(alice, follow=False) as listing:
        (alice / exchanged).rename(tmp_path / "before")
        (alice / exchanged).symlink_to(secret if exchanged == MLP else tmp_path / "outside")
        with pytest.raises(Unusable, match="is a link"):
            listing.scripts[0].read(1000)


@pytest.mark.parametrize(("kind", "phrase"), [("link", "is a link"), ("pipe", "is not a regular file")])
def test_a_file_replaced_between_check_and_opening_is_not_read(
    alice: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, kind: str, phrase: str
) -> None:
    fill(alice, {MLP: GOOD})
    path, confirm, looks = alice / MLP, folders._confirm_plain, []

    def exchange(found: os.stat_result) -> None:
        confirm(found)
        looks.append(found)
        if len(looks) == 1:
            path.unlink()
            path.symlink_to(secret) if kind == "link" else os.mkfifo(path)

    monkeypatch.setattr(folders, "_confirm_plain", exchange)
    assert phrase in read(alice).problems[MLP]


def test_replacing_the_whole_folder_by_a_link_changes_nothing(alice: Path, tmp_path: Path) -> None:
    fill(alice, {MLP: GOOD})
    fill(tmp_path / "outside", {MLP: SECRET})
    with open_folder(alice, follow=False) as listing:
        alice.rename(tmp_path / "before")
        alice.symlink_to(tmp_path / "outside")
        assert listing.scripts[0].read(1000) == GOOD


def test_without_descriptors_for_folders_links_are_refused_too(
    alice: Path, tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "BY_DESCRIPTOR", False)  # as in Windows
    fill(alice, {SOFTMAX: GOOD})
    (alice / MLP).symlink_to(secret)
    result = read(alice)
    assert result.files == {SOFTMAX: GOOD}
    assert "is a link" in result.problems[MLP]
    (tmp_path / "link").symlink_to(alice)
    with pytest.raises(SubmissionError, match="is a link"):
        read(tmp_path / "link")


def test_no_descriptor_stays_open(alice: Path, secret: Path) -> None:
    fill(alice, {f"a/b/{MLP}": GOOD, "a/b/c/d/x.py": GOOD})
    (alice / "y.py").symlink_to(secret)
    os.mkfifo(alice / "z.py")
    before = len(os.listdir("/dev/fd"))
    read(alice)
    assert len(os.listdir("/dev/fd")) == before


# Bounds.


def test_a_huge_file_is_a_problem_and_is_not_read_whole(alice: Path) -> None:
    fill(alice, {SOFTMAX: GOOD, MLP: b""})
    os.truncate(alice / MLP, 1 << 40)
    result = read(alice)
    assert result.files == {SOFTMAX: GOOD}
    assert "larger than 1 MiB" in result.problems[MLP]


def test_folders_nested_too_deeply_are_not_entered(alice: Path) -> None:
    deep = alice / "/".join(["d"] * 60)
    fill(alice, {MLP: GOOD})
    fill(deep, {"deep.py": GOOD})
    result = read(alice)
    assert result.files == {MLP: GOOD}
    assert "more than 16 folders deep" in result.unreadable[0]


def test_helpers_are_limited_and_exercises_are_not(alice: Path) -> None:
    fill(alice, {f"a{number}.py": GOOD for number in range(MAX_HELPERS + 20)})
    fill(alice, {MLP: GOOD, "p1_mlp/z.py": GOOD})
    result = read(alice)
    assert {MLP, "p1_mlp/z.py"} <= result.files.keys()
    assert len(result.files) == MAX_HELPERS + 1
    [text] = result.left_aside
    assert "and 18 more left aside: only the first 500 of 521 other Python files were read" in text


def test_too_many_entries_are_refused(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_ENTRIES", 30)
    fill(alice, {f"data/{number}.png": b"" for number in range(40)})
    with pytest.raises(SubmissionError, match=r"holds more than 30 files: hand in your exercises without data"):
        read(alice)


def test_notes_are_limited_and_say_how_many_more(alice: Path, secret: Path) -> None:
    for number in range(50):
        (alice / f"h{number:02}.py").symlink_to(secret)
    texts = read(fill(alice, {MLP: GOOD})).unreadable
    assert (len(texts), texts[-1]) == (MAX_LINES + 1, "and 30 more")


@pytest.mark.parametrize("name", ["caf\udce9.py", "a\x1b[2Jb.py", "a\nb.py", "a\u202eb.py"])
def test_a_helper_with_an_unprintable_name_is_named_in_print(alice: Path, name: str) -> None:
    result = read(fill(alice, {MLP: GOOD, name: GOOD}))
    assert result.files == {MLP: GOOD}
    assert result.left_aside[0].isprintable()
    assert "rename it" in result.left_aside[0]


def test_a_wrapping_folder_may_have_any_name(alice: Path) -> None:
    assert read(fill(alice, {f"M\udcfcller \u200d\n/{MLP}": GOOD})).files == {MLP: GOOD}


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    for attempt in (lambda: read(tmp_path / "no"), lambda: read_submission(tmp_path / "no")):
        with pytest.raises(SubmissionError, match=r"no does not exist: give a folder"):
            attempt()


def test_any_failure_to_read_an_entry_is_a_submission_error(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.submissions.submission.arrange", lambda *args: 1 / 0)
    with pytest.raises(SubmissionError, match=r"alice cannot be read .*ZeroDivisionError"):
        read(alice)


# The class.


def ids_of(folder: Path) -> dict[str, str]:
    return {entry.path.name: entry.id for entry in find_submissions(folder)}


def test_names_without_the_endings_of_archives_are_students(tmp_path: Path) -> None:
    for name in ("alice", "bob.smith", ".git", "__MACOSX", "müller"):
        (tmp_path / name).mkdir()
    for name in ("carol.zip", "dave.ZIP", ".DS_Store", "._carol.zip", ".zip"):
        (tmp_path / name).write_bytes(b"")
    assert ids_of(tmp_path) == {
        "alice": "alice", "bob.smith": "bob.smith", "carol.zip": "carol", "dave.ZIP": "dave", "müller": "müller"
    }  # fmt: skip


def test_entries_are_sorted_by_id_and_lie_in_the_folder(tmp_path: Path) -> None:
    for name in ("zoe", "bob", "alice"):
        (tmp_path / name).mkdir()
    assert [(e.id, e.path) for e in find_submissions(tmp_path)] == [(n, tmp_path / n) for n in ("alice", "bob", "zoe")]


@pytest.mark.parametrize("target", ["folder", "itself"])
def test_a_link_is_listed_so_that_its_student_is_not_dropped_silently(tmp_path: Path, target: str) -> None:
    (tmp_path / "class").mkdir()
    fill(tmp_path / "folder", {MLP: SECRET})
    link = tmp_path / "class" / "eve"
    link.symlink_to(tmp_path / "folder" if target == "folder" else link)
    [entry] = find_submissions(tmp_path / "class")
    with pytest.raises(SubmissionError, match="eve is a link"):
        read_entry(entry)


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "loose files"])
def test_a_folder_that_holds_no_class_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "subs"
    if kind == "file":
        folder.write_bytes(b"")
    elif kind != "missing":
        folder.mkdir()
    if kind == "loose files":
        (folder / "notes.txt").write_bytes(b"")
    with pytest.raises(SubmissionError, match=r"subs .*one folder or \.zip per student"):
        find_submissions(folder)


@pytest.mark.parametrize("prefix", ["", "exercises/"])
def test_a_submission_given_as_a_class_is_refused(alice: Path, prefix: str) -> None:
    with pytest.raises(SubmissionError, match=r"is one submission, not a folder of submissions"):
        find_submissions(fill(alice, {f"{prefix}{MLP}": GOOD}))


ALIKE = ["Alice", "alice", "alice.zip", "ALICE.ZIP", "straße", "STRASSE", "m\u00fcller", "mu\u0308ller", "M\u00dcLLER",
         "\u0390", "\u03aa\u0301"]  # fmt: skip


def test_ids_that_some_file_system_treats_as_equal_are_made_distinct_in_every_order() -> None:
    names = [(name, name[:-4] if name.lower().endswith(".zip") else name) for name in ALIKE]
    ids = distinct_ids(names)
    assert len({identity.casefold() for identity in ids.values()}) == len(ALIKE)
    for seed in range(5):
        assert distinct_ids(random.Random(seed).sample(names, len(names))) == ids
    assert all("~" in identity for identity in ids.values())
    assert ids["Alice"].startswith("Alice~")
    assert ids["mu\u0308ller"].startswith("m\u00fcller~")


def test_an_id_does_not_depend_on_the_others_once_it_needs_a_mark() -> None:
    two = distinct_ids([("alice", "alice"), ("Alice", "Alice")])
    three = distinct_ids([("alice", "alice"), ("Alice", "Alice"), ("bob", "bob"), ("alice.zip", "alice")])
    assert two.items() <= three.items()


def test_a_name_cannot_pretend_to_be_a_marked_id() -> None:
    ids = distinct_ids([("alice", "alice"), ("Alice", "Alice")])
    forged = ids["alice"]
    assert safe_id(forged) != forged


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("alice", "alice"), ("müller", "müller"), ("李雷", "李雷"), ("Anna-Lena O'Neil (2)", "Anna-Lena O'Neil (2)"),
        ("Bob_123_assignsubmission_file_", "Bob_123_assignsubmission_file_"), ("caf\udce9", "caf%E9"), ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"), ("a∕b", "a%E2%88%95b"), ("a\nb", "a%0Ab"), ("a\x1b[0m", "a%1B[0m"), ("a\u202eb", "a%E2%80%AEb"),
        ("..", "%2E%2E"), (".hidden", "%2Ehidden"), ("-rf", "%2Drf"), ("=1+1", "%3D1+1"), ("end. ", "end.%20"),
        ("dot.", "dot%2E"), ("CON", "%43ON"), ("nul.txt", "%6Eul.txt"), ("com1", "%63om1"), ("console", "console"),
        ("50%", "50%25"), ("a:b*?", "a%3Ab%2A%3F"), ("", "unnamed"),
    ],
)  # fmt: skip
def test_an_id_is_readable_and_safe(name: str, identity: str) -> None:
    assert safe_id(name) == identity


def test_long_names_are_cut_and_stay_distinct() -> None:
    one, two = safe_id("ü" * 120 + "1"), safe_id("ü" * 120 + "2")
    assert one != two
    assert len(one.encode()) <= 120
    assert one.startswith("ü" * 50)


def test_an_id_names_a_file_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    names = ["..a", "caf\udce9", "a\nb", "-x", "x" * 255, "CON", "Alice", "alice"]
    for name in names:
        if not name.startswith("."):
            (tmp_path / "in" / name).mkdir()
    out = tmp_path / "out"
    out.mkdir()
    for entry in find_submissions(tmp_path / "in"):
        (out / f"{entry.id}.json").write_text("{}", encoding="utf-8")
    assert len(list(out.iterdir())) == len(names) - 1


# What becomes of it.


def test_the_digest_is_of_all_that_the_result_holds() -> None:
    plain = Submission("a", {"x.py": b"1"})
    assert plain.sha256 == Submission("b", {"x.py": b"1"}).sha256
    others = [
        Submission("a", {"x.py": b"2"}),
        Submission("a", {"x.py": b"1"}, {"y.py": "bad"}),
        Submission("a", {}, {"x.py": "1"}),
        Submission("a", {"x.py": b"1", "y.py": b""}),
        Submission("a", {"x.py": b"1"}, notes=("text",)),
        Submission("a", {"x.py": b"1"}, left_aside=("text",)),
        Submission("a", {"x.py": b"1"}, unreadable=("text",)),
        Submission("a", {"x.py": b"1"}, places={"x.py": Places("p1.ipynb", ((1, 2, 1),))}),
        Submission("a", {"x.py": b"1"}, places={"x.py": Places("p1.ipynb", ((1, 3, 1),))}),
    ]
    assert len({plain.sha256, *(other.sha256 for other in others)}) == len(others) + 1


def test_an_exercise_that_cannot_be_used_is_an_error_and_the_rest_is_graded(
    engine: Engine, alice: Path, secret: Path
) -> None:
    fill(alice, {SOFTMAX: (PROJECT / "solutions" / SOFTMAX).read_bytes()})
    (alice / MLP).symlink_to(secret)
    bad, good = engine.grade(read(alice), [MLP_ID, SOFTMAX_ID]).exercises
    assert [check.status for check in bad.checks] == ["error", *["blocked"] * (len(bad.checks) - 1)]
    assert f"exercises/{MLP} cannot be used: exercises/{MLP} is a link" in messages(bad)
    assert good.score == good.max_score


def test_pytest_autograder_grades_what_can_be_read(alice: Path, secret: Path, tmp_path: Path) -> None:
    fill(alice, {SOFTMAX: (PROJECT / "solutions" / SOFTMAX).read_bytes()})
    (alice / MLP).symlink_to(secret)
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "autograder", f"--submission={alice}", f"--report-json={report}", "-q", "-p",
         "no:cacheprovider", "-k", "softmax_cross_entropy or mlp_nn"],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    exercises = {exercise["id"]: exercise for exercise in json.loads(report.read_text())["exercises"]}
    assert exercises[MLP_ID]["status"] == "error"
    assert exercises[SOFTMAX_ID]["status"] == "passed"
    assert SECRET.decode().strip() not in done.stdout + report.read_text()
