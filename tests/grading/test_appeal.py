"""An appeal: one check again, as it was graded, with the inputs that the check made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.checks.declare import CheckSpec, Threshold
from autograder.checks.grader import Check, load_grader
from autograder.course.catalogue import ExerciseId
from autograder.grading.appeal import RecordedRun, appeal, settings_of
from autograder.grading.engine import Engine
from autograder.grading.recorder import LAST_CALLS, Recorder
from autograder.reports.appeal.record import Appeal
from autograder.results import CheckResult, ExerciseResult, SubmissionResult
from autograder.sandbox.host.exchanges import Event
from autograder.submissions.submission import Submission
from tests.zoo import PROJECT, SOFTMAX, as_submission

RIGHT = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()
SCALED = """
import torch

def softmax(ytilde):
    e = torch.exp(ytilde - ytilde.amax(1, keepdim=True))
    return e / e.sum(1, keepdim=True)

def cross_entropy(ytilde, Y):
    return -(Y * torch.log(softmax(ytilde))).sum()

def cross_entropy_gradient(ytilde, Y):
    return softmax(ytilde) - Y
"""
STATEFUL = SCALED.replace("import torch", "import torch\n\ncalls = 0").replace(
    "    return softmax(ytilde) - Y",
    "    return (softmax(ytilde) - Y) / len(Y) + (1 if calls > 12 else 0)",
).replace("def softmax(ytilde):", "def softmax(ytilde):\n    global calls\n    calls += 1")  # fmt: skip
GRADIENT, SOFTMAX_CHECK = (SOFTMAX.check(name) for name in ("gradient_of_one_hot_targets", "softmax_is_right"))


def check_of(result: SubmissionResult, name: str) -> CheckResult:
    return next(check for check in result.exercises[0].checks if check.id == name)


def graded(engine: Engine, source: str) -> tuple[Submission, SubmissionResult]:
    submission = as_submission(source)
    return submission, engine.grade(submission, [SOFTMAX])


def explained(
    engine: Engine, source: str, name: str, now: str | None = None, recorder: Recorder | None = None
) -> Appeal:
    submission, result = graded(engine, source)
    files = submission if now is None else as_submission(now)
    return appeal(engine, files, result, check_of(result, name), recorder or Recorder())


def test_the_inputs_are_those_that_the_check_made(engine):
    submission, result = graded(engine, SCALED)
    seen: list[list[Any]] = []
    grader = load_grader(SOFTMAX)
    run = engine.run(submission, grader)
    run.watcher = lambda event: seen.append([value.numpy().copy() for value in event.args])
    list(run.results())  # the whole exercise, as it is graded
    run.close()
    recorder = Recorder(keep_inputs=True)
    appeal(engine, submission, result, check_of(result, GRADIENT), recorder)
    inputs = recorder.inputs()
    assert set(inputs) == {"call1.argument1", "call1.argument2"}
    for number in (1, 2):
        assert any(np.array_equal(inputs[f"call1.argument{number}"], args[number - 1]) for args in seen if args[1:])


def test_what_was_expected_and_what_it_got_are_shown(engine):
    call = explained(engine, SCALED, GRADIENT).record.calls[-1]
    [wrong] = [compared for compared in call.comparisons if not compared.right]
    assert "28 of 28 numbers are wrong" in wrong.outcome
    assert [value.label for value in wrong.values] == ["expected", "got"]
    assert wrong.values[1].numbers == call.answer[0].numbers


def test_the_verdict_is_confirmed(engine):
    found = explained(engine, SCALED, GRADIENT)
    assert found.confirmed
    assert found.causes == ()
    assert (found.now.message, found.now.mistake) == (found.recorded.message, found.recorded.mistake)


@pytest.mark.parametrize("source", [RIGHT, SCALED], ids=["right", "wrong"])
def test_a_recorded_check_has_the_result_of_an_unrecorded_one(engine, source):
    submission, result = graded(engine, source)
    for check in result.exercises[0].checks:
        now = appeal(engine, submission, result, check, Recorder(keep_inputs=True)).now
        assert (now.status, now.score) == (check.status, check.score)
        assert now.message.startswith(check.message)  # a check that waits also says what it saw


def test_a_changed_submission_is_said_and_the_verdict_differs(engine):
    found = explained(engine, SCALED, GRADIENT, now=RIGHT)
    assert "the submission has changed since it was graded" in found.causes[0]
    assert found.headline.startswith("THE VERDICT DIFFERS: failed")
    assert "passed" in found.headline


def test_a_verdict_that_depends_on_earlier_calls_is_recognised(engine):
    found = explained(engine, STATEFUL, GRADIENT)
    assert not found.confirmed
    assert any("keeps something from one call to the next" in cause for cause in found.causes)


def test_another_version_and_platform_are_said(engine):
    submission, result = graded(engine, SCALED)
    result.version, result.environment = "0.0.1", {**result.environment, "torch": "1.0\x1b[2J"}
    causes = appeal(engine, submission, result, check_of(result, GRADIENT), Recorder()).causes
    assert any("version 0.0.1" in cause for cause in causes)
    assert any("torch 1.0\\x1b[2J then" in cause for cause in causes)


def test_the_call_that_raised_is_shown_with_its_inputs(engine):
    found = explained(engine, SCALED.replace("return softmax(ytilde) - Y", "raise ValueError('no')"), GRADIENT)
    [call] = found.record.calls
    assert "raised ValueError: no" in call.problem
    assert [value.label for value in call.arguments] == ["argument 1", "argument 2"]


def test_a_blocked_check_stays_blocked(engine):
    submission, result = graded(engine, SCALED)
    failing = ExerciseId("p1_mlp/mlp_nn")
    check = CheckResult(failing.check("network"), "a network", "failed", 0, 1, "wrong")
    result.exercises.append(ExerciseResult(failing, False, [check]))
    recorded = check_of(result, GRADIENT)
    recorded.status = "blocked"
    source = b"import p1_mlp.mlp_nn\n" + submission.files[SOFTMAX.path]
    files = Submission("zoo", {failing.path: b"", SOFTMAX.path: source})
    found = appeal(engine, files, result, recorded, Recorder())
    assert found.confirmed
    assert found.now.message.startswith("p1_mlp/mlp_nn does not pass")


def test_a_result_without_isolation_is_not_repeated_without(engine):
    _, result = graded(engine, SCALED)
    result.isolation = "none"
    assert settings_of(result).isolation is None  # the strictest that works here


def test_an_accuracy_check_shows_its_trainings(engine):
    grader = load_grader(SOFTMAX)
    reached = iter([0.25, 0.75])

    def attempt(student: Any, draw: Any) -> float:
        student.softmax(draw.normal(2, 3))
        return next(reached)

    recorder = Recorder()
    check = Check(SOFTMAX.check("accuracy"), "it learns", attempt, CheckSpec(1, True, Threshold(0.5, 0.5)))
    run = RecordedRun(engine, as_submission(SCALED), replace(grader, checks=(check,)), recorder, check.id)
    assert [result.status for result in run.results()] == ["passed"]
    run.close()
    first, second = recorder.record().attempts
    assert (first.accuracy, second.accuracy, first.minimum) == (0.25, 0.75, 0.5)
    assert first.seeds != second.seeds


def test_many_calls_keep_the_first_and_the_last():
    recorder = Recorder(keep_inputs=True)
    for number in range(500):
        recorder.exchange(Event("student:f", number, args=(number,)))
    record = recorder.record()
    assert record.total == 500
    assert record.calls[0].number == 1
    assert record.calls[-1].number == 500
    assert len(record.calls) < 2 * LAST_CALLS
    assert len(recorder.inputs()) == len(record.calls)


def test_inputs_above_the_limit_are_left_out():
    recorder = Recorder(keep_inputs=True)
    for _ in range(3):
        recorder.exchange(Event("student:f", args=(np.zeros(4 << 20),)))
    assert len(recorder.inputs()) == 2
    assert recorder.inputs_too_large == 1


def test_names_of_inputs_cannot_leave_a_folder():
    recorder = Recorder(keep_inputs=True)
    recorder.exchange(Event("student:f", args=({"../../a b": 1.0, "../a/b": 2.0, "a_b": 3.0},)))
    names = list(recorder.inputs())
    assert len(set(names)) == 3
    assert not any("/" in name or ".." in name for name in names)


def test_values_are_those_at_the_time_of_the_call():
    recorder, value = Recorder(keep_inputs=True), np.ones(3)
    recorder.exchange(Event("student:f", args=(value,)))
    value[:] = 7
    assert recorder.record().calls[0].arguments[0].numbers == "[1., 1., 1.]"
    assert recorder.inputs()["call1.argument1"].tolist() == [1, 1, 1]
