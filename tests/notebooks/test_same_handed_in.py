"""What `check()` says is what counts when the notebook is handed in, or it says what would count instead."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId, exercise_ids
from autograder.notebooks import checking
from autograder.notebooks.checking import display_check
from autograder.notebooks.display import Display
from autograder.notebooks.history import answer_cells
from autograder.notebooks.saved import SavedNotebook, if_handed_in_now, saved_notebook
from autograder.submissions.notebooks.cells import read_cells
from autograder.submissions.notebooks.modules import extract
from autograder.submissions.submission import submission_in_notebook
from tests.notebooks.conftest import code, file_of

PROJECT = Path(__file__).resolve().parents[2]
SOFTMAX = ExerciseId("p1_mlp/softmax_cross_entropy")
IDS = [exercise for exercise in exercise_ids() if exercise.practical == "p1_mlp"]
TAG, NEXT = f"answer-{SOFTMAX.name}", "answer-mlp_by_hand"
LINE = f"# exercise: {SOFTMAX.name}\n"
SOLUTION = (PROJECT / f"solutions/{SOFTMAX}.py").read_text()
MAXIMUM = "ytilde.amax(dim=1, keepdim=True)"
HEAD, _, REST = SOLUTION.partition("def softmax(")
SOFTMAX_DEF = "def softmax(" + REST.partition("\n\n\ndef ")[0]
REST = "def " + REST.partition("\n\n\ndef ")[2]
RIGHT = LINE + SOLUTION
WRONG = RIGHT.replace("return (softmax(ytilde) - Y) / len(Y)", "return softmax(ytilde) - Y")
HELPED = RIGHT.replace(f"torch.exp(ytilde - {MAXIMUM})", "torch.exp(ytilde - rowmax(ytilde))")
ROWMAX = f"def rowmax(ytilde):\n    return {MAXIMUM}"
BAD_ROWMAX = "def rowmax(ytilde):\n    return ytilde * 0"
STUB = (
    LINE
    + "import torch\nfrom torch import Tensor\n\n\n"
    + "\n\n\n".join(
        f'def {name}(*arguments):\n    raise NotImplementedError("{name}")'
        for name in ("softmax", "cross_entropy", "cross_entropy_gradient")
    )
)
OTHER = "# exercise: mlp_by_hand\nimport torch\n\n\ndef forward(params, X):\n    raise NotImplementedError"
CHECK = code(f'from autograder.notebooks import check\n\ncheck("{SOFTMAX.name}")', f"checks-{SOFTMAX.name}")
Cells = list[dict[str, Any]]


def answer(source: str, tag: str = TAG) -> dict[str, Any]:
    return code(source, tag, released=STUB)


@dataclass(frozen=True)
class Case:
    """A notebook, and the cells that ran: by default all, from top to bottom. `says`: what the display has to say.

    `points`: what the handed-in notebook earns, which `check()` says too unless `warns`.
    """

    cells: Cells
    points: float
    says: str = ""
    warns: bool = False
    executed: tuple[int, ...] = ()
    deleted: tuple[str, ...] = ()
    """Sources that ran before the others and are no longer in the notebook."""


COPIED = "are answer cells for softmax_cross_entropy and count together"
CASES = {
    "a helper below": Case([answer(HELPED), code(ROWMAX), answer(OTHER, NEXT)], 8),
    "a helper above": Case([code(ROWMAX), answer(HELPED), answer(OTHER, NEXT)], 8),
    "a helper in the next exercise's cell": Case([answer(HELPED), answer(f"{OTHER}\n{ROWMAX}", NEXT)], 8),
    "a helper in the check cell": Case([answer(HELPED), code(ROWMAX, f"checks-{SOFTMAX.name}")], 8),
    "a helper that is needed at once": Case([answer(f"{HELPED}\nSAME = rowmax\n"), code(ROWMAX)], 8),
    "a helper whose cell was deleted": Case([answer(HELPED)], 3, "rowmax is missing", True, deleted=(ROWMAX,)),
    "a helper that was changed after it ran": Case(
        [code(BAD_ROWMAX), answer(HELPED)], 7, "rowmax is different", True, (1,), deleted=(ROWMAX,)
    ),
    "a helper that did not run": Case([code(ROWMAX), answer(HELPED)], 8, "rowmax was not run", True, (1,)),
    "the same helper in two sections, the wrong one last": Case(
        [code(ROWMAX), answer(HELPED), answer(OTHER, NEXT), code(BAD_ROWMAX)], 8, "rowmax is different", True
    ),
    "an old version above": Case([answer(WRONG), answer(RIGHT)], 8, COPIED),
    "an old version below": Case([answer(RIGHT), answer(WRONG)], 5, COPIED),
    "an old version below that ran first": Case([answer(RIGHT), answer(WRONG)], 5, COPIED, executed=(1, 0)),
    "an unedited copy below": Case([answer(RIGHT), answer(STUB)], 8, "", True),
    "an unedited copy above": Case([answer(STUB), answer(RIGHT)], 8),
    "two equal copies": Case([answer(RIGHT), answer(RIGHT)], 8),
    "an answer split over two copies": Case([answer(LINE + HEAD + SOFTMAX_DEF), answer(LINE + REST)], 8, COPIED),
    "a split with stubs in each copy": Case(
        [answer(STUB.partition("def softmax")[0] + SOFTMAX_DEF + STUB[STUB.index("\n\n\ndef cross_entropy(") :]),
         answer(STUB.partition("def cross_entropy")[0] + REST)], 8, COPIED,
    ),
    "a split with half in an untagged cell below": Case(
        [answer(LINE + HEAD + REST), code(SOFTMAX_DEF), answer(OTHER, NEXT)], 8, "softmax comes from"
    ),
    "the code in a cell below, the answer a stub": Case(
        [answer(STUB), code(SOLUTION)], 0, "cell 2 defines softmax, but the answer cell for softmax_cross_entropy counts"
    ),
    "the code in a cell above, the answer a stub": Case(
        [code(SOLUTION), answer(STUB)], 0, "in which softmax is still to be written: copy your code into it"
    ),
    "rewritten in a cell below": Case(
        [answer(WRONG), code(SOLUTION)], 5, "cell 2 defines cross_entropy_gradient again, but the answer cell"
    ),
    "not saved": Case([answer(STUB)], 0, "the answer cell would count as you were given it", True, (), (RIGHT,)),
    "without its tag and first line": Case([code(SOLUTION), answer(OTHER, NEXT)], 8),
    "magics and other files": Case([code("%pip list\n%run other.py\nx = 3"), answer(f"{RIGHT}\nx = softmax(1)\n")], 8),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_last_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_last_results", {})


def handed_in(data: bytes) -> float:
    """What the notebook earns when it is handed in."""
    submission = submission_in_notebook(lambda limit: data, "p1_mlp.ipynb", "alice")
    return checking._engine().grade_exercise(submission, load_grader(SOFTMAX)).score


def checked(case: Case) -> Display:
    """What `check()` displays after the cells ran."""
    sources = [cell["source"] for cell in case.cells]
    order = case.executed or (range(len(sources)) if not case.says.startswith("the answer cell would") else ())
    history = ["", *case.deleted, *(sources[index] for index in order), CHECK["source"]]
    saved = SavedNotebook("p1_mlp.ipynb as saved", tuple(read_cells(file_of([*case.cells, CHECK]))))
    return display_check(SOFTMAX.name, history, saved)


@pytest.mark.parametrize("name", CASES)
def test_check_says_what_counts_when_the_notebook_is_handed_in(name: str) -> None:
    case = CASES[name]
    shown = checked(case)
    assert handed_in(file_of([*case.cells, CHECK])) == case.points
    assert ("\n! handed in now," in shown.text) is case.warns, shown.text
    assert case.says in shown.text
    assert case.says in shown.html.replace("&#x27;", "'")
    if not case.warns:
        assert shown.text.startswith(f"{SOFTMAX.name}: {case.points:g} of 8 points")
    else:
        assert not shown.done


# Many notebooks at random, compared without grading.

USES = {"one": ["help_one()", "shared()"], "two": ["help_two()", "one()"], "three": ["two()", "help_one()", "CONSTANT"]}
PUBLIC = dict(zip(("one", "two", "three"), (("one",), ("two", "more"), ("three",))))
PRACTICAL = [ExerciseId(f"p1_mlp/{name}") for name in PUBLIC]


def sections(rng: random.Random) -> Cells:
    """A notebook of three exercises in any order, with helpers anywhere, copies, and distributed answers."""
    cells: Cells = []
    for name in rng.sample(list(PUBLIC), 3):
        calls = ", ".join(used for used in USES[name] if rng.random() < 0.8) or "0"
        functions = [f"def {public}():\n    return {calls}, {rng.randrange(3)}" for public in PUBLIC[name]]
        line = f"# exercise: {name}\n"
        group = [code(line + "\n".join(functions), f"answer-{name}")]
        if rng.random() < 0.3:  # a copy, with another version or with a part of the answer
            group.append(code(line + rng.choice(functions) + rng.choice(["", "  # again", "0"]), f"answer-{name}"))
        for helper in ("help_one", "help_two", "shared", "CONSTANT"):
            if rng.random() < 0.4:
                value = rng.randrange(3)
                text = (
                    f"CONSTANT = {value}" if helper == "CONSTANT" else f"def {helper}():\n    return {value}, CONSTANT"
                )
                group.insert(rng.randrange(len(group) + 1), code(text))
        cells += group
    return cells


@pytest.mark.parametrize("seed", range(80))
def test_without_a_warning_the_same_code_was_checked(seed: int) -> None:
    rng = random.Random(seed)
    cells = sections(rng)
    public = {exercise: frozenset(PUBLIC[exercise.name]) for exercise in PRACTICAL}.__getitem__
    order = [rng.randrange(len(cells)) for _ in range(3 * len(cells))] if rng.random() < 0.5 else range(len(cells))
    history = ["", *(cells[index]["source"] for index in order)]
    saved = SavedNotebook("nb.ipynb", tuple(read_cells(file_of(cells))))
    file = extract(saved.cells, saved.name, PRACTICAL, public)
    same = 0
    for exercise in PRACTICAL:
        executed = extract(answer_cells(history, PRACTICAL, exercise, saved.cells, public), "nb", PRACTICAL, public)
        if exercise.path in executed.missing:
            continue
        checks_the_same = not if_handed_in_now(saved, executed, file, exercise.path)
        if checks_the_same:
            assert values(executed.files, exercise) == values(file.files, exercise)
        same += checks_the_same
    assert same or order is not range(len(cells))


def values(files: dict[str, bytes], exercise: ExerciseId) -> list[object]:
    """What the public functions of a module return, after it was run with the modules that it imports from."""
    modules: dict[str, dict[str, Any]] = {}

    def run(name: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        modules[name] = names
        for line in files[f"p1_mlp/{name}.py"].decode().split("\n"):
            if line.startswith("from ."):
                sibling, imported = line.removeprefix("from .").split(" import ")
                names[imported] = (modules.get(sibling) or run(sibling))[imported]
        text = "\n".join(line for line in files[f"p1_mlp/{name}.py"].decode().split("\n") if line[:6] != "from .")
        exec(text, names)
        return names

    names, found = run(exercise.name), []
    for public in PUBLIC[exercise.name]:
        try:
            found.append(names[public]())
        except NameError as error:
            found.append(str(error))
    return found


def test_the_random_notebooks_are_of_all_kinds() -> None:
    outcomes = set()
    for seed in range(40):
        cells = sections(random.Random(seed))
        tags = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]
        outcomes |= {("copies", len(set(filter(None, tags))) < len(list(filter(None, tags)))), ("last", tags[-1] == "")}
    assert len(outcomes) == 4


# Where the file is found.


def test_the_file_is_the_one_that_jupyter_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p1_mlp.ipynb"
    path.write_bytes(file_of([code("x = 1"), answer(RIGHT)]))
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    found = saved_notebook(["", "x = 1", "check()"])
    assert found is not None
    assert found.name.startswith("p1_mlp.ipynb as saved at ")
    assert [cell.source for cell in found.cells] == ["x = 1", RIGHT]
    assert saved_notebook(["", "a cell of another notebook"]) is None


def test_otherwise_it_is_the_only_one_here_with_the_running_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.ipynb").write_bytes(file_of([code("x = 1")]))
    (tmp_path / "p1_mlp.ipynb").write_bytes(file_of([code("x = 1"), code("check()")]))
    found = saved_notebook(["", "x = 1", "check()"])
    assert found is not None
    assert found.name.startswith("p1_mlp.ipynb")
    (tmp_path / "copy.ipynb").write_bytes(file_of([code("check()")]))
    assert saved_notebook(["", "x = 1", "check()"]) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b" " * (17 << 20)])
def test_a_file_that_cannot_be_read_is_ignored(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p1_mlp.ipynb"
    path.write_bytes(data)
    assert saved_notebook(["", "x = 1"], str(path)) is None
    assert saved_notebook(["", "x = 1"], str(tmp_path / "missing.ipynb")) is None


# Questions.


@pytest.mark.parametrize(
    ("cells", "history", "says"),
    [
        ([code("q08_a = 3", "answer-q08")], ["q08_a = 3"], ""),
        ([code("q08_a = 2", "answer-q08")], ["q08_a = 3"], "q08_a = 2"),
        ([code("q08_a = None", "answer-q08")], ["q08_a = 3"], "q08_a is not answered"),
        ([code("q08_a = 3", "answer-q08"), code("q08_a = 4", "answer-q08")], ["q08_a = 4", "q08_a = 3"], "q08_a = 4"),
        ([code("q08_a = 3", "answer-q08"), code("q08_b = 4", "answer-q08")], ["q08_a = 3", "q08_b = 4"], ""),
        ([code("q08_a = 3")], ["q08_a = 3"], ""),
    ],
)
def test_answers_that_would_be_read_differently_are_named(cells: Cells, history: list[str], says: str) -> None:
    shown = display_check("q08", ["", *history], SavedNotebook("nb.ipynb", tuple(read_cells(file_of(cells)))))
    assert ("! handed in now, other answers would count. In nb.ipynb: " + says in shown.text) is bool(says)
    assert shown.done is not bool(says)
