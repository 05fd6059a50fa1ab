"""What an exercise allows its files to import."""

from __future__ import annotations

import pytest

from autograder.checks.grader import load_grader
from autograder.checks.imports import not_allowed, to_look_at
from autograder.course.catalogue import ExerciseId, find_project
from tests.conftest import PROJECT

SOFTMAX, ATTENTION = "p1_mlp/softmax_cross_entropy", "p3_vit/self_attention"
RIGHT = [
    (exercise, path)
    for exercise in find_project(PROJECT).exercises()
    for path in (exercise.solution, *exercise.variants)
]


def found(source: str, exercise: str = SOFTMAX, **more: str) -> str:
    grader = load_grader(ExerciseId(exercise))
    files = {
        f"{exercise}.py": source.encode(),
        **{name.replace("__", "/") + ".py": text.encode() for name, text in more.items()},
    }
    return not_allowed(files, grader)


@pytest.mark.parametrize(("exercise", "path"), RIGHT, ids=lambda value: getattr(value, "name", None))
def test_right_code_is_allowed(exercise, path) -> None:
    grader = load_grader(exercise.id)
    assert not_allowed(exercise.files_with(path.read_bytes()), grader) == ""


@pytest.mark.parametrize(
    "source",
    [
        "from einops import rearrange\ndef softmax(x): return rearrange(x, 'a -> a')",
        "from __future__ import annotations\nimport math, typing, dataclasses, functools\ndef softmax(x): return math.pi",
        "import matplotlib.pyplot as plt\ndef softmax(x): return x\nif __name__ == '__main__':\n    plt.show()",
        "import seaborn as sns\ndef plot(): sns.lineplot()\ndef softmax(x): return x",
        "import pandas as pd\nimport sklearn\ndef softmax(x): return x",
    ],
)
def test_the_habits_of_students_are_allowed(source: str) -> None:
    assert found(source) == ""


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("from scipy.special import softmax", "1 imports scipy.special"),
        (
            "import numpy\nimport scipy.special\ndef softmax(x): return scipy.special.softmax(x)",
            "2 imports scipy.special",
        ),
        (
            "def softmax(x):\n    from sklearn.utils.extmath import softmax as s\n    return s(x)",
            "2 imports sklearn.utils",
        ),
    ],
)
def test_the_message_names_the_line_and_what_may_be_used(source: str, line: str) -> None:
    source += "\ndef cross_entropy(x): return softmax(x)"
    message = found(source)
    assert message.startswith(f"{SOFTMAX}.py:{line}")
    assert "It may use torch, numpy, einops, and Python's own library" in message


def test_a_file_of_the_submission_counts_like_the_exercise_that_imports_it() -> None:
    other = "import sklearn.svm\ndef solve(x): return sklearn.svm.SVC(x)"
    assert "p1_mlp/svm.py:1 imports sklearn" in found(
        "from .svm import solve\ndef softmax(x): return solve(x)", p1_mlp__svm=other
    )


def test_only_what_is_imported_of_a_file_counts() -> None:
    other = "import sklearn.svm\ndef solve(x): return x\ndef fit_svm(x): return sklearn.svm.SVC(x)"
    assert found("from .svm import solve\ndef softmax(x): return solve(x)", p1_mlp__svm=other) == ""


def test_a_file_of_the_submission_does_not_hide_a_package() -> None:
    assert "imports timm" in found(
        "import timm\nclass SelfAttention(timm.layers.Attention): pass", ATTENTION, timm="x = 1"
    )


def test_what_is_to_be_looked_at_has_its_place() -> None:
    grader = load_grader(ExerciseId(SOFTMAX))
    files = {grader.id.path: b"import torch\n\ndef softmax(x): return torch._refs.softmax(x, 1)"}
    assert to_look_at(files, [grader]) == [f"{grader.id.path}:3 torch._refs.softmax"]
