"""A Module of one's own with layers named freely, batches from a DataLoader, gradients cleared after the step."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class Perceptron(nn.Module):
    def __init__(self, inputs, neurons, outputs):
        super().__init__()
        self.exit = nn.Linear(neurons, outputs)
        self.entry = nn.Linear(inputs, neurons)

    def forward(self, x):
        return self.exit(torch.tanh(self.entry(x)))


def init_model(nx, nh, ny, eta):
    model = Perceptron(nx, nh, ny)
    return model, F.cross_entropy, optim.SGD(model.parameters(), eta)


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss, optimizer = init_model(X.shape[1], nh, Y.shape[1], eta)
    loader = DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            loss(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
    return model
