"""The chain rule to the letter: for each example the Jacobian of the softmax and outer products, averaged at the end."""

import torch

KEYS = ("X", "htilde", "h", "ytilde", "yhat")


def init_params(nx, nh, ny, generator=None):
    Wh, bh = torch.zeros(nh, nx), torch.zeros(1, nh)
    Wy, by = torch.zeros(ny, nh), torch.zeros(ny, 1)
    for parameter in (Wh, bh, Wy, by):
        parameter.normal_(mean=0.0, std=0.3, generator=generator)
    return {"Wh": Wh, "bh": bh, "Wy": Wy, "by": by}


def forward(params, X):
    outputs = {key: [] for key in KEYS}
    for x in X:
        htilde = torch.mv(params["Wh"], x) + params["bh"].flatten()
        h = 2 * torch.sigmoid(2 * htilde) - 1
        ytilde = torch.mv(params["Wy"], h) + params["by"].flatten()
        for key, value in zip(KEYS, (x, htilde, h, ytilde, torch.softmax(ytilde, 0))):
            outputs[key].append(value)
    stacked = {key: torch.stack(values) for key, values in outputs.items()}
    return stacked["yhat"], stacked


def loss_accuracy(Yhat, Y):
    total, right = 0.0, 0
    for probabilities, target in zip(Yhat, Y):
        truth = int(target.argmax())
        p = float(probabilities[truth])
        total -= torch.log(probabilities[truth]).item() if p > 0 else -1000.0
        right += int(probabilities.argmax()) == truth
    return total / len(Y), right / len(Y)


def backward(params, outputs, Y):
    grads = {name: torch.zeros_like(value) for name, value in params.items()}
    for n in range(len(Y)):
        x, h, yhat = outputs["X"][n], outputs["h"][n], outputs["yhat"][n]
        jacobian = torch.diag(yhat) - torch.outer(yhat, yhat)
        d_ytilde = jacobian @ (-Y[n] / yhat)
        d_htilde = (params["Wy"].T @ d_ytilde) * (1 - h**2)
        grads["Wy"] += torch.outer(d_ytilde, h)
        grads["by"] += d_ytilde.view(-1, 1)
        grads["Wh"] += torch.outer(d_htilde, x)
        grads["bh"] += d_htilde.view(1, -1)
    return {name: total / len(Y) for name, total in grads.items()}


def sgd(params, grads, eta):
    moved = params.copy()
    for name in moved:
        moved[name] = params[name] + (-eta) * grads[name]
    return moved


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        left = torch.randperm(len(X), generator=generator)
        while len(left) > 0:
            x, y, left = X[left[:batch_size]], Y[left[:batch_size]], left[batch_size:]
            h = torch.tanh(x @ params["Wh"].T + params["bh"])
            ytilde = h @ params["Wy"].T + params["by"].T
            outputs = {"X": x, "h": h, "yhat": torch.softmax(ytilde, 1)}
            d_ytilde = (outputs["yhat"] - y) / len(x)
            d_htilde = d_ytilde @ params["Wy"] * (1 - h**2)
            grads = {
                "Wy": d_ytilde.T @ h,
                "by": d_ytilde.sum(0).view(-1, 1),
                "Wh": d_htilde.T @ x,
                "bh": d_htilde.sum(0),
            }
            params = sgd(params, grads, eta)
    return params
