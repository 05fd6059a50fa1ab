"""Takes the block out of a vision transformer of one block, although no module is the block: its steps stand in `forward`.

All calls of torch that a forward pass makes are counted. The block begins after the last result that its parameters do
not change and through which everything flows that comes from the image. It ends with the first result after which its
parameters no longer matter. To run the block, the first of these two results is replaced by the tokens to be used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class _Reached(BaseException):
    """The pass has come to its last step. A BaseException, so that a student's `except Exception` does not catch it."""


class _Steps(TorchFunctionMode):
    """Counts the calls of torch, and replaces the result of one of them.

    Args:
        watched: the shapes of results to keep.
        step, instead: the call whose result is replaced, and by what.
        last: the call after which to stop.
    """

    def __init__(
        self,
        watched: Iterable[tuple[int, ...]] = (),
        step: int | None = None,
        instead: Tensor | None = None,
        last: int | None = None,
    ) -> None:
        super().__init__()
        self.count = 0
        self.results: dict[int, Tensor] = {}
        self.reached: Any = None
        self._watched, self._step, self._instead, self._last = set(watched), step, instead, last

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        here, self.count = self.count, self.count + 1
        if here == self._step:
            result = self._instead
        elif isinstance(result, Tensor) and tuple(result.shape) in self._watched:
            self.results[here] = result.detach().clone()
        if here == self._last:
            self.reached = result
            raise _Reached
        return result


class InlineBlock(nn.Module):
    """The block between two steps of a vision transformer's forward pass, as a module (B, N, C) -> (B, N, C)."""

    def __init__(
        self, vit: nn.Module, image: Tensor, names: list[str], start: int, end: int, tokens_first: bool
    ) -> None:
        super().__init__()
        parameters = dict(vit.named_parameters())
        for name in names:
            self._parameters[name] = parameters[name]  # under the student's name, dots included
        self._inside = (vit, image, start, end)  # in a tuple, so that the network is not registered as a submodule
        self._tokens_first = tokens_first

    def forward(self, x: Tensor) -> Tensor:
        vit, image, start, end = self._inside
        given = x.transpose(0, 1) if self._tokens_first else x
        images = image.expand(len(x), -1, -1, -1).contiguous()
        steps = _Steps(step=start, instead=given, last=end)
        try:
            with steps:
                vit(images)
        except _Reached:
            pass
        result: Tensor = steps.reached
        return result.transpose(0, 1) if self._tokens_first else result


def inline_block(vit: nn.Module, images: Tensor, tokens: int, features: int, around: list[int]) -> nn.Module | None:
    """The block of a vision transformer with one block, as a module; None if its steps are not found.

    images: in float64, with a number of images that is neither `tokens` nor `features`.
    around: how many numbers each parameter has in the same network without blocks.
    """
    vit.double().eval()
    with torch.no_grad():
        try:
            return _Search(vit, images, tokens, features, around).block()
        except Exception:  # what a student's code raises with other numbers of tokens is no failure of it
            return None


def first_tokens(
    vit: nn.Module, images: Tensor, tokens: int, features: int, around: list[int], patch: int
) -> tuple[Tensor, list[list[int]]] | None:
    """What reaches the first block of a vision transformer with one block; None if the step is not found.

    Returns the tokens (tokens, features) of a black image if all parameters are zero, which are the fixed positions, and
    for each patch, in row-major order, which tokens it changes. `images` and `around`: as in `inline_block`.
    """
    vit.double().eval()
    with torch.no_grad():
        try:
            search = _Search(vit, images, tokens, features, around)
            if search.start is None:
                return None
            before, changed = search.tokens(images), []
            for top in range(0, images.shape[2], patch):
                for left in range(0, images.shape[3], patch):
                    other = images.clone()
                    part = other[:, :, top : top + patch, left : left + patch]
                    part += torch.arange(1.0, 1 + part.numel(), dtype=part.dtype).reshape(part.shape).sin()
                    moved = (search.tokens(other) - before).abs().amax(dim=(0, 2)) > 1e-9
                    changed.append(moved.nonzero().flatten().tolist())
            search.forget_parameters()
            return search.tokens(torch.zeros_like(images))[0].clone(), changed
        except Exception:  # as above
            return None


class _Search:
    """Looks for the steps where the block begins and ends, by what changes if a parameter is drawn again."""

    def __init__(self, vit: nn.Module, images: Tensor, tokens: int, features: int, around: list[int]) -> None:
        self._vit, self._images, self._features = vit, images, features
        self._around = Counter(around)
        self._here, self._turned = (len(images), tokens, features), (tokens, len(images), features)
        self._parameters = {
            name: value for name, value in vit.named_parameters() if value.requires_grad and value.numel()
        }
        self._draw = torch.Generator().manual_seed(0)
        self._redraw(self._parameters)
        self._base: dict[int, Tensor] = {}
        self._earlier: set[str] = set()
        self._inside: set[str] = set()

    def block(self) -> nn.Module | None:
        if self.start is None:
            return None
        begin = self._base[self.start]
        for end, result in self._base.items():
            if end <= self.start or result.shape != begin.shape or not self._ends_block(end, result, self._inside):
                continue
            later = self._later(end, result, self._inside)
            names = [name for name in self._parameters if name in self._inside - later]
            if self._fits(self._earlier | later) and names:
                tokens_first = tuple(result.shape) == self._turned
                block = InlineBlock(self._vit, self._images[:1], names, self.start, end, tokens_first)
                return block if _runs(block, self._features) else None
        return None

    def tokens(self, images: Tensor) -> Tensor:
        """The tokens (B, N, C) at the step where the block begins."""
        assert self.start is not None
        found = self._run(images)[1][self.start]
        return found.transpose(0, 1) if tuple(found.shape) == self._turned else found

    def forget_parameters(self) -> None:
        """Sets all parameters to zero."""
        for value in self._parameters.values():
            value.zero_()

    @cached_property
    def start(self) -> int | None:
        """The step where the block begins."""
        scores, self._base = self._run(self._images)
        moved = {name: self._run_without(name) for name in self._parameters}
        used = {name for name, (other, _) in moved.items() if not _same(other, scores)}
        for step, result in reversed(self._base.items()):
            earlier = {name for name in used if not _same(moved[name][1].get(step), result)}
            if self._fits(earlier) and self._all_flows_through(step, result, earlier):
                self._earlier, self._inside = earlier, used - earlier
                return step
        return None

    def _random(self, like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=self._draw, dtype=torch.float64)

    def _redraw(self, names: Iterable[str]) -> None:
        for name in names:
            self._parameters[name].copy_(0.6 * self._random(self._parameters[name]))

    def _run(
        self, images: Tensor, step: int | None = None, instead: Tensor | None = None
    ) -> tuple[Tensor, dict[int, Tensor]]:
        steps = _Steps((self._here, self._turned), step, instead)
        with steps:
            scores = self._vit(images)
        return scores, steps.results

    def _run_without(
        self, name: str, step: int | None = None, instead: Tensor | None = None
    ) -> tuple[Tensor, dict[int, Tensor]]:
        """A run with one parameter drawn again, which gets its value back."""
        kept = self._parameters[name].clone()
        self._redraw([name])
        found = self._run(self._images, step, instead)
        self._parameters[name].copy_(kept)
        return found

    def _fits(self, names: set[str]) -> bool:
        """Whether these parameters can be those of the network without blocks, by their sizes."""
        return not Counter(self._parameters[name].numel() for name in names) - self._around

    def _all_flows_through(self, step: int, result: Tensor, earlier: set[str]) -> bool:
        """Whether the scores depend on the image, and on the parameters before this step, through its result alone."""
        instead = self._random(result)
        if not self._unchanged(step, instead, self._random(self._images), earlier):
            return False
        other = self._run(self._images, step, self._random(result))[0]
        return not _same(other, self._run(self._images, step, instead)[0])

    def _unchanged(self, step: int, instead: Tensor, images: Tensor, names: set[str]) -> bool:
        """Whether, given the result of a step, the scores stay the same with these images and other values of parameters."""
        kept = {name: self._parameters[name].clone() for name in names}
        before, _ = self._run(self._images, step, instead)
        self._redraw(names)
        after, _ = self._run(images, step, instead)
        for name, value in kept.items():
            self._parameters[name].copy_(value)
        return _same(before, after)

    def _ends_block(self, step: int, result: Tensor, names: set[str]) -> bool:
        """Whether the parameters that only a block has, by their sizes, no longer change the scores. It saves time."""
        only = {name for name in names if self._parameters[name].numel() not in self._around}
        return self._unchanged(step, self._random(result), self._images, only)

    def _later(self, step: int, result: Tensor, names: set[str]) -> set[str]:
        """Those of the parameters that still change the scores if the result of this step is given."""
        instead = self._random(result)
        scores, _ = self._run(self._images, step, instead)
        return {name for name in names if not _same(self._run_without(name, step, instead)[0], scores)}


def _same(a: Tensor | None, b: Tensor) -> bool:
    return a is not None and a.shape == b.shape and torch.allclose(a, b, rtol=1e-9, atol=1e-9)


def _runs(block: nn.Module, features: int) -> bool:
    """Whether the block takes other numbers of images and tokens."""
    sizes = ((2, 3, features), (1, 1, features), (3, 1, features), (2, 7, features))
    return all(tuple(block(torch.ones(size, dtype=torch.float64)).shape) == size for size in sizes)
