"""The measurements behind thresholds: records that can be continued, and that a changed solution invalidates."""

import json

import pytest

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Exercise, ExerciseId
from autograder.proof.thresholds import ENOUGH, Distribution, Record, weak_thresholds

SOLUTION = '"""What it is."""\n\n\ndef f(x):\n    """Twice."""\n    return 2 * x\n'


@pytest.fixture
def exercise(tmp_path) -> Exercise:
    exercise = Exercise("p1_mlp", "mlp_nn", tmp_path)
    exercise.solution.parent.mkdir(parents=True)
    exercise.solution.write_text(SOLUTION)
    return exercise


def measured(exercise: Exercise, accuracies: list[float | None]) -> tuple[list[str], list[str]]:
    record = Record(exercise)
    check = load_grader(ExerciseId("p1_mlp/mlp_nn")).checks[-1]
    record.of(check, "fast")["reference"] = accuracies
    record.save()
    return weak_thresholds(exercise, load_grader(ExerciseId("p1_mlp/mlp_nn")))


def test_enough_attempts_above_the_threshold_are_fine(exercise):
    assert measured(exercise, [0.95] * ENOUGH) == ([], [])


def test_too_few_attempts_are_reported(exercise):
    missed, unmeasured = measured(exercise, [0.95] * (ENOUGH - 1))
    assert missed == []
    assert "rests on 199 attempts" in unmeasured[0]


@pytest.mark.parametrize("miss", [0.5, None])
def test_a_measured_miss_is_a_problem(exercise, miss):
    assert (
        "1 measured attempt of correct code below the threshold" in measured(exercise, [0.95] * ENOUGH + [miss])[0][0]
    )


def test_a_record_of_another_solution_is_invalid(exercise):
    measured(exercise, [0.95] * ENOUGH)
    exercise.solution.write_text(SOLUTION.replace("2 * x", "3 * x"))
    assert Record(exercise).checks == {}


def test_a_changed_docstring_keeps_the_record(exercise):
    measured(exercise, [0.95] * ENOUGH)
    exercise.solution.write_text(SOLUTION.replace("Twice", "Two times"))
    assert Record(exercise).checks


def test_the_record_is_plain_json(exercise):
    measured(exercise, [0.95, None])
    content = json.loads(Record(exercise).path.read_text())
    assert content["checks"]["accuracy_on_circles"]["fast"]["reference"] == [0.95, None]


def test_the_chance_counts_three_attempts():
    assert Distribution.of([0.9, 0.1, 0.1, None], 0.8).chance == pytest.approx(1 - 0.75**3)
