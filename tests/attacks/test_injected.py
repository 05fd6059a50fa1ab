"""No text of a student's acts on who reads it: on terminals, in JSON, CSV, JUnit, on pages, in notebooks and logs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from autograder.classroom.report import class_page
from autograder.grading.engine import Engine
from autograder.notebooks.display import display_result
from autograder.reports.files import write_gradescope, write_html, write_json
from autograder.reports.terminal import failure_text, remarks, summary
from autograder.results import SubmissionResult
from autograder.submissions.entries import Entry, read_entry
from autograder.watching.terminal import WatchTerminal
from tests.attacks.files import INJECTING
from tests.classroom.class_runs import grade as grade_a_class
from tests.zoo import PROJECT, SOFTMAX, as_submission

FORGED = "8 of 8 points"
CALLING = "\n".join(
    f"def {name}:\n    return raising()\n"
    for name in ("softmax(ytilde)", "cross_entropy(ytilde, Y)", "cross_entropy_gradient(ytilde, Y)")
)


def acts(text: str) -> bool:
    """Whether a text has an effect on a terminal, on a page or in a spreadsheet, or has a line that was forged."""
    controls = any(not (c.isprintable() or c in "\n\t") for c in text)
    forged = any(line.strip() == FORGED for line in text.replace("\r", "\n").split("\n"))
    return controls or forged or "<script>" in text or text.startswith("=")


@pytest.mark.parametrize("name", INJECTING)
def test_the_text_acts_on_a_naive_report(name: str) -> None:
    printed = io.StringIO()
    names: dict[str, Any] = {"__name__": "student"}
    try:
        with contextlib.redirect_stdout(printed):
            exec(INJECTING[name], names)
            value = names["raising"]()
        said = f"{type(value).__name__}: {', '.join(map(str, value)) if isinstance(value, dict) else value}"
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} in {last.name}, {getattr(error, 'name', '')}"
    assert acts(said) or acts(printed.getvalue())


def in_pytest(result: SubmissionResult, folder: Path) -> str:
    checks = [failure_text(check) for exercise in result.exercises for check in exercise.checks]
    return "\n".join([*checks, *summary(result, color=False), *remarks(result, all_files=True)])


def in_watch(result: SubmissionResult, folder: Path) -> str:
    out = io.StringIO()
    terminal = WatchTerminal(Console(file=out, width=100))
    terminal.explain(result.exercises[0].checks, 3)
    terminal.show_hints(result.exercises[0].checks, 1)
    return out.getvalue()


def in_json(result: SubmissionResult, folder: Path) -> str:
    write_json(result, folder / "result.json")
    return "\n".join(texts(json.loads((folder / "result.json").read_text())))


def in_gradescope(result: SubmissionResult, folder: Path) -> str:
    write_gradescope(result, folder / "results.json")
    return "\n".join(texts(json.loads((folder / "results.json").read_text())))


def on_a_page(result: SubmissionResult, folder: Path) -> str:
    write_html(result, folder / "result.html")
    return (folder / "result.html").read_text()


def on_the_page_of_a_class(result: SubmissionResult, folder: Path) -> str:
    return class_page([result])


def in_a_notebook(result: SubmissionResult, folder: Path) -> str:
    shown = display_result(result.exercises[0])
    return f"{shown.text}\n{shown.html}"


CHANNELS: dict[str, Callable[[SubmissionResult, Path], str]] = {
    "pytest": in_pytest,
    "watch": in_watch,
    "JSON": in_json,
    "Gradescope": in_gradescope,
    "page": on_a_page,
    "class": on_the_page_of_a_class,
    "notebook": in_a_notebook,
}
MARKUP_IS_TEXT = ("pytest", "watch", "JSON", "Gradescope", "notebook")


def texts(found: object) -> list[str]:
    if isinstance(found, dict):
        return [text for pair in found.items() for part in pair for text in texts(part)]
    if isinstance(found, list):
        return [text for part in found for text in texts(part)]
    return [found] if isinstance(found, str) else []


@pytest.mark.parametrize("name", INJECTING)
def test_the_text_does_not_act_on_ours(name: str, engine: Engine, tmp_path: Path) -> None:
    result = engine.grade(as_submission(INJECTING[name] + CALLING), [SOFTMAX])
    assert result.score == 0
    for channel, shown in CHANNELS.items():
        text = shown(result, tmp_path)
        if channel in MARKUP_IS_TEXT:
            text = text.replace("<script>", "")
        assert not acts(text), (channel, ascii(text))
    if name != "the keys of an answer":  # which this exercise does not show
        assert "canary" in in_pytest(result, tmp_path), "what the student wrote can be read"
    assert "<script>" not in display_result(result.exercises[0]).html


BAD_NAME = "p1_mlp/help\x1b[2J\u202eer.py"
RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()


def test_names_of_files_do_not_act(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "class" / "eve"
    (folder / "p1_mlp").mkdir(parents=True)
    (folder / f"{SOFTMAX}.py").write_text(RIGHT)
    (folder / BAD_NAME).write_text("x = (")
    (folder / "=cmd|x.pdf").write_text("x")
    (folder / "a\nb.txt").write_text("x")
    result = engine.grade(read_entry(Entry("eve", folder)), [SOFTMAX])
    for channel, shown in CHANNELS.items():
        text = shown(result, tmp_path)
        assert "\x1b" not in text, channel
        assert "\u202e" not in text, channel


def test_the_files_of_a_class_run_do_not_act(tmp_path: Path) -> None:
    """The names of students' folders, as nobody's LMS writes them, and what is said of their work."""
    submissions = tmp_path / "submissions"
    source = INJECTING["the class of an error"] + CALLING
    for name in ("=HYPERLINK(1)", "eve\x1b[2J\u202e", "<script>alert(1)", "+1\nb"):
        (submissions / name / "p1_mlp").mkdir(parents=True)
        (submissions / name / f"{SOFTMAX}.py").write_text(source)
    code, printed = grade_a_class(submissions, tmp_path / "results")
    assert code == 0, printed
    assert not acts(printed), ascii(printed)
    rows = list(csv.reader(io.StringIO((tmp_path / "results" / "summary.csv").read_text("utf-8-sig"))))
    assert len(rows) == 5
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if acts(cell) or cell.startswith(("=", "+", "@", "\t"))] == []
    page = (tmp_path / "results" / "class.html").read_text()
    assert not acts(page)
    for path in (tmp_path / "results").glob("*.json"):
        graded = json.loads(path.read_text()).get("exercises", [])
        assert not any(acts(text) for text in texts(graded)), path


def test_a_real_run_of_pytest_shows_nothing_that_acts(tmp_path: Path) -> None:
    """With colours, so that pytest's own escapes are there and no others."""
    folder = tmp_path / "submission"
    (folder / "p1_mlp").mkdir(parents=True)
    source = "\n".join([INJECTING["printed text"], INJECTING["the class of an error"], CALLING])
    (folder / f"{SOFTMAX}.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "autograder", f"--submission={folder}", "-q", "-k", "softmax_cross_entropy",
         "--seed=1", "-p", "no:cacheprovider", "--color=yes", f"--junitxml={tmp_path / 'junit.xml'}",
         f"--report-json={tmp_path / 'r.json'}", f"--report-gradescope={tmp_path / 'g.json'}",
         f"--report-html={tmp_path / 'r.html'}"],
        cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "canary" in done.stdout
    for said in (done.stdout, done.stderr):
        assert "\x1b[31mcanary" not in said
        assert "\u202e" not in said
    for name in ("junit.xml", "r.json", "g.json", "r.html"):
        assert not acts((tmp_path / name).read_text()), name
    for name in ("r.json", "g.json"):
        assert not any(acts(text) for text in texts(json.loads((tmp_path / name).read_text())))
    junit = ElementTree.parse(tmp_path / "junit.xml")
    assert not any(acts(text) for text in junit.getroot().itertext())
