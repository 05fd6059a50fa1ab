"""The explanation of a failed check in every report: headline, hint, claim, what was seen, the student's own lines."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.classroom.report import count_explanations
from autograder.course.catalogue import CheckId, ExerciseId
from autograder.reports.files import write_gradescope, write_html
from autograder.reports.terminal import failure_text
from autograder.results import CheckResult, ExerciseResult, SubmissionName, SubmissionResult

DEMO = ExerciseId("p1_mlp/demo")


def check(**changes: str) -> CheckResult:
    given = {
        "message": "f(x) is the right answer times 7\n  p1_mlp/demo.py:3 in f\n    return x.sum()",
        "mistake": "loss summed over the batch",
        "hint": "Your loss is too large: look at `dim`.",
    }
    return CheckResult(CheckId("p1_mlp/demo::value"), "f is the mean", "failed", 0, 1, **given | changes)


def result(*checks: CheckResult) -> SubmissionResult:
    return SubmissionResult(
        submission=SubmissionName("ada", ""), seed=1, tier="fast", isolation="strict",
        exercises=[ExerciseResult(DEMO, False, list(checks))],
    )  # fmt: skip


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., str]:
    def write(*checks: CheckResult) -> str:
        write_html(result(*checks), tmp_path / "result.html")
        return (tmp_path / "result.html").read_text()

    return write


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_the_terminal_starts_with_the_known_mistake():
    assert failure_text(check()).startswith("Loss summed over the batch\n")


def test_the_terminal_shows_the_parts_in_order():
    assert in_order(failure_text(check()), "Loss", "too large", "f is the mean", "times 7", "return x.sum()")


def test_without_a_known_mistake_the_terminal_starts_with_what_was_seen():
    assert failure_text(check(mistake="", hint="")).startswith("f(x) is the right answer times 7\n  the check:")


def test_a_mistake_that_the_message_names_is_not_said_twice():
    text = failure_text(check(mistake="the right answer times 7", hint=""))
    assert text.startswith("f(x) is the right answer times 7\n  the check:")


def test_a_hint_that_was_shown_is_not_repeated():
    assert "too large" not in failure_text(check(), hint_shown=True)


def test_the_page_shows_the_parts_in_order(page):
    assert in_order(page(check()), "Loss summed", "too large", "f is the mean", "times 7", "return x.sum()")


def test_the_page_shows_a_hint_once(page):
    assert page(check(), check()).count("too large") == 1


def test_the_page_shows_names_in_backticks_as_code(page):
    assert "<code>dim</code>" in page(check())


@pytest.mark.parametrize("field", ["message", "hint", "printed", "mistake"])
def test_the_page_escapes(page, field):
    assert "<script>" not in page(check(**{field: "`<script>alert(1)</script>`"}))


def test_the_gradescope_report_names_the_mistake(tmp_path):
    write_gradescope(result(check()), tmp_path / "results.json")
    assert "Known mistake: loss summed over the batch" in (tmp_path / "results.json").read_text()


def test_a_class_report_counts_failures_by_mistake():
    assert count_explanations([result(check())])["p1_mlp/demo", "Loss summed over the batch"] == 1
