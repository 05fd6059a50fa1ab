"""A worker's reply is bounded before anything reads it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import msgspec
import pytest
import torch

from autograder.sandbox.host import text
from autograder.sandbox.host.errors import Raised, Refused, StudentProblem
from autograder.sandbox.host.errors_in_words import in_words
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.student_module import ANSWER_BYTES, StudentModule
from autograder.sandbox.host.workers import LocalWorker
from autograder.sandbox.wire.frames import MAGIC, PREFIX, Frame, ProtocolError, receive
from autograder.sandbox.wire.messages import MAX_TEXT, Problem, Reply, StudentFrame, to_bytes
from autograder.sandbox.wire.nodes import DictNode, FunctionNode, HandleNode, ListNode, Node, OpaqueNode, TensorNode
from autograder.sandbox.wire.values import MAX_NODES, Decoder

NUMBERS = itertools.count()


def student(source: str, worker: type[LocalWorker] = LocalWorker) -> StudentModule:
    name = f"arrival{next(NUMBERS)}"  # a module is imported once in a process
    return StudentModule(Assignment(name, {f"{name}.py": source.encode()}, ("f",)), worker)


class Replying(LocalWorker):
    """A worker that answers each call with the same bytes, as one that student code has taken over."""

    header, body = b"", b""

    def ask(self, request, what, limits):
        answer = super().ask(request, what, limits)
        return answer if what.startswith("importing") else Frame(request.request, self.header, self.body)


def hostile(reply: Reply | bytes, body: bytes = b"") -> StudentModule:
    class Worker(Replying):
        pass

    Worker.header, Worker.body = reply if isinstance(reply, bytes) else to_bytes(reply), body
    return student("def f(x): return x", Worker)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "import torch\ndef f(x): return torch.zeros(8 << 20)",
            r"a tensor of shape \(8388608,\), and all together may",
        ),
        (
            "import torch\ndef f(x): return [torch.zeros(1 << 18)] * 9",
            r"a tensor of shape \(262144,\), and all together",
        ),
        ("def f(x): return list(range(30_000))", "more than 5,000 values"),
        ("def f(x): return {i: (i, i) for i in range(3_000)}", "more than 5,000 values"),
    ],
)
def test_an_answer_that_is_too_large_stays_in_the_worker(source: str, words: str) -> None:
    with pytest.raises(Raised, match=r"f\(x=1\) returns far more than it should: " + words):
        student(source).f(1)


def test_the_answer_may_grow_with_the_arguments() -> None:
    x = torch.zeros(ANSWER_BYTES // 4)
    assert student("def f(x): return [x, x]").f(x)[1].shape == x.shape


@pytest.mark.parametrize(
    "reply",
    [
        Reply(problem=Problem("raised", "E", "x" * (MAX_TEXT + 1), [])),
        Reply(problem=Problem("raised", "E" * 501, "", [])),
        Reply(changed=["#0"] * 65),
        Reply(forbidden=[""] * 17),
        Reply(imported=[""] * 1001),
        Reply(value=ListNode([None] * MAX_NODES)),
        Reply(value=ListNode([TensorNode("int8", (0,))] * MAX_NODES)),
        msgspec.msgpack.encode([[]] * 100_000),
    ],
)
def test_a_reply_that_is_larger_than_an_honest_one_is_refused(reply: Reply | bytes) -> None:
    with pytest.raises(Refused, match="sent an invalid reply"):
        hostile(reply).f(1)


def test_a_string_is_cut() -> None:
    assert len(hostile(Reply(value="x" * 100_000)).f(1)) == 4096


@pytest.mark.parametrize("lengths", [(1 << 20, 1 << 10), (1 << 10, 1 << 20)])
def test_a_frame_is_refused_by_the_lengths_that_it_announces(lengths: tuple[int, int]) -> None:
    prefix = PREFIX.pack(MAGIC, 1, *lengths)

    def fill(buffer: memoryview) -> None:
        buffer[:] = prefix

    with pytest.raises(ProtocolError, match="larger than allowed"):
        receive(fill, 1, 1 << 16, 1 << 16)


@pytest.mark.parametrize("limit", [10, 1500])
def test_only_the_ends_of_a_long_text_are_read(limit: int) -> None:
    @dataclass
    class Counting:
        read: int = 0

    counting = Counting()

    class Text(str):
        def __getitem__(self, index):
            part = str.__getitem__(self, index)
            counting.read += len(part)
            return part

    shown = text.clean(Text("\x1b" * 1_000_000), limit)
    assert counting.read == 2 * limit
    assert len(shown) <= limit + 3


def test_the_explanation_of_an_error_reads_no_more_than_what_is_shown() -> None:
    with pytest.raises(Raised) as raised:
        hostile(Reply(problem=Problem("raised", "E", "mean() " * 700, []))).f(1)
    assert len(str(raised.value)) < 2000
    assert in_words("mean(): input dtype should be either floating point or complex") != ""


BAD = "bad\x1b[2J\x07\u202e\u2066\x9b1m\x00"  # terminal escapes, a bell, and text that is shown from right to left


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(problem=Problem(kind, BAD, f"{BAD}\n{BAD}", [StudentFrame(BAD, 1, BAD, BAD)]))
          for kind in ("raised", "syntax", "exited", "import", "missing", "signature", "too_large", "not_started", BAD)),
        Reply(forbidden=[BAD]),
        Reply(value=TensorNode(BAD, (1,))),
        Reply(value=FunctionNode(BAD)),
        msgspec.msgpack.encode({"value": [BAD, 1]}),
        msgspec.msgpack.encode({"value": None, "changed": {BAD: BAD}}),
    ],
    ids=lambda reply: reply.problem.kind[:9] if isinstance(reply, Reply) and reply.problem else "other",
)  # fmt: skip
def test_no_message_has_a_character_that_acts_on_a_terminal(reply: Reply | bytes) -> None:
    with pytest.raises(StudentProblem) as problem:
        hostile(reply).f(1)
    assert_harmless(problem.value.message)


@pytest.mark.parametrize("value", [BAD, HandleNode(1, "object", BAD), OpaqueNode(BAD)], ids=["str", "handle", "opaque"])
def test_no_value_has_a_character_that_acts_on_a_terminal(value: Node) -> None:
    got = hostile(Reply(value=DictNode([BAD], [value]), changed=[BAD])).f(1)
    ((key, part),) = got.items()
    for text_ in (key, part if isinstance(part, str) else part.type_name):
        assert_harmless(text_)
        assert "bad\\x1b[2J" in text_  # but what it says can be seen


def assert_harmless(shown: str) -> None:
    assert "bad" in shown or "invalid reply" in shown
    assert all(c == "\n" or c.isprintable() for c in shown), ascii(shown)
    assert len(shown) < 4000


def test_a_name_cannot_add_a_line() -> None:
    reply = Reply(
        problem=Problem("raised", "Error\nall checks passed", "", [StudentFrame("a\nb.py", 1, "f\ng", "x\ny")])
    )
    with pytest.raises(Raised) as raised:
        hostile(reply).f(1)
    assert str(raised.value).splitlines() == [
        r"f(x=1) raised Error\nall checks passed", r"  a\nb.py:1 in f\ng", r"    x\ny"
    ]  # fmt: skip


def test_more_bytes_than_the_tensors_have_are_refused() -> None:
    decoder = Decoder(b"12", lambda node: node)
    decoder.decode(TensorNode("int8", (1,)))
    with pytest.raises(ProtocolError, match="more bytes than its tensors"):
        decoder.finish()
