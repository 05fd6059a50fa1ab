"""Finds the attention weights of a model, however it is written, by recording the softmaxes that it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class SoftmaxRecorder(TorchFunctionMode):
    """Records the result of every softmax inside `with SoftmaxRecorder() as recorder:`."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Tensor] = []

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") == "softmax":
            self.results.append(result)
        return result


def class_attention(model: nn.Module, image: Tensor) -> Tensor | None:
    """The attention weights of the class token for the patches, in the last block.

    The scores depend on a single row of that block's weights, that of the class token. So their gradient shows whether
    the class token comes first or last.

    Args:
        model: images (1, channels, height, width) → scores (1, classes).
        image: (channels, height, width).

    Returns:
        (heads, patches), or None if the model has no block, or does not call torch's softmax.
    """
    model.eval()
    with SoftmaxRecorder() as recorder, torch.enable_grad():
        scores = model(image[None])
    if not recorder.results or not recorder.results[-1].requires_grad:
        return None
    weights = recorder.results[-1]
    (gradient,) = torch.autograd.grad(scores.max(), weights, allow_unused=True)
    if gradient is None:
        return None
    weights, gradient = (each.detach().reshape(-1, *each.shape[-2:]) for each in (weights, gradient))
    row = int(gradient.abs().sum(dim=(0, 2)).argmax())
    return torch.cat([weights[:, row, :row], weights[:, row, row + 1 :]], dim=1)
