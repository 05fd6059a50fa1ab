"""No page that shows a student's text loads anything: counted in Chromium, which answers no request of a test's page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import nbgrader
import pytest
from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from playwright.sync_api import Browser, Route

from autograder.classroom.report import class_page
from autograder.course.catalogue import CheckId, ExerciseId
from autograder.notebooks.build import Notebook
from autograder.notebooks.nbgrader.handed_in import explanation, readable, restored
from autograder.reports.appeal.page import write_appeal
from autograder.reports.appeal.record import Appeal, Record, ShownCall
from autograder.reports.appeal.values import ShownValue
from autograder.reports.files import write_html
from autograder.results import CheckResult, ExerciseResult, HandIn, SubmissionName, SubmissionResult
from tests.attacks.markdown import HOST, LOADING, MARKUP, NEEDS_NO_HELP, PIXEL
from tests.notebooks.nbgrader.browser import chromium, open_browser

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="there is no Chromium here: install Debian's package chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("there is no Chromium here")
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def asked_for(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """Opens a page and returns the addresses that it asks for, itself left out. None of them is answered."""

    def opened(html: str) -> list[str]:
        path = tmp_path_factory.mktemp("page") / "page.html"
        path.write_text(html, encoding="utf-8", errors="backslashreplace")
        seen: list[str] = []

        def note(route: Route) -> None:
            if route.request.url == path.as_uri():
                route.continue_()
            else:
                seen.append(route.request.url)
                route.abort()

        context = browser.new_context()
        try:
            context.route("**/*", note)
            page = context.new_page()
            page.on("dialog", lambda dialog: seen.append("a dialog") or dialog.dismiss())
            page.goto(path.as_uri(), wait_until="load")
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        except Exception as error:  # a page that went to another address, which nobody answered
            seen.append(str(error))
        finally:
            context.close()
        return seen

    return opened


def outside(addresses: list[str]) -> list[str]:
    """Without the address from which nbgrader's own template loads MathJax."""
    return [address for address in addresses if urlsplit(address).hostname != "cdnjs.cloudflare.com"]


@pytest.fixture(scope="module")
def loaded_as_written(asked_for: Callable[[str], list[str]]) -> set[str]:
    """The names of those texts that load something from feedback if nothing is changed in them."""
    sources = [
        text.replace("evil.test/", f"evil.test/{number}/")
        for number, (name, text) in enumerate(LOADING.items())
        if name != "attachment that does not exist"  # nbconvert stops there
    ]
    addresses = asked_for(as_feedback(json.loads(handed_in(*sources))))
    return {
        name for number, name in enumerate(LOADING) if any(f"evil.test/{number}/" in address for address in addresses)
    }


# Pages that are made here.


def hostile_result() -> SubmissionResult:
    check = CheckResult(
        CheckId("p1_mlp/demo::value"), MARKUP, "failed", 0, 1, message=f"{MARKUP}\n{MARKUP}", mistake=MARKUP,
        hint=f"`{MARKUP}`\n\n{MARKUP}", printed=MARKUP, where=MARKUP,
    )  # fmt: skip
    exercise = ExerciseResult(ExerciseId("p1_mlp/demo"), checks=[check], follow_through=MARKUP)
    return SubmissionResult(
        submission=SubmissionName(MARKUP, "", MARKUP), seed=1, tier="fast", isolation="strict", isolation_reason=MARKUP,
        exercises=[exercise], problem=MARKUP, notes=[MARKUP], left_aside=[MARKUP], to_look_at=[MARKUP], unreadable=[MARKUP],
        hand_in=HandIn(student=MARKUP, name=MARKUP, email=MARKUP, section=MARKUP, files=(MARKUP,), notes=(MARKUP,)),
    )  # fmt: skip


def student_page(folder: Path) -> str:
    write_html(hostile_result(), folder / "result.html")
    return (folder / "result.html").read_text()


def page_of_a_class(folder: Path) -> str:
    return class_page([hostile_result()])


def page_of_an_appeal(folder: Path) -> str:
    check = hostile_result().exercises[0].checks[0]
    value = ShownValue(MARKUP, MARKUP, MARKUP)
    record = Record([ShownCall(1, MARKUP, False, [value], [value], problem=MARKUP, changed=(MARKUP,))], 1)
    appeal = Appeal(
        student=MARKUP, exercise="p1_mlp/demo", recorded=check, now=check, record=record, settings=MARKUP
    )  # fmt: skip
    write_appeal(appeal, folder / "appeal.html")
    return (folder / "appeal.html").read_text()


PAGES = {"student": student_page, "class": page_of_a_class, "appeal": page_of_an_appeal}


@pytest.fixture
def unescaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates that escape nothing."""
    begin = Environment.__init__

    def without(self: Environment, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs | {"autoescape": False})

    monkeypatch.setattr(Environment, "__init__", without)


@pytest.mark.parametrize("name", PAGES)
def test_a_report_loads_nothing(name: str, tmp_path: Path, asked_for: Callable[[str], list[str]]) -> None:
    page = PAGES[name](tmp_path)
    assert "evil.test" in page
    assert asked_for(page) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("unescaped")
def test_a_report_would_load_nothing_if_its_text_were_not_escaped(
    name: str, tmp_path: Path, asked_for: Callable[[str], list[str]]
) -> None:
    page = PAGES[name](tmp_path).replace('http-equiv="refresh"', "")  # which a policy cannot forbid
    policy = "Content-Security-Policy"
    assert page.count(policy) == 1
    assert asked_for(page) == []
    assert len(asked_for(page.replace(policy, "No-Policy"))) > 5  # the control


# Feedback on notebooks, by nbgrader's own template.


def as_feedback(notebook: Notebook) -> str:
    exporter = HTMLExporter(
        template_name="feedback",
        extra_template_basedirs=[str(Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates")],
        extra_template_paths=[
            str(Path(nbgrader.__file__).parent / "server_extensions/formgrader/static/node_modules/bootstrap/dist/css")
        ],
    )
    about = {"notebook": "p1_mlp", "score": 0.0, "max_score": 1.0, "late_penalty": 0.0}
    page, _ = exporter.from_notebook_node(nbformat.from_dict(notebook), {"nbgrader": about})
    return str(page)


def handed_in(*sources: str) -> bytes:
    """A notebook with these texts, a picture beside each, and outputs that load something."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": source, "id": f"m{number}",
         "attachments": {"p.png": {"image/png": PIXEL}, "p q.png": {"image/png": PIXEL}}}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": data | {"text/plain": "x"}}
        for data in (
            {"text/html": MARKUP},
            {"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{HOST}/g.png"/></svg>'},
            {"application/javascript": f'fetch("{HOST}/b")'},
            {"text/markdown": f"![x]({HOST}/a.png)"},
            {"image/png": f'"><img src="{HOST}/a.png">'},
        )
    ]
    cells.append(
        {"cell_type": "code", "metadata": {}, "source": MARKUP, "id": "c", "execution_count": None, "outputs": outputs}
    )
    cells.append({"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": MARKUP, "id": "r"})
    return json.dumps({"cells": cells, "metadata": {"title": MARKUP}, "nbformat": 4, "nbformat_minor": 5}).encode()


def stored(data: bytes) -> Notebook:
    notebook = readable(data, "p1_mlp.ipynb")
    return notebook | {"cells": restored(notebook["cells"], [])}


def test_feedback_on_a_notebook_loads_nothing(asked_for: Callable[[str], list[str]]) -> None:
    page = as_feedback(stored(handed_in(*LOADING.values())))
    assert "evil.test" in page
    assert outside(asked_for(page)) == []
    assert page.count(f"data:image/png;base64,{PIXEL}") == 1, "the student's own picture is shown, where it is one"


@pytest.mark.parametrize("name", LOADING)
def test_the_text_would_load_something_from_feedback_as_it_was_written(name: str, loaded_as_written: set[str]) -> None:
    assert (name in loaded_as_written) == (name not in NEEDS_NO_HELP)


def test_the_outputs_would_load_something_from_feedback_as_they_were_handed_in(
    asked_for: Callable[[str], list[str]],
) -> None:
    assert len(outside(asked_for(as_feedback(json.loads(handed_in()))))) > 5


def test_why_a_notebook_could_not_be_read_loads_nothing(asked_for: Callable[[str], list[str]]) -> None:
    problem = "; ".join([*LOADING.values(), MARKUP])
    assert outside(asked_for(as_feedback(explanation(problem)))) == []
