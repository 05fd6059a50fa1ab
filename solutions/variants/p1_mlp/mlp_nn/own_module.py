"""A Module of one's own with layers named freely, the loss a plain function on labels, batches from a DataLoader."""

import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Perceptron(nn.Module):
    def __init__(self, inputs, neurons, outputs):
        super().__init__()
        self.exit = nn.Linear(neurons, outputs)
        self.entry = nn.Linear(inputs, neurons)

    def forward(self, x):
        return self.exit(F.tanh(self.entry(x)))


def init_model(nx, nh, ny):
    return Perceptron(nx, nh, ny), F.cross_entropy


def loss_accuracy(loss, Yhat, Y):
    labels = Y.max(dim=1).indices
    return loss(Yhat, labels), (Yhat.max(dim=1).indices == labels).sum().item() / len(labels)


def sgd(model, eta):
    for p in model.parameters():
        p.data -= eta * p.grad.data
        p.grad = None
    return model


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    loader = DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True, generator=generator)
    for _ in range(epochs):
        for x, y in loader:
            L, _ = loss_accuracy(loss, model(x), y)
            L.backward()
            sgd(model, eta)
    return model
