"""Digests of the code that fingerprints depend on. As long as the digests stay the same, the fingerprints are valid."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.course.catalogue import Exercise
from autograder.course.dependencies import PACKAGE, Modules, Source, digest_of, read
from autograder.course.mistakes import Mistake, submission_source

TAKEN_BY = ("autograder.proof.symptoms", "autograder.grading.arguments")
"""The modules that take fingerprints and draw the inputs for them."""
UNSEEN = (
    "autograder.course", "autograder.data", "autograder.grading.engine", "autograder.proof.thresholds",
    "autograder.proof.trials", "autograder.sandbox.host.launch", "autograder.sandbox.worker.lockdown",
)  # fmt: skip
"""Modules that are imported but cannot change an answer: they locate files, start workers or compute statuses. The
datasets that the checks use are added again."""


class Digests:
    """Digests of the code of one project. Each file is read once; later changes to it are not noticed."""

    def __init__(self, root: Path) -> None:
        self.package = Modules(root / PACKAGE, PACKAGE)
        self.solutions = Modules(root / "solutions")

    def stamp(self, exercise: Exercise) -> str:
        """The digest of what all fingerprints of an exercise depend on. `of_mistake` covers the code of a mistake."""
        grader = grader_module(exercise)
        modules = self.package.reached([grader, *TAKEN_BY], without=UNSEEN)
        datasets = {f"{PACKAGE}.data.{name}" for name in self.package.source(grader).arguments}
        modules |= self.package.reached(module for module in datasets if module in self.package)
        solution = self.solutions.reached([exercise.id.module])
        return digest_of([self.package.digest(modules), self.solutions.digest(solution)])[:16]

    def of_mistake(self, exercise: Exercise, mistake: Mistake) -> str:
        """The digest of a mistake's code, without its hint, and of the reference solutions that it imports."""
        source = read(submission_source("", mistake).encode())
        return digest_of([source.digest, self.of_imported_references(exercise, [source])])[:16]

    def of_imported_references(self, exercise: Exercise, sources: Iterable[Source]) -> str:
        """The digest of the reference solutions that these sources import, if each is used as the exercise's file."""
        used = [module for source in sources for module in self.solutions.used(exercise.id.module, source)]
        return self.solutions.digest(self.solutions.reached(used))


def grader_module(exercise: Exercise) -> str:
    return f"{PACKAGE}.graders.{exercise.practical}.{exercise.grader.stem}"
