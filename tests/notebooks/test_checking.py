"""`check(...)`: the executed cells count, failures come first, and nothing that a student wrote becomes HTML."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from autograder.course.catalogue import ExerciseId
from autograder.notebooks import checking
from autograder.notebooks.checking import CheckNotPassed, answer_cells, check_now, display_check
from autograder.notebooks.display import display_result, wrapped
from autograder.results import CheckResult, ExerciseResult
from autograder.submissions.notebooks.modules import extract

PROJECT = Path(__file__).resolve().parents[2]
SOFTMAX = ExerciseId("p1_mlp/softmax_cross_entropy")
IDS = [SOFTMAX, ExerciseId("p1_mlp/mlp_by_hand"), ExerciseId("p1_mlp/mlp_autograd")]
RIGHT = f"# exercise: softmax_cross_entropy\n{(PROJECT / 'solutions' / f'{SOFTMAX}.py').read_text()}"
BY_HAND = (PROJECT / "solutions/p1_mlp/mlp_by_hand.py").read_text()


@pytest.fixture(autouse=True)
def nothing_last_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_last_results", {})


def module(history: list[str], wanted: str = SOFTMAX) -> str:
    return extract(answer_cells(history, IDS, wanted), "nb", IDS).files[f"{wanted}.py"].decode()


# Which cells count.


def test_only_the_last_execution_of_an_answer_cell_counts() -> None:
    text = module(["", "# exercise: softmax_cross_entropy\nold = 1", "# exercise: softmax_cross_entropy\nnew = 2"])
    assert "new" in text
    assert "old" not in text


def test_a_helper_that_was_fixed_after_the_answer_cell_counts() -> None:
    answer = "# exercise: softmax_cross_entropy\ndef softmax(y):\n    return helper(y)"
    text = module(["", "def helper(y):\n    return 1", answer, "def helper(y):\n    return 2"])
    assert "return 2" in text
    assert "return 1" not in text


def test_without_its_first_line_a_cell_is_identified_by_the_names_that_it_defines() -> None:
    assert "def backward" in module(["", BY_HAND, "x = 1"], ExerciseId("p1_mlp/mlp_by_hand"))


def test_a_cell_that_names_its_exercise_does_not_count_for_another() -> None:
    cells = answer_cells(["", f"# exercise: mlp_by_hand\n{BY_HAND}"], IDS, ExerciseId("p1_mlp/mlp_autograd"))
    assert [cell.exercise for cell in cells] == ["mlp_by_hand"]


# The display.


def test_right_code_gets_its_points_and_the_second_check_needs_no_grading() -> None:
    threads = torch.get_num_threads()
    first, second = (display_check("softmax_cross_entropy", ["", RIGHT]) for _ in range(2))
    assert first.text.startswith("softmax_cross_entropy: 8 of 8 points, passed\n")
    assert "as before, since your code has not changed" in second.text
    assert torch.get_num_threads() == threads


def test_a_syntax_error_is_reported_with_its_line_and_earns_nothing() -> None:
    history = ["", "x = 1", "# exercise: softmax_cross_entropy\ndef softmax(y:\n"]
    shown = display_check("softmax_cross_entropy", history)
    assert "your notebook, cell 2, line 2" in shown.text
    assert "0 of 8 points" in shown.text


@pytest.mark.parametrize(
    ("name", "history", "message"),
    [
        ("softmax", [""], "there is no exercise 'softmax'; the exercises are: "),
        ("mlp_nn", ["", "x = 1"], "no cell of mlp_nn has been executed yet: run its answer cell first"),
        ("mlp_nn", None, "in a terminal, run pytest autograder --exercise mlp_nn"),
        ("q08", ["", "x = 1"], "no answer to q08 has been executed yet"),
        ("q08", ["", "q08_a = 3"], "q08_a = 3"),
        (
            "q08",
            ["", "q08_a = 3", "q08_a = None\nq08_b = f()"],
            "q08_a is not answered yet\n  q08_b is not a plain value",
        ),
    ],
)
def test_a_check_that_cannot_run_says_why(name: str, history: list[str] | None, message: str) -> None:
    assert message in display_check(name, history).text


def result(*checks: CheckResult) -> ExerciseResult:
    return ExerciseResult(SOFTMAX, False, list(checks))


EVIL = "<script>alert(1)</script>"


def test_everything_is_escaped() -> None:
    check = CheckResult("a", EVIL, "failed", 0, 1, f"{EVIL}\n{EVIL}", EVIL, EVIL, EVIL)
    shown = display_result(result(check, CheckResult("b", EVIL, "passed", 1, 1)), (EVIL,), EVIL)
    assert "<script" not in shown._repr_html_()
    assert "&lt;script&gt;" in shown._repr_html_()


def test_failures_come_before_passed_checks() -> None:
    checks = [CheckResult("a", "fine", "passed", 1, 1), CheckResult("b", "claim", "failed", 0, 1, "the reason")]
    shown = display_result(result(*checks))
    for text in (shown.text, shown.html):
        assert text.index("the reason") < text.index("claim") < text.index("fine")


def test_a_reason_shared_by_several_checks_is_given_once() -> None:
    shown = display_result(result(*(CheckResult(n, f"claim {n}", "error", 0, 1, "a syntax error") for n in "abc")))
    for text in (shown.text, shown.html):
        assert text.count("a syntax error") == 1
        assert all(f"claim {n}" in text for n in "abc")


def test_a_hint_is_given_once() -> None:
    checks = [CheckResult(n, n, "failed", 0, 1, f"seen {n}", "mistake", "a long hint") for n in ("a", "b")]
    shown = display_result(result(*checks), level=3)
    assert shown.text.count("a long hint") == shown.html.count("a long hint") == 1


def test_a_hint_is_not_in_the_text_unasked() -> None:
    check = CheckResult("a", "a", "failed", 0, 1, "seen a", "mistake", "a long hint")
    assert "a long hint" not in display_result(result(check)).text


@pytest.mark.parametrize(("level", "is_open"), [(2, False), (3, True)])
def test_hints_up_to_the_level_asked_for_are_unfolded(level: int, is_open: bool) -> None:
    check = CheckResult("a", "a", "failed", 0, 1, "seen a", "mistake", "a long hint")
    shown = display_result(result(check), level=level)
    assert ("a long hint" in shown.text, "<details open" in shown.html) == (is_open, is_open)


# nbgrader's Validate, which reports only cells that raise.


def test_while_nbgrader_validates_a_failed_check_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setattr(checking, "executed_cells", lambda: ["", "q08_a = None"])
    with pytest.raises(CheckNotPassed, match="q08_a is not answered yet"):
        check_now("q08")


def test_while_nbgrader_validates_a_passed_check_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setattr(checking, "executed_cells", lambda: ["", "q08_a = 3"])
    check_now("q08")
    assert "q08_a = 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("checks", "done"),
    [(["passed", "passed"], True), (["passed", "failed"], False), (["not_started"], False), (["error"], False)],
)
def test_an_exercise_is_done_once_all_its_checks_pass(checks: list[str], done: bool) -> None:
    shown = display_result(result(*(CheckResult(status, status, status, 1, 1) for status in checks)))
    assert shown.done is done


def test_validate_shows_the_reasons_without_a_traceback() -> None:
    assert CheckNotPassed("head\n\n✗ reason")._render_traceback_() == ["head", "", "✗ reason"]


def test_long_lines_are_wrapped_with_an_indent() -> None:
    assert wrapped("head\n\n  a long line\n  short", 9) == "head\n\n  a long\n    line\n  short"


# The package.


def test_importing_the_package_imports_nothing_heavy() -> None:
    script = (
        "import sys, autograder.notebooks; print([m for m in ('torch','nbformat','jupytext','nbgrader','matplotlib',"
        "'msgspec','IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_outside_of_a_notebook_check_prints_text(capsys: pytest.CaptureFixture[str]) -> None:
    from autograder.notebooks import check

    check("no_such_exercise")
    assert capsys.readouterr().out.startswith("there is no exercise 'no_such_exercise'")


def test_in_ipython_the_history_is_the_typed_source() -> None:
    script = (
        "from IPython.core.interactiveshell import InteractiveShell as S\n"
        "from autograder.notebooks.checking import executed_cells\n"
        "s = S.instance(); s.run_cell('%time x = 1', store_history=True); s.run_cell('y = 2', store_history=True)\n"
        "print(executed_cells()[1:])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['%time x = 1', 'y = 2']"
