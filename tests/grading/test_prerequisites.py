"""Blocked exercises: those that fail and import a failing one, and no others."""

from collections.abc import Callable

import pytest

from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.results import SubmissionResult
from tests.zoo import MLP, SOFTMAX, as_submission

# Two versions of the imported exercise, mlp_nn. Neither trains, so both fail quickly.
WRONG = b"def init_model(nx, nh, ny):\n    return None\n"
STUB = b"def init_model(nx, nh, ny):\n    raise NotImplementedError\n"
IMPORTS = b"from .mlp_nn import init_model\n"
BROKEN = b"\n\ndef softmax(ytilde):\n    return None\n"

GradeBoth = Callable[[bytes, bytes], SubmissionResult]


@pytest.fixture
def grade_both(engine: Engine) -> GradeBoth:
    def run(softmax: bytes, mlp: bytes) -> SubmissionResult:
        submission = as_submission({f"{SOFTMAX}.py": softmax, f"{MLP}.py": mlp})
        return engine.grade(submission, [MLP, SOFTMAX])

    return run


@pytest.fixture
def solved(right: dict[str, bytes]) -> bytes:
    return right[f"{SOFTMAX}.py"]


def status_of(result: SubmissionResult) -> str:
    return next(found.status for found in result.exercises if found.id == SOFTMAX)


def test_an_exercise_that_fails_and_imports_a_failing_one_is_blocked(grade_both, solved):
    assert status_of(grade_both(IMPORTS + solved + BROKEN, WRONG)) == "blocked"


def test_the_message_names_the_imported_exercise(grade_both, solved):
    problem = grade_both(IMPORTS + solved + BROKEN, WRONG).exercises[1].first_problem
    assert problem.message.startswith(f"{MLP} does not pass, and this exercise imports it")


def test_an_exercise_that_passes_is_not_blocked(grade_both, solved):
    assert status_of(grade_both(IMPORTS + solved, WRONG)) == "passed"


def test_an_exercise_that_imports_nothing_is_not_blocked(grade_both, solved):
    assert status_of(grade_both(solved + BROKEN, WRONG)) != "blocked"


def test_an_import_that_passes_blocks_nothing(grade_both, solved, right):
    result = grade_both(IMPORTS + solved + BROKEN, right[f"{MLP}.py"])
    assert status_of(result) != "blocked", result.exercises[0].first_problem


def test_an_import_inside_a_function_counts(grade_both, solved):
    late = b"\n\ndef softmax(ytilde):\n    from .mlp_nn import init_model\n    return None\n"
    assert status_of(grade_both(solved + late, WRONG)) == "blocked"


def test_an_imported_stub_blocks_and_does_not_count_as_not_started(grade_both, solved):
    uses = b"\n\ndef softmax(ytilde):\n    return init_model(1, 2, 3)\n"
    assert status_of(grade_both(IMPORTS + solved + uses, STUB)) == "blocked"


def test_follow_through_gives_the_status_with_the_reference_in_place(solved):
    uses = b"\n\n_softmax = softmax\n\n\ndef softmax(ytilde):\n    init_model(1, 2, 3)\n    return _softmax(ytilde)\n"
    engine = Engine(Settings(seed=1, follow_through=True))
    try:
        files = {f"{SOFTMAX}.py": IMPORTS + solved + uses, f"{MLP}.py": STUB}
        result = engine.grade(as_submission(files), [MLP, SOFTMAX])
    finally:
        engine.close()
    expected = f"with the reference in place of {MLP}"
    # mlp_nn calls what this exercise forbids, so it does not pass; here it only has to run.
    assert result.exercises[1].follow_through.endswith(expected)
