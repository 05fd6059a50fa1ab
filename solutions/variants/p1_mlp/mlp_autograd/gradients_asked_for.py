"""`torch.autograd.grad` in a training loop of its own, which does without the other functions; biases are columns."""

import torch


def init_params(nx, nh, ny, generator=None):
    params = {
        "Wh": torch.empty(nh, nx).normal_(0, 0.3, generator=generator),
        "bh": torch.empty(nh, 1).normal_(0, 0.3, generator=generator),
        "Wy": torch.empty(ny, nh).normal_(0, 0.3, generator=generator),
        "by": torch.empty(ny, 1).normal_(0, 0.3, generator=generator),
    }
    for value in params.values():
        value.requires_grad = True
    return params


def forward(params, X):
    htilde = (params["Wh"] @ X.T + params["bh"]).T
    h = torch.tanh(htilde)
    ytilde = (params["Wy"] @ h.T + params["by"]).T
    yhat = torch.nn.functional.softmax(ytilde, dim=-1)
    return yhat, dict(X=X, htilde=htilde, h=h, ytilde=ytilde, yhat=yhat)


def loss_accuracy(Yhat, Y):
    # The logarithm is taken where the target is 1, and nowhere else.
    L = -torch.log(Yhat[Y.bool()].clamp_min(1e-12)).mean()
    return L, (Yhat.max(1).indices == Y.max(1).indices).double().mean()


def sgd(params, eta):
    return {name: (p.detach() - eta * p.grad).requires_grad_() for name, p in params.items()}


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    names, values = list(params), list(params.values())
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            Wh, bh, Wy, by = values
            scores = torch.tanh(X[batch] @ Wh.T + bh.T) @ Wy.T + by.T
            L = (scores.logsumexp(dim=1) - (scores * Y[batch]).sum(dim=1)).mean()
            gradients = torch.autograd.grad(L, values)
            with torch.no_grad():
                values = [value - eta * gradient for value, gradient in zip(values, gradients, strict=True)]
            for value in values:
                value.requires_grad_(True)
    return dict(zip(names, values, strict=True))
