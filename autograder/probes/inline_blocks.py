"""Takes the block out of a vision transformer of one block, although no module is the block: its steps stand in `forward`.

All calls of torch that a forward pass makes are counted. The block begins after the last result that its parameters do not
change and through which everything flows that comes from the image, and it ends with the first result after which its parameters
no longer matter. To run the block, the first of these two results is replaced by the tokens to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

    def __init__(self, vit: nn.Module, image: Tensor, names: list[str], start: int, end: int, tokens_first: bool) -> None:
        super().__init__()
        parameters = dict(vit.named_parameters())
        for name in names:
            self._parameters[name] = parameters[name]  # under the student's name, dots included
        self._inside = (vit, image, start, end)  # in a tuple, so that the network is not registered as a submodule
        self._tokens_first = tokens_first

    def forward(self, x: Tensor) -> Tensor:
        vit, image, start, end = self._inside
        given = x.transpose(0, 1) if self._tokens_first else x
        steps = _Steps(step=start, instead=given, last=end)
        try:
            with steps:
                vit(image.expand(len(x), -1, -1, -1).contiguous())
        except _Reached:
            pass
        result: Tensor = steps.reached
        return result.transpose(0, 1) if self._tokens_first else result


def inline_block(vit: nn.Module, images: Tensor, tokens: int, features: int, names: list[str]) -> nn.Module | None:
    """The block of a vision transformer with one block, as a module; None if its steps are not found.

    images: in float64, with a number of images that is neither `tokens` nor `features`.
    names: of the block's parameters.
    """
    vit.double().eval()
    with torch.no_grad():
        try:
            return _found(vit, images, tokens, features, names)
        except Exception:  # what a student's code raises with other numbers of tokens is no failure of it
            return None


def _found(vit: nn.Module, images: Tensor, tokens: int, features: int, names: list[str]) -> nn.Module | None:
    draw = torch.Generator().manual_seed(0)
    here, turned = (len(images), tokens, features), (tokens, len(images), features)
    parameters = dict(vit.named_parameters())

    def random(like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=draw, dtype=torch.float64)

    def redraw(chosen: Iterable[str]) -> None:
        for name in chosen:
            parameters[name].copy_(0.6 * random(parameters[name]))

    def run(given: Tensor, step: int | None = None, instead: Tensor | None = None) -> tuple[Tensor, dict[int, Tensor]]:
        steps = _Steps((here, turned), step, instead)
        with steps:
            scores = vit(given)
        return scores, steps.results

    redraw(parameters)
    _, base = run(images)
    redraw(names)
    _, other = run(images)
    before_block = [step for step in base if step in other and _same(base[step], other[step])]
    others = [name for name in parameters if name not in names]
    start = None
    for step in reversed(before_block):
        _, known = run(images)
        earlier = []
        for name in others:
            kept = parameters[name].clone()
            redraw([name])
            _, moved = run(images)
            if step not in moved or not _same(moved[step], known[step]):
                earlier.append(name)
            parameters[name].copy_(kept)
        instead = random(base[step])
        first, _ = run(images, step, instead)
        redraw(earlier)
        second, _ = run(random(images), step, instead)
        if _same(first, second) and not _same(first, run(images, step, random(instead))[0]):
            start = step
            break
    if start is None:
        return None
    for end in (step for step in base if step > start and base[step].shape == base[start].shape):
        instead = random(base[end])
        first, _ = run(images, end, instead)
        redraw(names)
        second, _ = run(images, end, instead)
        if _same(first, second):
            block = InlineBlock(vit, images[:1], names, start, end, tuple(base[start].shape) == turned)
            return block if _runs(block, features) else None
    return None


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-9, atol=1e-9)


def _runs(block: nn.Module, features: int) -> bool:
    """Whether the block takes other numbers of images and tokens."""
    sizes = ((2, 3, features), (1, 1, features), (3, 1, features), (2, 7, features))
    return all(tuple(block(torch.ones(size, dtype=torch.float64)).shape) == size for size in sizes)
