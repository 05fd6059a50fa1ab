"""Wraps a module so that its trainable parameters have the layout of another module.

Two styles of the same network can then be given the same numbers: separate layers or a fused one, layers or raw tensors,
one layer for each head or one for all. The role of a parameter is guessed from its name, or else from its position. A
wrong guess does no harm: the two modules then give different outputs, and do not count as equal.
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

# Roles in attention: queries, keys, values, output projection. A fused layer counts as the first role that it holds.
_ROLES = (
    re.compile(r"q(?![a-z])|quer|qkv|to_qkv|in_proj|(?<![a-z])wq", re.I),
    re.compile(r"(?<![a-z])w?_?k(?![a-z])|key|kv", re.I),
    re.compile(r"(?<![a-z])w?_?v(?![a-z])|val", re.I),
    re.compile(r"proj|out|(?<![a-z])w?_?o(?![a-z])|final", re.I),
)


def arranged(module: nn.Module, layout: Layout) -> nn.Module | None:
    """The module with parameters of that layout, or the module itself if it has the layout already.

    None if the two have different numbers of elements.
    """
    own: list[tuple[str, Tensor]] = [(name, value) for name, value in module.named_parameters() if value.requires_grad]
    if [tuple(value.shape) for _, value in own] == [tuple(shape) for _, shape in layout] and _same_order(own, layout):
        return module
    try:
        return Arranged(module, own, layout)
    except ValueError:
        return None


class Arranged(nn.Module):
    """Holds parameters of the layout, and runs the inner module with parameters that are computed from them.

    The inner module is not registered as a submodule, since its parameters would be counted too. Its mode, dtype and
    buffers follow this module's.
    """

    def __init__(self, inner: nn.Module, own: list[tuple[str, Tensor]], layout: Layout) -> None:
        super().__init__()
        self._inner = (inner,)
        self._names = [name for name, _ in layout]
        outer_layout = [(name, tuple(shape)) for name, shape in layout]
        inner_layout = [(name, tuple(value.shape)) for name, value in own]
        self._weights = _paired(outer_layout, inner_layout, matrices=True)
        self._vectors = _paired(outer_layout, inner_layout, matrices=False)
        self._inner_names = [name for name, _ in own]
        self._shapes = [tuple(value.shape) for _, value in own]
        values = [value.detach() for _, value in own]
        outer_values = [torch.zeros(0)] * len(outer_layout)
        for outer_blocks, inner_blocks in (self._weights, self._vectors):
            if not outer_blocks:
                continue
            flat = torch.cat([_flat(values[i], transposed) for i, transposed in inner_blocks])
            sizes = [math.prod(outer_layout[i][1]) for i, _ in outer_blocks]
            for (i, transposed), part in zip(outer_blocks, torch.split(flat, sizes)):
                outer_values[i] = _shaped(part, outer_layout[i][1], transposed).clone()
        self._outer = nn.ParameterList([nn.Parameter(value) for value in outer_values])

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        parameters = list(self._outer)
        # Biases that the layout lacks are zero.
        values = {name: parameters[0].new_zeros(shape) for name, shape in zip(self._inner_names, self._shapes)}
        for outer, inner in (self._weights, self._vectors):
            if not outer:
                continue
            flat = torch.cat([_flat(parameters[i], transposed) for i, transposed in outer])
            for (i, transposed), part in zip(inner, torch.split(flat, [math.prod(self._shapes[i]) for i, _ in inner])):
                values[self._inner_names[i]] = _shaped(part, self._shapes[i], transposed)
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


def _flat(value: Tensor, transposed: bool) -> Tensor:
    return (value.squeeze().T if transposed else value).flatten()


def _shaped(part: Tensor, shape: tuple[int, ...], transposed: bool) -> Tensor:
    if not transposed:
        return part.reshape(shape)
    a, b = (size for size in shape if size != 1)
    return part.reshape(b, a).T.reshape(shape)


_Blocks = list[tuple[int, bool]]
"""Positions of parameters, and whether each is stored transposed."""


def _paired(
    outer: list[tuple[str, tuple[int, ...]]], inner: list[tuple[str, tuple[int, ...]]], *, matrices: bool
) -> tuple[_Blocks, _Blocks]:
    """The matrices (or else the vectors) of both layouts, ordered so that their joined elements correspond.

    Raises ValueError if the two have different numbers of elements.
    """
    outer_places, inner_places = _in_order(outer, matrices), _in_order(inner, matrices)
    if not matrices and _total(outer, outer_places) != _total(inner, inner_places):
        roles = {_role(outer[i][0]) for i in outer_places}
        inner_places = [i for i in inner_places if _role(inner[i][0]) in roles]
    if _total(outer, outer_places) != _total(inner, inner_places):
        raise ValueError("the layouts have different numbers of elements")
    return (
        [(i, matrices and _is_transposed(*outer[i])) for i in outer_places],
        [(i, matrices and _is_transposed(*inner[i])) for i in inner_places],
    )


def _total(layout: Sequence[tuple[str, tuple[int, ...]]], places: list[int]) -> int:
    return sum(math.prod(layout[i][1]) for i in places)


def _in_order(layout: Sequence[tuple[str, tuple[int, ...]]], matrices: bool) -> list[int]:
    places = [i for i, (_, shape) in enumerate(layout) if (sum(size != 1 for size in shape) > 1) == matrices]
    return sorted(places, key=lambda i: _role(layout[i][0]))


def _role(name: str) -> int:
    own = name.removesuffix(".weight").removesuffix(".bias")
    return next((i for i, pattern in enumerate(_ROLES) if pattern.search(own)), len(_ROLES))


def _is_transposed(name: str, shape: tuple[int, ...]) -> bool:
    """Whether a matrix is stored as (in, out), as raw tensors for x @ W mostly are. Layers store (out, in)."""
    return not name.endswith("weight") and sum(size != 1 for size in shape) == 2


def _same_order(own: list[tuple[str, Tensor]], layout: Layout) -> bool:
    """Whether the matrices on both sides, which have equal shapes, have the same roles and orientation."""
    return all(
        _role(name) == _role(other) and _is_transposed(name, tuple(value.shape)) == _is_transposed(other, tuple(shape))
        for (name, value), (other, shape) in zip(own, layout)
        if sum(size != 1 for size in value.shape) > 1
    )
