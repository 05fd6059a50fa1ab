"""One engine for all tests of grading, and a way to grade a submission that is made of strings."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from autograder.grading.engine import Engine, Settings
from autograder.grading.results import ExerciseResult
from autograder.grading.submission import Submission
from autograder.sandbox.host.student import Student

PROJECT = Path(__file__).resolve().parents[2]
SOFTMAX = "p1_mlp/softmax_cross_entropy"
MLP = "p1_mlp/mlp_nn"
CPU_SECONDS = 0.4

Source = str | bytes | Mapping[str, str | bytes]
Grade = Callable[..., ExerciseResult]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = Engine(Settings(seed=1))
    engine.warm_up()
    yield engine
    engine.close()


def as_submission(source: Source, exercise: str = SOFTMAX) -> Submission:
    """A submission of one file, or of several by path."""
    files = {f"{exercise}.py": source} if isinstance(source, str | bytes) else source
    return Submission("zoo", {path: data.encode() if isinstance(data, str) else data for path, data in files.items()})


@pytest.fixture
def grade(engine: Engine) -> Grade:
    def run(source: Source, exercise: str = SOFTMAX) -> ExerciseResult:
        return engine.grade(as_submission(source, exercise), [exercise]).exercises[0]

    return run


@pytest.fixture(scope="session")
def right() -> dict[str, bytes]:
    """The reference solutions of the two exercises, as a submission's files."""
    return {f"{exercise}.py": (PROJECT / "solutions" / f"{exercise}.py").read_bytes() for exercise in (SOFTMAX, MLP)}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls get a fraction of a second, so that an endless loop costs the tests little."""
    begin = Student.begin_check
    monkeypatch.setattr(
        Student, "begin_check", lambda self, seed, cpu_seconds, deep: begin(self, seed, CPU_SECONDS, deep)
    )


def messages(result: ExerciseResult) -> str:
    """The messages of all checks, for a look at what the student reads."""
    return "\n".join(check.message for check in result.checks)


def heed_interrupts() -> None:
    """As in a terminal: a shell that started the tests in the background has them ignore Ctrl-C, which is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
