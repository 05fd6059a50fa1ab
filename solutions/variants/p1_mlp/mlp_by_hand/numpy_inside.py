"""NumPy does the work, the logarithm is taken where it exists, and train draws its orders with a NumPy generator."""

import numpy as np
import torch


def _arrays(tensors):
    return {name: value.detach().cpu().numpy() for name, value in tensors.items()}


def _tensors(arrays, like):
    return {name: torch.from_numpy(np.ascontiguousarray(value)).to(like.device) for name, value in arrays.items()}


def _rng(generator):
    return np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))


def init_params(nx, nh, ny, generator=None):
    rng = _rng(generator)
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    return {name: torch.from_numpy(rng.normal(0, 0.3, shape).astype(np.float32)) for name, shape in shapes.items()}


def forward(params, X):
    p, x = _arrays(params), X.detach().cpu().numpy()
    htilde = np.dot(x, p["Wh"].T) + p["bh"]
    h = np.tanh(htilde)
    ytilde = np.dot(h, p["Wy"].T) + p["by"]
    e = np.exp(ytilde - ytilde.max(axis=1, keepdims=True))
    outputs = _tensors({"htilde": htilde, "h": h, "ytilde": ytilde, "yhat": e / e.sum(axis=1, keepdims=True)}, X)
    outputs["X"] = X
    return outputs["yhat"], outputs


def loss_accuracy(Yhat, Y):
    probabilities, targets = Yhat.detach().cpu().numpy(), Y.detach().cpu().numpy()
    logs = np.log(probabilities, out=np.full_like(probabilities, -100.0), where=probabilities > 0)
    hits = np.argmax(probabilities, axis=1) == np.argmax(targets, axis=1)
    return np.mean(-np.sum(targets * logs, axis=1)), np.mean(hits)


def backward(params, outputs, Y):
    p, o, targets = _arrays(params), _arrays(outputs), Y.detach().cpu().numpy()
    delta_y = o["yhat"] - targets
    delta_h = np.dot(delta_y, p["Wy"]) * (1 - o["h"] * o["h"])
    n = targets.shape[0]
    grads = {
        "Wh": np.dot(delta_h.T, o["X"]) / n,
        "bh": np.mean(delta_h, axis=0),
        "Wy": np.dot(delta_y.T, o["h"]) / n,
        "by": np.mean(delta_y, axis=0),
    }
    return _tensors(grads, Y)


def sgd(params, grads, eta):
    p, g = _arrays(params), _arrays(grads)
    return {name: torch.from_numpy(p[name] - eta * g[name]).to(params[name].device) for name in p}


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    rng = _rng(generator)
    for _ in range(epochs):
        order = torch.from_numpy(rng.permutation(len(X)))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            _, outputs = forward(params, X[batch])
            params = sgd(params, backward(params, outputs, Y[batch]), eta)
    return params
