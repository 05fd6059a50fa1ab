"""The accuracies of the reference solutions on the course's data, compared with those in its published report.

    python -m benchmarks.accuracies --data-root DIR [--seeds 20]

DIR holds `circles.npz` as the course published it, and whole MNIST. Each figure is the mean over seeds, with the lowest
and the highest. The exercise's own accuracy check computes it.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import fmean

from autograder.checks.grader import load_grader
from autograder.course.catalogue import ExerciseId
from autograder.data.circles import load_circles
from autograder.data.roots import data_roots
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.submissions.submission import read_submission

ROOT = Path(__file__).resolve().parents[1]
# The figures and settings of the course's 2025 report.
REPORTED = {
    ("p1_mlp/mlp_by_hand", "accuracy_on_circles"): "92% (η 0.03, it seems of summed gradients)",
    ("p1_mlp/mlp_autograd", "accuracy_on_circles"): "93.5%",
    ("p1_mlp/mlp_nn", "accuracy_on_circles"): "95% (250 epochs)",
    ("p1_mlp/mlp_optim", "accuracy_on_circles"): "95% (250 epochs)",
    ("p1_mlp/mlp_optim", "accuracy_on_digits"): "about 94% (batch 100, η 0.03, 200 epochs)",
}
SVMS = (("linear", 1.0, 3, "62%"), ("rbf", 1.0, 3, "94%"), ("poly", 1.0, 2, "as RBF"), ("sigmoid", 1.0, 3, ""))


def trainings(data_root: Path, seeds: int) -> Iterator[tuple[str, list[float], str]]:
    submission = read_submission(ROOT / "solutions")
    with closing(Engine(Settings(tier="full", data_root=data_root))) as engine:
        for (exercise, name), reported in REPORTED.items():
            grader = load_grader(ExerciseId(exercise))
            check = next(check for check in grader.checks if check.id.endswith(f"::{name}"))
            with closing(engine.student(submission, grader)) as student:
                count = seeds if name == "accuracy_on_circles" else min(seeds, 5)
                reached = [float(engine.prepare(check, student, seed)()) for seed in range(count)]
            yield f"{exercise.split('/')[1]}, {name.removeprefix('accuracy_on_')}", reached, reported


def machines(data_root: Path) -> Iterator[tuple[str, list[float], str]]:
    """The accuracies of support vector machines, by the reference's fit_svm in a worker. Nothing in them is random."""
    circles = load_circles(data_roots(data_root))
    data = [circles.train_x.double().numpy(), circles.train_y.argmax(1).numpy()]
    test = [circles.test_x.double().numpy(), circles.test_y.argmax(1).numpy()]
    with closing(Engine(Settings())) as engine:
        grader = load_grader(ExerciseId("p1_mlp/svm"))
        with closing(engine.student(read_submission(ROOT / "solutions"), grader)) as student:
            for kernel, C, degree, reported in SVMS:
                classifier = student.fit_svm(*data, kernel=kernel, C=C, degree=degree)
                name = f"SVM, {kernel}" + (f" of degree {degree}" if kernel == "poly" else "")
                yield f"{name}, C={C:g}", [float(student.accuracy(classifier, *test))], reported


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracies", description=__doc__)
    parser.add_argument("--data-root", type=Path, required=True, help="the folder with circles.npz and MNIST")
    parser.add_argument("--seeds", type=int, default=20, help="trainings of each network on Circles (default: 20)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| what | measured, test | reported, test |\n| --- | --- | --- |")
    for rows in (trainings(options.data_root, options.seeds), machines(options.data_root)):
        for name, reached, reported in rows:
            spread = f" ({min(reached):.1%} to {max(reached):.1%} in {len(reached)})" if len(reached) > 1 else ""
            print(f"| {name} | {fmean(reached):.1%}{spread} | {reported} |", flush=True)


if __name__ == "__main__":
    main()
