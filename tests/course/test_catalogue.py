"""The catalogue: exercises are found by folders and file names."""

from pathlib import Path

import pytest

from autograder.course.catalogue import (
    COURSE_ORDER,
    CatalogueError,
    ExerciseId,
    Project,
    exercise_ids,
    find_project,
    select,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in (
        "solutions/p2_cnn/convnet.py",
        "solutions/p1_mlp/svm.py",
        "solutions/p1_mlp/mlp_nn.py",
        "solutions/p1_mlp/_helper.py",
        "solutions/mistakes/p1_mlp/mlp_nn.py",
        "solutions/variants/p1_mlp/mlp_nn/zebra.py",
        "solutions/variants/p1_mlp/mlp_nn/loops.py",
        "solutions/notebooks/p1_mlp.py",
        "autograder/graders/p1_mlp/__init__.py",
        "autograder/graders/p1_mlp/test_mlp_nn.py",
        "autograder/graders/p1_mlp/conftest.py",
        "autograder/graders/p3_vit/test_vit.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return Project(tmp_path)


def test_exercises_have_a_solution_or_a_grader_and_are_sorted(project: Project) -> None:
    assert [e.id for e in project.exercises()] == ["p1_mlp/mlp_nn", "p1_mlp/svm", "p2_cnn/convnet", "p3_vit/vit"]


def test_a_release_has_the_exercises_with_a_grader(project: Project) -> None:
    (project.root / "solutions").rename(project.root / "hidden")
    assert [e.id for e in project.exercises()] == ["p1_mlp/mlp_nn", "p3_vit/vit"]


def test_a_release_has_no_solutions(project: Project) -> None:
    assert project.has_solutions
    (project.root / "solutions").rename(project.root / "hidden")
    assert not project.has_solutions


def test_an_exercise_knows_its_files(project: Project) -> None:
    exercise, root = project.exercise("p1_mlp/mlp_nn"), project.root
    assert exercise.solution == root / "solutions/p1_mlp/mlp_nn.py"
    assert exercise.stub == root / "exercises/p1_mlp/mlp_nn.py"
    assert exercise.grader == root / "autograder/graders/p1_mlp/test_mlp_nn.py"
    assert exercise.mistakes == root / "solutions/mistakes/p1_mlp/mlp_nn.py"


def test_variants_are_found_in_order(project: Project) -> None:
    assert [path.name for path in project.exercise("p1_mlp/mlp_nn").variants] == ["loops.py", "zebra.py"]


def test_an_exercise_may_have_no_variants(project: Project) -> None:
    assert project.exercise("p1_mlp/svm").variants == ()


def test_the_error_for_an_unknown_exercise_lists_the_known_ones(project: Project) -> None:
    with pytest.raises(CatalogueError, match=r"no exercise 'p1_mlp/mlp'.*p1_mlp/mlp_nn, p1_mlp/svm"):
        project.exercise("p1_mlp/mlp")


def test_the_project_is_found_from_anywhere_inside(project: Project) -> None:
    assert find_project(project.exercise("p1_mlp/mlp_nn").solution) == Project(project.root.resolve())


def test_outside_of_any_project_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"not inside a project.*Change into the folder"):
        find_project(tmp_path)


KNOWN = [ExerciseId(name) for name in ("p1_mlp/mlp_nn", "p1_mlp/svm", "p2_cnn/convnet", "p3_vit/vit")]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("p1_mlp/mlp_nn", ["p1_mlp/mlp_nn"]),
        ("mlp_nn", ["p1_mlp/mlp_nn"]),
        ("exercises/p1_mlp/mlp_nn.py", ["p1_mlp/mlp_nn"]),
        (r"exercises\p1_mlp\mlp_nn.py", ["p1_mlp/mlp_nn"]),
        ("p1_mlp", ["p1_mlp/mlp_nn", "p1_mlp/svm"]),
        ("exercises/p2_cnn", ["p2_cnn/convnet"]),
    ],
)
def test_a_name_refers_to_an_exercise_or_a_practical(name: str, meant: list[str]) -> None:
    assert select([name], KNOWN) == meant


def test_several_names_keep_the_order_of_the_catalogue() -> None:
    assert select(["vit", "p1_mlp", "svm"], KNOWN) == ["p1_mlp/mlp_nn", "p1_mlp/svm", "p3_vit/vit"]


def test_no_names_select_all() -> None:
    assert select([], KNOWN) == KNOWN


def test_an_exercise_of_another_practical_is_not_selected() -> None:
    with pytest.raises(CatalogueError, match="no exercise or practical 'p2_cnn/mlp_nn'"):
        select(["p2_cnn/mlp_nn"], KNOWN)


def test_the_error_for_a_misspelt_name_suggests_the_closest() -> None:
    with pytest.raises(CatalogueError, match=r"did you mean convnet\?"):
        select(["convnets"], KNOWN)


def test_the_error_for_a_name_unlike_all_others_lists_them() -> None:
    with pytest.raises(CatalogueError, match="there are: p1_mlp, p2_cnn, p3_vit, p1_mlp/mlp_nn"):
        select(["xyz"], KNOWN)


def test_ids_have_parts() -> None:
    exercise = ExerciseId("p1_mlp/mlp_nn")
    assert (exercise.practical, exercise.name, exercise.path, exercise.module) == (
        "p1_mlp", "mlp_nn", "p1_mlp/mlp_nn.py", "p1_mlp.mlp_nn",
    )  # fmt: skip
    assert exercise.check("network").exercise == exercise
    assert exercise.check("network").name == "network"


def test_the_exercises_are_in_the_order_of_the_course(project: Project) -> None:
    (project.root / COURSE_ORDER).write_text("# a comment\np1_mlp/svm\np1_mlp/mlp_nn\n")
    assert [e.id for e in project.exercises()] == ["p1_mlp/svm", "p1_mlp/mlp_nn", "p2_cnn/convnet", "p3_vit/vit"]


def test_an_exercise_without_a_place_comes_last_in_its_practical(project: Project) -> None:
    (project.root / COURSE_ORDER).write_text("p1_mlp/svm\n")
    assert [e.id for e in project.exercises()][:2] == ["p1_mlp/svm", "p1_mlp/mlp_nn"]


def test_the_course_begins_with_the_softmax_and_ends_with_transfer() -> None:
    ids = exercise_ids()
    assert (ids[0], ids[1], ids[-1]) == ("p1_mlp/softmax_cross_entropy", "p1_mlp/mlp_by_hand", "p3_vit/timm_transfer")
