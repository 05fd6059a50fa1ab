"""A module with its trainable parameters arranged as another module has them, so that two styles of the same network can
be given the same numbers: separate layers or a fused one, layers or raw tensors, a layer for each head or one for all.

Which parameter plays which part is guessed from its name, else from its place. A wrong guess does no harm: the two then
answer differently, and are not taken for the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

Layout = Sequence[tuple[str, Sequence[int]]]
"""Name and shape of each trainable parameter, in order."""

# In attention: queries, keys, values, what comes after. A fused layer counts as the first that it holds.
_PARTS = (
    re.compile(r"q(?![a-z])|quer|qkv|to_qkv|in_proj|(?<![a-z])wq", re.I),
    re.compile(r"(?<![a-z])w?_?k(?![a-z])|key|kv", re.I),
    re.compile(r"(?<![a-z])w?_?v(?![a-z])|val", re.I),
    re.compile(r"proj|out|(?<![a-z])w?_?o(?![a-z])|final", re.I),
)


def arranged(module: nn.Module, layout: Layout) -> nn.Module | None:
    """The module with parameters of that layout; itself where it has it already; None where the numbers do not match."""
    own: list[tuple[str, Tensor]] = [(name, value) for name, value in module.named_parameters() if value.requires_grad]
    if [tuple(value.shape) for _, value in own] == [tuple(shape) for _, shape in layout] and _same_order(own, layout):
        return module
    try:
        return Arranged(module, own, layout)
    except ValueError:
        return None


class Arranged(nn.Module):
    """Holds the parameters of the layout, and runs the other module with its own made of them.

    The other module is no submodule, or its parameters would be counted too; its mode, dtype and buffers are kept up.
    """

    def __init__(self, inner: nn.Module, own: list[tuple[str, Tensor]], layout: Layout) -> None:
        super().__init__()
        self._inner = (inner,)
        self._names = [name for name, _ in layout]
        there = [(name, tuple(shape)) for name, shape in layout]
        here = [(name, tuple(value.shape)) for name, value in own]
        self._weights = _paired(there, here, matrices=True)
        self._vectors = _paired(there, here, matrices=False)
        self._inner_names = [name for name, _ in own]
        self._shapes = [tuple(value.shape) for _, value in own]
        values = [value.detach() for _, value in own]
        numbers = [torch.zeros(0)] * len(there)
        for outer, own_blocks in (self._weights, self._vectors):
            if not outer:
                continue
            flat = torch.cat([_flat(values[i], turned) for i, turned in own_blocks])
            for (i, turned), part in zip(outer, torch.split(flat, [math.prod(there[i][1]) for i, _ in outer])):
                numbers[i] = _shaped(part, there[i][1], turned).clone()
        self._outer = nn.ParameterList([nn.Parameter(value) for value in numbers])

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        given = list(self._outer)
        # Biases that are not there are as biases of zero.
        values = {name: given[0].new_zeros(shape) for name, shape in zip(self._inner_names, self._shapes)}
        for outer, inner in (self._weights, self._vectors):
            if not outer:
                continue
            flat = torch.cat([_flat(given[i], turned) for i, turned in outer])
            for (i, turned), part in zip(inner, torch.split(flat, [math.prod(self._shapes[i]) for i, _ in inner])):
                values[self._inner_names[i]] = _shaped(part, self._shapes[i], turned)
        return functional_call(self._inner[0], values, args, kwargs)

    def named_parameters(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, nn.Parameter]]:
        yield from zip(self._names, self._outer)

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        yield from self._outer

    def named_buffers(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, Tensor]]:
        yield from self._inner[0].named_buffers()

    def train(self, mode: bool = True) -> Arranged:
        self._inner[0].train(mode)
        return super().train(mode)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> Arranged:
        self._inner[0]._apply(fn, recurse)  # type: ignore[no-untyped-call]  # torch has no types there
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self


def _flat(value: Tensor, turned: bool) -> Tensor:
    return (value.squeeze().T if turned else value).flatten()


def _shaped(part: Tensor, shape: tuple[int, ...], turned: bool) -> Tensor:
    if not turned:
        return part.reshape(shape)
    a, b = (size for size in shape if size != 1)
    return part.reshape(b, a).T.reshape(shape)


_Blocks = list[tuple[int, bool]]
"""Places of parameters, and whether each is stored the other way round."""


def _paired(
    there: list[tuple[str, tuple[int, ...]]], here: list[tuple[str, tuple[int, ...]]], *, matrices: bool
) -> tuple[_Blocks, _Blocks]:
    """Those of both sides in an order in which their numbers, joined, mean the same."""
    outer, inner = _in_order(there, matrices), _in_order(here, matrices)
    if not matrices and _total(there, outer) != _total(here, inner):
        parts = {_part(there[i][0]) for i in outer}
        inner = [i for i in inner if _part(here[i][0]) in parts]
    if _total(there, outer) != _total(here, inner):
        raise ValueError("other numbers")
    return [(i, matrices and _turned(*there[i])) for i in outer], [(i, matrices and _turned(*here[i])) for i in inner]


def _total(layout: Sequence[tuple[str, tuple[int, ...]]], places: list[int]) -> int:
    return sum(math.prod(layout[i][1]) for i in places)


def _in_order(layout: Sequence[tuple[str, tuple[int, ...]]], matrices: bool) -> list[int]:
    places = [i for i, (_, shape) in enumerate(layout) if (sum(size != 1 for size in shape) > 1) == matrices]
    return sorted(places, key=lambda i: _part(layout[i][0]))


def _part(name: str) -> int:
    own = name.removesuffix(".weight").removesuffix(".bias")
    return next((i for i, part in enumerate(_PARTS) if part.search(own)), len(_PARTS))


def _turned(name: str, shape: tuple[int, ...]) -> bool:
    """Layers hold (out, in); raw tensors are mostly used as x @ W, (in, out)."""
    return not name.endswith("weight") and sum(size != 1 for size in shape) == 2


def _same_order(own: list[tuple[str, Tensor]], layout: Layout) -> bool:
    """Whether equal shapes stand in the same order of their parts on both sides, and the same way round."""
    return all(
        _part(name) == _part(other) and _turned(name, tuple(value.shape)) == _turned(other, tuple(shape))
        for (name, value), (other, shape) in zip(own, layout)
        if sum(size != 1 for size in value.shape) > 1
    )
