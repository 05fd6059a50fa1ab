"""Mutation tests of graders: how mutants are counted, and records that are wrong."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import CheckId, Exercise, ExerciseId
from autograder.grading.engine import Engine
from autograder.proof.mutation import MutationReport, RecordError, cheapest_first, load_reasons, mutate
from autograder.proof.trials import Trial, Trials
from autograder.results import CheckResult, ExerciseResult

SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    # TODO: add\n    return x + 2\n    ### END SOLUTION\n"
MINUS, CHANGED = "f: x + 2 -> x - 2", "f: x + 2 -> x + 3"


class Verdicts(Trials):
    """Grades from a table: a source that contains a text has its status, others are `failed`; the solution passes."""

    def __init__(self, **statuses: str) -> None:
        self.statuses = {"x + 2": "passed"} | {text.replace("_", " "): status for text, status in statuses.items()}

    def map(self, work: object, trials: Iterable[Trial]) -> Iterator[ExerciseResult]:  # type: ignore[override]
        for trial in trials:
            text = trial.source.decode().partition("return ")[2].partition("\n")[0]
            check = CheckResult(
                CheckId("p1_a/f::sum"), "It adds.", self.statuses.get(text, "failed"), 0, 1, "not the sum"
            )
            yield ExerciseResult(ExerciseId("p1_a/f"), bonus=False, checks=[check])


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    exercise = Exercise("p1_a", "f", tmp_path)
    exercise.solution.parent.mkdir(parents=True)
    exercise.solution.write_text(SOLUTION)
    return exercise


def record(exercise: Exercise, content: object) -> None:
    path = exercise.root / "solutions" / "mutants" / "p1_a" / "f.json"
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def report(exercise: Exercise, statuses: dict[str, str] | None = None) -> MutationReport:
    (found,) = mutate([exercise], Verdicts(**(statuses or {})), seed=1)
    return found


def test_a_mutant_that_does_not_pass_is_killed(exercise: Exercise) -> None:
    found = report(exercise, {"x - 2": "timeout", "x + 3": "refused"})
    assert found.made == found.killed > 2
    assert found.problems == 0


def test_a_mutant_that_passes_survives(exercise: Exercise) -> None:
    found = report(exercise, {"x - 2": "passed"})
    assert [mutant.key for mutant in found.survivors] == [MINUS]
    assert (found.killed, found.problems) == (found.made - 1, 1)


def test_a_recorded_mutant_is_equivalent_and_not_a_problem(exercise: Exercise) -> None:
    record(exercise, [{"reason": "2 and -2 are one in this ring", "mutants": [MINUS]}])
    found = report(exercise, {"x - 2": "passed"})
    assert (found.equivalent, found.survivors, found.problems) == (1, [], 0)


def test_a_reason_for_a_mutant_that_is_gone_is_stale(exercise: Exercise) -> None:
    record(exercise, [{"reason": "so it was", "mutants": ["f: x * 2 -> x / 2"]}])
    assert report(exercise).stale == ["f: x * 2 -> x / 2: there is no such mutant"]


def test_a_reason_for_a_mutant_that_is_killed_is_stale(exercise: Exercise) -> None:
    record(exercise, [{"reason": "so one thought", "mutants": [CHANGED]}])
    assert report(exercise).stale == [f"{CHANGED}: recorded as equivalent, but sum: not the sum"]


def test_a_grader_error_kills_nothing(exercise: Exercise) -> None:
    found = report(exercise, {"x - 2": "grader_error"})
    assert found.defects == [f"{MINUS}: sum: not the sum"]
    assert found.killed == found.made - 1


def test_a_solution_that_fails_is_a_defect(exercise: Exercise) -> None:
    assert "the solution itself is failed" in report(exercise, {"x + 2": "failed"}).defects[0]


def test_a_check_without_its_data_kills_nothing(exercise: Exercise) -> None:
    assert report(exercise, {"x - 2": "skipped"}).killed < report(exercise).killed


def test_checks_that_train_come_last() -> None:
    checks = load_grader(ExerciseId("p1_mlp/mlp_optim")).checks
    ordered = cheapest_first(reversed(checks))
    trains = [check.spec.trains for check in ordered]
    assert trains == sorted(trains)
    assert ordered[-1].spec.threshold is not None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("nonsense", "f.json: "),
        ([{"reason": "r"}], "missing required field `mutants`"),
        ([{"reason": "r", "mutants": ["m"], "line": 3}], "unknown field `line`"),
        ([{"reason": " ", "mutants": ["m"]}], "explains nothing"),
        ([{"reason": "r", "mutants": []}], "explains nothing"),
        ([{"reason": "r", "mutants": ["m"]}, {"reason": "s", "mutants": ["m"]}], "'m' has two reasons"),
    ],
)
def test_a_bad_record_is_refused_with_its_file(exercise: Exercise, content: object, what: str) -> None:
    record(exercise, content)
    with pytest.raises(RecordError, match=what) as caught:
        load_reasons(exercise)
    assert "f.json" in str(caught.value)


def test_mutants_are_really_graded(exercise: Exercise, engine: Engine) -> None:
    softmax = Exercise("p1_mlp", "softmax_cross_entropy", exercise.root)
    softmax.solution.parent.mkdir(parents=True)
    right = (Path(__file__).parents[2] / "solutions" / f"{softmax.id}.py").read_text()
    # One line is left to mutate; the rest of the solution stands outside of regions.
    lines = "".join(line for line in right.splitlines(keepends=True) if "SOLUTION" not in line)
    region = "    ### BEGIN SOLUTION\n    # TODO: the mean\n    n = len(Y)\n    ### END SOLUTION\n"
    answer = "    return (softmax(ytilde) - Y) / len(Y)\n"
    softmax.solution.write_text(lines.replace(answer, region + answer.replace("len(Y)", "n")))
    (found,) = mutate([softmax], Trials(engine, None), seed=1)
    assert [mutant.mutated for mutant in found.survivors] == ["len(ytilde)"]
    assert found.killed == found.made - 1 > 1
