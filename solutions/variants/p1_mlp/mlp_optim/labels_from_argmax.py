"""A Sequential with names; the loss gets labels, found once by argmax; the gradients are set to zero, not to None."""

from collections import OrderedDict

import torch
from torch import nn


def init_model(nx, nh, ny, eta):
    layers = OrderedDict([("fc_in", nn.Linear(nx, nh)), ("squash", nn.Tanh()), ("fc_out", nn.Linear(nh, ny))])
    model = nn.Sequential(layers)
    loss = nn.CrossEntropyLoss(reduction="mean")
    optim = torch.optim.SGD(list(model.parameters()), lr=eta, momentum=0.0, weight_decay=0.0)
    return model, loss, optim


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    labels = torch.argmax(Y, 1)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        Xs, labels_shuffled = X[order], labels[order]
        for start in range(0, len(X), batch_size):
            optim.zero_grad(set_to_none=False)
            L = loss(model(Xs[start : start + batch_size]), labels_shuffled[start : start + batch_size])
            L.backward()
            optim.step()
    model.eval()
    return model
