"""Places in a student's files: the definition to look at, under the path that the student knows."""

from __future__ import annotations

import pytest

from autograder.grading.places import definition, in_the_files_of, where
from autograder.submissions.notebooks.modules import Places
from autograder.submissions.submission import Submission
from tests.zoo import SOFTMAX, Grade, as_submission

SOURCE = b"import torch\n\n\ndef softmax(x):\n    return x\n\n\nclass Net:\n    pass\n\n\nloss = softmax\n"


@pytest.mark.parametrize(("name", "line"), [("softmax", 4), ("Net", 8), ("loss", 12), ("torch", 1), ("other", None)])
def test_a_name_has_the_line_that_binds_it(name: str, line: int | None) -> None:
    assert definition(SOURCE, name) == line


def test_the_last_definition_counts() -> None:
    assert definition(SOURCE + b"def softmax(x):\n    return 2 * x\n", "softmax") == 13


@pytest.mark.parametrize("source", [b"def softmax(:", b"\xff\xfe", b"\x00", b"(" * 10_000])
def test_a_file_that_is_not_python_has_no_lines(source: bytes) -> None:
    assert definition(source, "softmax") is None


def test_a_place_has_the_path_that_the_student_knows() -> None:
    submission = as_submission(SOURCE.decode())
    assert where(submission, SOFTMAX, "softmax") == f"softmax, exercises/{SOFTMAX}.py:4"


def test_a_place_in_a_notebook_is_a_cell() -> None:
    path = f"{SOFTMAX}.py"
    submission = Submission("zoo", {path: SOURCE}, places={path: Places("p1_mlp.ipynb", ((1, 3, 1),))})
    assert where(submission, SOFTMAX, "softmax") == "softmax, p1_mlp.ipynb, cell 3, line 4"


def test_a_path_in_a_text_is_changed_once() -> None:
    submission = as_submission(SOURCE.decode())
    text = in_the_files_of(submission, SOFTMAX, f"{SOFTMAX}.py:4 in softmax; see my/{SOFTMAX}.py")
    assert (
        in_the_files_of(submission, SOFTMAX, text)
        == text
        == f"exercises/{SOFTMAX}.py:4 in softmax; see my/{SOFTMAX}.py"
    )


def test_a_failed_check_says_where_to_look(grade: Grade) -> None:
    check = grade("def softmax(x):\n    return x\n").checks[0]
    assert check.where == f"softmax, exercises/{SOFTMAX}.py:1"
