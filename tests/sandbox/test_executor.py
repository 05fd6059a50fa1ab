"""The executor's replies to requests: values, errors as data, changed arguments, handles, forbidden calls."""

from __future__ import annotations

import builtins
import random
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autograder.sandbox.wire.frames import Frame, pack, receive
from autograder.sandbox.wire.messages import Call, ForbiddenRules, Load, Release, Reply, reply_from, to_bytes
from autograder.sandbox.wire.nodes import FunctionNode, GeneratorNode, HandleNode, OpaqueNode
from autograder.sandbox.wire.values import MAX_STRING, Decoder, Encoder
from autograder.sandbox.worker import serve as worker
from autograder.sandbox.worker.executor import Executor

DEMO = "demo_practical.demo"
PATH = "demo_practical/demo.py"
NO_RULES = ForbiddenRules()


class Session:
    """An executor that gets requests as from a grader. Nodes among the arguments are sent unchanged."""

    def __init__(self) -> None:
        self.executor = Executor()
        self.reply = Reply()

    def ask(self, request: Load | Call | Release, body: bytes = b"") -> Any:
        """Returns the value of the reply, which is kept in `reply`."""
        answer = self.executor.answer(Frame(7, to_bytes(request), body))
        assert answer.request == 7
        self.reply = reply_from(answer.header)
        decoder = Decoder(answer.body, lambda node: node)
        value = decoder.decode(self.reply.value)
        decoder.finish()
        return value

    def load(
        self, source: str = "", rules: ForbiddenRules = NO_RULES, public: tuple[str, ...] = (), **more: str
    ) -> Any:
        others = {f"demo_practical/{name}.py": text.encode() for name, text in more.items()}
        return self.ask(Load({PATH: source.encode(), **others}, DEMO, public, rules))

    def call(self, target: str, *args: Any, seed: int = 0, **kwargs: Any) -> Any:
        encoder = Encoder(lambda node: node)
        nodes = [encoder.encode(value) for value in args]
        options = {name: encoder.encode(value) for name, value in kwargs.items()}
        target = target if ":" in target else f"student:{target}"
        return self.ask(Call(target, nodes, options, seed, 1 << 20), encoder.body)

    def problem(self, target: str, *args: Any, **kwargs: Any) -> tuple[str, str, str]:
        """The kind, type and text of the problem that ended a call."""
        assert self.call(target, *args, **kwargs) is None
        found = self.reply.problem
        assert found is not None
        return found.kind, found.type_name, found.text


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.executor.close()


# Loading.


def test_loading_returns_the_names_that_can_be_called(session: Session) -> None:
    names = session.load("import math\nsize = 3\ndef _own(): pass\ndef second(): pass\nclass First: pass\n")
    assert names == ["First", "second"]


def test_the_number_of_returned_names_is_limited(session: Session) -> None:
    assert len(session.load("".join(f"def f{i:03}(): pass\n" for i in range(300)))) == 200


@pytest.mark.parametrize(
    ("source", "kind", "type_name"),
    [
        ("def f(:\n", "syntax", "SyntaxError"),
        ("import no_such_package_at_all\n", "import", "ModuleNotFoundError"),
        ("1 / 0\n", "raised", "ZeroDivisionError"),
        ("exit(3)\n", "exited", "SystemExit"),
        ("x = input('how many? ')\n", "raised", "RuntimeError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_a_problem_with_its_line(
    session: Session, source: str, kind: str, type_name: str
) -> None:
    session.load(source)
    problem = session.reply.problem
    assert problem is not None
    assert (problem.kind, problem.type_name) == (kind, type_name)
    assert (problem.frames[-1].file, problem.frames[-1].line) == (PATH, 1)


def test_each_reply_lists_the_imported_files(session: Session) -> None:
    session.load("def f():\n    from . import late\n", early="", late="")
    assert session.reply.imported == ["demo_practical", PATH]
    session.call("f")
    assert session.reply.imported == ["demo_practical", PATH, "demo_practical/late.py"]


def test_closing_leaves_nothing_behind() -> None:
    before = builtins.input, list(sys.meta_path)
    session = Session()
    session.load("")
    assert DEMO in sys.modules
    session.executor.close()
    assert DEMO not in sys.modules
    assert before == (builtins.input, list(sys.meta_path))


# Calls.


def test_a_call_returns_its_value(session: Session) -> None:
    session.load("def f(x, scale=1): return {'y': x * scale, 'shape': tuple(x.shape)}\n")
    found = session.call("f", torch.ones(2, 3), scale=5)
    assert torch.equal(found["y"], torch.full((2, 3), 5.0))
    assert found["shape"] == (2, 3)
    assert session.reply.problem is None


def test_a_probe_runs_beside_the_students_code(session: Session) -> None:
    session.load("def f(x): return -x\n")
    assert session.call("probe:functions.echo", [1, 2.5]) == [1, 2.5]
    assert session.call("probe:functions.outcome", FunctionNode("f"), [4], {}) == ("returned", "", -4)


def test_each_call_starts_with_the_requested_random_state(session: Session) -> None:
    session.load(
        "import random, numpy, torch\ndef f(): return [random.random(), float(numpy.random.rand()), float(torch.rand(()))]\n"
    )
    first, again, other = (session.call("f", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert all(a != b for a, b in zip(first, other))


def test_a_seed_may_have_many_bits(session: Session) -> None:
    session.load("import numpy\ndef f(): return float(numpy.random.rand())\n")
    assert 0 <= session.call("f", seed=2**33 + 1) <= 1


def test_importing_starts_with_a_fixed_random_state(session: Session) -> None:
    random.seed(99)
    session.load("import random\nDRAWN = random.random()\ndef f(): return DRAWN\n")
    random.seed(0)
    assert session.call("f") == random.random()


def test_a_generator_is_made_from_its_seed(session: Session) -> None:
    session.load("import torch\ndef f(n, generator): return torch.rand(n, generator=generator)\n")
    expected = torch.rand(3, generator=torch.Generator().manual_seed(5))
    assert torch.equal(session.call("f", 3, generator=GeneratorNode(5)), expected)


def test_an_opaque_argument_is_received_as_none(session: Session) -> None:
    session.load("def f(x): return x is None\n")
    assert session.call("f", OpaqueNode("a set")) is True


# Errors as data.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x): raise ValueError('no')", ("raised", "ValueError", "no")),
        ("def f(x): raise NotImplementedError", ("not_started", "NotImplementedError", "")),
        ("import sys\ndef f(x): sys.exit('bye')", ("exited", "SystemExit", "bye")),
        ("def f(x): raise KeyboardInterrupt", ("exited", "KeyboardInterrupt", "")),
        ("def f(x): import no_such_package_at_all", ("import", "ModuleNotFoundError", "no_such_package_at_all")),
        ("def g(): pass", ("missing", "AttributeError", "f")),
        ("f = 3", ("missing", "AttributeError", "f")),
        ("def f(x): return f(x)", ("raised", "RecursionError", "maximum recursion depth exceeded")),
    ],
)
def test_an_exception_is_returned_as_data(session: Session, source: str, expected: tuple[str, str, str]) -> None:
    session.load(source)
    kind, type_name, text = session.problem("f", 1)
    assert (kind, type_name, text[: len(expected[2]) or None]) == expected


def test_arguments_that_do_not_fit_show_the_students_definition(session: Session) -> None:
    session.load("def f(x, y=2): return x\n")
    kind, _, text = session.problem("f")
    assert kind == "signature"
    assert text.endswith("\nf(x, y=2)")


def test_a_type_error_inside_the_function_is_not_a_signature_problem(session: Session) -> None:
    session.load("def f(x): return x + None\n")
    assert session.problem("f", 1)[:2] == ("raised", "TypeError")


def test_an_error_has_only_the_students_lines(session: Session) -> None:
    session.load("import torch\n\ndef f(x):\n    return g(x)\n\ndef g(x):\n    return torch.ones(2) @ x\n")
    session.problem("f", torch.ones(3))
    assert session.reply.problem is not None
    shown = [(frame.line, frame.function, frame.source) for frame in session.reply.problem.frames]
    assert shown == [(4, "f", "return g(x)"), (7, "g", "return torch.ones(2) @ x")]


def test_the_last_error_is_kept_until_the_next_request(session: Session) -> None:
    session.load("def f(x): return 1 / x\n")
    session.call("f", 0)
    assert isinstance(session.executor.last_error, ZeroDivisionError)
    session.call("f", 1)
    assert session.executor.last_error is None


def test_input_is_refused_during_a_call_and_works_again_afterwards(session: Session) -> None:
    ask = builtins.input
    session.load("def f(): return input()\n")
    assert session.problem("f")[2] == "input() cannot be used here: the code is graded without a user to answer it"
    assert builtins.input is ask


def test_a_value_that_raises_while_it_is_encoded_is_an_error_of_the_call(session: Session) -> None:
    session.load("class Odd(dict):\n    def items(self): raise ValueError('not readable')\ndef f(): return Odd(a=1)\n")
    assert session.problem("f") == ("raised", "ValueError", "not readable")


# Arguments that a call writes into.


@pytest.mark.parametrize(
    ("source", "arguments", "changed"),
    [
        ("def f(x, y): y += 1", (torch.ones(2), torch.ones(2)), ["#1 (y)"]),
        ("def f(x, y): x.zero_(); y.zero_()", (torch.ones(2), torch.ones(2)), ["#0 (x)", "#1 (y)"]),
        ("def f(x): x[0] = 5", (np.ones(3),), ["#0 (x)"]),
        ("def f(x): x['W'].mul_(2)", ({"W": torch.ones(2)},), ["#0 (x)"]),
        ("def f(x): x['b'] = 1", ({"W": 1},), ["#0 (x)"]),
        ("def f(x): x.append(1)", ([1, 2],), ["#0 (x)"]),
        ("def f(x): x[1].neg_()", ([1, torch.ones(2)],), ["#0 (x)"]),
        ("def f(x): x.resize_(2, 3)", (torch.ones(3, 2),), ["#0 (x)"]),
        ("def f(x): x.data = x.data.double()", (torch.ones(2),), ["#0 (x)"]),
        ("def f(*x): x[1].zero_()", (torch.ones(2), torch.ones(2)), ["#1"]),
        ("def f(x): return x + 1", (torch.ones(2),), []),
        ("def f(x): x = x * 2; return x", (torch.tensor([float("nan")]),), []),
        ("def f(x): x += 0", (torch.ones(2),), []),
        ("def f(x, y): return y", (np.array([float("nan")]), {"a": [torch.ones(2)]}), []),
    ],
)
def test_modified_arguments_are_named(session: Session, source: str, arguments: Any, changed: list[str]) -> None:
    session.load(f"import torch\n{source}\n")
    session.call("f", *arguments)
    assert session.reply.problem is None
    assert session.reply.changed == changed


def test_an_argument_given_by_name_is_named_by_it(session: Session) -> None:
    session.load("def f(x, rows=None): rows.clear()\n")
    session.call("f", 1, rows=[1])
    assert session.reply.changed == ["rows"]


# Objects that stay with the executor.

OBJECTS = """
import torch
class Plain: pass
class Net(torch.nn.Linear): pass
def module(): return Net(3, 2)
def function(): return lambda x: x + 1
def plain(): return Plain()
def several(): return [Plain(), 3, Net(1, 1)]
def opaque(): return {1, 2}
def size(net): return sum(p.numel() for p in net.parameters())
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("module", HandleNode(0, "module", "Net")),
        ("function", HandleNode(0, "function", "function")),
        ("plain", HandleNode(0, "object", "Plain")),
        ("several", [HandleNode(0, "object", "Plain"), 3, HandleNode(1, "module", "Net")]),
        ("opaque", OpaqueNode("a set")),
    ],
)
def test_an_object_is_a_handle_of_its_kind(session: Session, name: str, expected: object) -> None:
    session.load(OBJECTS)
    assert session.call(name) == expected


def test_a_handle_can_be_called_and_passed_on(session: Session) -> None:
    session.load(OBJECTS)
    increment, net = session.call("function"), session.call("module")
    assert session.call(f"handle:{increment.number}", 4) == 5
    assert session.call("size", net) == 8
    assert [name for name, _ in session.call("probe:modules.parameters", net)] == ["weight", "bias"]


def test_a_module_by_its_handle_is_the_same_object_each_time(session: Session) -> None:
    session.load(OBJECTS)
    net = session.call("module")
    session.call("probe:modules.set_parameters", net, [torch.ones(2, 3), torch.zeros(2)])
    assert torch.equal(session.call(f"handle:{net.number}", torch.ones(1, 3)), torch.full((1, 2), 3.0))


def test_released_objects_are_gone(session: Session) -> None:
    session.load(OBJECTS)
    net = session.call("module")
    session.ask(Release())
    assert session.reply.problem is None
    assert session.problem(f"handle:{net.number}", torch.ones(1, 3))[:2] == ("raised", "KeyError")
    assert session.call("plain").number == 0


def test_a_students_function_is_passed_by_its_name(session: Session) -> None:
    session.load("def apply(function, x): return function(x)\ndef twice(x): return 2 * x\n")
    assert session.call("apply", FunctionNode("twice"), 4) == 8
    assert session.problem("apply", FunctionNode("thrice"), 4) == ("missing", "AttributeError", "thrice")


# What is too large, too deep, or too long for a message.


def test_a_text_is_cut(session: Session) -> None:
    session.load("def f(): return 'x' * 10**6\n")
    assert len(session.call("f")) == MAX_STRING


def test_a_cyclic_structure_is_cut(session: Session) -> None:
    session.load("def f():\n    x = []\n    x.append(x)\n    return x\n")
    found, depth = session.call("f"), 0
    while isinstance(found, list):
        found, depth = found[0], depth + 1
    assert found == OpaqueNode("a structure nested too deeply")
    assert depth == 17


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("10**30", "an integer of more than 64 bits"),
        ("torch.ones(2).to_sparse()", "a cpu tensor of dtype float32 and layout torch.sparse_coo"),
        ("torch.ones(2, device='meta')", "a meta tensor of dtype float32 and layout torch.strided"),
        ("torch.ones(2, dtype=torch.complex64)", "a cpu tensor of dtype complex64 and layout torch.strided"),
        ("numpy.array(['a'])", "a NumPy array of dtype str32"),
    ],
)
def test_a_value_that_cannot_be_sent_is_named(session: Session, value: str, name: str) -> None:
    session.load(f"import numpy, torch\ndef f(): return {value}\n")
    assert session.call("f") == OpaqueNode(name)


def test_an_answer_that_is_too_large_is_an_error_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker keeps running afterwards."""
    ours, theirs = socket.socketpair()
    made: list[Executor] = []
    monkeypatch.setattr(worker, "Executor", lambda for_good: made.append(Executor()) or made[0])
    thread = threading.Thread(target=worker.serve, args=(theirs.fileno(),), daemon=True)
    thread.start()

    def ask(request: Load | Call) -> Reply:
        for piece in pack(Frame(3, to_bytes(request), b"")):
            ours.sendall(piece)
        return reply_from(receive(lambda buffer: _fill(ours, buffer), 3).header)

    assert ours.recv(1) == worker.READY
    ask(Load({PATH: b"import torch\ndef f(n): return torch.ones(n)\n"}, DEMO, (), NO_RULES))
    large, small = (ask(Call("student:f", [n], {}, 0, 1000)) for n in (1000, 10))
    ours.shutdown(socket.SHUT_WR)
    thread.join()
    made[0].close()
    ours.close()
    theirs.close()
    assert large.problem is not None
    assert large.problem.kind == "too_large"
    assert large.problem.text == "a tensor of shape (1000,), and all together may have 1,000 bytes"
    assert small.problem is None


def _fill(channel: socket.socket, buffer: memoryview) -> None:
    while buffer:
        buffer = buffer[channel.recv_into(buffer) :]


# What an exercise asks to be written by hand.

RULES = ForbiddenRules(functions=("torch.softmax",), operators=("_softmax",), modules=("torch.nn.modules.linear",))
TRICKS = """
import torch
from torch import softmax as power

def direct(x): return torch.softmax(x, 1)
def alias(x): return power(x, 1)
def caught(x):
    try:
        return torch.softmax(x, 1)
    except Exception:
        return x
def operator(x): return torch.ops.aten._softmax(x, 1, False)
def branch(x):
    if x.ndim > 9:
        return torch.softmax(x, 1)
    return x
def layer(x): return torch.nn.Linear(3, 2)(x)
def own(x): return x.exp() / x.exp().sum(1, keepdim=True)
"""
PUBLIC = ("direct", "alias", "caught", "operator", "branch", "layer", "own")


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("direct", ["torch.softmax (line 5)"]),
        ("alias", ["torch.softmax (line 6)"]),
        ("caught", ["torch.softmax (line 9)"]),
        ("operator", ["the operator _softmax"]),
        ("branch", ["torch.softmax (line 15)"]),
        ("layer", ["nn.Linear (line 17)"]),
        ("own", []),
    ],
)
def test_a_forbidden_call_is_recorded_whatever_its_spelling(session: Session, name: str, used: list[str]) -> None:
    session.load(TRICKS, RULES, PUBLIC)
    session.call(name, torch.ones(2, 3))
    assert session.reply.forbidden == used
    assert session.reply.problem is None


def test_a_forbidden_call_returns_no_value(session: Session) -> None:
    session.load(TRICKS, RULES, PUBLIC)
    assert session.call("direct", torch.ones(2, 3)) is None
    assert isinstance(session.executor.last_error, RuntimeError)


def test_forbidden_uses_of_one_call_do_not_count_for_the_next(session: Session) -> None:
    session.load(TRICKS, RULES, PUBLIC)
    session.call("direct", torch.ones(2, 3))
    session.call("own", torch.ones(2, 3))
    assert session.reply.forbidden == []


def test_the_number_of_reported_uses_is_limited(session: Session) -> None:
    lines = "".join(f"    if x.ndim > {i + 5}: torch.softmax(x, 1)\n" for i in range(20))
    session.load(f"import torch\ndef f(x):\n{lines}", RULES, ("f",))
    session.call("f", torch.ones(2, 3))
    assert len(session.reply.forbidden) == 8


def test_nothing_is_watched_once_the_executor_is_closed() -> None:
    session = Session()
    session.load(TRICKS, RULES, PUBLIC)
    session.executor.close()
    assert nn.Linear(3, 2)(torch.ones(1, 3)).softmax(1).shape == (1, 2)
    assert session.executor.last_error is None
