"""The parameters moved as one vector, an nn.Module for the loss, einsum for the layers, the order drawn by NumPy."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters


class CrossEntropy(nn.Module):
    def forward(self, scores, Y):
        return torch.einsum("ni,ni->", Y, scores.logsumexp(dim=1, keepdim=True) - scores) / scores.shape[0]


class Model(nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.theta1 = nn.Parameter(nn.init.xavier_uniform_(torch.empty(nh, nx)))
        self.theta1_0 = nn.Parameter(torch.zeros(nh))
        self.theta2 = nn.Parameter(nn.init.xavier_uniform_(torch.empty(ny, nh)))
        self.theta2_0 = nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        H = (torch.einsum("hx,nx->nh", self.theta1, X) + self.theta1_0).tanh()
        return torch.einsum("yh,nh->ny", self.theta2, H) + self.theta2_0


def init_model(nx, nh, ny):
    return Model(nx, nh, ny), CrossEntropy()


def loss_accuracy(loss, Yhat, Y):
    hits = np.argmax(Yhat.detach().cpu().numpy(), axis=1) == np.argmax(Y.cpu().numpy(), axis=1)
    return loss(Yhat, Y), hits.mean()


def sgd(model, eta):
    with torch.no_grad():
        slope = torch.cat([p.grad.flatten() for p in model.parameters()])
        vector_to_parameters(parameters_to_vector(model.parameters()) - eta * slope, model.parameters())
    return model


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    rng = np.random.default_rng(torch.randint(2**62, (1,), generator=generator).item())
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            model.zero_grad()
            batch = order[start : start + batch_size]
            L, _ = loss_accuracy(loss, model(X[batch]), Y[batch])
            L.backward()
            model = sgd(model, eta)
    return model
