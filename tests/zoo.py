"""Submissions made of strings, and what tests of grading say with them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course.catalogue import ExerciseId
from autograder.results import ExerciseResult
from autograder.submissions.submission import Submission

PROJECT = Path(__file__).resolve().parents[1]
SOFTMAX = ExerciseId("p1_mlp/softmax_cross_entropy")
MLP = ExerciseId("p1_mlp/mlp_nn")
CPU_SECONDS = 0.4

Source = str | bytes | Mapping[str, str | bytes]
Grade = Callable[..., ExerciseResult]


def as_submission(source: Source, exercise: ExerciseId = SOFTMAX) -> Submission:
    """A submission of one file, or of several by path."""
    files = {exercise.path: source} if isinstance(source, str | bytes) else source
    return Submission("zoo", {path: data.encode() if isinstance(data, str) else data for path, data in files.items()})


def messages(result: ExerciseResult) -> str:
    """The messages of all checks, as the student reads them."""
    return "\n".join(check.message for check in result.checks)


def heed_interrupts() -> None:
    """As in a terminal: a shell that started the tests in the background has them ignore Ctrl-C, which is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
