"""Notices a backward pass of autograd, whoever starts it: Python, a script, an operator, another thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import torch
from torch.autograd.graph import saved_tensors_hooks

NAME = "a backward pass of autograd"


class BackwardCounter:
    """Counts the backward passes of the process, since torch numbers them."""

    def __init__(self) -> None:
        leaf = torch.zeros(1, requires_grad=True)
        output = leaf.clone()
        read = torch._C._current_graph_task_id
        self._number = -1
        assert output.grad_fn is not None
        output.grad_fn.register_prehook(lambda gradients: self._set(read()))
        run: Any = torch.autograd.Variable._execution_engine.run_backward
        arguments = (output,), (torch.ones(1),), True, False, (leaf,), True, False
        self._run: Callable[[], object] = lambda: run(*arguments)
        self.started()

    def started(self) -> bool:
        """Whether a backward pass has started since the last call of this method, which is itself one."""
        before = self._number
        self._run()
        return self._number != before + 1

    def _set(self, number: int) -> None:
        self._number = number


def saved_tensors_refused(refuse: Callable[[str], NoReturn]) -> saved_tensors_hooks:
    """A context in which a backward pass cannot read what the forward pass has saved, so that it ends where it begins.

    It also stops those that run without torch's engine, which calls the functions of the graph one by one.
    """
    return saved_tensors_hooks(lambda tensor: tensor.detach(), lambda tensor: refuse(NAME))
