"""Requests and replies. Both sides decode with these types, so a malformed message never gets further than here."""

from __future__ import annotations

from typing import Union

import msgspec
from msgspec import Struct

from autograder.sandbox.wire.frames import ProtocolError
from autograder.sandbox.wire.nodes import Node


class ForbiddenRules(Struct, frozen=True):
    """What an exercise exists to have written by hand, as the worker watches for it.

    `functions`: dotted names of torch functions and methods, compared by identity whatever alias is used.
    `operators`: names in the aten namespace, seen at the lowest level, from a scripted function too.
    `modules`: prefixes of the qualified names of nn.Module classes that may not be called.
    `entry_points`: dotted names of Python functions that are patched, in every thread.
    """

    functions: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    allowed_modules: tuple[str, ...] = ()


class Load(Struct, tag="load", frozen=True):
    """Import `module` from `files` (path relative to the submission's root → bytes)."""

    files: dict[str, bytes]
    module: str
    public: tuple[str, ...]
    forbidden: ForbiddenRules


class Call(Struct, tag="call", frozen=True):
    """Call `target`: `student:<name>`, `handle:<number>` or `probe:<module>.<function>`.

    `seed` sets the global random state first; `deep` watches every operator too (too slow for a training loop).
    """

    target: str
    args: list[Node]
    kwargs: dict[str, Node]
    seed: int
    deep: bool


class Release(Struct, tag="release", frozen=True):
    """Forget all objects behind handles."""


Request = Union[Load, Call, Release]


class StudentFrame(Struct, array_like=True, frozen=True):
    """One line of a traceback, in the student's own file."""

    file: str
    line: int
    function: str
    source: str


class Problem(Struct, frozen=True):
    """Why a call gave no value. `kind`: not_started, missing, signature, syntax, import, raised, exited."""

    kind: str
    type_name: str
    text: str
    frames: list[StudentFrame]


class Reply(Struct, frozen=True):
    """`changed` names the arguments that the call wrote into, `forbidden` the callables that it should not use,
    `imported` the submission's files that were imported so far.
    """

    value: Node = None
    problem: Problem | None = None
    changed: list[str] = []
    forbidden: list[str] = []
    imported: list[str] = []


class Spawn(Struct, tag="spawn", frozen=True):
    """To the zygote, with two file descriptors: the worker's socket and the file for its prints."""

    isolation: str
    memory_bytes: int
    output_bytes: int
    cpu_seconds: int
    preload: tuple[str, ...]


class Kill(Struct, tag="kill", frozen=True):
    """To the zygote: end this child of yours and tell how it ended."""

    pid: int


class Inspect(Struct, tag="inspect", frozen=True):
    """To the zygote: which isolation can be had here? Answered by what a locked child could still do."""


class Connect(Struct, tag="connect", frozen=True):
    """To the zygote, with one file descriptor: serve this channel too. What is spawned over it ends when it closes."""


ZygoteRequest = Union[Spawn, Kill, Inspect, Connect]


class ZygoteReply(Struct, frozen=True):
    pid: int = 0
    status: int = 0
    problem: str = ""
    open_doors: list[str] = []


_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)
_zygote_requests = msgspec.msgpack.Decoder(ZygoteRequest)
_zygote_replies = msgspec.msgpack.Decoder(ZygoteReply)


def to_bytes(message: Request | Reply | ZygoteRequest | ZygoteReply) -> bytes:
    return _encoder.encode(message)


def request_from(header: bytes | bytearray) -> Request:
    request: Request = _requests.decode(header)
    return request


def reply_from(header: bytes | bytearray) -> Reply:
    """A worker's reply; anything that is not one raises ProtocolError."""
    try:
        return _replies.decode(header)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ProtocolError(f"an answer cannot be read: {error}") from None


def zygote_request_from(data: bytes) -> ZygoteRequest:
    request: ZygoteRequest = _zygote_requests.decode(data)
    return request


def zygote_reply_from(data: bytes) -> ZygoteReply:
    return _zygote_replies.decode(data)
