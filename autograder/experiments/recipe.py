"""The parts of a recipe: variants to compare, and effects to look for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from autograder.experiments.code import Code
from autograder.experiments.data import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from autograder.experiments.findings import Effect, Results
    from autograder.experiments.learners import Learner


@dataclass(frozen=True)
class Lab:
    """The environment of an experiment: your code, the data, the seed. Recipes only read it."""

    code: Code
    data: Data
    epochs: int
    device: torch.device
    seed: int = 0
    pretrained: bool = False
    tick: Callable[[], None] = lambda: None
    """Called after each batch."""
    order: torch.Generator = field(default_factory=torch.Generator)
    """The source of the order of the examples, and of nothing else."""

    @property
    def small(self) -> bool:
        """Whether the dataset has only a few thousand images, so that batches must be small to have enough steps."""
        return self.data.name in ("digits", "colour")


@dataclass(frozen=True)
class Variant:
    """One curve: its name, the function that makes its learner, and where and how it is drawn.

    `make(lab)` is called after the seed is set, so that all variants start from the same weights. `settings` is its
    description in the table.
    """

    name: str
    make: Callable[[Lab], Learner]
    settings: str = ""
    style: tuple[str, Any] | str = ""
    """Its style in `palette`: a category, or a value on a scale such as ("rate", 0.1). Default: the variant's name."""
    panel: str = ""


Variants = Callable[[Lab], Iterable[Variant]]
Trained = Callable[[Variant], "Learner"]
Picture = Callable[["Lab", Mapping[str, Variant], "Results", Trained], "Figure | None"]
"""Draws a further figure from the variants by name, their results, and a function that returns the learner of a variant
after its last epoch. Returns None if there is nothing to draw for these data."""


@dataclass(frozen=True)
class Recipe:
    """An experiment of the course.

    Attributes:
        name: its name on the command line.
        title: one line.
        question: the question that it answers, for the list and the report.
        course: the place in the course that asks it.
        needs: the exercises whose code it runs.
        datasets: the number of epochs for each dataset; the first one is the default.
        variants: the variants to compare.
        effects: the findings of the course's reports, each with a rule that checks it.
        pictures: further figures, by name.
        one_pass: each variant is fitted once, without epochs.
    """

    name: str
    title: str
    question: str
    course: str
    needs: tuple[str, ...]
    datasets: Mapping[str, int]
    variants: Variants
    effects: tuple[Effect, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    one_pass: bool = False
    pretrained: Callable[[Code, int], None] | None = None
    """Fetches pretrained weights for a number of classes, if the recipe uses them. Raises if they are unavailable."""
    on_cpu: bool = False
    """Always runs on the CPU, because it is so small that an accelerator would slow it down."""
