"""Biases (1, n) that start at 0, `.data` in the step, batches from a DataLoader, extra keys in the outputs."""

import torch
from torch.utils.data import DataLoader, TensorDataset


def init_params(nx, nh, ny, generator=None):
    params = {}
    params["Wh"] = torch.normal(0.0, 0.3, (nh, nx), generator=generator, requires_grad=True)
    params["Wy"] = torch.normal(0.0, 0.3, (ny, nh), generator=generator, requires_grad=True)
    params["bh"] = torch.zeros(1, nh, requires_grad=True)
    params["by"] = torch.zeros(1, ny, requires_grad=True)
    return params


def forward(params, X):
    outputs = {"X": X}
    outputs["htilde"] = torch.mm(X, params["Wh"].t()) + params["bh"]
    outputs["h"] = outputs["htilde"].tanh()
    outputs["ytilde"] = torch.mm(outputs["h"], params["Wy"].t()) + params["by"]
    outputs["yhat"] = outputs["ytilde"].softmax(1)
    outputs["prediction"] = outputs["yhat"].argmax(1)
    outputs["batch_size"] = X.shape[0]
    return outputs["yhat"], outputs


def loss_accuracy(Yhat, Y):
    labels = Y.argmax(1)
    right_class = Yhat.gather(1, labels.unsqueeze(1)).squeeze(1)
    L = -torch.log(right_class + 1e-30).mean()
    acc = (Yhat.argmax(1) == labels).sum().item() / len(labels)
    return L, acc


def sgd(params, eta):
    for name in params:
        params[name].data -= eta * params[name].grad.data
        params[name].grad.data.zero_()
    return params


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    loader = DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            yhat, _ = forward(params, x)
            L, _ = loss_accuracy(yhat, y)
            L.backward()
            sgd(params, eta)
    return params
