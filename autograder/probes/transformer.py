"""Probes of a student's transformer: isolates the attention of a block as a module, and trains on images."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class AttentionOf(nn.Module):
    """The attention inside a block, as a function of the tokens that reach it: (B, N, C) -> (B, N, C), B · N < C.

    Between the block's input and its attention lies a layer norm, w * norm(x) + b. Its output is the given tokens
    z1, z2, ... if b = 0, w = z1 / u, norm(x1) = u, norm(x2) = u * z2 / z1, and so on. The right-hand sides must be valid
    norms: their mean must be 0, so u is made orthogonal to 1 and to each ratio; and their variance must be below 1, which
    eps permits for small x. The rest of the block must be switched off, so that it adds only the attention's output to
    its input.
    """

    def __init__(
        self, block: nn.Module, weight: int, bias: int | None, attention: list[int], eps: float, u: Tensor
    ) -> None:
        super().__init__()
        parameters = [parameter for parameter in block.parameters() if parameter.requires_grad]
        self.attention = nn.ParameterList([parameters[i] for i in attention])
        self._around = (block, parameters[weight])  # in a tuple, so that the block is not registered as a submodule
        self._eps, self._u = eps, u
        if bias is not None:
            parameters[bias].data.zero_()

    def forward(self, tokens: Tensor) -> Tensor:
        block, weight = self._around
        with torch.no_grad():
            ratios = (tokens / tokens[0, 0]).flatten(0, 1)
            # Ratios may depend on each other linearly; then only rounding errors are left for some directions.
            directions, sizes, _ = torch.linalg.svd(torch.stack([torch.ones_like(self._u), *ratios[1:]], 1), False)
            basis = directions[:, sizes > 1e-10 * sizes[0]]
            normed = ratios * (self._u - basis @ (basis.T @ self._u))
            normed = 0.8 * normed / normed.square().mean(1).sqrt().max()
            variance = normed.square().mean(1, keepdim=True)
            x = (normed * (self._eps / (1 - variance)).sqrt()).reshape(tokens.shape)
            weight.copy_((tokens[0, 0] / normed[0]).reshape(weight.shape))
            added: Tensor = block(x) - x
        return added


def attention_of(
    block: nn.Module, weight: int, bias: int | None, attention: list[int], eps: float, u: Tensor
) -> nn.Module:
    """An `AttentionOf` a block.

    `weight`, `bias` and `attention` are positions among the block's trainable parameters; `u` is any vector (C,).
    """
    return AttentionOf(block, weight, bias, attention, eps, u)


class _TokensFirst(nn.Module):
    """A module for tokens (N, B, C), as one for (B, N, C)."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block(x.transpose(0, 1)).transpose(0, 1)
        return y


def block_of(vit: nn.Module, images: Tensor, tokens: int, features: int, least: int) -> nn.Module | None:
    """The module inside a vision transformer that is its block; None if no module is.

    It is the smallest with at least `least` numbers in its trainable parameters that is called with nothing but
    (B, tokens, features) and returns a tensor of this shape, or both with the tokens first. There are no more images than
    tokens.
    """
    here = (len(images), tokens, features)
    tokens_first = (tokens, len(images), features)
    found: dict[nn.Module, bool] = {}

    def note(module: nn.Module, given: tuple[object, ...], options: dict[str, object], result: object) -> None:
        if len(given) != 1 or options or not isinstance(given[0], Tensor) or not isinstance(result, Tensor):
            return
        if tuple(given[0].shape) == tuple(result.shape) in (here, tokens_first):
            found[module] = tuple(result.shape) == tokens_first

    hooks = [
        module.register_forward_hook(note, with_kwargs=True)
        for module in vit.modules()
        if _trainable(module) >= least and module is not vit
    ]
    try:
        with torch.no_grad():
            vit(images)
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        return None
    block = min(found, key=_trainable)
    return _TokensFirst(block) if found[block] else block


def _trainable(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def uses(module: nn.Module, x: Tensor) -> list[tuple[str, int, int]]:
    """Of each trainable parameter with numbers: its name, how many it has, and how often the output's graph begins at it.

    Parameters that share their memory count as one.
    """
    module.zero_grad()
    times: dict[int, int] = {}
    seen: set[object] = set()
    waiting = [module(x).grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for before, _ in node.next_functions:
            if hasattr(before, "variable"):
                place = before.variable.data_ptr()
                times[place] = times.get(place, 0) + 1
            else:
                waiting.append(before)
    return [
        (name, value.numel(), times.get(value.data_ptr(), 0))
        for name, value in module.named_parameters()
        if value.requires_grad and value.numel()
    ]


def with_parameters(module: nn.Module, cases: list[list[Tensor]], x: Tensor) -> list[Tensor]:
    """The module's outputs for x with each of these sets of trainable parameters. The module keeps the last set."""
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    outputs = []
    with torch.no_grad():
        for values in cases:
            for parameter, value in zip(parameters, values):
                parameter.copy_(value)
            outputs.append(module(x))
    return outputs


def train(model: nn.Module, images: Tensor, labels: Tensor, order: list[Tensor], rate: float) -> None:
    """Trains with Adam on the cross-entropy, one step for each batch of `order`, with a one-cycle learning rate."""
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=len(order))
    for batch in order:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types there
        optimizer.step()
        schedule.step()


def scores(model: nn.Module, images: Tensor) -> Tensor:
    """The model's scores in eval mode, computed for 500 images at a time."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(images[start : start + 500]) for start in range(0, len(images), 500)])
