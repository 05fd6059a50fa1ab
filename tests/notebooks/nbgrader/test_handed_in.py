"""Notebooks are submissions: alone, in a folder or in a zip, beside Python files, whole or broken."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from autograder.course.build import stub_source
from autograder.course.catalogue import ExerciseId, Project
from autograder.grading.engine import Engine
from autograder.notebooks.build import without_sibling_imports
from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.submission import Submission, SubmissionError, read_submission
from tests.notebooks.conftest import code, file_of

PROJECT = Project(Path(__file__).resolve().parents[3])
MLP, SOFTMAX = ExerciseId("p1_mlp/mlp_nn"), ExerciseId("p1_mlp/softmax_cross_entropy")
IDS = ["p1_mlp/mlp_autograd", "p1_mlp/mlp_by_hand", MLP, "p1_mlp/mlp_optim", SOFTMAX, "p1_mlp/svm"]


def solution(exercise: str) -> str:
    return PROJECT.exercise(exercise).solution.read_text()


def stub(exercise: str) -> str:
    return stub_source(PROJECT.exercise(exercise))


def cell(exercise: str, source: str | None = None) -> dict[str, object]:
    """An exercise's answer cell, with the solution or another source."""
    text = without_sibling_imports(solution(exercise)) if source is None else source
    return code(text, f"answer-{exercise.split('/')[1]}", released=stub(exercise))


def notebook(**changed: str) -> bytes:
    """A notebook with the solutions of p1, except for those exercises, by name, whose cells are given here."""
    return file_of([cell(exercise, changed.get(exercise.split("/")[1])) for exercise in IDS])


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    folder = tmp_path / "class" / "alice"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, **files: bytes | str) -> Submission:
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_ipynb", ".ipynb").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_entry(Entry("alice", folder))


def files(submission: Submission) -> set[str]:
    return {path.removesuffix(".py") for path in submission.files}


@pytest.mark.parametrize("name", ["p1_mlp_ipynb", "work__my homework_ipynb", "notebooks__P1_MLP (2)_ipynb"])
def test_a_notebook_in_a_folder_provides_its_exercises(alice: Path, name: str) -> None:
    result = put(alice, **{name: notebook()})
    assert files(result) == set(IDS)
    assert (result.problems, result.notes) == ({}, ())


def test_a_single_notebook_is_a_submission(alice: Path) -> None:
    (alice.parent / "bob.ipynb").write_bytes(notebook())
    alice_, bob = find_submissions(alice.parent)
    assert (alice_.id, bob.id) == ("alice", "bob")
    assert files(read_entry(bob)) == set(IDS)


def test_a_notebook_in_a_zip_counts(alice: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("alice/p1_mlp.ipynb", notebook())
    assert files(put(alice, **{"work.zip": out.getvalue()})) == set(IDS)


def test_notebooks_of_one_student_given_as_a_class_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p1_mlp.ipynb").write_bytes(notebook())
    with pytest.raises(SubmissionError, match="is one submission, not a folder of submissions"):
        find_submissions(tmp_path)


def test_pytest_reads_them_too(alice: Path) -> None:
    put(alice, p1_mlp_ipynb=notebook())
    assert files(read_submission(alice)) == set(IDS)


def test_helpers_beside_a_notebook_are_read(alice: Path) -> None:
    result = put(alice, work__p1_mlp_ipynb=notebook(), work__helper_py="x = 1")
    assert result.files["helper.py"] == b"x = 1"


def test_a_link_to_a_notebook_is_not_followed(alice: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.ipynb").write_bytes(notebook())
    (alice / "p1_mlp.ipynb").symlink_to(tmp_path / "secret.ipynb")
    with pytest.raises(SubmissionError, match=r"p1_mlp\.ipynb is a link, which is never followed"):
        read_entry(Entry("alice", alice))


def test_a_submission_that_is_a_link_to_a_notebook_is_refused(alice: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.ipynb").write_bytes(notebook())
    os.symlink(tmp_path / "secret.ipynb", alice.parent / "eve.ipynb")
    with pytest.raises(SubmissionError, match=r"^eve\.ipynb is a link"):
        read_entry(Entry("eve", alice.parent / "eve.ipynb"))


# A notebook and Python files.


def test_unedited_stubs_give_way_to_the_notebook(alice: Path) -> None:
    put(alice, **{f"exercises__{MLP}_py": stub(MLP)})
    result = put(alice, p1_mlp_ipynb=notebook(mlp_nn="x = 1"))
    assert result.files[f"{MLP}.py"] == b"x = 1\n"
    assert result.problems == {}


def test_an_unedited_cell_gives_way_to_the_file(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=notebook(mlp_nn=stub(MLP)), **{f"exercises__{MLP}_py": "mine = 1"})
    assert result.files[f"{MLP}.py"] == b"mine = 1"
    assert result.problems == {}


def test_work_in_both_is_a_conflict_that_names_both(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=notebook(mlp_nn="x = 1"), **{f"exercises__{MLP}_py": "mine = 1"})
    assert f"{MLP}.py" not in result.files
    assert result.problems[f"{MLP}.py"].startswith(f"both exercises/{MLP}.py and p1_mlp.ipynb contain")
    assert f"{SOFTMAX}.py" in result.files


def test_an_exercise_edited_nowhere_is_not_started(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=notebook(mlp_nn=stub(MLP)), **{f"exercises__{MLP}_py": stub(MLP)})
    assert b"NotImplementedError" in result.files[f"{MLP}.py"]


# Several notebooks.


def test_two_copies_with_other_code_are_a_conflict_in_that_exercise_only(alice: Path) -> None:
    copies = {"p1_mlp-Copy1_ipynb": notebook(mlp_nn="x = 1"), "p1_mlp-Copy2_ipynb": notebook()}
    result = put(alice, **copies)
    assert result.problems.keys() == {f"{MLP}.py"}
    assert "p1_mlp-Copy1.ipynb and p1_mlp-Copy2.ipynb both" in result.problems[f"{MLP}.py"]


def test_an_unedited_copy_is_ignored(alice: Path) -> None:
    fresh = file_of([cell(exercise, stub(exercise)) for exercise in IDS])
    result = put(alice, p1_mlp_ipynb=notebook(), **{"p1_mlp-Copy1_ipynb": fresh})
    assert (result.problems, files(result)) == ({}, set(IDS))


def test_an_older_copy_deeper_down_is_ignored(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=notebook(), old__p1_mlp_ipynb=notebook(mlp_nn="x = 1"))
    assert result.problems == {}
    assert any("old/p1_mlp.ipynb was ignored" in note for note in result.notes)


def test_a_notebook_without_exercises_is_a_note(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=notebook(), scratch_ipynb=file_of([code("1 + 1")]))
    assert result.problems == {}
    assert result.left_aside == ("scratch.ipynb was ignored: it has no answer cell of an exercise",)


# Broken ones.


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "is not a readable notebook"), (notebook()[:-9], "is not a readable notebook"),
     (b" " * (64 << 20) + b"{}", "is larger than 64 MiB: clear its outputs"), (b"[]", "is not a readable notebook")],
    ids=["empty", "cut off", "huge", "a list"],
)  # fmt: skip
def test_a_broken_notebook_is_a_problem_of_its_practical(alice: Path, data: bytes, reason: str) -> None:
    result = put(alice, p1_mlp_ipynb=data, convnet_py="mine = 1")
    assert result.problems.keys() == {f"{exercise}.py" for exercise in IDS}
    assert result.problems[f"{MLP}.py"].startswith(f"p1_mlp.ipynb {reason}")
    assert result.unreadable == (result.problems[f"{MLP}.py"],)


@pytest.mark.parametrize("data", [notebook()[:-9], b" " * (16 << 20) + b"{}"], ids=["cut off", "huge"])
def test_a_broken_notebook_alone_is_a_submission_that_cannot_be_read(alice: Path, data: bytes) -> None:
    with pytest.raises(SubmissionError, match=r"^alice cannot be read: p1_mlp\.ipynb is (not a readable|larger than)"):
        put(alice, p1_mlp_ipynb=data)


def test_a_broken_notebook_affects_only_exercises_without_a_file(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=b"no", **{f"exercises__{MLP}_py": "mine = 1"})
    assert result.files[f"{MLP}.py"] == b"mine = 1"
    assert f"{MLP}.py" not in result.problems
    assert f"{SOFTMAX}.py" in result.problems


def test_a_notebook_without_answer_cells_misses_all_exercises(alice: Path) -> None:
    result = put(alice, p1_mlp_ipynb=file_of([code("1 + 1")]))
    assert result.problems[f"{MLP}.py"].startswith("p1_mlp.ipynb has no answer cell for mlp_nn")


# What becomes of it.


def test_the_scores_are_those_of_the_modules(engine: Engine, alice: Path) -> None:
    as_notebook = engine.grade(put(alice, p1_mlp_ipynb=notebook()), [SOFTMAX, MLP])
    as_modules = engine.grade(
        Submission("m", {f"{e}.py": solution(e).encode() for e in (SOFTMAX, MLP)}), [SOFTMAX, MLP]
    )
    assert as_notebook.score == as_modules.score == 12


def test_a_message_names_the_cell_and_a_syntax_error_affects_only_its_exercise(engine: Engine, alice: Path) -> None:
    raising = "\ndef softmax(y):\n    return y.no_such_thing\n"
    submission = put(alice, p1_mlp_ipynb=notebook(softmax_cross_entropy=raising, mlp_nn="def train(:\n"))
    broken, raised = engine.grade(submission, [MLP, SOFTMAX]).exercises
    assert [check.status for check in broken.checks] == ["error", *["blocked"] * (len(broken.checks) - 1)]
    assert "p1_mlp.ipynb, cell 3, line 1" in broken.checks[0].message
    assert "p1_mlp.ipynb, cell 5, line 3 in softmax" in raised.checks[0].message
    assert json.dumps([check.message for check in raised.checks]).count("p1_mlp/softmax_cross_entropy.py:") == 0


def test_a_missing_cell_is_an_error_that_says_what_to_do(engine: Engine, alice: Path) -> None:
    submission = put(alice, p1_mlp_ipynb=file_of([cell(SOFTMAX)]))
    missing, right = engine.grade(submission, [MLP, SOFTMAX]).exercises
    assert "has no answer cell for mlp_nn: fetch the notebook again" in missing.checks[0].message
    assert right.score == right.max_score
