"""A failed check is told in the order reason, hint, claim, numbers, the student's own lines."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.classroom.report import Result, first_reasons
from autograder.reports.files import write_gradescope, write_html
from autograder.reports.terminal import failure_text

CHECK = {
    "id": "p1_mlp/demo::value",
    "title": "f is the mean",
    "status": "failed",
    "score": 0,
    "max_score": 1,
    "message": "f(x) is the right answer times 7\n  p1_mlp/demo.py:3 in f\n    return x.sum()",
    "mistake": "loss summed over the batch",
    "hint": "Your loss is too large: look at `dim`.",
    "printed": "",
}


def check(**changes: str) -> SimpleNamespace:
    return SimpleNamespace(**CHECK | changes)


def result(*checks: dict[str, Any]) -> dict[str, Any]:
    exercise = {
        "id": "p1_mlp/demo", "status": "failed", "score": 0, "max_score": 1, "bonus": False, "mistake": "", "hint": "",
        "imports": [], "follow_through": "", "checks": list(checks),
    }  # fmt: skip
    return {
        "schema": 1, "submission": {"id": "ada", "sha256": ""}, "seed": 1, "tier": "fast", "isolation": "strict",
        "isolation_reason": "", "version": "0", "score": 0, "max_score": 1, "bonus": 0, "exercises": [exercise],
    }  # fmt: skip


@pytest.fixture
def page(tmp_path: Path):
    def write(*checks: dict[str, Any]) -> str:
        write_html(result(*checks), tmp_path / "result.html")
        return (tmp_path / "result.html").read_text()

    return write


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_the_terminal_begins_with_the_known_mistake():
    assert failure_text(check()).startswith("Loss summed over the batch\n")


def test_the_terminal_keeps_the_order():
    assert in_order(failure_text(check()), "Loss", "too large", "f is the mean", "times 7", "return x.sum()")


def test_without_a_known_mistake_the_terminal_begins_with_what_was_seen():
    assert failure_text(check(mistake="", hint="")).startswith("f(x) is the right answer times 7\n  the check:")


def test_a_hint_that_was_shown_is_not_repeated():
    assert "too large" not in failure_text(check(), hint_shown=True)


def test_the_page_keeps_the_order(page):
    assert in_order(page(CHECK), "Loss summed", "too large", "f is the mean", "times 7", "return x.sum()")


def test_the_page_gives_a_hint_once(page):
    assert page(CHECK, CHECK | {"id": "p1_mlp/demo::other"}).count("too large") == 1


def test_the_page_shows_names_in_backticks_as_code(page):
    assert "<code>dim</code>" in page(CHECK)


@pytest.mark.parametrize("field", ["message", "hint", "printed", "mistake"])
def test_the_page_escapes(page, field):
    assert "<script>" not in page(CHECK | {field: "`<script>alert(1)</script>`"})


def test_gradescope_is_told_the_mistake(tmp_path):
    write_gradescope(result(CHECK), tmp_path / "results.json")
    assert "Known mistake: loss summed over the batch" in (tmp_path / "results.json").read_text()


def test_a_class_counts_by_mistake():
    import msgspec

    found = msgspec.convert(result(CHECK), Result)
    assert first_reasons([found])["p1_mlp/demo", "Loss summed over the batch"] == 1
