"""An exercise is not proved again until something changes that its proof depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.commands import app
from autograder.course.catalogue import Exercise, ExerciseId, Project
from autograder.proof import fingerprinting, proved
from autograder.proof.content import Proof
from autograder.proof.fingerprinting import Outdated
from autograder.proof.proved import path_of, proved_before
from tests.copies import changed, copy_course
from tests.zoo import PROJECT

ID, OTHER = ExerciseId("p2_cnn/linear_as_conv"), ExerciseId("p3_vit/positional_embedding")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def root(course: Path) -> Iterator[Path]:
    yield course
    for name in (ID, OTHER):
        path_of(Project(course).exercise(name)).unlink(missing_ok=True)


@pytest.fixture
def exercise(root: Path) -> Exercise:
    return Project(root).exercise(ID)


@pytest.fixture
def proofs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The exercises that were proved, without grading anything."""
    found: list[str] = []

    def prove(exercises: Iterable[Exercise], *_: object) -> Iterator[Proof]:
        for exercise in exercises:
            found.append(exercise.id)
            yield Proof(exercise.id, points=3, checks=4, variants=5, mistakes=24)

    monkeypatch.setattr(proved, "prove", prove)
    monkeypatch.setattr(proved, "trials", lambda *_: nullcontext())
    return found


Check = Callable[..., str]


@pytest.fixture
def check(root: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.chdir(root)
    monkeypatch.setattr("autograder.commands.author._notebooks", lambda project: [])

    def run(*options: str, only: tuple[str, ...] = (ID,)) -> str:
        names = [part for name in only for part in ("--only", name)]
        return CliRunner().invoke(app, ["check", *names, *options]).output

    return run


def test_a_proved_exercise_is_skipped_and_named(check: Check, proofs: list[str]):
    check("--seed", "7")
    assert f"proved before: {ID}: 3 points in 4 checks, 5 variants, 24 mistakes (seed 7)\n" in check()
    assert proofs == [ID]


def test_other_exercises_are_still_proved(check: Check, proofs: list[str]):
    check()
    assert "6 points and 0 bonus" in check(only=(ID, OTHER))
    assert proofs == [ID, OTHER]


@pytest.mark.parametrize("options", [("--all",), ("--seed", "1")])
def test_all_and_a_seed_prove_it_again(check: Check, proofs: list[str], options: tuple[str, ...]):
    check()
    check(*options)
    assert proofs == [ID, ID]


def test_stale_fingerprints_of_a_proved_exercise_are_reported(
    check: Check, proofs: list[str], exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    check()
    monkeypatch.setattr(fingerprinting, "stale_fingerprints", lambda _: [Outdated(exercise, "", (), {}, None)])
    printed = check()
    assert f"the fingerprints of {ID} are out of date" in printed
    assert f"proved before: {ID}" in printed


def test_a_failed_proof_is_not_recorded(check: Check, monkeypatch: pytest.MonkeyPatch, exercise: Exercise):
    monkeypatch.setattr(proved, "trials", lambda *_: nullcontext())
    for problems in ([], ["the mistake x is passed: no check notices it"]):
        monkeypatch.setattr(proved, "prove", lambda *_, p=problems: iter([Proof(ID, problems=p)]))
        check("--all")
    assert proved_before([exercise]) == {}


def test_a_proof_is_not_recorded_if_the_exercise_changes_meanwhile(
    check: Check, monkeypatch: pytest.MonkeyPatch, exercise: Exercise
):
    def prove(*_: object) -> Iterator[Proof]:
        with changed(exercise.mistakes, "return conv", "return None"):
            yield Proof(ID)

    monkeypatch.setattr(proved, "trials", lambda *_: nullcontext())
    monkeypatch.setattr(proved, "prove", prove)
    check()
    assert not path_of(exercise).exists()


def test_a_damaged_record_does_not_count(check: Check, proofs: list[str], exercise: Exercise):
    check()
    path_of(exercise).write_text("{")
    assert proved_before([exercise]) == {}


@pytest.mark.parametrize(
    "path",
    [
        f"solutions/{ID}.py", f"exercises/{ID}.py", "autograder/graders/p2_cnn/test_linear_as_conv.py",
        "autograder/probes/linear_as_conv.py", "autograder/checks/closeness.py", "autograder/diagnosis/evidence.py",
        "autograder/grading/engine.py", "autograder/proof/content.py", "autograder/results.py",
        "autograder/sandbox/worker/children.py", "autograder/sandbox/worker/lockdown/limits.py",
    ],
)  # fmt: skip
def test_changed_code_invalidates_the_record(check: Check, proofs: list[str], exercise: Exercise, path: str):
    check()
    with changed(exercise.root / path, "", "\n\nANOTHER = 1\n"):
        assert proved_before([exercise]) == {}


def test_a_changed_variant_invalidates_the_record(check: Check, proofs: list[str], exercise: Exercise):
    check()
    with changed(exercise.variants[0], "", "\n\nANOTHER = 1\n"):
        assert proved_before([exercise]) == {}


def test_a_changed_mistake_invalidates_the_record(check: Check, proofs: list[str], exercise: Exercise):
    check()
    with changed(exercise.mistakes, "return conv", "return None"):
        assert proved_before([exercise]) == {}


def test_another_version_of_a_library_invalidates_the_record(
    check: Check, proofs: list[str], exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    check()
    installed = proved.version
    monkeypatch.setattr(proved, "version", lambda name: "0.1" if name == "torch" else installed(name))
    assert proved_before([exercise]) == {}


@pytest.mark.parametrize(
    "path",
    [
        f"solutions/{ID}.py", f"solutions/mistakes/{ID}.py", "autograder/graders/p2_cnn/test_linear_as_conv.py",
        "autograder/checks/explanations/values.py",
    ],
)  # fmt: skip
def test_a_comment_keeps_the_record(check: Check, proofs: list[str], exercise: Exercise, path: str):
    check()
    with changed(exercise.root / path, "", "\n# A comment.\n"):
        assert proved_before([exercise])


def test_a_change_of_another_exercise_keeps_the_record(check: Check, proofs: list[str], exercise: Exercise):
    check()
    with changed(exercise.root / "autograder/checks/transformer/attention.py", "", "\n\nANOTHER = 1\n"):
        assert proved_before([exercise])


def test_git_ignores_the_record(exercise: Exercise):
    assert "solutions/.proved/" in (PROJECT / ".gitignore").read_text().splitlines()
    assert path_of(exercise).is_relative_to(exercise.root / "solutions" / ".proved")
