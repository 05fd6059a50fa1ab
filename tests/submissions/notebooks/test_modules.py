"""Modules are extracted from a notebook: imports, definitions and constants, each traceable to its cell."""

from __future__ import annotations

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.submissions.notebooks.cells import MAX_CELLS, MAX_CODE, NotebookError, read_cells
from autograder.submissions.notebooks.modules import Extracted, Places, extract, name_cells_in
from tests.notebooks.conftest import code, file_of

EXERCISES = (ExerciseId("p1_mlp/one"), ExerciseId("p1_mlp/two"))
ONE = "def one(x):\n    return x + 1"
TWO = "def two(x):\n    return one(x) + 1"
A, B = "answer-one", "answer-two"


def extracted(*cells: dict[str, object], exercises: tuple[str, ...] = EXERCISES) -> Extracted:
    return extract(read_cells(file_of(cells)), "nb.ipynb", exercises)


def module(*cells: dict[str, object], name: str = "one") -> str:
    result = extracted(*cells)
    assert f"p1_mlp/{name}.py" not in result.problems, result.problems
    return result.files[f"p1_mlp/{name}.py"].decode()


def namespace(*cells: dict[str, object], name: str = "one", **siblings: object) -> dict[str, object]:
    """The names that the module defines when it is run; imports from siblings are provided."""
    text = "\n".join(line for line in module(*cells, name=name).split("\n") if not line.startswith("from ."))
    names: dict[str, object] = dict(siblings)
    exec(compile(text, "module", "exec"), names)
    return names


# What goes into a module.


def test_an_answer_cell_is_its_exercises_module() -> None:
    result = extracted(code(ONE, A), code(TWO, B))
    assert result.files["p1_mlp/one.py"].decode() == ONE + "\n"
    assert (result.problems, result.notes) == ({}, [])


def test_imports_come_from_the_whole_notebook_as_far_as_they_are_used() -> None:
    text = module(
        code("import math\nimport os, json as js"), code("def one(x):\n    return np.sin(js.x) + math.pi", A),
        code("import numpy as np"),
    )  # fmt: skip
    assert text.split("\n")[:3] == ["import json as js", "import math", "import numpy as np"]
    assert "os" not in text


def test_the_last_import_before_the_answer_cell_counts() -> None:
    text = module(
        code("from math import exp"), code("from torch import exp"), code("def one(x):\n    return exp(x)", A)
    )
    assert text.startswith("from torch import exp\n")


def test_helpers_and_constants_of_untagged_cells_are_taken_where_they_are_needed() -> None:
    helper = code("SCALE = 3\nUNUSED = 4\ndef helper(x):\n    return SCALE * x\ndef unused():\n    pass")
    names = namespace(helper, code("def one(x):\n    return helper(x)", A))
    assert names["one"](2) == 6  # type: ignore[operator]
    assert "unused" not in names
    assert "UNUSED" not in names


@pytest.mark.parametrize(
    "constant",
    ["EPS = 1e-8", "EPS: float = 1e-8", "A, EPS = 1, 1e-8", "import math\nEPS = math.sqrt(1e-16)", "x = 1e-8; EPS = x"],
)
def test_what_a_constant_may_look_like(constant: str) -> None:
    names = namespace(code(constant), code("def one():\n    return EPS", A))
    assert names["one"]() == pytest.approx(1e-8)  # type: ignore[operator]


@pytest.mark.parametrize(
    "statement",
    ["print(1 / 0)", "1 / 0", "assert False", "for i in range(3):\n    1 / 0", "with open('x') as f:\n    pass",
     "raise ValueError", "y = one(3)", "y = undefined + 1", "while True: pass", "one.x = 1 / 0", "z = [one(i) for i in y]",
     "%matplotlib inline", "!rm -rf x", "one?", "files = !ls", "%%time", "from autograder.notebooks import check",
     "check('one')", "import IPython"],
)  # fmt: skip
def test_other_statements_and_magics_are_ignored(statement: str) -> None:
    before = "%%time\n" if statement == "%%time" else ""
    source = f"{before}{ONE}\n" + ("" if before else statement)
    assert namespace(code(source, A))["one"](1) == 2  # type: ignore[operator]
    assert namespace(code(statement), code(ONE, A))["one"](1) == 2  # type: ignore[operator]


def test_a_cell_of_another_language_is_ignored() -> None:
    result = extracted(code("%%bash\nls -l | wc"), code(ONE, A), code(TWO, B))
    assert result.notes == []


def test_code_that_looks_like_a_magic_is_code() -> None:
    names = namespace(code("%time x\n" + 'def one():\n    return ("%d"\n            % 3)', A))
    assert names["one"]() == "3"  # type: ignore[operator]


def test_a_local_name_does_not_pull_in_a_constant() -> None:
    text = module(code("x = [1] * 10\ny = 2"), code("def one(x):\n    y = x\n    return [z for z in y]", A))
    assert "10" not in text


def test_future_imports_stay_first() -> None:
    text = module(
        code("from __future__ import annotations\nimport math"), code("def one(x: foo):\n    return math.pi", A)
    )
    assert text.startswith("from __future__ import annotations\nimport math\n")
    assert namespace(code("import math\nfrom __future__ import annotations\n" + ONE, A))


def test_skipped_statements_of_an_answer_cell_are_noted() -> None:
    result = extracted(code(f"{ONE}\nfor i in range(3):\n    TABLE = i\n", A), code(TWO, B))
    assert result.notes == ["nb.ipynb, cell 1: line 3 was skipped: it is not an import, a definition or a constant"]


# Cells below the answer cell.

HELPED = "def one(x):\n    return helper(x)"


def helper(value: object) -> dict[str, object]:
    return code(f"def helper(x):\n    return {value}")


@pytest.mark.parametrize(
    "below", [[helper(5)], [helper(4), helper(5)], [code("E = 5"), helper("E")], [helper("later()")]]
)
def test_a_helper_below_the_answer_cell_counts(below: list[dict[str, object]]) -> None:
    cells = [code(HELPED, A), *below, code(TWO, B), helper(6), code("def later():\n    return 5")]
    assert namespace(*cells)["one"](1) == 5  # type: ignore[operator]


def test_a_helper_above_takes_precedence() -> None:
    assert namespace(helper(4), code(HELPED, A), helper(5))["one"](1) == 4  # type: ignore[operator]


def test_a_helper_in_a_later_answer_cell_is_imported_from_there() -> None:
    later = code("def helper(x):\n    return x\ndef two(x):\n    return x", B)
    assert module(code(HELPED, A), later).startswith("from .two import helper\n")


def test_modules_never_import_each_other_in_a_circle() -> None:
    cells = [code(HELPED, A), code("def helper(x):\n    return 5\ndef two(x):\n    return one(x)", B)]
    assert module(*cells, name="two").startswith("from .one import one\n")
    assert namespace(*cells)["one"](1) == 5  # type: ignore[operator]


@pytest.mark.parametrize(
    "answer",
    ["@helper\ndef one():\n    return 1", "def one(x=helper(1)):\n    return x", "E = D\ndef one():\n    return E",
     "class one(Base):\n    pass"],
)  # fmt: skip
def test_what_is_needed_at_once_comes_first(answer: str) -> None:
    below = [code("class Base:\n    start = D"), code("D = 1\ndef helper(x):\n    return lambda: x")]
    assert callable(namespace(code(answer, A), *below)["one"])


def test_a_constant_that_own_code_below_computes_is_an_experiment() -> None:
    assert "E" not in namespace(code("E = helper(1)\ndef one():\n    return 1", A), helper(5))


def test_code_in_a_check_cell_counts_if_no_other_does() -> None:
    check = code("def helper(x):\n    return 3", "checks-one")
    assert namespace(code(HELPED, A), check)["one"](1) == 3  # type: ignore[operator]
    assert namespace(check, code(HELPED, A), helper(4))["one"](1) == 4  # type: ignore[operator]


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_public_name_that_the_answer_cell_lacks_comes_from_a_cell_beside_it(where: str) -> None:
    beside, answer = code(ONE), code("# exercise: one\nx = 1", A)
    cells = [beside, answer] if where == "above" else [answer, beside]
    result = extract(read_cells(file_of([*cells, code(TWO, B)])), "nb.ipynb", EXERCISES, lambda _: frozenset({"one"}))
    assert ONE in result.files["p1_mlp/one.py"].decode()
    assert "move it into the answer cell" in result.notes_on["p1_mlp/one.py"][0]


def test_a_function_rewritten_in_another_cell_is_noted_and_does_not_count() -> None:
    cells = read_cells(file_of([code(ONE, A), code("def one(x):\n    return 9"), code(TWO, B)]))
    result = extract(cells, "nb.ipynb", EXERCISES, lambda exercise: frozenset({exercise.name}))
    assert ONE in result.files["p1_mlp/one.py"].decode()
    assert result.notes == [
        "nb.ipynb, cell 2 defines one again, but the answer cell for one counts: copy your code into it if it is better"
    ]


# Siblings.


def test_a_siblings_function_is_imported_from_its_module() -> None:
    assert module(code(ONE, A), code(TWO, B), name="two").startswith("from .one import one\n")


def test_a_helper_before_an_earlier_answer_cell_comes_from_that_module() -> None:
    cells = [code("def helper(x):\n    return x"), code(ONE, A), code("def two(x):\n    return helper(x)", B)]
    assert "def helper" in module(*cells)
    assert module(*cells, name="two").startswith("from .one import helper\n")


def test_the_latest_definition_before_the_answer_cell_counts() -> None:
    cells = [code(ONE, A), code("def one(x):\n    return 'mine'"), code(TWO.replace(" + 1", ""), B)]
    assert namespace(*cells, name="two")["two"](1) == "mine"  # type: ignore[operator]


def test_of_two_exercises_with_the_same_names_each_has_its_own() -> None:
    train = "def train():\n    return {}\ndef {}():\n    return train()"
    cells = [code(train.format("one", 1).replace("return {}", "return 1", 1).replace("{}", "one"), A)]
    cells.append(code("def train():\n    return 2\ndef two():\n    return train()", B))
    assert namespace(*cells, name="two")["two"]() == 2  # type: ignore[operator]


def test_a_syntax_error_affects_only_its_exercise_and_is_reported_by_the_worker() -> None:
    result = extracted(code("def one(x:\n    return 1", A), code("def two(x):\n    return x", B))
    assert result.problems == {}
    assert result.files["p1_mlp/one.py"] == b"def one(x:\n    return 1\n"
    compile(result.files["p1_mlp/two.py"], "two", "exec")


def test_an_exercise_that_builds_on_a_broken_one_imports_it() -> None:
    assert module(code("def one(x:\n    return 1", A), code(TWO, B), name="two").startswith("from .one import one\n")


def test_a_syntax_error_in_an_untagged_cell_is_only_a_note() -> None:
    result = extracted(code("x = ("), code(ONE, A), code(TWO, B))
    assert result.problems == {}
    assert "nb.ipynb, cell 1 was skipped: it is not valid Python (line 1: '(' was never closed)" in result.notes


# Cells that are not as they were handed out.


def test_a_deleted_answer_cell_is_a_problem_that_says_what_to_do() -> None:
    result = extracted(code(ONE, A))
    assert result.missing == {"p1_mlp/two.py"}
    assert result.problems["p1_mlp/two.py"].startswith("nb.ipynb has no answer cell for two: fetch the notebook again")


def test_two_equal_answer_cells_are_allowed() -> None:
    result = extracted(code(ONE, A), code(ONE, A), code(TWO, B))
    assert result.problems == {}


def test_of_two_different_answer_cells_the_last_definition_counts_and_the_cells_are_named() -> None:
    result = extracted(code(ONE, A), code(ONE + "0", A), code(TWO, B))
    assert result.files["p1_mlp/one.py"].decode() == ONE + "0\n"
    assert result.notes_on["p1_mlp/one.py"] == [
        "cells 1 and 2 of nb.ipynb are answer cells for one and count together: nothing from cell 1, one from cell 2. "
        "Merge them into one cell"
    ]


def test_an_answer_that_is_split_over_two_cells_is_joined() -> None:
    split = [code("def one(x):\n    return part(x)", A), code("x = 1"), code("def part(x):\n    return x + 1", A)]
    assert namespace(*split)["one"](1) == 2  # type: ignore[operator]
    assert "one from cell 1, part from cell 3" in extracted(*split).notes[0]


def test_a_stub_in_a_copy_gives_way_to_what_was_written() -> None:
    stub = 'def one(x):\n    """One more."""\n    raise NotImplementedError("one")'
    assert ONE in module(code(ONE, A), code(stub, A))


def test_an_invalid_copy_does_not_affect_the_valid_one() -> None:
    result = extracted(code(ONE, A), code("def one(", A))
    assert result.files["p1_mlp/one.py"].decode() == ONE + "\n"
    assert "nb.ipynb, cell 2 was skipped: it is not valid Python" in result.notes[0]


def test_an_unedited_answer_cell_gives_way_to_an_edited_one() -> None:
    stub = "def one(x):\n    raise NotImplementedError"
    assert ONE in module(code(stub, A, released=stub), code(ONE, A, released=stub))


@pytest.mark.parametrize("tag", ["", "renamed", "checks-other"])
def test_a_cell_that_lost_its_tag_is_known_by_its_first_line(tag: str) -> None:
    result = extracted(code(f"# exercise: one\n{ONE}", tag), code(TWO, B))
    assert result.problems == {}
    assert ONE in result.files["p1_mlp/one.py"].decode()


def test_a_copied_tag_of_another_exercise_gives_way_to_the_first_line() -> None:
    result = extracted(code(f"# exercise: one\n{ONE}", B), code(f"# exercise: two\n{TWO}", B))
    assert (result.problems, result.notes_on.keys()) == ({}, set())
    assert ONE in result.files["p1_mlp/one.py"].decode()
    assert TWO in result.files["p1_mlp/two.py"].decode()


def test_without_its_tag_and_first_line_a_cell_is_known_by_the_names_that_it_defines() -> None:
    public = {EXERCISES[0]: frozenset({"one"}), EXERCISES[1]: frozenset({"one", "two"})}
    cells = read_cells(file_of([code(f"{ONE}\n{TWO}"), code(ONE), code("y = 1")]))
    result = extract(cells, "nb.ipynb", EXERCISES, public.__getitem__)
    assert (ONE + "\n").encode() == result.files["p1_mlp/one.py"]
    assert TWO.encode() in result.files["p1_mlp/two.py"]
    assert result.notes[0] == "nb.ipynb, cell 2 lost its tag and its first line; it defines the names of one"


@pytest.mark.parametrize(
    "metadata", [{"nbgrader": "x"}, {"nbgrader": {"grade_id": 5}}, {"nbgrader": None}, {"autograder": [1]}]
)
def test_malformed_metadata_is_ignored(metadata: dict[str, object]) -> None:
    cell = code(f"# exercise: one\n{ONE}") | {"metadata": metadata}
    assert ONE in module(cell)


def test_an_answer_cell_turned_into_text_is_missing() -> None:
    result = extracted(code(ONE, A) | {"cell_type": "raw"}, code(TWO, B))
    assert "p1_mlp/one.py" in result.missing


def test_an_unedited_cell_is_recognized() -> None:
    result = extracted(code(ONE + "\n\n", A, released=ONE), code(TWO, B, released=ONE))
    assert result.untouched == {"p1_mlp/one.py"}


# Where lines come from.


def test_a_line_of_a_module_is_named_by_its_cell() -> None:
    cells = [code("import math"), code("\ndef helper(x):\n    return math.pi"), code("\n\n" + ONE + " + helper(x)", A)]
    result = extracted(*cells)
    text, places = result.files["p1_mlp/one.py"].decode().split("\n"), result.places["p1_mlp/one.py"]
    assert places.of(text.index("    return math.pi") + 1) == "nb.ipynb, cell 2, line 3"
    assert places.of(text.index("    return x + 1 + helper(x)") + 1) == "nb.ipynb, cell 3, line 4"
    assert places.of(text.index("import math") + 1) == "nb.ipynb, cell 1, line 1"


def test_messages_name_cells_instead_of_modules() -> None:
    places = {"p1_mlp/one.py": Places("nb.ipynb", ((1, 1, 1), (3, 7, 1)))}
    text = "p1_mlp/one.py is odd: one(3) raised\n  p1_mlp/one.py:5 in one\n  p1_mlp/two.py:5 in two\nuses torch.exp (line 4)"
    assert name_cells_in(text, "p1_mlp/one.py", places) == (
        "nb.ipynb, cell 7 is odd: one(3) raised\n  nb.ipynb, cell 7, line 3 in one\n  p1_mlp/two.py:5 in two\n"
        "uses torch.exp (nb.ipynb, cell 7, line 2)"
    )


# Files that are no notebooks.

BAD = {
    "empty": b"", "no JSON": b"hello", "cut off": file_of([code(ONE, A)])[:-20], "a list": b"[]", "no cells": b"{}",
    "a cell that is a number": b'{"cells": [5]}',
    "a source that is a number": b'{"cells": [{"cell_type": "code", "source": 5}]}',
    "binary": bytes(range(256)), "nested without end": b'{"cells": ' + b"[" * 100_000,
    "half a character": b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}',
    "nested in an output": b'{"cells": [{"cell_type": "code", "outputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_an_unreadable_notebook_says_so(kind: str) -> None:
    with pytest.raises(NotebookError, match=r"is not a readable notebook \(.*\): open it in Jupyter"):
        read_cells(BAD[kind])


def test_a_notebook_with_too_many_cells_is_refused() -> None:
    with pytest.raises(NotebookError, match="has more than 2,000 cells"):
        read_cells(file_of([code("")] * (MAX_CELLS + 1)))


def test_a_notebook_with_too_much_code_is_refused_and_outputs_do_not_count() -> None:
    with pytest.raises(NotebookError, match="holds more than 512 KiB of code"):
        read_cells(file_of([code("#" * MAX_CODE), code("#")]))
    picture = code(ONE, A) | {"outputs": [{"output_type": "display_data", "data": {"image/png": "x" * (4 * MAX_CODE)}}]}
    assert len(read_cells(file_of([picture]))) == 1


@pytest.mark.parametrize(
    "source",
    ["\0", "x = " + "(" * 10_000, "x = " + "-" * 100_000 + "1", "x" + ".a" * 50_000, "return 1", "def one():\n  break",
     "a=1;" * 50_000, "%x\n" * 1000, "one = " + "9" * 10_000, '"\\d"\n'],
)  # fmt: skip
def test_a_hostile_cell_does_not_affect_others(source: str) -> None:
    result = extracted(code(source), code(source, A), code("def two():\n    return 1", B))
    assert "p1_mlp/two.py" in result.files
    assert b"def two():\n    return 1" in result.files["p1_mlp/two.py"]
