"""Broken submissions get a clear status and message, and their other exercises are graded all the same."""

from __future__ import annotations

import time

from autograder.grading.engine import Engine
from autograder.results import ExerciseResult
from tests.zoo import CPU_SECONDS, MLP, PROJECT, SOFTMAX, Grade, as_submission, messages

HEAD = "import torch\n"
SOFTMAX_ONLY = """
import torch


def softmax(ytilde):
    exponentials = torch.exp(ytilde - ytilde.amax(dim=1, keepdim=True))
    return exponentials / exponentials.sum(dim=1, keepdim=True)
"""
OTHERS_LEFT = """

def cross_entropy(ytilde, Y):
    raise NotImplementedError


def cross_entropy_gradient(ytilde, Y):
    raise NotImplementedError
"""


def _all(body: str, head: str = HEAD) -> str:
    """A module whose three functions have the same body."""
    return head + (
        f"\n\ndef softmax(ytilde):\n    {body}\n\n\n"
        f"def cross_entropy(ytilde, Y):\n    {body}\n\n\n"
        f"def cross_entropy_gradient(ytilde, Y):\n    {body}\n"
    )


def _expect(result: ExerciseResult, status: str, *phrases: str, score: float = 0) -> None:
    found = messages(result)
    assert (result.status, result.score) == (status, score), found
    for phrase in phrases:
        assert phrase in found


def test_syntax_error_names_the_line(grade: Grade) -> None:
    result = grade("import torch\n\ndef softmax(ytilde)\n    return ytilde\n")
    _expect(result, "error", f"{SOFTMAX}.py is not valid Python", f"{SOFTMAX}.py:3", "def softmax(ytilde)")


def test_missing_file_is_not_started(grade: Grade) -> None:
    _expect(grade({"p1_mlp/other.py": "x = 1\n"}), "not_started", f"there is no exercises/{SOFTMAX}.py")


def test_empty_submission_is_not_started(grade: Grade) -> None:
    _expect(grade({}), "not_started", f"there is no exercises/{SOFTMAX}.py")


def test_missing_function_suggests_the_close_name(grade: Grade) -> None:
    result = grade(_all("return ytilde").replace("def softmax(", "def soft_max("))
    _expect(result, "failed", "does not define 'softmax'", "'soft_max'", score=0)


def test_wrong_signature_shows_the_definition(grade: Grade) -> None:
    source = HEAD + "def softmax(): pass\ndef cross_entropy(): pass\ndef cross_entropy_gradient(): pass\n"
    _expect(grade(source), "error", "cannot be called this way", "takes 0 positional arguments", "softmax()")


def test_an_endless_loop_at_import_is_waited_for_once(grade: Grade, hurried: None) -> None:
    start = time.monotonic()
    result = grade("while True:\n    pass\n")
    _expect(result, "timeout", f"importing exercises/{SOFTMAX}.py did not end within {CPU_SECONDS:g} s of CPU time")
    assert [check.status for check in result.checks] == ["timeout", *["blocked"] * (len(result.checks) - 1)]
    assert (
        time.monotonic() - start < len(result.checks) * CPU_SECONDS
    )  # if each check waited, it would take at least this long


def test_file_that_is_not_utf8(grade: Grade) -> None:
    result = grade('"""d\xe9j\xe0 vu"""\n'.encode("latin-1") + SOFTMAX_ONLY.encode())
    _expect(result, "error", "is not valid Python", "UTF-8")


def test_half_filled_stub_keeps_its_points(grade: Grade) -> None:
    result = grade(SOFTMAX_ONLY + OTHERS_LEFT)
    _expect(result, "failed", "is not written yet", score=2)
    assert [check.status for check in result.checks[:2]] == ["passed", "passed"]
    assert {check.status for check in result.checks[2:]} == {"not_started"}


def test_untouched_stub_is_not_started(grade: Grade) -> None:
    stub = (PROJECT / "exercises" / f"{SOFTMAX}.py").read_text()
    _expect(grade(stub), "not_started", "is not written yet")


def test_missing_package_is_named(grade: Grade) -> None:
    _expect(grade("import no_such_package_here.part\n"), "error", "no_such_package_here", "pip install")


def test_exit_at_import(grade: Grade) -> None:
    _expect(grade("exit(0)\n"), "error", "exit()", f"{SOFTMAX}.py:1")


def test_exit_in_a_call(grade: Grade) -> None:
    _expect(grade(_all("raise SystemExit(0)")), "error", "called exit()", "in softmax")


def test_input_is_an_error(grade: Grade) -> None:
    _expect(grade(_all("return input('size? ')")), "error", "input() cannot be used here", "in softmax")


def test_returns_none(grade: Grade) -> None:
    _expect(grade(_all("ytilde * 2")), "failed", "None")


def test_returns_a_string(grade: Grade) -> None:
    _expect(grade(_all("return 'about a half'")), "failed", "a str")


def test_right_code_may_print_a_lot(grade: Grade, right: dict[str, bytes]) -> None:
    noisy = right[f"{SOFTMAX}.py"] + b"\n\nfor _ in range(200):\n    print('x' * 100_000)\n"
    result = grade(noisy)
    _expect(result, "passed", score=result.max_score)


def test_output_of_a_failing_call_is_shown_and_cut(grade: Grade) -> None:
    result = grade(_all("print('here I am', 'x' * 100_000)"))
    assert "here I am" in result.checks[0].printed
    assert len(result.checks[0].printed) < 3000


def test_a_wrong_dtype_fails_only_its_own_check(grade: Grade, right: dict[str, bytes]) -> None:
    result = grade(
        right[f"{SOFTMAX}.py"] + b"\n\n_own = softmax\ndef softmax(ytilde):\n    return _own(ytilde).double()\n"
    )
    _expect(result, "failed", "float64", "float32", score=result.max_score - 1)


def test_a_not_implemented_error_from_torch_is_an_error_and_not_a_stub(grade: Grade) -> None:
    result = grade(_all("return torch.nn.Module()(ytilde)"))
    _expect(result, "error", "NotImplementedError", 'is missing the required "forward" function')


def test_the_message_names_nan(grade: Grade) -> None:
    result = grade(_all("return ytilde * float('nan')"))
    assert result.status == "failed"
    assert "nan" in messages(result).lower()


def test_error_shows_the_students_own_line(grade: Grade) -> None:
    result = grade(_all("return ytilde @ ytilde @ ytilde"))
    _expect(result, "error", "RuntimeError", f"{SOFTMAX}.py:5 in softmax", "return ytilde @ ytilde @ ytilde")


def test_the_other_exercise_is_graded_all_the_same(engine: Engine, right: dict[str, bytes]) -> None:
    files: dict[str, str | bytes] = {**right, f"{SOFTMAX}.py": "def softmax(:\n"}
    first, second = engine.grade(as_submission(files), [SOFTMAX, MLP]).exercises
    assert (first.status, first.score) == ("error", 0)
    assert (second.status, second.score) == ("passed", second.max_score), messages(second)
