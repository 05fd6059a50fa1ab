"""Kinds of layer norms that students write: the right one, and those that divide by something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor

Kind = Callable[[Tensor, float], Tensor]

RIGHT_EPS = (1e-5, 1e-6)
_EPS = (1e-5, 1e-6, 1e-3, 1e-4, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 0.0, 1e-2, 0.1)


def _centred(x: Tensor) -> Tensor:
    return x - x.mean(-1, keepdim=True)


def biased(x: Tensor, eps: float) -> Tensor:
    """The layer norm of each token, without weight and bias."""
    return _centred(x) / (x.var(-1, correction=0, keepdim=True) + eps).sqrt()


_WRONG: dict[str, Kind] = {
    "divides by n − 1 in the variance instead of by n": lambda x, eps: (
        _centred(x) / (x.var(-1, correction=1, keepdim=True) + eps).sqrt()
    ),
    "adds eps to the standard deviation instead of to the variance": lambda x, eps: (
        _centred(x) / (x.std(-1, correction=0, keepdim=True) + eps)
    ),
    "adds eps to the standard deviation instead of to the variance, which divides by n − 1 instead of by n": lambda x, eps: (
        _centred(x) / (x.std(-1, correction=1, keepdim=True) + eps)
    ),
    "does not divide by the standard deviation": lambda x, eps: _centred(x),
    "divides by the variance instead of its root": lambda x, eps: (
        _centred(x) / (x.var(-1, correction=0, keepdim=True) + eps)
    ),
}


def wrong_kinds() -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """Norms that are not the right one, each with a predicate such as "has an eps of 0.001"."""
    for eps in _EPS:
        if eps not in RIGHT_EPS:
            yield f"has an eps of {eps:g}, but 1e-5 or 1e-6 is expected", lambda x, eps=eps: biased(x, eps)  # type: ignore[misc]
    for words, kind in _WRONG.items():
        for eps in _EPS:
            yield words, lambda x, kind=kind, eps=eps: kind(x, eps)  # type: ignore[misc]
