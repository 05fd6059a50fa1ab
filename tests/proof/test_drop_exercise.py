"""`drop` removes an exercise from a course, and lists other places that name it."""

from pathlib import Path

import pytest

from autograder.course.catalogue import CatalogueError, Exercise, Project
from autograder.proof.drop_exercise import drop, planned
from autograder.proof.layout import Unfinished, layout_problems
from autograder.proof.new_exercise import new_exercise


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def full(new_course: Project, thing: Exercise) -> Project:
    """A course whose exercises have every kind of file."""
    for name in (
        "solutions/measured/p4_gan/thing.json", "solutions/mutants/p4_gan/thing.json", "exercises/p4_gan/thing.py",
        "autograder/diagnosis/fingerprints/p4_gan/thing.json.gz", "assignments/source/p4_gan/p4_gan.ipynb",
        "assignments/mark_schemes/p4_gan.md",
    ):  # fmt: skip
        path = new_course.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return new_course


def test_dropping_one_exercise_does_not_change_the_other(full: Project) -> None:
    before = files(full.root)
    texts = (full.root / "solutions/notebooks/p4_gan.py").read_text()
    new_exercise(full, "p4_gan/ring")
    drop(planned(full, "p4_gan/ring"))
    assert files(full.root) == before
    assert (full.root / "solutions/notebooks/p4_gan.py").read_text() == texts


def test_dropping_the_last_exercise_removes_the_practical(full: Project) -> None:
    drop(planned(full, "p4_gan/thing"))
    assert files(full.root) == {"autograder/graders/__init__.py"}
    assert not (full.root / "solutions/p4_gan").exists()


def test_the_layout_is_right_after_a_drop(full: Project) -> None:
    new_exercise(full, "p5_rnn/cell")
    drop(planned(full, "p4_gan/thing"))
    assert all(isinstance(problem, Unfinished) for problem in layout_problems(full))


def test_a_plan_changes_nothing(full: Project) -> None:
    before = files(full.root)
    plan = planned(full, "p4_gan/thing")
    assert files(full.root) == before
    assert {path.relative_to(full.root).as_posix() for path in plan.files} == before - {
        "autograder/graders/__init__.py"
    }


def test_files_can_be_moved_elsewhere(full: Project, tmp_path: Path) -> None:
    before = files(full.root)
    drop(planned(full, "p4_gan/thing"), tmp_path / "kept")
    assert files(tmp_path / "kept") == before - {"autograder/graders/__init__.py"}


def test_other_places_that_name_it_are_listed(full: Project) -> None:
    new_exercise(full, "p4_gan/ring")
    ring = full.exercise("p4_gan/ring").solution
    ring.write_text("from .thing import thing\n# nothing, things and thing\n")
    (full.root / "README.md").write_text("Start with\n`thing`.\n")
    assert planned(full, "p4_gan/thing").mentions == ["README.md:2", "solutions/p4_gan/ring.py:1"]


def test_an_unknown_exercise_is_refused(full: Project) -> None:
    with pytest.raises(CatalogueError, match="there is no exercise 'p4_gan/ring'"):
        planned(full, "p4_gan/ring")
