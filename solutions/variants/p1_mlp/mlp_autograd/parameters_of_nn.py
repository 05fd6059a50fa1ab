"""`nn.Parameter` for leaves (no layer, no loss), the loss as -Y log yhat by `special.xlogy`, the gradients by `backward(inputs)`."""

import torch
from torch import nn


def init_params(nx, nh, ny, generator=None):
    return {
        "Wh": nn.Parameter(0.3 * torch.randn(nh, nx, generator=generator)),
        "bh": nn.Parameter(torch.zeros(nh)),
        "Wy": nn.Parameter(0.3 * torch.randn(ny, nh, generator=generator)),
        "by": nn.Parameter(torch.zeros(ny)),
    }


def forward(params, X):
    Wh, bh, Wy, by = (params[name] for name in ("Wh", "bh", "Wy", "by"))
    htilde = torch.matmul(X, Wh.mT).add(bh)
    h = torch.tanh(htilde)
    ytilde = torch.matmul(h, Wy.mT).add(by)
    yhat = torch.exp(torch.log_softmax(ytilde, dim=1))
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


def loss_accuracy(Yhat, Y):
    L = -torch.special.xlogy(Y, Yhat.clamp(1e-30, 1)).sum(-1).mean(0)
    acc = torch.gather(Y, 1, Yhat.argmax(dim=1, keepdim=True)).mean()
    return L, acc


def sgd(params, eta):
    for name, p in params.items():
        params[name] = nn.Parameter(p.data - eta * p.grad)
    return params


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    history = []
    for _ in range(epochs):
        order = torch.randperm(X.shape[0], generator=generator)
        total = 0.0
        for batch in torch.split(order, batch_size):
            L, _ = loss_accuracy(forward(params, X.index_select(0, batch))[0], Y.index_select(0, batch))
            torch.autograd.backward(L, inputs=list(params.values()))
            params = sgd(params, eta)
            total += L.item() * len(batch)
        history.append(total / len(X))
    return params
