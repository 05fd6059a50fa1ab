"""What fingerprints are made of: how the reference arranges its parameters, and how a wrong source shows in each check."""

from __future__ import annotations

from autograder.checks.grader import Check, Grader
from autograder.diagnosis.fingerprints import Symptom
from autograder.diagnosis.layouts import Layout, layouts_of
from autograder.diagnosis.recording import trace_of_check
from autograder.grading.engine import Engine
from autograder.proof.trials import Trial, begun
from autograder.sandbox.host.student_module import Event


def reference_layouts(engine: Engine, trial: Trial) -> tuple[Layout, ...]:
    """How the reference arranges its parameters, of each network that the checks make."""
    exchanges: list[Event] = []
    with begun(engine, trial) as (grader, student):
        for check in _checks_by_value(grader):
            run = engine.prepare(check, student, trial.seed)
            student.observer = exchanges.append
            run()
    found = [layout for layout in layouts_of(exchanges) if layout]
    return tuple(dict.fromkeys(found))


def symptoms(layouts: tuple[Layout, ...], engine: Engine, trial: Trial) -> dict[str, Symptom]:
    """The symptom of a wrong source in each check that it fails."""
    found = {}
    with begun(engine, trial) as (grader, student):
        for check in _checks_by_value(grader):
            trace, status, reason = trace_of_check(engine.prepare, check, student, trial.seed, layouts)
            if status != "passed":
                found[check.id] = Symptom.of(status, trace, reason)
    return found


def _checks_by_value(grader: Grader) -> list[Check]:
    """Without the accuracy checks, which chance decides."""
    return [check for check in grader.checks if check.spec.threshold is None]
