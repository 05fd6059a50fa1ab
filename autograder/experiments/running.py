"""Runs a recipe: trains every variant, with a checkpoint after each epoch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from autograder.experiments.checkpoints import Folder, random_states, restore_random, seed_everything
from autograder.experiments.findings import Results, Row
from autograder.experiments.learners import Learner
from autograder.experiments.recipe import Lab, Recipe, Variant


class Watcher(Protocol):
    """An observer of a run's progress."""

    def variant(self, name: str, number: int, of: int) -> None:
        """Called when a variant starts: number `number` of `of`."""

    def steps(self, count: int) -> None:
        """Called with the number of batches in an epoch of the variant. `Lab.tick` is called after each batch."""

    def epoch(self, rows: Sequence[Row], of: int) -> None:
        """Called after each epoch, with the rows of all epochs so far, and the total number of epochs."""


@dataclass(frozen=True)
class Run:
    """A recipe in a lab, with the folder for its checkpoints."""

    recipe: Recipe
    lab: Lab
    folder: Folder
    variants: tuple[Variant, ...]

    def results(self, watcher: Watcher) -> Results:
        """Trains all variants as far as they are not trained yet, and returns their results."""
        rows = {}
        for number, variant in enumerate(self.variants, start=1):
            watcher.variant(variant.name, number, len(self.variants))
            rows[variant.name] = self._train(variant, watcher)
        return Results(rows, len(self.lab.data.test), self.lab.data.classes)

    def trained(self, variant: Variant) -> Learner:
        """The learner of a variant after its last saved epoch. Raises LookupError if it has none."""
        checkpoint = self.folder.load(variant.name)
        if checkpoint is None:
            raise LookupError(f"variant {variant.name!r} has not been trained")
        learner = self._start(variant)
        learner.load(checkpoint[1])
        return learner

    def _start(self, variant: Variant) -> Learner:
        """Makes a learner from the same seed each time, so that variants with equal shapes have equal initial weights."""
        seed_everything(self.lab.seed)
        self.lab.order.manual_seed(self.lab.seed)
        return variant.make(self.lab)

    def _train(self, variant: Variant, watcher: Watcher) -> list[Row]:
        epochs, rows = self.lab.epochs, list[Row]()
        checkpoint = self.folder.load(variant.name)
        if checkpoint is not None and len(checkpoint[0]) >= epochs:
            watcher.epoch(checkpoint[0][:epochs], epochs)
            return checkpoint[0][:epochs]
        learner = self._start(variant)
        watcher.steps(learner.steps)
        if checkpoint is not None:
            rows, state, generators = checkpoint
            learner.load(state)
            restore_random(generators, self.lab.order)
            watcher.epoch(rows, epochs)
        for epoch in range(len(rows), epochs):
            start = time.perf_counter()
            training = learner.train(epoch)
            testing = learner.test()
            if self.lab.device.type == "cuda":
                torch.cuda.synchronize()
            rows.append(Row(epoch + 1, *training, *testing, time.perf_counter() - start))
            self.folder.save(variant.name, rows, learner.state(), random_states(self.lab.order))
            watcher.epoch(rows, epochs)
        return rows
