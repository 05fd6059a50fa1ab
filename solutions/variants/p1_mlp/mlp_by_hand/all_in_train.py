"""train holds everything and calls none of the other functions; the orders come from Python's own random."""

import random

import torch

STANDARD_DEVIATION = 0.3


def init_params(nx, nh, ny, generator=None):
    Wh = STANDARD_DEVIATION * torch.randn((nh, nx), generator=generator)
    Wy = STANDARD_DEVIATION * torch.randn((ny, nh), generator=generator)
    return {"Wh": Wh, "bh": torch.zeros(nh), "Wy": Wy, "by": torch.zeros(ny)}


def forward(params, X):
    z1 = torch.addmm(params["bh"], X, params["Wh"].T)
    a1 = torch.tanh(z1)
    z2 = torch.addmm(params["by"], a1, params["Wy"].T)
    a2 = z2.softmax(dim=1)
    return a2, {"X": X, "htilde": z1, "h": a1, "ytilde": z2, "yhat": a2}


def loss_accuracy(Yhat, Y):
    probability_of_the_truth = (Yhat * Y).sum(dim=1)
    L = -(probability_of_the_truth + 1e-10).log().mean().item()
    acc = (Yhat.argmax(dim=1) == Y.argmax(dim=1)).sum().item() / len(Y)
    return L, acc


def backward(params, outputs, Y):
    dz2 = (outputs["yhat"] - Y) / Y.size(0)
    da1 = dz2 @ params["Wy"]
    dz1 = da1 - da1 * outputs["h"] ** 2
    return {"Wh": dz1.T @ outputs["X"], "bh": dz1.sum(0), "Wy": dz2.T @ outputs["h"], "by": dz2.sum(0)}


def sgd(params, grads, eta):
    for key in params:
        params[key].sub_(grads[key], alpha=eta)
    return params


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    (n, nx), ny = X.shape, Y.shape[1]
    W1, b1 = torch.randn(nh, nx, generator=generator) * 0.3, torch.zeros(nh)
    W2, b2 = torch.randn(ny, nh, generator=generator) * 0.3, torch.zeros(ny)
    dice = random.Random(int(torch.randint(2**31, (1,), generator=generator)))
    order = list(range(n))
    for _ in range(epochs):
        dice.shuffle(order)
        for i in range(0, n, batch_size):
            x, y = X[order[i : i + batch_size]], Y[order[i : i + batch_size]]
            a = torch.tanh(x @ W1.T + b1)
            error = (torch.softmax(a @ W2.T + b2, 1) - y) / len(x)
            hidden_error = error @ W2 * (1 - a * a)
            W2 = W2 - eta * error.T @ a
            b2 = b2 - eta * error.sum(0)
            W1 = W1 - eta * hidden_error.T @ x
            b1 = b1 - eta * hidden_error.sum(0)
    return {"Wh": W1, "bh": b1, "Wy": W2, "by": b2}
