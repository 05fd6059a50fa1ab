"""Converts Python values to nodes and bytes, and back. A decoded value has exact built-in types, or is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.sandbox.wire.frames import MAX_BODY_BYTES, ProtocolError, TooLarge
from autograder.sandbox.wire.nodes import (
    DictNode,
    FunctionNode,
    GeneratorNode,
    HandleNode,
    ListNode,
    Node,
    OpaqueNode,
    TensorNode,
    TupleNode,
)
from autograder.sandbox.wire.plain_text import visible

DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
        torch.int16, torch.int8, torch.uint8, torch.bool,
    )
}  # fmt: skip
MAX_DEPTH = 16
MAX_DIMENSIONS = 16
MAX_SIZE = 1 << 31
MAX_STRING = 4096
MAX_NODES = 5_000
"""How many numbers, strings, tensors and containers an answer may consist of. What the grader sends is not limited."""
UNLIMITED = 1 << 62

ToNode = Callable[[Any], "Node"]
FromNode = Callable[["HandleNode | FunctionNode | GeneratorNode | OpaqueNode"], Any]


class Encoder:
    """Turns values into nodes and collects the tensors' bytes.

    `fallback` makes the node for a value that is not plain data: a handle, a function's name, or an opaque node.
    `max_bytes`: how many bytes all tensors may have together; `max_nodes`: how many parts the values may have.
    """

    def __init__(self, fallback: ToNode, max_bytes: int = MAX_BODY_BYTES, max_nodes: int = UNLIMITED) -> None:
        self._fallback = fallback
        self._chunks: list[bytes] = []
        self._room = max_bytes
        self._max_bytes = max_bytes
        self._nodes = 0
        self._max_nodes = max_nodes

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    def encode(self, value: Any, depth: int = 0) -> Node:
        """The node for a value. Raises TooLarge if it has too many parts or its tensors too many bytes."""
        self._nodes += 1
        if self._nodes > self._max_nodes:
            raise TooLarge(f"more than {self._max_nodes:,} values")
        if depth > MAX_DEPTH:
            return OpaqueNode("a structure nested too deeply")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, np.integer)):
            number = int(value)
            return number if -(2**63) <= number < 2**63 else OpaqueNode("an integer of more than 64 bits")
        if isinstance(value, (float, np.floating)):
            return float(value)
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, str):
            return str(value)[:MAX_STRING]
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, (list, tuple)):
            items = [self.encode(item, depth + 1) for item in value]
            return ListNode(items) if isinstance(value, list) else TupleNode(items)
        if isinstance(value, dict):
            pairs = [(self.encode(k, depth + 1), self.encode(v, depth + 1)) for k, v in value.items()]
            return DictNode([key for key, _ in pairs], [item for _, item in pairs])
        return self._fallback(value)

    def _tensor(self, value: torch.Tensor, numpy: bool = False) -> Node:
        # Read as a base tensor: a subclass may lie about its values, its bytes cannot.
        with torch._C.DisableTorchFunctionSubclass():
            name = str(value.dtype).removeprefix("torch.")
            if value.layout != torch.strided or value.is_meta or name not in DTYPES:
                return OpaqueNode(f"a {value.device.type} tensor of dtype {name} and layout {value.layout}")
            self._room -= value.numel() * value.element_size()
            if self._room < 0:
                raise TooLarge(
                    f"a tensor of shape {tuple(value.shape)}, and all together may have {self._max_bytes:,} bytes"
                )
            plain = value.detach().as_subclass(torch.Tensor).cpu().resolve_neg().contiguous()
            self._chunks.append(raw_bytes(plain))
            return TensorNode(name, tuple(plain.shape), numpy, bool(value.requires_grad) and value.is_leaf)

    def _array(self, value: np.ndarray[Any, Any]) -> Node:
        if value.dtype.name not in DTYPES:
            return OpaqueNode(f"a NumPy array of dtype {value.dtype.name}")
        return self._tensor(torch.from_numpy(np.array(value, order="C", subok=False)), numpy=True)


def raw_bytes(tensor: torch.Tensor) -> bytes:
    """The bytes of a contiguous CPU tensor's elements, in order."""
    # A tensor with one element counts as contiguous whatever its strides; view() would refuse some of them.
    flat = tensor.as_strided((tensor.numel(),), (1,))
    return flat.view(torch.uint8).numpy().tobytes()


class Decoder:
    """Rebuilds values from nodes and the body's bytes, in the order in which they were encoded.

    `fallback` makes the value for a handle, a function's name, a generator or an opaque node.
    `max_nodes`: how many parts the values may have.
    """

    def __init__(self, body: bytes | bytearray, fallback: FromNode, max_nodes: int = MAX_NODES) -> None:
        self._body = memoryview(body)
        self._offset = 0
        self._nodes = 0
        self._max_nodes = max_nodes
        self._fallback = fallback

    def decode(self, node: Node, depth: int = 0) -> Any:
        self._nodes += 1
        if self._nodes > self._max_nodes:
            raise ProtocolError(f"the value has more than {self._max_nodes:,} parts")
        if depth > MAX_DEPTH + 1:
            raise ProtocolError("the value is nested too deeply")
        if isinstance(node, str):
            return visible(node[:MAX_STRING])  # it may be shown: no exercise has another use for such characters
        if isinstance(node, TensorNode):
            return self._tensor(node)
        if isinstance(node, ListNode):
            return [self.decode(item, depth + 1) for item in node.items]
        if isinstance(node, TupleNode):
            return tuple(self.decode(item, depth + 1) for item in node.items)
        if isinstance(node, DictNode):
            return self._dict(node, depth)
        if isinstance(node, (HandleNode, FunctionNode, GeneratorNode, OpaqueNode)):
            return self._fallback(node)
        return node

    def finish(self) -> None:
        """Raises ProtocolError if the body holds more bytes than the decoded nodes account for."""
        if self._offset != len(self._body):
            raise ProtocolError("the body holds more bytes than its tensors")

    def _tensor(self, node: TensorNode) -> torch.Tensor | np.ndarray[Any, Any]:
        bad_shape = len(node.shape) > MAX_DIMENSIONS or any(not 0 <= size <= MAX_SIZE for size in node.shape)
        if node.dtype not in DTYPES or bad_shape or (node.numpy and node.dtype == "bfloat16"):
            raise ProtocolError(f"a tensor cannot have dtype {node.dtype!r} and shape {node.shape}")
        dtype = DTYPES[node.dtype]
        count = math.prod(node.shape)
        end = self._offset + count * dtype.itemsize
        if end > len(self._body):
            raise ProtocolError("a tensor is larger than the bytes that were sent")
        if count:
            chunk = bytearray(self._body[self._offset : end])  # its own memory: aligned, writable
            tensor = torch.frombuffer(chunk, dtype=dtype).reshape(node.shape)
        else:
            tensor = torch.empty(node.shape, dtype=dtype)
        self._offset = end
        if node.numpy:
            return tensor.numpy()
        return tensor.requires_grad_() if node.requires_grad and dtype.is_floating_point else tensor

    def _dict(self, node: DictNode, depth: int) -> dict[Any, Any]:
        # Keys come before values, a pair at a time, as the encoder wrote them: tensors are in that order.
        if len(node.keys) != len(node.values):
            raise ProtocolError("a dict has different numbers of keys and values")
        result: dict[Any, Any] = {}
        for key_node, value_node in zip(node.keys, node.values):
            key = self.decode(key_node, depth + 1)
            if not _is_plain_key(key):
                raise ProtocolError(f"a dict has a key of type {type(key).__name__}")
            result[key] = self.decode(value_node, depth + 1)
        return result


def _is_plain_key(key: Any) -> bool:
    if isinstance(key, tuple):
        return all(_is_plain_key(item) for item in key)
    return key is None or isinstance(key, (str, int, float, bool))
