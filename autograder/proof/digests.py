"""What the fingerprints of an exercise depend on, as digests of code: while these stay, so do the fingerprints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.course.catalogue import Exercise
from autograder.course.dependencies import PACKAGE, Modules, Source, digest_of, read
from autograder.course.mistakes import Mistake, submission_source

TAKEN_BY = ("autograder.proof.symptoms", "autograder.grading.arguments")
"""Where fingerprints are taken, and where the inputs for it are drawn."""
UNSEEN = (
    "autograder.course", "autograder.data", "autograder.grading.engine", "autograder.proof.thresholds",
    "autograder.proof.trials", "autograder.sandbox.host.launch",
)  # fmt: skip
"""What these import and no answer shows: where files lie, how a worker starts, what a verdict is. A dataset counts where
a check asks for it."""


class Digests:
    """Of one project, as its files are when they are first looked at."""

    def __init__(self, root: Path) -> None:
        self.package = Modules(root / PACKAGE, PACKAGE)
        self.solutions = Modules(root / "solutions")

    def stamp(self, exercise: Exercise) -> str:
        """Of what all fingerprints of an exercise depend on; what a mistake itself says is in `of_mistake`."""
        grader = grader_module(exercise)
        modules = self.package.reached([grader, *TAKEN_BY], without=UNSEEN)
        datasets = {f"{PACKAGE}.data.{name}" for name in self.package.source(grader).arguments}
        modules |= self.package.reached(module for module in datasets if module in self.package)
        solution = self.solutions.reached([exercise.id.module])
        return digest_of([self.package.digest(modules), self.solutions.digest(solution)])[:16]

    def of_mistake(self, exercise: Exercise, mistake: Mistake) -> str:
        """Of the code of a mistake, without its hint, and of the references that it imports."""
        source = read(submission_source("", mistake).encode())
        return digest_of([source.digest, self.of_imported_references(exercise, [source])])[:16]

    def of_imported_references(self, exercise: Exercise, sources: Iterable[Source]) -> str:
        """Of the solutions that these sources import, each in the place of the exercise's file."""
        used = [module for source in sources for module in self.solutions.used(exercise.id.module, source)]
        return self.solutions.digest(self.solutions.reached(used))


def grader_module(exercise: Exercise) -> str:
    return f"{PACKAGE}.graders.{exercise.practical}.{exercise.grader.stem}"
