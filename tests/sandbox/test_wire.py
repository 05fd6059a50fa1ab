"""Values survive the trip over the wire, and malformed messages are refused before anything is allocated."""

import numpy as np
import pytest
import torch

from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import LocalWorker
from autograder.sandbox.wire.frames import MAGIC, MAX_BODY_BYTES, PREFIX, Frame, ProtocolError, TooLarge, pack, receive
from autograder.sandbox.wire.messages import Reply, reply_from, to_bytes
from autograder.sandbox.wire.nodes import DictNode, ListNode, OpaqueNode, TensorNode
from autograder.sandbox.wire.values import Decoder, Encoder


def round_trip(value):
    encoder = Encoder(lambda other: OpaqueNode(type(other).__name__))
    reply = reply_from(to_bytes(Reply(value=encoder.encode(value))))
    decoder = Decoder(encoder.body, lambda node: node)
    result = decoder.decode(reply.value)
    decoder.finish()
    return result


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -2.5, "text", [1, (2, [3.0])], {"a": (1,), ("rbf", 1.0): [None]}, float("inf")],
)
def test_plain_values_come_back_equal(value):
    assert round_trip(value) == value


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.bool])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4), (2, 3)])
def test_tensors_come_back_equal(dtype, shape):
    tensor = torch.as_tensor(np.random.default_rng(0).normal(size=shape) * 3).to(dtype)
    got = round_trip([tensor, tensor])[1]
    assert got.dtype == dtype
    assert torch.equal(got, tensor)


def test_a_view_comes_back_equal():
    tensor = torch.arange(12.0).reshape(3, 4).T[1:, ::2]
    assert torch.equal(round_trip(tensor), tensor)


@pytest.mark.parametrize("size", [0, 1])
def test_a_column_of_one_or_no_element_comes_back_equal(size):
    tensor = torch.arange(10.0).reshape(2, 5)[:size, 2:3]  # contiguous, and its stride is 5
    assert torch.equal(round_trip(tensor), tensor)


def test_a_tensor_subclass_cannot_lie():
    class Liar(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return torch.zeros(2)

    got = round_trip(torch.ones(2).as_subclass(Liar))
    assert type(got) is torch.Tensor
    assert got.tolist() == [1.0, 1.0]


def test_an_object_is_sent_by_its_type_name_only():
    assert round_trip(object()) == OpaqueNode("object")


def test_encoding_a_cyclic_list_ends():
    cycle: list = []
    cycle.append(cycle)
    assert "deep" in repr(round_trip(cycle))


@pytest.mark.parametrize(
    "node",
    [
        TensorNode("float32", (0, 2**62)),
        TensorNode("float32", (2**40,)),
        TensorNode("float32", (-1,)),
        TensorNode("complex64", (1,)),
        TensorNode("bfloat16", (1,), numpy=True),
        DictNode([ListNode([])], [1]),
        DictNode([1, 2], [1]),
    ],
)
def test_an_impossible_node_is_refused(node):
    with pytest.raises(ProtocolError):
        Decoder(b"\0" * 8, lambda other: other).decode(node)


def test_surplus_bytes_are_refused():
    with pytest.raises(ProtocolError):
        Decoder(b"1", lambda other: other).finish()


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xc1", b"\x81\xa5value\x92\xa4evil\x01", b"\x91" * 100_000])
def test_a_malformed_reply_is_refused(data):
    with pytest.raises(ProtocolError):
        reply_from(data)


def reader(data):
    view = memoryview(data)

    def fill(buffer):
        nonlocal view
        if len(view) < len(buffer):
            raise EOFError
        buffer[:] = view[: len(buffer)]
        view = view[len(buffer) :]

    return fill


def test_a_frame_that_is_too_large_is_not_sent():
    with pytest.raises(TooLarge, match="larger than the"):
        pack(Frame(1, b"", bytes(MAX_BODY_BYTES + 1)))


def test_a_request_that_is_too_large_says_so_and_leaves_the_worker_running():
    class Full(LocalWorker):
        def ask(self, request, what, limits):
            if request.body:
                raise TooLarge("a message of 9 bytes is larger than the 8 that a call may carry")
            return super().ask(request, what, limits)

    student = StudentModule(Assignment("m", {"m.py": b"def f(x): return x"}, ("f",)), Full)
    with pytest.raises(Refused, match="cannot be called: a message of 9 bytes"):
        student.f(torch.ones(3))
    assert student.f(1) == 1


def test_a_frame_comes_back_equal():
    frame = Frame(7, b"head", b"body")
    assert receive(reader(b"".join(pack(frame))), 7) == frame


@pytest.mark.parametrize(
    "prefix",
    [
        (b"EVIL", 7, 1, 1),
        (MAGIC, 8, 1, 1),
        (MAGIC, 7, 2**32 - 1, 0),
        (MAGIC, 7, 0, MAX_BODY_BYTES + 1),
    ],
)
def test_a_wrong_prefix_is_refused_before_the_rest_is_read(prefix):
    with pytest.raises(ProtocolError):
        receive(reader(PREFIX.pack(*prefix)), 7)
