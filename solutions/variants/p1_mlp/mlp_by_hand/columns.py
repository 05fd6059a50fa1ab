"""Examples in columns, as books write it: biases (n, 1), W @ x from the left, and back to rows at the very end."""

import torch


def init_params(nx, nh, ny, generator=None):
    shapes = {"by": (ny, 1), "Wy": (ny, nh), "bh": (nh, 1), "Wh": (nh, nx)}
    return {name: torch.normal(0.0, 0.3, shape, generator=generator) for name, shape in shapes.items()}


def forward(params, X):
    htilde = params["Wh"] @ X.mT + params["bh"]
    h = htilde.tanh()
    ytilde = params["Wy"] @ h + params["by"]
    yhat = ytilde.softmax(0)
    columns = {"htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}
    return yhat.mT, {"X": X} | {name: value.mT for name, value in columns.items()}


def loss_accuracy(Yhat, Y):
    n = Y.shape[0]
    picked = Yhat[torch.arange(n), Y.argmax(dim=1)]
    L = -picked.clamp_min(1e-30).log().mean()
    return L, Y[torch.arange(n), Yhat.argmax(dim=1)].mean()


def backward(params, outputs, Y):
    n = Y.shape[0]
    delta_y = (outputs["yhat"] - Y).mT
    slope = 1 - outputs["h"].mT.square()
    delta_h = (params["Wy"].mT @ delta_y) * slope
    return {
        "by": delta_y.mean(dim=1, keepdim=True),
        "Wy": delta_y @ outputs["h"] / n,
        "bh": delta_h.mean(dim=1, keepdim=True),
        "Wh": delta_h @ outputs["X"] / n,
    }


def sgd(params, grads, eta):
    return {name: torch.add(params[name], grads[name], alpha=-eta) for name in grads}


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator=generator)
    for _ in range(epochs):
        waiting = torch.rand(len(X), generator=generator).argsort().tolist()
        while waiting:
            now, waiting = waiting[:batch_size], waiting[batch_size:]
            params = sgd(params, backward(params, forward(params, X[now])[1], Y[now]), eta)
    return params
