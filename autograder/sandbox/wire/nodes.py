"""The closed list of values that a message can hold, as msgspec types: decoding refuses everything else."""

from __future__ import annotations

from typing import Union

from msgspec import Struct


class TensorNode(Struct, tag="tensor", array_like=True, frozen=True):
    """A torch tensor, or a NumPy array if `numpy` is set. The body holds the tensors' bytes in order of appearance."""

    dtype: str
    shape: tuple[int, ...]
    numpy: bool = False
    requires_grad: bool = False


class ListNode(Struct, tag="list", array_like=True, frozen=True):
    items: list[Node]


class TupleNode(Struct, tag="tuple", array_like=True, frozen=True):
    items: list[Node]


class DictNode(Struct, tag="dict", array_like=True, frozen=True):
    keys: list[Node]
    values: list[Node]


class HandleNode(Struct, tag="handle", array_like=True, frozen=True):
    """An object that stays in the worker. `kind` is what the worker claims: module, function or object."""

    number: int
    kind: str
    type_name: str


class FunctionNode(Struct, tag="function", array_like=True, frozen=True):
    """A function or class of the student's module, by its name."""

    name: str


class GeneratorNode(Struct, tag="generator", array_like=True, frozen=True):
    """A torch.Generator on the CPU, freshly seeded."""

    seed: int


class OpaqueNode(Struct, tag="opaque", array_like=True, frozen=True):
    """A value that cannot be sent, represented by its type's name only."""

    type_name: str


Structure = Union[TensorNode, ListNode, TupleNode, DictNode, HandleNode, FunctionNode, GeneratorNode, OpaqueNode]
Node = Union[None, bool, int, float, str, Structure]
