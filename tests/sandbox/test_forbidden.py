"""What an exercise forbids cannot be had in a worker, however it is asked for; each program's control shows that it works."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy
import pytest
import torch
from torch.nn import functional as F

from autograder.checks.forbidden import ATTENTION, AUTOGRAD, LAYERS, SOFTMAXES, combine
from autograder.grading.engine import Engine
from autograder.sandbox.host.errors import Raised, Refused
from autograder.sandbox.host.exchanges import Assignment
from autograder.sandbox.host.source import Source
from autograder.sandbox.host.student_module import StudentModule
from autograder.sandbox.host.workers import Limits, ProcessWorker
from autograder.sandbox.wire.messages import ForbiddenRules
from autograder.sandbox.worker.forbidden import ForbiddenCall, Guard
from tests.sandbox import forbidden_programs as programs
from tests.zoo import Grade, messages

PRELOADED = ("scipy.special", "sklearn.utils.extmath", "torchvision", "timm")
"""As if an earlier submission had needed them: a worker then finds them in its memory."""
BY_HAND = combine(SOFTMAXES, AUTOGRAD)
RULES = {"softmax": BY_HAND, "backward": BY_HAND, "attention": ATTENTION, "layer": LAYERS}
PROGRAMS = {
    "softmax": programs.SOFTMAX,
    "backward": programs.BACKWARD,
    "attention": programs.ATTENTION,
    "layer": programs.LAYER,
}
each_program = pytest.mark.parametrize(
    ("group", "source"),
    [
        pytest.param(group, source, id=f"{group}-{name}")
        for group, sources in PROGRAMS.items()
        for name, source in sources.items()
    ],
)

Student = Callable[[str, ForbiddenRules], StudentModule]


@pytest.fixture
def student(engine: Engine):
    """A student's module in a worker of its own, with some rules."""
    engine.confirm()
    launcher = engine.isolation.launcher
    if launcher is None:
        pytest.skip("no worker processes on this machine")
    made: list[StudentModule] = []

    def make(source: str, rules: ForbiddenRules = BY_HAND) -> StudentModule:
        files = {"p1_mlp/demo.py": f"import torch\n{source}\n".encode()}
        assignment = Assignment("p1_mlp.demo", files, ("f",), rules)
        made.append(
            StudentModule(assignment, lambda: ProcessWorker(launcher, engine.isolation.level, Limits(), PRELOADED))
        )
        return made[-1]

    yield make
    for module in made:
        module.close()


def arguments_and_result(group: str) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    x, W, tokens = (torch.randn(shape, generator=generator) for shape in ((4, 3), (2, 3), (2, 5, 4)))
    if group == "softmax":
        return (x,), torch.softmax(x, 1)
    if group == "backward":
        return (x,), 2 * x.tanh() * (1 - x.tanh() ** 2)
    if group == "attention":
        return (tokens,), F.scaled_dot_product_attention(tokens, tokens, tokens)
    return (x, W), x @ W.T


@each_program
def test_the_program_works_where_nothing_is_forbidden(student: Student, group: str, source: str) -> None:
    arguments, expected = arguments_and_result(group)
    torch.testing.assert_close(student(source, ForbiddenRules()).f(*arguments).float(), expected, atol=1e-5, rtol=0)


@each_program
def test_its_result_cannot_be_had_where_it_is_forbidden(student: Student, group: str, source: str) -> None:
    arguments, _ = arguments_and_result(group)
    with pytest.raises(Refused, match="which this exercise asks you to write by hand"):
        student(source, RULES[group]).f(*arguments)


@pytest.mark.parametrize("name", programs.UNSEEN)
def test_what_a_worker_cannot_see_is_listed_for_a_teacher(student: Student, name: str) -> None:
    arguments, expected = arguments_and_result("softmax")
    source = programs.UNSEEN[name]
    torch.testing.assert_close(student(source).f(*arguments), expected)
    assert Source(source.encode(), ("f",)).to_look_at


@pytest.mark.parametrize("name", ["an operator library", "the guard's memory emptied"])
def test_the_exercise_is_refused(name: str, grade: Grade, right: dict[str, bytes]) -> None:
    program = programs.SOFTMAX[name] + "\ndef softmax(ytilde): return f(ytilde)\n"
    result = grade(right["p1_mlp/softmax_cross_entropy.py"].decode() + program)
    assert result.status == "refused", messages(result)
    assert all(check.score == 0 for check in result.checks if "softmax" in check.title), messages(result)


# The import.


def test_a_use_during_the_import_is_refused_with_its_remedy(student: Student) -> None:
    with pytest.raises(Refused, match=r"importing p1_mlp/demo.py uses .*softmax.* below if __name__ == \"__main__\":"):
        student("half = torch.softmax(torch.zeros(1, 2), 1)\ndef f(x): return half").f(1)


def test_catching_the_error_during_the_import_gives_no_result(student: Student) -> None:
    source = "try:\n    half = torch.zeros(2).softmax(0)\nexcept Exception:\n    half = 7\ndef f(x): return half"
    assert student(source).f(1) == 7


COMPARED = """
def f(x): return x.exp() / x.exp().sum(1, keepdim=True)
x = torch.zeros(1, 2)
expected = torch.softmax(x, 1)
print(expected, f(x))
assert torch.allclose(f(x), expected)
for value in (1, 2):
    print(torch.softmax(value * x, 1))
def g(x): return x
"""


def test_statements_that_compare_with_the_library_are_left_out(student: Student) -> None:
    made = student(COMPARED)
    assert made.f(torch.zeros(1, 2)).tolist() == [[0.5, 0.5]]


def test_what_comes_after_such_statements_is_there(student: Student) -> None:
    made = student(COMPARED)
    made.f(torch.zeros(1, 2))
    assert made.g(3) == 3


def test_a_name_that_is_missing_for_another_reason_is_an_error(student: Student) -> None:
    with pytest.raises(Raised, match="NameError"):
        student("def f(x): return x\nprint(missing)").f(1)


def test_a_backward_pass_between_two_calls_counts_for_the_second(student: Student) -> None:
    source = """
import threading
def f(x):
    if not x:
        y = (torch.ones(1, requires_grad=True) * 2).sum()
        run = torch._C._ImperativeEngine().run_backward
        threading.Timer(0.05, run, ((y,), (torch.ones(()),), False, False, (), True, True)).start()
    else:
        while threading.active_count() > 1: pass
"""
    made = student(source)
    made.f(0)
    with pytest.raises(Refused, match="a backward pass of autograd"):
        made.f(1)


def test_packages_may_be_imported_and_not_used(student: Student) -> None:
    source = (
        "import scipy, sklearn.datasets, timm.layers as layers\nfrom torchvision import transforms\nimport scipy.stats"
    )
    assert student(f"{source}\ndef f(x): return 2 * x").f(2) == 4
    with pytest.raises(Refused, match=r"uses scipy.stats.norm,"):
        student(f"{source}\ndef f(x): return float(scipy.stats.norm(x))").f(2)
    with pytest.raises(Refused, match=r"uses timm.layers.Mlp,"):
        student(f"{source}\nclass Mine(layers.Mlp): pass\ndef f(x): return Mine(x)").f(2)


def test_a_file_of_the_submission_may_have_the_name_of_a_package(student: Student) -> None:
    made = student("import timm\ndef f(x): return timm.double(x)")
    made._assignment.files["timm.py"] = b"def double(x): return 2 * x"
    assert made.f(2) == 4


# What is left of the originals.

LEFT = """
import gc, types
def f(places):
    gc.unfreeze()
    codes = [o.__code__ for o in gc.get_objects() if isinstance(o, types.FunctionType)]
    found = {(code.co_name, code.co_filename[-len(end):]) for code in codes for _, end in places}
    return [tuple(place) in found for place in places]
"""
PLACES = [("softmax", "torch/nn/functional.py"), ("logsumexp", "torch/_refs/__init__.py"),
          ("backward", "torch/autograd/__init__.py")]  # fmt: skip


def test_no_function_has_the_code_of_an_original(student: Student) -> None:
    assert student(LEFT, ForbiddenRules()).f(PLACES) == [True] * 3
    assert student(LEFT).f(PLACES) == [False] * 3


# In the grader's own process, where a debugger can step into the code.


def test_everything_is_put_back_after_a_call() -> None:
    x, layer = torch.ones(2, 3), torch.nn.Linear(3, 2)
    before = (
        F.softmax.__code__,
        torch.nn.Linear.__init__.__code__,
        numpy.logaddexp,
        list(sys.meta_path),
    )
    modules = dict(sys.modules)
    guard = Guard(combine(SOFTMAXES, AUTOGRAD, LAYERS))
    guard.install()
    with guard.watching():
        for use in (x.exp().softmax, F.softmax, torch.autograd.grad, torch.nn.Linear, layer.forward, torch.nn.Tanh):
            with pytest.raises(ForbiddenCall):
                use(1)
    assert before == (
        F.softmax.__code__, torch.nn.Linear.__init__.__code__, numpy.logaddexp, list(sys.meta_path),
    )  # fmt: skip
    assert all(sys.modules.get(name) is module for name, module in modules.items())
    y = layer(x.clone().requires_grad_()).softmax(1)
    y.sum().backward()
    assert torch.nn.Tanh()(x).shape == x.shape
    assert guard.take_used()[-2:] == ["nn.Linear", "nn.Tanh"]
    assert guard.take_used() == []


def test_an_honest_error_is_no_use(student: Student) -> None:
    with pytest.raises(Raised, match="ZeroDivisionError"):
        student("def f(x): return 1 / x").f(0)
