"""A notebook that was handed in is rebuilt: what students wrote survives, their metadata does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.notebooks.nbgrader.handed_in import harmless_markdown, readable, restored, stream
from autograder.notebooks.nbgrader.recognised import ReleasedCell
from tests.notebooks.conftest import code, file_of

FLAGS = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}


def released(tag: str, source: str, kind: str = "code", **flags: Any) -> ReleasedCell:
    return ReleasedCell(tag, kind, source, FLAGS | {"grade_id": tag, "cell_type": kind} | flags)


RELEASED = [
    released("answer-double", "# exercise: double\n...", solution=True),
    released("checks-double", 'check("double")', grade=True, locked=True, points=3.0),
    released("text-q01", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=2.0),
]


def put_right(*cells: dict[str, Any]) -> list[dict[str, Any]]:
    return restored(readable(file_of(cells), "p1_mlp.ipynb")["cells"], RELEASED)


def text(source: str, tag: str = "", **more: Any) -> dict[str, Any]:
    return code(source, tag) | {"cell_type": "markdown"} | more


def tags(cells: list[dict[str, Any]]) -> list[str]:
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]


def test_an_unedited_notebook_is_rebuilt_unchanged() -> None:
    cells = put_right(code("mine", "answer-double"), code("check", "checks-double"), text("words", "text-q01"))
    assert [(cell["source"], cell["metadata"]["nbgrader"]) for cell in cells] == [
        ("mine", RELEASED[0].metadata), ('check("double")', RELEASED[1].metadata), ("words", RELEASED[2].metadata)
    ]  # fmt: skip


def test_points_and_flags_set_by_the_student_do_not_count() -> None:
    hostile = code("mine", "checks-double")
    hostile["metadata"]["nbgrader"] |= {"points": 99, "locked": False, "solution": True, "schema_version": 9, "x": []}
    (cell,) = [cell for cell in put_right(hostile) if tags([cell]) == ["checks-double"]]
    assert (cell["source"], cell["metadata"]["nbgrader"]) == ('check("double")', RELEASED[1].metadata)


def test_missing_cells_are_restored_in_their_places() -> None:
    assert tags(put_right(text("mine"), code("a", "answer-double"), text("more"))) == [
        "", "answer-double", "checks-double", "text-q01", ""
    ]  # fmt: skip


def test_if_all_cells_are_missing_text_at_the_top_stays_there() -> None:
    assert tags(put_right(text("hello"))) == ["", "answer-double", "checks-double", "text-q01"]


def test_of_two_cells_with_the_same_tag_the_edited_one_keeps_it() -> None:
    cells = put_right(text("YOUR ANSWER HERE", "text-q01"), text("words", "text-q01"), text("more", "text-q01"))
    assert [cell["source"] for cell, tag in zip(cells, tags(cells)) if tag == "text-q01"] == ["words"]
    assert [cell["source"] for cell in cells if not cell["metadata"]] == ["YOUR ANSWER HERE", "more"]


def test_an_answer_cell_without_its_tag_is_known_by_its_first_line() -> None:
    cells = put_right(code("# exercise: double\nmine"))
    assert [cell["source"] for cell, tag in zip(cells, tags(cells)) if tag == "answer-double"] == [
        "# exercise: double\nmine"
    ]


def test_unknown_tags_are_plain_cells() -> None:
    assert tags(put_right(code("mine", "answer-triple")))[0] == ""


def test_a_cell_of_a_changed_kind_is_restored() -> None:
    cells = put_right(text("mine", "answer-double"), code("words", "text-q01"))
    assert [(cell["cell_type"], "outputs" in cell) for cell in cells if tags([cell])[0] in ("answer-double", "text-q01")] == [
        ("code", True), ("markdown", False)
    ]  # fmt: skip


def test_pictures_and_text_survive_and_active_content_does_not() -> None:
    data = {"text/html": "<script>", "image/svg+xml": "<svg>", "application/javascript": "x", "text/plain": "a figure"}
    outputs = [
        {"output_type": "display_data", "data": data | {"image/png": "iVBORw0="}, "metadata": {"x": 1}},
        {"output_type": "display_data", "data": {"image/png": '"><script>'}},
        {"output_type": "stream", "name": "stderr", "text": ["a\x1b[1m", "b"]},
        "nonsense",
    ]
    cells = put_right(code("plot()") | {"outputs": outputs})
    assert cells[0]["outputs"] == [
        {"output_type": "display_data", "data": {"image/png": "iVBORw0=", "text/plain": "a figure"}, "metadata": {}},
        stream("a[1mb"),
    ]


def test_outputs_of_graded_cells_are_ours() -> None:
    (cell,) = [
        c
        for c in put_right(code("x", "checks-double") | {"outputs": [stream("14 of 14")]})
        if c["source"] == 'check("double")'
    ]
    assert cell["outputs"] == []


def test_pasted_pictures_stay_with_an_answer() -> None:
    pasted = {"a.png": {"image/png": "iVBORw0="}, "b.svg": {"image/svg+xml": "<svg>"}, "../c": {"image/png": "iV"}}
    (cell,) = [
        c for c in put_right(text("![](attachment:a.png)", "text-q01", attachments=pasted)) if "attachments" in c
    ]
    assert cell["attachments"] == {"a.png": {"image/png": "iVBORw0="}}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"cells": 3}', b'{"cells": [{}]}', b"\xff\xfe", b'{"cells": [' + b"[" * 5000]
)
def test_an_unreadable_file_becomes_a_notebook_that_says_so(data: bytes) -> None:
    (cell,) = readable(data, "p1_mlp.ipynb")["cells"]
    assert "p1_mlp.ipynb is not a readable notebook" in cell["source"]


def test_deeply_nested_metadata_is_harmless() -> None:
    deep = b"[" * 5000 + b"]" * 5000
    data = file_of([code("mine")]).replace(b'"metadata": {}, "outputs"', b'"metadata": {"x": %s}, "outputs"' % deep, 1)
    assert readable(data, "p1_mlp.ipynb")["cells"]


def test_a_notebook_that_is_too_large_says_so() -> None:
    (cell,) = readable(b" " * (65 << 20), "p1_mlp.ipynb")["cells"]
    assert "p1_mlp.ipynb is larger than 64 MiB" in cell["source"]


def test_the_result_is_valid() -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = readable(file_of([code("x = 1"), text("words")]), "p1_mlp.ipynb")
    notebook["cells"] = restored(notebook["cells"], RELEASED)
    nbformat.validate(json.loads(json.dumps(notebook)))


PAGES = [
    "<script>x</script>", "<img src=x onerror=x>", "a <b onclick=x>b</b>", "<!-- x -->", "[l](javascript:x)",
    "[l](JavaScript:x)", "[l](java&#115;cript:x)", "[l](javascript&colon;x)", "[l](javascript\\:x)",
    "[l][r]\n\n[r]: javascript:x", "<javascript:x>", "![i](javascript:x)", "[l](data:text/html,x)", "[l](vbscript:x)",
    "[l](<java\nscript:x>)", "$\\href{javascript:x}{y}$",
]  # fmt: skip


@pytest.mark.parametrize("source", PAGES)
def test_markdown_brings_no_tag_and_no_script_into_a_page(source: str) -> None:
    from bs4 import BeautifulSoup
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    page = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(harmless_markdown(source))
    found = BeautifulSoup(page, "html.parser")
    assert {tag.name for tag in found.find_all()} <= {"p", "a", "img", "em", "code", "br"}
    attributes = {(name, str(value)) for tag in found.find_all() for name, value in tag.attrs.items()}
    assert not [
        (name, value) for name, value in attributes if name.startswith("on") or "script:" in value or "data:" in value
    ]
    assert "javascript:" not in page


def test_formulas_quotes_and_code_are_left_alone() -> None:
    source = "> quote\n\n$a < b$, `x < 3`, [course](https://example.org/a?b=1&c=2)\n\n    if x > 3:"
    assert harmless_markdown(source.replace("&c", "c")) == source.replace("&c", "c")
