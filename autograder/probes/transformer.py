"""A student's transformer taken apart: the attention of a block as a module of its own, and training on images."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class AttentionOf(nn.Module):
    """The attention in a block, for a few tokens that reach it as they are given: (B, N, C) -> (B, N, C), B · N < C.

    Between the block's input and its attention stands a layer norm, w * norm(x) + b. Tokens z1, z2, ... come out of it
    with b = 0 and w = z1 / u, where norm(x1) = u, norm(x2) = u * z2 / z1, and so on. These have to be norms of something:
    their mean is 0, so u is orthogonal to 1 and to each ratio; their variance is below 1, which eps makes possible for
    small x. What else is in the block must be switched off, so that it adds to its input what the attention makes.
    """

    def __init__(
        self, block: nn.Module, weight: int, bias: int | None, attention: list[int], eps: float, u: Tensor
    ) -> None:
        super().__init__()
        parameters = [parameter for parameter in block.parameters() if parameter.requires_grad]
        self.attention = nn.ParameterList([parameters[i] for i in attention])
        self._around = (block, parameters[weight])  # in a tuple, or all parameters of the block would be ours too
        self._eps, self._u = eps, u
        if bias is not None:
            parameters[bias].data.zero_()

    def forward(self, tokens: Tensor) -> Tensor:
        block, weight = self._around
        with torch.no_grad():
            ratios = (tokens / tokens[0, 0]).flatten(0, 1)
            walls = torch.linalg.qr(torch.stack([torch.ones_like(self._u), *ratios[1:]], 1))[0]
            normed = ratios * (self._u - walls @ (walls.T @ self._u))
            normed = 0.8 * normed / normed.square().mean(1).sqrt().max()
            variance = normed.square().mean(1, keepdim=True)
            x = (normed * (self._eps / (1 - variance)).sqrt()).reshape(tokens.shape)
            weight.copy_((tokens[0, 0] / normed[0]).reshape(weight.shape))
            added: Tensor = block(x) - x
        return added


def attention_of(
    block: nn.Module, weight: int, bias: int | None, attention: list[int], eps: float, u: Tensor
) -> nn.Module:
    """`weight`, `bias`, `attention`: places among the trainable parameters. `u`: (C,), any vector."""
    return AttentionOf(block, weight, bias, attention, eps, u)


def with_parameters(module: nn.Module, cases: list[list[Tensor]], x: Tensor) -> list[Tensor]:
    """What the module makes of x with each of these sets of trainable parameters; it keeps the last."""
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    found = []
    with torch.no_grad():
        for values in cases:
            for parameter, value in zip(parameters, values):
                parameter.copy_(value)
            found.append(module(x))
    return found


def train(model: nn.Module, images: Tensor, labels: Tensor, order: list[Tensor], rate: float) -> None:
    """Adam on the cross-entropy, a step for each batch of `order`; the rate rises at first and falls to the end."""
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
    """In evaluation, 500 images at a time."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(images[start : start + 500]) for start in range(0, len(images), 500)])
