"""Replaces the kernels of torch's operators, below everything that can be switched off.

Modes are kept for each thread and can be left; the dispatcher's table is one for the process. An operator whose kernels
refuse does so in every thread, inside a scripted function or a custom operator, and with all modes switched off. Other
operators are as fast as before.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

import torch
import torch._decomp
import torch._refs

KEYS = (
    "CPU", "CUDA", "MPS", "MkldnnCPU", "QuantizedCPU", "SparseCPU", "SparseCsrCPU", "NestedTensorCPU", "ADInplaceOrView",
    "CompositeImplicitAutograd", "CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional",
)  # fmt: skip
"""The entries of the table under which results are computed. Those of autograd call these."""


def replace_kernels(operators: Iterable[str], refuse: Callable[[str], None]) -> list[Any]:
    """Makes operators refuse, in all namespaces and overloads. Returns libraries: `reset()` of each undoes it."""
    libraries: dict[tuple[str, str], Any] = {}
    for operator in operators:
        for qualified, key in kernels().get(operator, ()):
            namespace, _, name = qualified.partition("::")
            if (namespace, key) not in libraries:
                # Not torch.library.Library, which leaves a function that undoes it where anybody can call it.
                libraries[namespace, key] = torch._C._dispatch_library("IMPL", namespace, key, __file__, 1)
            libraries[namespace, key].impl(name, key, _refusing(operator, refuse), False)
    return list(libraries.values())


def keep(libraries: list[Any]) -> None:
    """Keeps the replacements for good, in a way that leaves no reference to them in Python."""
    for library in libraries:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))


def _refusing(operator: str, refuse: Callable[[str], None]) -> Callable[..., None]:
    def kernel(*args: Any, **kwargs: Any) -> None:
        refuse(f"the operator {operator}")

    return kernel


@functools.cache
def kernels() -> dict[str, list[tuple[str, str]]]:
    """The kernels of each operator by its short name: softmax has ("aten::softmax.int", "CompositeImplicitAutograd"), …"""
    found: dict[str, list[tuple[str, str]]] = {}
    for key in KEYS:
        for qualified in torch._C._dispatch_get_registrations_for_dispatch_key(key):
            short = qualified.partition("::")[2].partition(".")[0]
            found.setdefault(short, []).append((qualified, key))
    return found


def decompositions(operators: Iterable[str]) -> Iterator[tuple[FunctionType, str]]:
    """The Python functions with which torch can express operators by simpler ones, each with its operator."""
    wanted = set(operators)
    for table in torch._decomp.global_decomposition_table.values():
        for overload, function in table.items():
            name = getattr(overload, "_opname", "")
            if name in wanted and isinstance(function, FunctionType):
                yield function, name
