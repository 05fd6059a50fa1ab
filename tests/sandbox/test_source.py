"""What the grader reads in a student's file."""

from __future__ import annotations

import pytest

from autograder.sandbox.host.source import MAX_BYTES, Source


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x, /, y, *, z=1): pass", ["x", "y"]),
        ("def f(x, *rest, **options): pass", ["x"]),
        ("class f:\n    def __init__(this, a, b=2): pass", ["a", "b"]),
        ("class f: pass", []),
    ],
)
def test_the_names_are_those_of_the_file(source: str, names: list[str]) -> None:
    assert Source(source.encode()).parameter_names == {"f": names}


@pytest.mark.parametrize("source", [b"def f(:", b"\x00", b"\xff", b"-" * 100_000 + b"1", b"(" * 500 + b")" * 500])
def test_nothing_is_known_of_a_file_that_cannot_be_parsed(source: bytes) -> None:
    assert Source(source).parameter_names == {}


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import math\nmath.pi", ["math"]),
        ("import torch.nn.functional as F\nF.relu", ["torch.nn.functional"]),
        ("from scipy.special import softmax\ndef f(): softmax(1)", ["scipy.special"]),
        ("from scipy.special import *", ["scipy.special"]),
        ("def f():\n    import scipy\n    return scipy", ["scipy"]),
        ("import scipy", []),  # never used
        ("import scipy\ndef plot(): scipy.x", []),  # no public function mentions it
        ("import scipy\ndef f(): return g()\ndef g(): scipy.x", ["scipy"]),
        ("import scipy\n@scipy.x\ndef plot(): pass", ["scipy"]),
        ("import scipy\nif __name__ == '__main__':\n    scipy.x", []),
        ("import scipy\nif __name__ == '__main__':\n    pass\nelse:\n    scipy.x", ["scipy"]),
        ("import typing, scipy\nif typing.TYPE_CHECKING:\n    scipy.x", []),
        ("from .svm import fit\nfit", []),  # another file of the submission
    ],
)
def test_what_a_public_function_can_reach_is_imported(source: str, modules: list[str]) -> None:
    assert [found.name for found in Source(source.encode(), ("f",)).imports] == modules


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch\ndef f(): torch._refs.softmax(1)", "torch._refs.softmax"),
        ("from torch import _C", "torch._C"),
        ("import torch._decomp as d\nd", "torch._decomp"),
        ("import torch\ndef f(): torch.ops.aten._softmax(1)", "torch.ops.aten._softmax"),
        ("import sys\ndef f(): sys._getframe()", "sys._getframe"),
        ("from sys import modules", "sys.modules"),
        ("import gc", "gc"),
        ("import sys\ndef f(): sys.meta_path.clear()", "sys.meta_path.clear"),
        ("import types\ndef f(): types.FunctionType(1, {})", "types.FunctionType"),
        ("def f(x): return x.grad_fn.next_functions", "next_functions"),
        ("def f(): return f.__closure__", "__closure__"),
        ("import torch.nn.functional as F\nF.softmax = abs", "torch.nn.functional.softmax"),
        ("import torch\ndef f(): getattr(torch, 'soft' + 'max')", "getattr(torch, …)"),
        ("def f(): eval('1')", "eval()"),
        ("def f(): return __import__('sci' + 'py').special", "__import__()"),
        ("def f(): return f.__globals__.get('x')", "__globals__"),
    ],
)
def test_names_that_reach_further_are_found(source: str, name: str) -> None:
    assert name in [found.name for found in Source(source.encode(), ("f",)).to_look_at]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nclass f(torch.nn.Module):\n    def __init__(self):\n        self._x = self.__class__.__name__",
        "import os, sys\ndef f(): os.path.join(sys.argv[0])",
        "import torch\ndef f(x): return getattr(x, 'T')",
        "import torch\ntorch.manual_seed(0)\nx = torch.zeros(1)\nx.grad = None",
    ],
)
def test_ordinary_code_is_not_looked_at(source: str) -> None:
    assert Source(source.encode(), ("f",)).to_look_at == []


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    assert Source(b"#" * (MAX_BYTES + 1)).too_large
