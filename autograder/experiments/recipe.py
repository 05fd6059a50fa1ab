"""What a recipe is made of: variants to compare, and effects to look for."""

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
    """Where an experiment happens: your code, the data, the seed. Recipes read it, and change nothing in it."""

    code: Code
    data: Data
    epochs: int
    device: torch.device
    seed: int = 0
    pretrained: bool = False
    tick: Callable[[], None] = lambda: None
    """Called after each batch."""
    order: torch.Generator = field(default_factory=torch.Generator)
    """Decides the order of the examples, and nothing else."""

    @property
    def small(self) -> bool:
        """Whether the data are the few thousand images that come with the package: then batches are smaller, so that
        there are steps enough in a few epochs."""
        return self.data.name in ("digits", "colour")


@dataclass(frozen=True)
class Variant:
    """One curve: a name, what makes it, and where and how it is drawn.

    `make(lab)` is called after the seed is set, so that all variants start from the same weights. `settings` is what the
    table says of it.
    """

    name: str
    make: Callable[[Lab], Learner]
    settings: str = ""
    style: tuple[str, Any] | str = ""
    """What it is in `palette`: ("rate", 0.1), or a word; its own name where there is none."""
    panel: str = ""


Variants = Callable[[Lab], Iterable[Variant]]
Trained = Callable[[Variant], "Learner"]
Picture = Callable[["Lab", Mapping[str, Variant], "Results", Trained], "Figure | None"]
"""Draws a further figure, from the variants by name, their results, and what gives the learner of a variant as it was
after its last epoch. None where there is nothing to draw on these data."""


@dataclass(frozen=True)
class Recipe:
    """An experiment of the course.

    Attributes:
        name: as it is called on the command line.
        title: one line.
        question: what is asked, for the list and the report.
        course: where the course asks it.
        needs: the exercises whose code it runs.
        datasets: names to epochs, the first being the default.
        variants: what is compared.
        effects: what the course's reports found, with the rule that looks for it.
        pictures: further figures, by name.
        one_pass: nothing is trained in epochs: each variant is fitted once.
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
    """Where pretrained weights make a difference: fetches them for so many classes, or raises what says why not."""
    on_cpu: bool = False
    """So small that an accelerator would only slow it down."""
