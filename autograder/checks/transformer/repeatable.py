"""Whether a module gives the same output in every call: nothing is random, and nothing is kept from an earlier call.

The output of a call is compared with that of a fresh copy, which sees its input first. Copies are made before any call, so
randomness can be told from kept state: with the same seed, two fresh copies agree if only random numbers differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.parameters import SAME, same
from autograder.sandbox.host.errors import Raised
from autograder.sandbox.host.student_module import Handle, StudentModule

MODES = ("train", "eval")
SEED, OTHER_SEED = 11, 12
KEPT = "what does forward keep from one call to the next, in self or elsewhere?"


def expect_repeatable(
    student: StudentModule, what: str, model: Handle, x: Tensor, shape: tuple[int, ...], other: Tensor | None = None
) -> bool:
    """Fails unless the output for x is the same in every call, in train mode and in eval mode.

    The model must not have been called before. Returns False, without a failure, if a first call raises or does not return
    a tensor of this shape: that is left to other checks.

    Args:
        other: an input of another shape, after which the output for x is looked at, too.
    """
    calls = _Calls(student, what, model, 1e-4 if x.dtype == torch.float32 else SAME)  # copies may round differently
    try:
        first = {mode: calls.output(calls.fresh(mode), x) for mode in MODES}
    except Raised:
        return False
    if not all(isinstance(found, Tensor) and tuple(found.shape) == shape for found in first.values()):
        return False
    _expect_not_random(calls, x, first)
    if not calls.agree(first["train"], first["eval"]):
        seen = "the outputs in train mode and in eval mode differ"
        raise CheckFailed(f"{seen}: nothing here should depend on the mode", mistake=seen)
    _expect_same_parameters(calls, x)
    for mode in MODES:
        _expect_nothing_kept(calls, mode, x, first[mode])
    if other is not None:
        _expect_same_after(calls, x, other, first["eval"])
    return True


@dataclass(frozen=True)
class _Calls:
    student: StudentModule
    what: str
    model: Handle
    tolerance: float

    def fresh(self, mode: str) -> Handle:
        """A copy of the model that was never called; the model itself if it cannot be copied."""
        copied = self.student.probe("modules.copied", self.model)
        copy: Handle = copied if isinstance(copied, Handle) else self.model
        if mode == "train":
            copy.train()
        else:
            copy.eval()
        return copy

    def output(self, model: Handle, x: Tensor, seed: int = SEED) -> Any:
        """What a call returns that starts with this seed."""
        with self.student.random_state(seed):
            return model(x)

    def agree(self, found: Any, expected: Any) -> bool:
        return (
            isinstance(found, Tensor)
            and isinstance(expected, Tensor)
            and found.shape == expected.shape
            and same(found, expected, self.tolerance)
        )

    def expect_later(self, model: Handle, x: Tensor, expected: Tensor, when: str) -> None:
        """Fails unless a model that was called before returns what a fresh copy returned."""
        try:
            found = self.output(model, x)
        except Raised as problem:
            seen = f"a first call of {self.what} works, but {when}, it fails"
            raise CheckFailed(f"{seen}: {KEPT} {problem.message}", mistake=seen) from problem
        if isinstance(found, Tensor) and found.shape != expected.shape:
            seen = (
                f"a first call of {self.what} returns a tensor of shape {tuple(expected.shape)}, but {when}, its shape is "
                f"{tuple(found.shape)}"
            )
            raise CheckFailed(f"{seen}: {KEPT}", mistake=seen)
        if not self.agree(found, expected):
            than = "before" if model is self.model else "a fresh copy of it with the same parameters"
            seen = f"{when}, {self.what} gives another output than {than}"
            raise CheckFailed(f"{seen}: {KEPT}", mistake=seen)


def _expect_not_random(calls: _Calls, x: Tensor, first: dict[str, Any]) -> None:
    """Fails if fresh copies give different outputs for x."""
    random = [mode for mode in MODES if not calls.agree(calls.output(calls.fresh(mode), x, OTHER_SEED), first[mode])]
    if not random:
        return
    seen = (
        f"in {' and in '.join(f'{mode} mode' for mode in random)}, {calls.what} gives different outputs for the same x"
    )
    if all(calls.agree(calls.output(calls.fresh(mode), x), first[mode]) for mode in random):
        drawn = "forward draws random numbers"
        raise CheckFailed(
            f"{seen}, but the same one after torch.manual_seed with the same number: {drawn}, as dropout does, but nothing "
            "here should be random",
            mistake=drawn,
        )
    copied = isinstance(calls.student.probe("modules.copied", calls.model), Handle)
    where = "that is kept outside of the module" if copied else "that forward keeps from one call to the next"
    raise CheckFailed(
        f"{seen}, also after torch.manual_seed with the same number{' and in fresh copies' * copied}: is there a generator "
        f"of its own, a torch.empty whose numbers are not all set, or something {where}?"
    )


def _expect_same_parameters(calls: _Calls, x: Tensor) -> None:
    """Fails if a call changes a parameter of the model."""
    used = calls.fresh("eval")
    before = used.parameters()
    calls.output(used, x)
    after = dict(used.parameters())
    moved = [name for name, value in before if name in after and not torch.equal(after[name], value)]
    if moved:
        seen = f"a call of {calls.what} changes the values of its parameter {moved[0]}"
        raise CheckFailed(f"{seen}: forward should compute new tensors from the parameters instead", mistake=seen)


def _expect_nothing_kept(calls: _Calls, mode: str, x: Tensor, first: Tensor) -> None:
    """Fails if a call depends on an earlier one with the same shape, or on earlier values of the parameters."""
    used, second = calls.fresh(mode), -0.8 * x.roll(1, -1) + 0.3
    calls.output(used, x)
    calls.expect_later(used, x, first, "in a second call with the same x")
    expected = calls.output(calls.fresh(mode), second)
    calls.expect_later(used, second, expected, "after a call with another x of the same shape")
    values = [0.05 - 0.9 * value for _, value in calls.model.parameters()]
    changed = calls.fresh(mode)
    if changed is calls.model:
        return
    changed.set_parameters(values)
    used.set_parameters(values)
    expected = calls.output(changed, second)
    calls.expect_later(used, second, expected, "after a change of its parameters, as in training")


def _expect_same_after(calls: _Calls, x: Tensor, other: Tensor, first: Tensor) -> None:
    used = calls.fresh("eval")
    try:
        calls.output(used, other)
    except Raised:
        return  # another check looks at other shapes
    when = f"after a call with x of shape {tuple(other.shape)}, for x of shape {tuple(x.shape)}"
    calls.expect_later(used, x, first, when)
