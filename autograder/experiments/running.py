"""Runs a recipe: every variant, epoch by epoch, with a checkpoint after each."""

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
    """Who is told how far it is."""

    def variant(self, name: str, number: int, of: int) -> None:
        """A variant begins."""

    def steps(self, count: int) -> None:
        """An epoch of it has so many batches; `Lab.tick` is called after each."""

    def epoch(self, rows: Sequence[Row], of: int) -> None:
        """It has so many epochs of so many."""


@dataclass(frozen=True)
class Run:
    """A recipe in a lab, with the folder that keeps its states."""

    recipe: Recipe
    lab: Lab
    folder: Folder
    variants: tuple[Variant, ...]

    def results(self, watcher: Watcher) -> Results:
        """Trains what is not trained yet."""
        rows = {}
        for number, variant in enumerate(self.variants, start=1):
            watcher.variant(variant.name, number, len(self.variants))
            rows[variant.name] = self._train(variant, watcher)
        return Results(rows, len(self.lab.data.test), self.lab.data.classes)

    def trained(self, variant: Variant) -> Learner:
        """The learner of a variant as it is after the last epoch that was kept."""
        kept = self.folder.load(variant.name)
        if kept is None:
            raise LookupError(f"variant {variant.name!r} has not been trained")
        learner = self._start(variant)
        learner.load(kept[1])
        return learner

    def _start(self, variant: Variant) -> Learner:
        """From the same seed each time: all variants have the same initial weights, where they have the same shapes."""
        seed_everything(self.lab.seed)
        self.lab.order.manual_seed(self.lab.seed)
        return variant.make(self.lab)

    def _train(self, variant: Variant, watcher: Watcher) -> list[Row]:
        epochs, rows = self.lab.epochs, list[Row]()
        kept = self.folder.load(variant.name)
        if kept is not None and len(kept[0]) >= epochs:
            watcher.epoch(kept[0][:epochs], epochs)
            return kept[0][:epochs]
        learner = self._start(variant)
        watcher.steps(learner.steps)
        if kept is not None:
            rows, state, generators = kept
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
