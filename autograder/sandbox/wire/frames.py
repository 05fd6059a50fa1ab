"""Frames: magic, request id, two lengths, a header (msgpack) and a body (raw tensor bytes).

Every length is checked against a cap before anything is allocated, since the other side may be hostile.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

MAGIC = b"AGW1"
PREFIX = struct.Struct("<4sQIQ")
MAX_HEADER_BYTES = 4 << 20
MAX_BODY_BYTES = 256 << 20
MAX_REPLY_HEADER_BYTES = 1 << 18

Receive = Callable[[memoryview], None]
"""Fills the given buffer completely, or raises."""


class ProtocolError(Exception):
    """The other side sent something that is not a frame, or not the reply to this request."""


class TooLarge(ProtocolError):
    """A frame exceeds the size limit, so it was not sent."""


@dataclass(frozen=True)
class Frame:
    """One message: `header` is msgpack, `body` is the tensors' bytes, one tensor after the other."""

    request: int
    header: bytes | bytearray
    body: bytes | bytearray


def pack(frame: Frame) -> list[bytes | bytearray]:
    """Returns the pieces of a frame in the order in which they are sent. Raises TooLarge if it exceeds the limit."""
    if len(frame.header) > MAX_HEADER_BYTES or len(frame.body) > MAX_BODY_BYTES:
        raise TooLarge(
            f"a message of {len(frame.header) + len(frame.body):,} bytes is larger than the "
            f"{MAX_BODY_BYTES:,} bytes that a call may carry"
        )
    prefix = PREFIX.pack(MAGIC, frame.request, len(frame.header), len(frame.body))
    return [prefix + frame.header, frame.body] if frame.body else [prefix + frame.header]


def receive(
    fill: Receive,
    expected_request: int | None = None,
    max_header: int = MAX_HEADER_BYTES,
    max_body: int = MAX_BODY_BYTES,
) -> Frame:
    """Reads one frame with `fill`. Raises ProtocolError if it is malformed, too large, or answers another request."""
    prefix = bytearray(PREFIX.size)
    fill(memoryview(prefix))
    magic, request, header_length, body_length = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise ProtocolError(f"a frame begins with {bytes(magic)!r}, not {MAGIC!r}")
    if expected_request is not None and request != expected_request:
        raise ProtocolError("the answer belongs to another request")
    if header_length > max_header or body_length > max_body:
        raise ProtocolError(f"an answer of {header_length + body_length:,} bytes is larger than allowed")
    header, body = bytearray(header_length), bytearray(body_length)
    fill(memoryview(header))
    fill(memoryview(body))
    return Frame(request, header, body)
