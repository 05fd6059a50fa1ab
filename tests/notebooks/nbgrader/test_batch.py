"""A separate process grades a class ahead of nbgrader, which asks for one result after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.catalogue import ExerciseId
from autograder.grading.settings import Settings
from autograder.notebooks.nbgrader.batch import Batches, BatchFailed
from autograder.submissions.entries import Entry
from tests.notebooks.nbgrader.exchange import PROJECT

SOFTMAX = ExerciseId("p1_mlp/softmax_cross_entropy")
SETTINGS = Settings(seed=1, isolation="process")


@pytest.fixture(scope="module")
def batches() -> Iterator[Batches]:
    batches = Batches()
    yield batches
    batches.close()


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    """A right submission, a wrong one, and one that is not a folder."""
    right = (PROJECT / "solutions" / f"{SOFTMAX}.py").read_text()
    for name, text in (("anna", right), ("bert", "def softmax(:")):
        path = tmp_path / name / f"{SOFTMAX}.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return [Entry(name, tmp_path / name) for name in ("anna", "bert", "nobody")]


def test_each_result_can_be_taken_even_of_an_unreadable_submission(batches: Batches, entries: list[Entry]) -> None:
    found = [batches.result(entry, [SOFTMAX], SETTINGS, lambda: entries[1:]).exercises[SOFTMAX] for entry in entries]
    assert [result.status for result in found] == ["passed", "error", "error"]
    assert found[0].score == found[0].max_score > 0


def test_a_submission_asked_for_twice_is_graded_again(batches: Batches, entries: list[Entry]) -> None:
    first = batches.result(entries[0], [SOFTMAX], SETTINGS, lambda: [])
    (entries[0].path / f"{SOFTMAX}.py").write_text("def softmax(:")
    second = batches.result(entries[0], [SOFTMAX], SETTINGS, lambda: [])
    assert (first.exercises[SOFTMAX].status, second.exercises[SOFTMAX].status) == ("passed", "error")


def test_a_grading_process_that_ends_is_reported(entries: list[Entry], capfd: pytest.CaptureFixture[str]) -> None:
    batches = Batches()
    with pytest.raises(BatchFailed, match="anna was not graded"):
        batches.result(entries[0], [ExerciseId("p1_mlp/no_such_exercise")], SETTINGS, lambda: [])
    assert "no_such_exercise" in capfd.readouterr().err
