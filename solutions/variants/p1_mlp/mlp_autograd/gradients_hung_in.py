"""No use of `backward` in `train`: gradients by `torch.func.grad`, hung into `.grad` for `sgd` to find."""

import numpy as np
import torch
from torch.func import grad


def init_params(nx, nh, ny, generator=None):
    out = {name: torch.randn(shape, generator=generator) for name, shape in (("Wh", (nh, nx)), ("Wy", (ny, nh)))}
    out.update(bh=torch.randn(nh, generator=generator), by=torch.randn(ny, generator=generator))
    return {name: torch.mul(out[name], 0.3).requires_grad_() for name in ("Wh", "bh", "Wy", "by")}


def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = 1 - 2 / (torch.exp(2 * htilde) + 1)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


def mean_loss(Yhat, Y):
    return torch.sum(Y * -torch.log(torch.maximum(Yhat, torch.full_like(Yhat, 1e-20)))) / Y.shape[0]


def loss_accuracy(Yhat, Y):
    acc = np.mean(Yhat.detach().cpu().numpy().argmax(axis=1) == Y.cpu().numpy().argmax(axis=1))
    return mean_loss(Yhat, Y), acc


def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p.add_(p.grad, alpha=-eta)
    for p in params.values():
        p.grad = None
    return dict(params)


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    loss_gradient = grad(lambda p, x, y: mean_loss(forward(p, x)[0], y))
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            values = {name: p.detach() for name, p in params.items()}
            for name, gradient in loss_gradient(values, X[batch], Y[batch]).items():
                params[name].grad = gradient
            params = sgd(params, eta)
    return params
