"""A DataLoader shuffles; a dataclass goes through the training; the loss is written with xlogy on a guarded table."""

from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Parameters:
    Wh: Tensor
    bh: Tensor
    Wy: Tensor
    by: Tensor

    def __sub__(self, other):
        return Parameters(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    def __rmul__(self, factor):
        return Parameters(*(factor * getattr(self, f.name) for f in fields(self)))


def init_params(nx, nh, ny, generator=None):
    Wh = torch.normal(torch.zeros(nh, nx), 0.3, generator=generator)
    Wy = torch.normal(torch.zeros(ny, nh), 0.3, generator=generator)
    return asdict(Parameters(Wh, torch.zeros(nh), Wy, torch.zeros(1, ny)))


def forward(params, X):
    p = Parameters(**params)
    htilde = torch.matmul(X, p.Wh.T).add(p.bh)
    h = htilde.tanh()
    ytilde = torch.matmul(h, p.Wy.T).add(p.by)
    yhat = torch.softmax(ytilde, -1)
    return yhat, {"yhat": yhat, "ytilde": ytilde, "h": h, "htilde": htilde, "X": X}


def loss_accuracy(Yhat, Y):
    guarded = torch.where(Yhat == 0, 1e-20, Yhat)
    L = torch.xlogy(Y, guarded).sum(-1).mean().neg()
    return L, torch.mean((Yhat.argmax(-1) == Y.argmax(-1)).float())


def backward(params, outputs, Y):
    batch = len(Y)
    to_scores = outputs["yhat"] - Y
    to_hidden = to_scores @ params["Wy"] * torch.cosh(outputs["htilde"]).pow(-2)
    ones = torch.ones(batch, 1, dtype=Y.dtype, device=Y.device)
    return {
        "Wy": (1 / batch) * to_scores.T @ outputs["h"],
        "by": (1 / batch) * ones.T @ to_scores,
        "Wh": (1 / batch) * to_hidden.T @ outputs["X"],
        "bh": ((1 / batch) * ones.T @ to_hidden).squeeze(0),
    }


def sgd(params, grads, eta):
    return asdict(Parameters(**params) - eta * Parameters(**grads))


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    loader = DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            _, outputs = forward(params, x)
            params = sgd(params, backward(params, outputs, y), eta)
    return params
