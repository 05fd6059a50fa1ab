"""A loader that returns the examples of a split in batches, in a new random order in each pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from autograder.experiments.data import Split

Transform = Callable[[Tensor], Tensor]


class Batches:
    """Iterates over a split, once in each pass: `for images, labels in batches`.

    Args:
        split: the examples, on the device where they are needed.
        size: number of examples in a batch; the last batch may be smaller.
        generator: source of the order of each pass. None: the order of the split.
        transform: applied to the images of each batch in each pass.
        tick: called after each batch, for a progress bar.
    """

    def __init__(
        self,
        split: Split,
        size: int,
        generator: torch.Generator | None = None,
        transform: Transform | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.split, self.size, self.generator = split, size, generator
        self.transform, self.tick = transform, tick

    def __len__(self) -> int:
        return -(-len(self.split) // self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        x, y, n = self.split.x, self.split.y, len(self.split)
        order = torch.arange(n) if self.generator is None else torch.randperm(n, generator=self.generator)
        for chosen in order.to(x.device).split(self.size):  # type: ignore[no-untyped-call]  # torch's
            images = x[chosen]
            yield (images if self.transform is None else self.transform(images)), y[chosen]
            self.tick()
