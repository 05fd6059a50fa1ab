"""The report on an appeal: readable as text, one page without scripts, and nothing of the student's unescaped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.course.catalogue import CheckId, ExerciseId
from autograder.reports.appeal.choice import UnknownCheck, choose_check, list_failed
from autograder.reports.appeal.page import write_appeal
from autograder.reports.appeal.record import Appeal, Record, ShownCall, show_comparison
from autograder.reports.appeal.text import FOR_TEACHERS, appeal_text
from autograder.reports.appeal.values import MAX_PARTS, show_value
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult
from autograder.sandbox.host.exchanges import Opaque

HOSTILE = "<script>alert(1)</script>\x1b[2J"


def check(name: str = "p1_mlp/demo::value", status: str = "failed", **changes: str) -> CheckResult:
    given = {"message": "f(x) is wrong\n  p1_mlp/demo.py:3 in f"} | changes
    return CheckResult(CheckId(name), given.pop("title", "f is the mean"), status, 0, 1, **given)


def call(number: int = 1, argument: object = None, answer: object = None, **changes: str) -> ShownCall:
    shown = ShownCall(number, "f", False, show_value("argument 1", argument), show_value("returned", answer))
    for name, value in changes.items():
        setattr(shown, name, value)
    return shown


def an_appeal(*calls: ShownCall, now: CheckResult | None = None, **changes: object) -> Appeal:
    given = {
        "recorded": check(),
        "now": now or check(),
        "record": Record(list(calls), len(calls)),
        "settings": "seed: 1",
    }
    return Appeal(student="ada", exercise="p1_mlp/demo", **{**given, **changes})  # type: ignore[arg-type]


def page(appeal: Appeal, tmp_path: Path) -> str:
    write_appeal(appeal, tmp_path / "appeal.html")
    return (tmp_path / "appeal.html").read_text()


def result(*checks: CheckResult) -> SubmissionResult:
    exercises: dict[ExerciseId, ExerciseResult] = {}
    for each in checks:
        exercises.setdefault(each.id.exercise, ExerciseResult(each.id.exercise, checks=[])).checks.append(each)
    return SubmissionResult(
        submission=SubmissionName("ada", ""),
        seed=1,
        tier="fast",
        isolation="strict",
        exercises=list(exercises.values()),
    )


HOSTILE_APPEALS = {
    "argument": an_appeal(call(argument=HOSTILE)),
    "key": an_appeal(call(answer={HOSTILE: torch.zeros(2, 2)})),
    "class name": an_appeal(call(answer=Opaque(HOSTILE))),
    "problem": an_appeal(call(problem=HOSTILE)),
    "message": an_appeal(now=check(message=HOSTILE)),
    "printed": an_appeal(now=check(printed=HOSTILE)),
    "recorded": an_appeal(recorded=check(message=HOSTILE, title=HOSTILE)),
    "title": an_appeal(now=check(title=HOSTILE)),
    "remark": an_appeal(remarks=(HOSTILE,)),
}


@pytest.mark.parametrize("appeal", HOSTILE_APPEALS.values(), ids=HOSTILE_APPEALS)
def test_nothing_of_the_students_is_unescaped(appeal, tmp_path):
    written = page(appeal, tmp_path)
    assert "<script" not in written
    assert "\x1b" not in written + appeal_text(appeal, color=False)


def test_text_and_page_say_that_they_are_for_teachers(tmp_path):
    assert FOR_TEACHERS in appeal_text(an_appeal(), color=False)
    assert FOR_TEACHERS in page(an_appeal(), tmp_path)


def test_the_page_needs_no_script_and_no_other_file(tmp_path):
    written = page(an_appeal(call(argument=torch.zeros(3, 2))), tmp_path)
    assert not any(part in written for part in ("<script", "src=", "<link", "http:", "https:"))


def test_lines_fit_in_100_columns():
    long = "a long message " * 20
    values = {"argument": torch.randn(40, 40, dtype=torch.float64), "answer": {"W" * 50: torch.randn(9, 9)}}
    appeal = an_appeal(call(**values, problem=long), now=check(message=long, title=long), remarks=(long,))
    assert max(map(len, appeal_text(appeal, color=False).splitlines())) <= 100


def test_without_color_there_is_no_escape_sequence():
    assert "\x1b" in appeal_text(an_appeal(), color=True)
    assert "\x1b" not in appeal_text(an_appeal(), color=False)


def test_a_call_of_numbers_is_one_line():
    assert "1. f(3) returned 0.5\n" in appeal_text(an_appeal(call(argument=3, answer=0.5)), color=False)


def test_an_array_shown_before_is_not_repeated():
    x = torch.arange(12.0).reshape(4, 3)
    text = appeal_text(an_appeal(call(1, argument=x), call(2, argument=x)), color=False)
    assert "argument 1: the same as in call 1, argument 1" in text


def test_a_gap_between_calls_is_counted(tmp_path):
    appeal = an_appeal(call(1), call(8))
    assert "… 6 more calls …" in appeal_text(appeal, color=False)
    assert "… 6 more calls …" in page(appeal, tmp_path)


def test_a_difference_of_verdicts_is_the_headline():
    text = appeal_text(an_appeal(now=check(status="timeout")), color=False)
    assert "THE VERDICT DIFFERS: failed, 0 of 1 points in the result, timeout" in text


@pytest.mark.parametrize("value", [
    torch.zeros(2000, 2000), torch.zeros([2] * 16), torch.zeros(300, 3, 32, 32), np.zeros((5,) * 8, dtype=np.float32),
    [torch.zeros(20, 20)] * 5000, dict.fromkeys(range(500), "x" * 60000), [[[[]] * 100] * 100] * 100,
], ids=["square", "16 axes", "images", "8 axes", "list", "dict", "nested"])  # fmt: skip
def test_a_large_value_is_bounded(value):
    shown = show_value("argument 1", value)
    assert len(shown) <= MAX_PARTS + 1
    assert max(len(part.numbers) for part in shown) < 6000
    assert max(len(part.summary) for part in shown) < 400


def test_a_small_array_is_whole_and_a_large_one_has_its_corners():
    assert show_value("x", torch.arange(4).reshape(2, 2))[0].numbers == "[[0, 1],\n [2, 3]]"
    assert "…" in show_value("x", torch.arange(1000))[0].numbers


def test_an_array_has_its_dtype_shape_place_and_range():
    [shown] = show_value("x", torch.tensor([1.0, 3.0, float("nan"), float("inf")]))
    assert shown.summary == "float32 (4,) on cpu: min 1, max 3, mean 2, 1 NaN, 1 infinite"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.bool, torch.uint8, torch.int64])
def test_every_dtype_of_the_wire_is_shown(dtype):
    [shown] = show_value("x", torch.ones(2, 2).to(dtype))
    assert shown.numbers.startswith("[[")


def test_a_comparison_names_the_largest_difference_and_its_place():
    got, expected = torch.tensor([[1.0, 2.0], [3.0, 4.5]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    shown = show_comparison("f(x)", got, expected, 1e-5)
    assert not shown.right
    assert "1 of 4 numbers are wrong; the largest difference is 0.5 at [1, 1] (expected 4.0, got 4.5)" in shown.outcome


@pytest.mark.parametrize("got", [None, "x", torch.zeros(3, 2), torch.full((2, 3), torch.nan), Opaque("a")])
def test_what_cannot_be_compared_is_wrong(got):
    assert not show_comparison("f(x)", got, torch.zeros(2, 3), 1e-5).right


CHECKS = result(
    check("p1_mlp/svm::values", "passed", title="svm gives the values"),
    check("p1_mlp/svm::large_values"),
    check("p2_cnn/pool::values", "passed"),
    check("p2_cnn/pool::sizes", title="pool has the right sizes"),
)


@pytest.mark.parametrize(("name", "found"), [
    ("p1_mlp/svm::values", "p1_mlp/svm::values"), ("svm/values", "p1_mlp/svm::values"), ("sizes", "p2_cnn/pool::sizes"),
    ("svm::test_values", "p1_mlp/svm::values"), ("large", "p1_mlp/svm::large_values"), ("RIGHT sizes", "p2_cnn/pool::sizes"),
    ("autograder/graders/p2_cnn/test_pool.py::test_sizes", "p2_cnn/pool::sizes"),
])  # fmt: skip
def test_a_check_is_found_by(name, found):
    assert choose_check(CHECKS, name).id == found


def test_an_ambiguous_name_lists_what_it_fits():
    with pytest.raises(UnknownCheck, match=r"fits 2 checks(.|\n)*svm::values(.|\n)*pool::values"):
        choose_check(CHECKS, "values")


def test_a_wrong_name_lists_the_closest_and_the_failed_checks():
    with pytest.raises(
        UnknownCheck, match=r"'svm/valuse'(.|\n)*Did you mean(.|\n)*svm::values(.|\n)*2 checks did not pass"
    ):
        choose_check(CHECKS, "svm/valuse")


def test_an_exercise_that_is_not_started_is_one_line():
    listed = list_failed(result(*(check(f"p1_mlp/svm::c{number}", "not_started") for number in range(9))))
    assert listed == "9 checks did not pass:\n  p1_mlp/svm  not started: 9 checks"
