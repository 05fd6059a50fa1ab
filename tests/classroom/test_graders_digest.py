"""Which changes of code make a class be graded again: those that may change a result, and no others."""

from pathlib import Path

import pytest

from autograder.classroom.graders_digest import graders_digest
from tests.copies import changed, copy_course
from tests.zoo import MLP, SOFTMAX

CODE = "\n\nANOTHER = 1\n"
GRADER = f"autograder/graders/{SOFTMAX.replace('/', '/test_')}.py"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def before(root: Path) -> str:
    return digest_of(root)


def digest_of(root: Path, *exercises: str, data: tuple[Path, ...] = ()) -> str:
    return graders_digest(exercises or (SOFTMAX,), data, root / "autograder")


@pytest.mark.parametrize(
    "path",
    [
        GRADER, "autograder/checks/closeness.py",
        "autograder/checks/explanations/values.py", "autograder/checks/two_layer_net/loss_contexts.py",
        "autograder/probes/modules.py", "autograder/data/circles.py", "autograder/results.py",
        "autograder/grading/engine.py", "autograder/grading/arguments.py", "autograder/grading/prerequisites.py",
        "autograder/diagnosis/evidence.py", "autograder/diagnosis/choice.py", "autograder/course/mistakes.py",
        "autograder/course/catalogue.py", "autograder/classroom/worker_pool.py", "autograder/submissions/arrange.py",
        "autograder/submissions/entries.py", "autograder/submissions/notebooks/modules.py",
        "autograder/sandbox/host/launch.py", "autograder/sandbox/worker/executor.py",
        "autograder/sandbox/worker/children.py", "autograder/sandbox/worker/lockdown/limits.py",
        "autograder/sandbox/wire/values.py", f"solutions/{SOFTMAX}.py", f"solutions/mistakes/{SOFTMAX}.py",
    ],
)  # fmt: skip
def test_code_that_decides_results_counts(root: Path, before: str, path: str) -> None:
    with changed(root / path, "", CODE):
        assert digest_of(root) != before


def test_a_title_counts(root: Path, before: str) -> None:
    grader = root / GRADER
    title = grader.read_text().split("@check", 1)[1].split('"""')[1]
    with changed(grader, title, f"{title} Always."):
        assert digest_of(root) != before


def test_fingerprints_count(root: Path, before: str) -> None:
    path = root / "autograder/diagnosis/fingerprints" / f"{SOFTMAX}.json.gz"
    content = path.read_bytes()
    path.write_bytes(content + b"\0")
    after = digest_of(root)
    path.write_bytes(content)
    assert after != before


@pytest.mark.parametrize(
    "path",
    [
        GRADER, "autograder/grading/engine.py", "autograder/results.py",
        "autograder/checks/closeness.py", f"solutions/{SOFTMAX}.py", f"solutions/mistakes/{SOFTMAX}.py",
    ],
)  # fmt: skip
def test_a_comment_does_not_count(root: Path, before: str, path: str) -> None:
    with changed(root / path, "", '\n# A comment.\n\n"""And a docstring."""\n'):
        assert digest_of(root) == before


@pytest.mark.parametrize(
    "path",
    [
        f"autograder/graders/{MLP.replace('/', '/test_')}.py", "autograder/checks/transformer/attention.py",
        "autograder/reports/terminal.py", "autograder/classroom/report.py", "autograder/watching/watch.py",
        "autograder/proof/content.py", f"solutions/{MLP}.py",
    ],
)  # fmt: skip
def test_other_code_does_not_count(root: Path, before: str, path: str) -> None:
    with changed(root / path, "", CODE):
        assert digest_of(root) == before


def test_each_exercise_of_the_class_counts(root: Path, before: str) -> None:
    assert digest_of(root, SOFTMAX, MLP) != before


def test_the_data_folders_count(root: Path, before: str) -> None:
    assert digest_of(root, data=(Path("elsewhere"),)) != before


def test_a_release_without_solutions_has_a_digest(root: Path, before: str) -> None:
    hidden = (root / "solutions").rename(root / "hidden")
    after = digest_of(root)
    hidden.rename(root / "solutions")
    assert after != before
