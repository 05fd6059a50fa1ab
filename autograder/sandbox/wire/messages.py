"""Requests and replies. Both sides decode with these types, so a malformed message is rejected here."""

from __future__ import annotations

from typing import Annotated, Union

import msgspec
from msgspec import Meta, Struct

from autograder.sandbox.wire.frames import ProtocolError
from autograder.sandbox.wire.nodes import Node

MAX_NAME = 500
MAX_TEXT = 5000
"""How many characters a worker may send of the name of an error's class, and of its text."""


class ForbiddenRules(Struct, frozen=True):
    """The library calls that an exercise forbids because the student is to write them by hand.

    `functions`: dotted names of functions and methods, compared by identity whatever alias is used.
    `operators`: names of torch's operators without their namespace; they are refused at the lowest level, even inside a
        scripted function.
    `modules`: prefixes of the qualified names of nn.Module classes that may neither be made nor called.
    `entry_points`: dotted names of Python functions that are no functions of tensors, in every thread.
    `allowed_modules`: prefixes that are exceptions to `modules`.
    `packages`: packages that may be imported, since many students import more than they need, but not used.
    `backward`: whether a backward pass of autograd is refused.
    """

    functions: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    allowed_modules: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    backward: bool = False


class Load(Struct, tag="load", frozen=True):
    """Import `module` from `files` (path relative to the submission's root → bytes)."""

    files: dict[str, bytes]
    module: str
    public: tuple[str, ...]
    forbidden: ForbiddenRules


class Call(Struct, tag="call", frozen=True):
    """Call `target`: `student:<name>`, `handle:<number>` or `probe:<module>.<function>`.

    `seed` sets the global random state first.
    `answer_bytes`: how many bytes the tensors in the answer may have.
    """

    target: str
    args: list[Node]
    kwargs: dict[str, Node]
    seed: int
    answer_bytes: int


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
    """The reason why a call returned no value.

    `kind`: not_started, missing, signature, syntax, import, raised, too_large, exited.
    """

    kind: str
    type_name: Annotated[str, Meta(max_length=MAX_NAME)]
    text: Annotated[str, Meta(max_length=MAX_TEXT)]
    frames: Annotated[list[StudentFrame], Meta(max_length=16)]


class Reply(Struct, frozen=True):
    """The outcome of a request: a value or a problem.

    `changed` names the arguments that the call modified, `forbidden` the forbidden callables that it used, `imported`
    the submission's files that have been imported so far.
    """

    value: Node = None
    problem: Problem | None = None
    changed: Annotated[list[str], Meta(max_length=64)] = []
    forbidden: Annotated[list[str], Meta(max_length=16)] = []
    imported: Annotated[list[str], Meta(max_length=1000)] = []


class Spawn(Struct, tag="spawn", frozen=True):
    """Asks the zygote for a worker. Comes with two file descriptors: the worker's socket and the file for its output."""

    isolation: str
    memory_bytes: int
    output_bytes: int
    cpu_seconds: int
    preload: tuple[str, ...]


class Kill(Struct, tag="kill", frozen=True):
    """Asks the zygote to end one of its children and to report its exit code."""

    pid: int


class Inspect(Struct, tag="inspect", frozen=True):
    """Asks the zygote which isolation this machine supports. The reply lists what a locked child could still do."""


class Connect(Struct, tag="connect", frozen=True):
    """Asks the zygote to serve another channel, whose socket comes along. Its workers end when that channel closes."""


ZygoteRequest = Union[Spawn, Kill, Inspect, Connect]


class ZygoteReply(Struct, frozen=True):
    """The zygote's answer. `problem` is empty on success; `open_doors` names what a locked child could still do.

    `busy`: whether the machine has no process or no memory left for a fork, so that it may work a moment later.
    """

    pid: int = 0
    status: int = 0
    problem: str = ""
    open_doors: list[str] = []
    busy: bool = False


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
    """Decodes a worker's reply. Raises ProtocolError for anything that is not one."""
    try:
        return _replies.decode(header)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ProtocolError(f"not a valid reply: {error}") from None


def zygote_request_from(data: bytes) -> ZygoteRequest:
    request: ZygoteRequest = _zygote_requests.decode(data)
    return request


def zygote_reply_from(data: bytes) -> ZygoteReply:
    return _zygote_replies.decode(data)
