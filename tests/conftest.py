"""Our own tests treat every warning as an error; at the root a warning of torch's would become a grader_error.

One engine serves all tests of grading; `grade` grades a submission that is made of strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.zoo import CPU_SECONDS, MLP, PROJECT, SOFTMAX, Source, as_submission

if TYPE_CHECKING:
    from autograder.course.catalogue import ExerciseId
    from autograder.grading.engine import Engine
    from autograder.results import ExerciseResult
    from tests.zoo import Grade


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("error"))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    from autograder.grading.engine import Engine
    from autograder.grading.settings import Settings

    engine = Engine(Settings(seed=1))
    engine.warm_up()
    yield engine
    engine.close()


@pytest.fixture
def grade(engine: Engine) -> Grade:
    def run(source: Source, exercise: ExerciseId = SOFTMAX) -> ExerciseResult:
        return engine.grade(as_submission(source, exercise), [exercise]).exercises[0]

    return run


@pytest.fixture(scope="session")
def right() -> dict[str, bytes]:
    """The reference solutions of two exercises, as a submission's files."""
    return {f"{exercise}.py": (PROJECT / "solutions" / f"{exercise}.py").read_bytes() for exercise in (SOFTMAX, MLP)}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls get a fraction of a second, so that an endless loop costs the tests little."""
    from autograder.sandbox.host.student_module import StudentModule

    begin = StudentModule.begin_check
    monkeypatch.setattr(StudentModule, "begin_check", lambda self, seed, cpu_seconds: begin(self, seed, CPU_SECONDS))
