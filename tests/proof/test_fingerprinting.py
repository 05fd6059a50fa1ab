"""Fingerprints are updated, and only mistakes that have changed are run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.commands import app
from autograder.course.catalogue import Exercise, ExerciseId, Project
from autograder.course.mistakes import load_mistakes
from autograder.diagnosis.fingerprints import Symptom, load_fingerprints, path_of, save_fingerprints
from autograder.proof import fingerprinting
from autograder.proof.fingerprinting import stale_fingerprints, update_fingerprints
from autograder.proof.symptoms import reference_layouts
from autograder.proof.trials import Trial
from tests.copies import changed, copy_course

ID = ExerciseId("p2_cnn/linear_as_conv")
FIRST, SECOND = "weights_not_copied", "biases_not_copied"
HINT = "Your convolution has the right shape"
CODE = "    return nn.Conv2d(in_channels, linear.out_features, (height, width)).to(linear.weight)\n"
ANOTHER = '''

@instead_of("linear_to_conv")
def another(linear, in_channels, height, width):
    """It is new."""
    return None
'''


class Recorder:
    """Replaces trials: records what would be run, and answers at once."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def map(self, work: Callable[..., Any], trials: Iterable[Trial]) -> Iterator[Any]:
        for trial in list(trials):
            self.names.append(trial.name)
            yield (
                () if work is reference_layouts else {ID.check(f"of_{trial.name}"): Symptom("failed", 0, (), "", False)}
            )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def exercise(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """An exercise whose fingerprints are up to date, in a folder of the test."""
    for function in (load_fingerprints, save_fingerprints):
        monkeypatch.setattr(fingerprinting, function.__name__, functools.partial(function, folder=tmp_path))
    exercise = Project(root).exercise(ID)
    update(exercise)
    return exercise


@pytest.fixture
def entries(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    return lambda: {entry.name: entry for entry in load_fingerprints(ID, tmp_path).mistakes}


def update(exercise: Exercise) -> list[str]:
    """The names of what was run for the exercise."""
    recorder = Recorder()
    for outdated in stale_fingerprints([exercise]):
        update_fingerprints(outdated, recorder)  # type: ignore[arg-type]
    return recorder.names


def test_at_first_all_mistakes_are_run(exercise: Exercise, tmp_path: Path, entries):
    path_of(ID, tmp_path).unlink()
    assert update(exercise) == ["the solution", *entries()]


def test_up_to_date_fingerprints_are_not_changed(exercise: Exercise):
    assert stale_fingerprints([exercise]) == []


def test_a_changed_hint_is_written_without_a_run(exercise: Exercise, entries):
    symptoms = entries()[FIRST].symptoms
    with changed(exercise.mistakes, HINT, "En effet, " + HINT):
        assert [outdated.runs for outdated in stale_fingerprints([exercise])] == [0]
        assert update(exercise) == []
        assert entries()[FIRST].hint.startswith("En effet")
        assert entries()[FIRST].symptoms == symptoms
        assert stale_fingerprints([exercise]) == []


def test_a_changed_title_is_written_without_a_run(exercise: Exercise, entries):
    with changed(
        exercise.mistakes, '@instead_of("linear_to_conv")', '@instead_of("linear_to_conv", title="Les poids")'
    ):
        assert update(exercise) == []
        assert entries()[FIRST].title == "Les poids"


def test_only_the_changed_mistake_is_run(exercise: Exercise, entries):
    symptoms = entries()[SECOND].symptoms
    with changed(exercise.mistakes, CODE, "    return linear\n"):
        assert update(exercise) == [FIRST]
        assert entries()[SECOND].symptoms == symptoms
        assert stale_fingerprints([exercise]) == []


def test_only_the_new_mistake_is_run(exercise: Exercise, entries):
    with changed(exercise.mistakes, "", ANOTHER):
        assert update(exercise) == ["another"]
        assert list(entries())[-1] == "another"


def test_a_deleted_mistake_is_removed_without_a_run(exercise: Exercise, entries):
    with changed(exercise.mistakes, "", ANOTHER):
        update(exercise)
    assert update(exercise) == []
    assert "another" not in entries()


def test_a_changed_solution_runs_all(exercise: Exercise, entries):
    with changed(exercise.solution, "", "\n\nANOTHER = 1\n"):
        assert update(exercise) == ["the solution", *entries()]


def test_layouts_are_kept_as_long_as_the_stamp(exercise: Exercise):
    with changed(exercise.mistakes, CODE, "    return linear\n"):
        assert "the solution" not in update(exercise)


@pytest.fixture
def build(exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `autograder build` with options, without notebooks; returns its output."""
    monkeypatch.chdir(exercise.root)
    monkeypatch.setattr("autograder.commands.author._notebooks", lambda project: [])
    monkeypatch.setattr("autograder.proof.trials.trials", lambda *_: nullcontext(Recorder()))
    return lambda *options: CliRunner().invoke(app, ["build", *options]).output


def test_build_takes_fingerprints_of_the_named_exercises_only(build, exercise: Exercise, tmp_path: Path):
    path_of(ID, tmp_path).unlink()
    count = len(load_mistakes(exercise))
    assert f"fingerprints of {ID}: {count} of {count} mistakes run" in build("--only", ID)
    assert [path.name for path in tmp_path.rglob("*.gz")] == ["linear_as_conv.json.gz"]


def test_build_says_if_only_texts_have_changed(build, exercise: Exercise, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("autograder.proof.trials.trials", None)  # nothing may be started
    with changed(exercise.mistakes, HINT, "En effet, " + HINT):
        assert f"fingerprints of {ID}: only texts have changed" in build("--only", ID)
        assert stale_fingerprints([exercise]) == []


def test_build_refuses_an_unknown_name(build):
    assert "there is no exercise or practical 'p2_cnn/nothing'" in build("--only", "p2_cnn/nothing")
