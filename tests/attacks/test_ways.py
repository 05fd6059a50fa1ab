"""Other ways by which code of a student comes to be run: `watch`, `check()`, and the pass in which references take a place.

What a student sees at home counts for nothing, so forging is of no use there. Their machine should not suffer all the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.notebooks import checking
from autograder.notebooks.checking import display_check
from autograder.results import to_json
from autograder.watching.terminal import WatchTerminal
from autograder.watching.watch import Watch
from tests.attacks.files import INJECTING
from tests.attacks.scene import SECRET_VARIABLE, Scene, new_word
from tests.attacks.table import MODULES
from tests.attacks.test_injected import CALLING, acts, texts
from tests.zoo import MLP, PROJECT, SOFTMAX, as_submission

RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()
CHOSEN = (
    "forging: print",
    "forging: comparisons of torch",
    "forging: end of the process in a call",
    "stealing: a file by open",
    "stealing: the environment",
    "harming: a new file",
    "harming: a program",
    "harming: the end of its parent",
    "harming: output",
)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv(SECRET_VARIABLE, new_word())
    scene = Scene(tmp_path / "scene")
    yield scene
    scene.close()


class Saves:
    """Saves these sources one after the other."""

    def __init__(self, path: Path, sources: Sequence[str]) -> None:
        self._path = path
        self._sources = iter(sources)

    def wait(self) -> set[Path] | None:
        for source in self._sources:
            self._path.write_text(source)
            return {self._path}
        return None

    def now(self) -> set[Path]:
        return set()


def watched(engine: Engine, folder: Path, *sources: str) -> str:
    path = folder / "exercises" / f"{SOFTMAX}.py"
    path.parent.mkdir(parents=True)
    path.write_text("")
    out = io.StringIO()
    terminal = WatchTerminal(Console(file=out, width=100))
    Watch(folder / "exercises", [SOFTMAX], engine, terminal, grade_first=False).run(Saves(path, sources))
    return out.getvalue()


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", CHOSEN)
def test_watch_survives_a_save(name: str, engine: Engine, tmp_path: Path, scene: Scene) -> None:
    output = watched(engine, tmp_path, scene.armed(MODULES[name]), RIGHT)
    assert f"{SOFTMAX} passes: 8 of 8 checks, 8 of 8 points" in output
    assert output.count(f"{SOFTMAX} passes: ") == 1
    assert not acts(output), ascii(output)
    assert scene.word not in output
    assert scene.harm() == []


@pytest.mark.parametrize("name", INJECTING)
def test_watch_shows_no_text_that_acts(name: str, engine: Engine, tmp_path: Path) -> None:
    assert not acts(watched(engine, tmp_path, INJECTING[name] + CALLING).replace("<script>", ""))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", CHOSEN)
def test_check_in_a_notebook_runs_nothing_in_the_kernel(
    name: str, engine: Engine, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_engine", lambda: engine)
    monkeypatch.setattr(checking, "_last_results", {})
    cell = f"# exercise: softmax_cross_entropy\n{scene.armed(MODULES[name])}"
    shown = display_check("softmax_cross_entropy", ["", cell])
    assert not shown.done
    assert not acts(shown.text), ascii(shown.text)
    assert scene.word not in shown.text
    assert scene.harm() == []
    assert display_check("softmax_cross_entropy", ["", f"# exercise: softmax_cross_entropy\n{RIGHT}"]).done


# Follow-through: the reference is beside the student's code.

SECRET_OF_THE_REFERENCE = "init_model(nx: int"
READS = """
import linecache
from . import mlp_nn
def shown():
    source = ''.join(linecache.getlines(mlp_nn.__file__)) or mlp_nn.__loader__.get_source(mlp_nn.__name__)
    return source[source.index('def init' '_model'):][:400]
def raising():
    mlp_nn.init_model(1, 2, 3)
    print(shown())
    raise ValueError(shown())
"""
STUB = "def init_model(nx, nh, ny):\n    raise NotImplementedError\n"


def graded(mlp: str, follow_through: bool) -> str:
    engine = Engine(Settings(seed=1, follow_through=follow_through, replay=False))
    try:
        result = engine.grade(as_submission({f"{SOFTMAX}.py": READS + CALLING, f"{MLP}.py": mlp}), [MLP, SOFTMAX])
    finally:
        engine.close()
    if follow_through:
        assert result.exercises[1].follow_through
    return "\n".join(texts(to_json(result)))


def test_follow_through_shows_nothing_of_the_reference() -> None:
    reference = (PROJECT / "solutions" / f"{MLP}.py").read_text()
    assert SECRET_OF_THE_REFERENCE in reference
    assert SECRET_OF_THE_REFERENCE not in graded(STUB, follow_through=True)
    # The reference itself uses a loss that this exercise forbids.
    allowed = f"def {SECRET_OF_THE_REFERENCE}, nh, ny):\n    return None\n"
    assert SECRET_OF_THE_REFERENCE in graded(allowed, follow_through=False), "the control: the code can read it"
