"""The history that fit returns: an entry for each epoch, and which others a wrong one has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from autograder.checks.convolution.classifiers import linear_classifier
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.training_loops import draw_batches
from autograder.checks.convolution.wrong_descents import Batch
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import StudentProblem
from autograder.sandbox.host.student_module import StudentModule

_COUNTS: dict[str, Callable[[int, Sequence[Batch]], int]] = {
    "there is one for each batch": lambda epochs, batches: epochs * len(batches),
    "there is one for each example": lambda epochs, batches: epochs * sum(len(labels) for _, labels in batches),
    "there is one more than epochs": lambda epochs, batches: epochs + 1,
    "there is one less than epochs": lambda epochs, batches: epochs - 1,
    "there are two for each epoch": lambda epochs, batches: 2 * epochs,
    "there is a single one, whatever the number of epochs is": lambda epochs, batches: 1,
}


@dataclass(frozen=True)
class Fitted:
    """What fit returned after this number of epochs over these batches."""

    value: Any
    epochs: int
    batches: Sequence[Batch]


def as_history(student: StudentModule, draw: Draw, fitted: Fitted) -> Sequence[Any]:
    """The list of pairs (loss, accuracy), one for each epoch; fails if it is anything else."""
    value, epochs = fitted.value, fitted.epochs
    if not isinstance(value, (list, tuple)):
        forgot = ": is a return missing?" if value is None else ""
        raise CheckFailed(f"fit should return a list of (loss, accuracy), but returned {describe_value(value)}{forgot}")
    if len(value) != epochs and any(_is_history(part, epochs) for part in value):
        kinds = ", ".join("the history" if _is_history(part, epochs) else describe_value(part) for part in value)
        mistake = f"fit should return the history alone, but returns ({kinds})"
        raise CheckFailed(mistake, mistake=mistake)
    if len(value) != epochs:
        why = _why_as_many(student, draw, fitted)
        raise CheckFailed(
            f"the history after {epochs} epochs should have one entry for each, but has {len(value)}{why.after_colon}",
            mistake=why.mistake,
        )
    for pair in value:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise CheckFailed(f"the history should contain pairs (loss, accuracy), but contains {describe_value(pair)}")
    return value


def _is_history(value: Any, epochs: int) -> bool:
    return (
        isinstance(value, (list, tuple)) and len(value) == epochs > 0 and all(isinstance(pair, tuple) for pair in value)
    )


def _why_as_many(student: StudentModule, draw: Draw, fitted: Fitted) -> Finding:
    """Which entries there are, if another call with other epochs and batches confirms it."""
    model, _ = linear_classifier(student, draw)
    other, epochs = draw_batches(draw, (3, 4, 2, 4, 3)), 4
    with suppress(StudentProblem):
        value = student.fit(model, other, epochs, eta=0.3)
        if not isinstance(value, (list, tuple)):
            return Finding()
        if len(value) > len(fitted.value) > 0 and list(value[: len(fitted.value)]) == list(fitted.value):
            return established(
                "the entries of earlier calls are in it, too",
                ". What does fit keep from one call to the next: a default argument, which is made only once, a variable of "
                "the module, an attribute of a class?",
            )
        calls = (fitted, Fitted(value, epochs, other))
        for words, count in _COUNTS.items():
            if all(len(call.value) == count(call.epochs, call.batches) for call in calls):
                return established(words)
    return Finding()
