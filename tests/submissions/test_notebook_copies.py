"""Several notebooks of one practical: which counts for each exercise, and that the others are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.submissions.submission import SubmissionError
from tests.notebooks.conftest import code, file_of
from tests.submissions.making import GOOD, MLP, SOFTMAX, fill, read, zipped

BLANK = {"mlp_nn": "def f():\n    raise NotImplementedError", "softmax_cross_entropy": "def g(): ..."}


def notebook(**changed: str) -> bytes:
    """A notebook with two exercises, in which these have been edited."""
    return file_of([code(changed.get(name, blank), f"answer-{name}", released=blank) for name, blank in BLANK.items()])


def stripped(data: bytes, **marked: str) -> bytes:
    """A notebook without the metadata of its cells, whose answer cells begin with these lines."""
    plain = json.loads(data)
    for cell in plain["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removeprefix("answer-")
        cell["source"] = marked.get(name, "") + "".join(cell["source"])
        cell["metadata"] = {}
    return json.dumps(plain).encode()


WORKED, OLDER = notebook(mlp_nn="x = 1"), notebook(mlp_nn="x = 2")
COPIES = ["p1_mlp-Copy1.ipynb", "p1_mlp (1).ipynb", "Copy of p1_mlp.ipynb", "a_old.ipynb", "p1_mlp_final.ipynb",
          "P1_MLP.ipynb", "p1_mlp.ipynb.txt"]  # fmt: skip


@pytest.mark.parametrize("copy", COPIES)
def test_the_exact_name_wins_and_a_note_names_both(durand: Path, copy: str) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": WORKED, copy: OLDER}))
    assert result.files[MLP] == b"x = 1\n"
    assert MLP not in result.problems
    assert f"{copy} was ignored for {MLP}: p1_mlp.ipynb has the exact name and counts" in result.notes


@pytest.mark.parametrize("copy", COPIES)
def test_a_blank_original_gives_way_to_a_worked_copy(durand: Path, copy: str) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": notebook(), copy: WORKED}))
    assert result.files[MLP] == b"x = 1\n"
    assert MLP not in result.problems
    assert f"p1_mlp.ipynb was ignored for {MLP}: it is unedited, and {copy} counts" in result.notes


def test_a_blank_original_without_metadata_gives_way_too(durand: Path) -> None:
    blank = stripped(
        notebook(), mlp_nn="# exercise: mlp_nn\n", softmax_cross_entropy="# exercise: softmax_cross_entropy\n"
    )
    source = f"# exercise: mlp_nn\n{BLANK['mlp_nn']}"
    worked = file_of([code("# exercise: mlp_nn\nx = 1", "answer-mlp_nn", released=source)])
    result = read(fill(durand, {"p1_mlp.ipynb": blank, "p1_mlp (1).ipynb": worked}))
    assert b"x = 1" in result.files[MLP]


@pytest.mark.parametrize(
    "name", ["p1_mlp (1).ipynb", "p1_mlp.ipynb.txt", "homework.ipynb.json", "Kopie von p1_mlp.ipynb"]
)
def test_a_notebook_without_metadata_is_graded_by_the_first_lines_of_its_cells(durand: Path, name: str) -> None:
    data = stripped(WORKED, mlp_nn="# exercise: mlp_nn\n", softmax_cross_entropy="# exercise: softmax_cross_entropy\n")
    result = read(fill(durand, {name: data}))
    assert result.files[MLP].endswith(b"x = 1\n")
    assert SOFTMAX in result.files


@pytest.mark.parametrize("ending", [".txt", ".json"])
def test_a_notebook_with_another_ending_is_read_and_a_note_says_so(durand: Path, ending: str) -> None:
    result = read(fill(durand, {f"p1_mlp.ipynb{ending}": WORKED}))
    assert result.files[MLP] == b"x = 1\n"
    assert result.notes[0] == f"p1_mlp.ipynb{ending} was read as the notebook p1_mlp.ipynb"


def test_two_copies_that_differ_are_a_problem_of_that_exercise_only(durand: Path) -> None:
    result = read(fill(durand, {"p1_mlp (1).ipynb": WORKED, "p1_mlp (2).ipynb": OLDER}))
    names = "p1_mlp (1).ipynb and p1_mlp (2).ipynb"
    assert result.problems[MLP] == f"{names} both contain this exercise and differ: keep only one"
    assert SOFTMAX in result.files


def test_work_in_different_copies_counts_from_both(durand: Path) -> None:
    other = notebook(softmax_cross_entropy="y = 1")
    result = read(fill(durand, {"p1_mlp.ipynb": WORKED, "p1_mlp (1).ipynb": other}))
    assert (result.files[MLP], result.files[SOFTMAX]) == (b"x = 1\n", b"y = 1\n")


def test_a_copy_that_is_the_same_is_named(durand: Path) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": WORKED, "p1_mlp (1).ipynb": WORKED}))
    assert any(note.startswith("p1_mlp (1).ipynb was ignored for ") and "is the same" in note for note in result.notes)


def test_python_files_that_differ_stay_a_problem_beside_an_unedited_notebook(durand: Path) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": notebook(), "mlp_nn (1).py": b"x = 1", "mlp_nn (2).py": b"x = 2"}))
    assert result.problems[MLP].startswith("mlp_nn (1).py and mlp_nn (2).py could both be")
    assert f"p1_mlp.ipynb was ignored for {MLP}: it is unedited, and the Python file counts" in result.notes


def test_a_python_file_that_cannot_be_used_gives_way_to_a_worked_notebook_only(durand: Path) -> None:
    fill(durand, {"p1_mlp.ipynb": WORKED, MLP: bytes(2 << 20)})
    result = read(durand)
    assert result.files[MLP] == b"x = 1\n"
    assert result.unreadable[0].startswith(f"{MLP} is larger than 1 MiB")
    assert "larger than 1 MiB" in read(fill(durand, {"p1_mlp.ipynb": notebook()})).problems[MLP]


def test_an_unreadable_notebook_beside_work_is_graded_with_its_reason(durand: Path) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": WORKED[:-20], "p2_cnn/convnet.py": GOOD}))
    assert result.files == {"p2_cnn/convnet.py": GOOD}
    assert "p1_mlp.ipynb is not a readable notebook" in result.problems[MLP]
    assert result.unreadable == (result.problems[MLP],)


def test_an_unreadable_copy_beside_a_readable_notebook_is_unreadable_and_no_problem(durand: Path) -> None:
    result = read(fill(durand, {"p1_mlp.ipynb": WORKED, "p1_mlp (1).ipynb": b"{"}))
    assert result.files[MLP] == b"x = 1\n"
    assert MLP not in result.problems
    assert result.unreadable[0].startswith("p1_mlp (1).ipynb is not a readable notebook")


@pytest.mark.parametrize("data", [WORKED[:-20], b" " * (20 << 20)], ids=["cut off", "20 MB"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_submission_of_one_unreadable_notebook_cannot_be_read(durand: Path, data: bytes, packed: bool) -> None:
    fill(durand, {"work.zip": zipped({"p1_mlp.ipynb": data})} if packed else {"p1_mlp.ipynb": data})
    with pytest.raises(
        SubmissionError, match=r"^durand cannot be read: .*p1_mlp\.ipynb is (not a readable|larger than 16)"
    ):
        read(durand)
