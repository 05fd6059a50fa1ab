"""Messages as a hostile worker would send them: real ones that were changed, trees of wrong nodes, and random bytes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch

from autograder.sandbox.wire.frames import MAGIC, PREFIX, Frame, pack
from autograder.sandbox.wire.messages import (
    Call,
    ForbiddenRules,
    Load,
    Problem,
    Release,
    Reply,
    Request,
    StudentFrame,
    to_bytes,
)
from autograder.sandbox.wire.nodes import FunctionNode, GeneratorNode, HandleNode, OpaqueNode
from autograder.sandbox.wire.values import DTYPES, Encoder

NUMBERS = (0, 1, -1, 7, 127, 128, 255, 2**31, 2**32 - 1, 2**53, 2**62, 2**63 - 1, -(2**63), 2**64 - 1)
TAGS = (
    "tensor",
    "list",
    "tuple",
    "dict",
    "handle",
    "function",
    "generator",
    "opaque",
    "load",
    "call",
    "release",
    "spawn",
)
VALUES: tuple[Any, ...] = (
    None,
    3,
    -0.5,
    "text \x1b[31m",
    torch.arange(6.0).reshape(2, 3),
    torch.zeros(0, 3, dtype=torch.int64),
    np.arange(4, dtype=np.int32),
    [1, (2.0, {"a": torch.ones(2)}), "b"],
    {("rbf", 1.0): [True, None], 3: torch.tensor(2)},
    object(),
)

MAX_PARTS = 300
"""About how many parts a tree has at most."""


def replies() -> list[Frame]:
    """Replies of a worker to request 0, as real ones look."""
    found = []
    for value in VALUES:
        encoder = Encoder(lambda other: OpaqueNode(type(other).__name__))
        reply = Reply(value=encoder.encode(value), changed=["ytilde"], imported=["m.py"])
        found.append(Frame(0, to_bytes(reply), encoder.body))
    frames = [StudentFrame("m.py", 3, "f", "return 1 / 0")]
    problem = Problem("raised", "ZeroDivisionError", "division by zero", frames)
    found.append(Frame(0, to_bytes(Reply(problem=problem)), b""))
    found.append(Frame(0, to_bytes(Reply(value=HandleNode(3, "module", "Net"), forbidden=["torch.softmax"])), b""))
    return found


def requests() -> list[Frame]:
    """Requests of the grader, as real ones look."""
    found = [Frame(0, to_bytes(Release()), b"")]
    loading = Load({"m.py": b"def f(x): return x"}, "m", ("f",), ForbiddenRules(("torch.softmax",)))
    found.append(Frame(0, to_bytes(loading), b""))
    for value in VALUES:
        encoder = Encoder(lambda other: GeneratorNode(3))
        call: Request = Call("student:f", [encoder.encode(value), FunctionNode("f")], {"y": 3}, 5, 1 << 20)
        found.append(Frame(0, to_bytes(call), encoder.body))
    return found


class Messages:
    """An endless source of hostile byte streams, the same for a seed.

    >>> len(Messages(1, replies()).draw()) > 0
    True
    """

    def __init__(self, seed: int, real: list[Frame]) -> None:
        self._random = random.Random(seed)
        self._real = real
        self._parts = 0
        self._ways: tuple[Callable[[], bytes], ...] = (
            self._changed_bytes, self._changed_header, self._changed_body, self._joined, self._tree, self._tree,
            self._wrong_lengths, self._random_bytes, self._random_header,
        )  # fmt: skip

    def draw(self) -> bytes:
        """The next message, as it goes over the wire."""
        return self._random.choice(self._ways)()

    def _frame(self) -> Frame:
        return self._random.choice(self._real)

    def _changed(self, data: bytes | bytearray) -> bytes:
        """A few bytes are replaced, inserted, removed, or repeated."""
        changed, draw = bytearray(data), self._random
        for _ in range(draw.choice((1, 1, 1, 2, 4, 16))):
            at = draw.randrange(len(changed) + 1)
            way = draw.randrange(5)
            if way == 0:
                changed[at : at + 1] = bytes([draw.randrange(256)])
            elif way == 1:
                changed[at:at] = draw.randbytes(draw.choice((1, 2, 9)))
            elif way == 2:
                del changed[at : at + draw.choice((1, 2, 9, 1000))]
            elif way == 3:
                changed[at:at] = changed[at : at + draw.choice((1, 8, 64))] * draw.choice((1, 3))
            else:
                del changed[at:]
        return bytes(changed)

    def _changed_bytes(self) -> bytes:
        return self._changed(b"".join(pack(self._frame())))

    def _changed_header(self) -> bytes:
        frame = self._frame()
        return b"".join(pack(Frame(0, self._changed(frame.header), frame.body)))

    def _changed_body(self) -> bytes:
        frame = self._frame()
        return b"".join(pack(Frame(0, frame.header, self._changed(frame.body))))

    def _joined(self) -> bytes:
        """The header of one message with the body of another."""
        return b"".join(pack(Frame(0, self._frame().header, self._frame().body)))

    def _tree(self) -> bytes:
        """A reply or request whose parts have the wrong types, numbers and sizes."""
        draw = self._random
        self._parts = MAX_PARTS
        names = ("value", "problem", "changed", "forbidden", "imported", "type", "args", "kwargs", "files")
        tree: Any = {name: self._node(0) for name in draw.sample(names, draw.randrange(1, 5))}
        body = draw.randbytes(draw.choice((0, 1, 8, 64)))
        header = msgspec.msgpack.encode(tree)
        return PREFIX.pack(MAGIC, 0, len(header), len(body)) + header + body

    def _node(self, depth: int) -> Any:
        draw = self._random
        self._parts -= 1
        if depth > 5 or self._parts < 0 or draw.random() < 0.3:
            plain = (
                None,
                True,
                draw.choice(NUMBERS),
                draw.random() * 1e300,
                float("nan"),
                "x" * draw.choice((0, 5, 600)),
                b"b",
            )
            return draw.choice(plain)
        way = draw.randrange(5)
        if way == 0:
            shape = [draw.choice(NUMBERS) for _ in range(draw.choice((0, 1, 2, 20)))]
            return ["tensor", draw.choice([*DTYPES, "complex64", ""]), shape, draw.random() < 0.3, draw.random() < 0.3]
        if way == 1:
            return [draw.choice(TAGS), *(self._node(depth + 1) for _ in range(draw.randrange(4)))]
        if way == 2:
            return ["dict", *([self._node(depth + 1) for _ in range(draw.randrange(3))] for _ in range(2))]
        if way == 3:
            opened = draw.choice((b"\x92\xa4list\x91", b"\x92\xa5tuple\x91"))
            return msgspec.Raw(opened * draw.choice((3, 20, 300, 5000)) + msgspec.msgpack.encode(self._node(6)))
        return [draw.choice(("list", "tuple")), [self._node(depth + 1) for _ in range(draw.choice((1, 3, 40)))]]

    def _wrong_lengths(self) -> bytes:
        frame, draw = self._frame(), self._random
        lengths = (
            draw.choice((len(frame.header), 0, 1, 2**32 - 1)),
            draw.choice((len(frame.body), 0, 2**40, 2**64 - 1)),
        )
        return PREFIX.pack(MAGIC, draw.choice((0, 0, 1)), *lengths) + frame.header + frame.body

    def _random_bytes(self) -> bytes:
        return self._random.randbytes(self._random.choice((1, PREFIX.size, 100, 1000)))

    def _random_header(self) -> bytes:
        return b"".join(pack(Frame(0, self._random.randbytes(self._random.choice((1, 10, 100))), b"")))
