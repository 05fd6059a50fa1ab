"""The parts of fingerprints: how the reference arranges its parameters, and the symptoms of a mistake in each check."""

from __future__ import annotations

from autograder.course.catalogue import CheckId
from autograder.diagnosis.fingerprints import Symptom
from autograder.diagnosis.layouts import Layout, layouts_of
from autograder.diagnosis.recording import trace_of_check
from autograder.grading.engine import Engine
from autograder.proof.thresholds import checks_by_value
from autograder.proof.trials import Trial, opened
from autograder.sandbox.host.exchanges import Event


def reference_layouts(engine: Engine, trial: Trial) -> tuple[Layout, ...]:
    """How the reference arranges its parameters, for each network that the checks build."""
    exchanges: list[Event] = []
    with opened(engine, trial) as run:
        for check in checks_by_value(run.grader):
            prepared = engine.prepare(check, run.student, trial.seed)
            run.student.observer = exchanges.append
            prepared()
    found = [layout for layout in layouts_of(exchanges) if layout]
    return tuple(dict.fromkeys(found))


def symptoms(layouts: tuple[Layout, ...], engine: Engine, trial: Trial) -> dict[CheckId, Symptom]:
    """The symptom of a wrong source in each check that it does not pass."""
    found = {}
    with opened(engine, trial) as run:
        for check in checks_by_value(run.grader):
            trace, status, message = trace_of_check(engine.prepare, check, run.student, trial.seed, layouts)
            if status != "passed":
                found[check.id] = Symptom.of(status, trace, message)
    return found
