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

    from autograder.experiments.findings import Effect
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
        pictures: further figures, name to what draws it, from (lab, results, trained), where `trained(variant)` gives
            the learner as it was after its last epoch.
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
    pictures: Mapping[str, Callable[..., Figure | None]] = field(default_factory=dict)
    axis: str = "epoch"
    one_pass: bool = False
    prepare: Callable[[Data], Data] = lambda data: data
