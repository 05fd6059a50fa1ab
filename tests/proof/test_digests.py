"""A change makes exactly those fingerprints stale that can depend on it."""

from pathlib import Path

import pytest

from autograder.course.catalogue import Exercise, Project
from autograder.course.mistakes import load_mistakes
from autograder.proof.digests import Digests
from tests.copies import changed, copy_course

ATTENTION = {f"p3_vit/{name}" for name in ("multi_head_attention", "self_attention", "transformer_block", "vit")}
CIRCLES = {f"p1_mlp/{name}" for name in ("mlp_autograd", "mlp_by_hand", "mlp_nn", "mlp_optim", "svm")}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def stamps(root: Path) -> dict[str, str]:
    return stamps_of(root)


def stamps_of(root: Path) -> dict[str, str]:
    digests = Digests(root)
    return {exercise.id: digests.stamp(exercise) for exercise in Project(root).exercises()}


def others(root: Path, stamps: dict[str, str], path: str, old: str, new: str) -> set[str]:
    with changed(root / path, old, new):
        return {id for id, stamp in stamps_of(root).items() if stamps[id] != stamp}


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("autograder/checks/convolution/convnet_explanations.py", "\n# A comment.\n"),
        ("autograder/checks/closeness.py", '\n\n"""A docstring."""\n'),
        ("autograder/graders/p1_mlp/test_svm.py", "\n# A comment.\n"),
        ("solutions/p1_mlp/svm.py", "\n# A comment.\n"),
    ],
)
def test_comments_and_docstrings_make_none_stale(root: Path, stamps: dict[str, str], path: str, new: str):
    assert others(root, stamps, path, "", new) == set()


def test_the_title_of_a_check_makes_none_stale(root: Path, stamps: dict[str, str]):
    assert others(root, stamps, "autograder/graders/p1_mlp/test_svm.py", '    """', '    """Always. ') == set()


CODE = "\n\nANOTHER = 1\n"


@pytest.mark.parametrize(
    ("path", "stale"),
    [
        ("autograder/checks/transformer/attention.py", ATTENTION),
        ("autograder/checks/convolution/convnet_explanations.py", {"p2_cnn/convnet"}),
        ("autograder/probes/svms.py", {"p1_mlp/svm"}),
        ("autograder/probes/transformer.py", ATTENTION | {"p3_vit/patch_embedding", "p3_vit/timm_transfer"}),
        ("autograder/data/circles.py", CIRCLES),
        ("autograder/graders/p1_mlp/test_svm.py", {"p1_mlp/svm"}),
        ("solutions/p1_mlp/svm.py", {"p1_mlp/svm"}),
        ("solutions/p3_vit/multi_head_attention.py", ATTENTION - {"p3_vit/self_attention"}),
        ("solutions/p3_vit/patch_embedding.py", {"p3_vit/patch_embedding", "p3_vit/vit"}),
    ],
)
def test_code_makes_the_exercises_stale_that_use_it(root: Path, stamps: dict[str, str], path: str, stale: set[str]):
    assert others(root, stamps, path, "", CODE) == stale


@pytest.mark.parametrize(
    "path",
    [
        "checks/inputs.py", "checks/closeness.py", "diagnosis/fingerprints.py", "diagnosis/layouts.py",
        "diagnosis/recording.py", "diagnosis/traces.py", "grading/arguments.py", "probes/layouts.py", "proof/symptoms.py",
        "sandbox/host/errors_in_words.py", "sandbox/host/student_module.py", "sandbox/host/text.py",
        "sandbox/worker/executor.py", "sandbox/wire/values.py",
    ],
)  # fmt: skip
def test_code_behind_every_answer_makes_all_stale(root: Path, stamps: dict[str, str], path: str):
    assert others(root, stamps, f"autograder/{path}", "", CODE) == set(stamps)


@pytest.mark.parametrize(
    "path",
    [
        "grading/engine.py", "diagnosis/evidence.py", "diagnosis/choice.py", "sandbox/host/launch.py",
        "sandbox/worker/lockdown/seccomp.py", "reports/terminal.py", "proof/content.py", "proof/fingerprinting.py",
    ],
)  # fmt: skip
def test_code_that_changes_no_answer_makes_none_stale(root: Path, stamps: dict[str, str], path: str):
    assert others(root, stamps, f"autograder/{path}", "", CODE) == set()


def test_a_new_import_of_a_grader_counts(root: Path, stamps: dict[str, str]):
    module = root / "autograder/checks/explanations/fresh.py"
    module.write_text("X = 1\n")
    imported = "\n\ndef f():\n    from autograder.checks.explanations import fresh\n"
    with changed(root / "autograder/graders/p1_mlp/test_svm.py", "", imported):
        with_it = stamps_of(root)
        with changed(module, "1", "2"):
            after = stamps_of(root)
    module.unlink()
    assert {id for id in stamps if stamps[id] != with_it[id]} == {"p1_mlp/svm"}
    assert {id for id in stamps if with_it[id] != after[id]} == {"p1_mlp/svm"}


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    exercise = Exercise("p1_mlp", "double", tmp_path)
    files = {
        exercise.solution: "def double(x):\n    return 2 * x\n",
        exercise.solution.with_name("sibling.py"): "X = 1\n",
        exercise.mistakes: MISTAKES,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return exercise


MISTAKES = '''
@instead_of("double")
def tripled(x):
    """Three times."""
    return 3 * x


@instead_of("double")
def borrowed(x):
    """It imports another exercise."""
    from .sibling import X
    return X
'''


def of_mistakes(exercise: Exercise) -> dict[str, str]:
    digests = Digests(exercise.root)
    return {mistake.name: digests.of_mistake(exercise, mistake) for mistake in load_mistakes(exercise)}


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("Three times.", "Thrice.", set()),
        ("3 * x\n", "3 * x  # a comment\n", set()),
        ("3 * x", "4 * x", {"tripled"}),
        ("return X", "return 2 * X", {"borrowed"}),
    ],
)
def test_a_change_of_a_mistake_changes_its_digest_only(exercise: Exercise, old: str, new: str, stale: set[str]):
    before = of_mistakes(exercise)
    with changed(exercise.mistakes, old, new):
        after = of_mistakes(exercise)
    assert {name for name in before if before[name] != after[name]} == stale


def test_a_reference_that_a_mistake_imports_counts(exercise: Exercise):
    before = of_mistakes(exercise)
    with changed(exercise.solution.with_name("sibling.py"), "1", "2"):
        after = of_mistakes(exercise)
    assert {name for name in before if before[name] != after[name]} == {"borrowed"}
