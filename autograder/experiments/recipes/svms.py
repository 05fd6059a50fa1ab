"""Practical 1, bonus: support vector machines, their kernels, C, and the degree of the polynomial kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.experiments import figures
from autograder.experiments.batches import Batches
from autograder.experiments.data import as_vectors
from autograder.experiments.findings import reaches, same
from autograder.experiments.learners import Learner, SupportVectorMachine
from autograder.experiments.recipe import Lab, Recipe, Variant

KERNELS = {"linear": ("linear", 3), "rbf": ("rbf", 3), "sigmoid": ("sigmoid", 3)} | {
    f"poly {degree}": ("poly", degree) for degree in (2, 3, 4, 5)
}
"""Kernel and degree by name."""
CS = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C. A small C gives a wide margin and tolerates training errors; a large C gives few training errors."""


def machine(kernel: str, C: float, degree: int) -> Callable[[Lab], Learner]:
    """A support vector machine that is fitted on the training set."""

    def make(lab: Lab) -> Learner:
        data = as_vectors(lab.data)
        training, testing = (Batches(part, len(part)) for part in (data.train, data.test))
        return SupportVectorMachine(
            lab.code["p1_mlp/svm"], training, testing, {"kernel": kernel, "C": C, "degree": degree}
        )

    return make


def name_of(kernel: str, C: float) -> str:
    return f"{kernel}, C = {C:g}"


def machines(lab: Lab) -> Iterator[Variant]:
    for name, (kernel, degree) in KERNELS.items():
        for C in CS:
            yield Variant(name_of(name, C), machine(kernel, C, degree), "", name)


RECIPES = (
    Recipe(
        "svm",
        "Support vector machines",
        "Which kernel separates the classes, and what are the effects of C and the degree?",
        "p1, bonus",
        ("p1_mlp/svm",),
        {"circles": 1, "digits": 1},
        machines,
        (
            reaches(name_of("linear", 1), 0.62, "linear: 62%", "circles"),
            reaches(name_of("rbf", 1), 0.94, "RBF: 94%", "circles"),
            same(name_of("poly 2", 1), name_of("rbf", 1), "polynomial of degree 2 as good as RBF at C > 0.1"),
        ),
        {
            "kernels": figures.over_C(dict.fromkeys(KERNELS, name_of), CS),
            "boundaries": figures.boundaries(tuple(name_of(name, 1.0) for name in KERNELS)),
            "boundaries_C": figures.boundaries(
                tuple(name_of(kernel, C) for kernel in ("rbf", "poly 2") for C in (0.01, 1.0, 100.0)), columns=3
            ),
        },
        one_pass=True,
        on_cpu=True,
    ),
)
