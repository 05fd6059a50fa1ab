"""Lazy layers: they make their parameters when they run for the first time."""

import torch
from torch import nn


def init_model(nx, nh, ny, eta):
    model = nn.Sequential(nn.LazyLinear(nh), nn.Tanh(), nn.LazyLinear(ny))
    return model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optim.zero_grad()
            loss(model(X[batch]), Y[batch]).backward()
            optim.step()
    return model
