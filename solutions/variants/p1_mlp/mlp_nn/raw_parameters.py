"""Parameters used as x @ W, so (in, out); the cross-entropy by hand; the gradients cleared in `train`."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.W = nn.ParameterList([0.3 * torch.randn(nx, nh), 0.3 * torch.randn(nh, ny)])
        self.b = nn.ParameterList([torch.zeros(nh), torch.zeros(1, ny)])

    def forward(self, x):
        h = torch.tanh(x @ self.W[0] + self.b[0])
        return h @ self.W[1] + self.b[1]


def init_model(nx, nh, ny):
    return Net(nx, nh, ny), lambda scores, Y: -(Y * torch.log_softmax(scores, dim=1)).sum(dim=1).mean()


def loss_accuracy(loss, Yhat, Y):
    right = torch.gather(Y, 1, Yhat.argmax(dim=1, keepdim=True))
    return loss(Yhat, Y), right.mean()


@torch.no_grad()
def sgd(model, eta):
    for p in model.parameters():
        p.sub_(p.grad, alpha=eta)
    return model


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss = init_model(X.shape[1], nh, Y.shape[1])
    n = X.shape[0]
    for _ in range(epochs):
        order = torch.randperm(n, generator=generator)
        Xs, Ys = X[order], Y[order]
        for start in range(0, n, batch_size):
            for p in model.parameters():
                p.grad = None
            L, _ = loss_accuracy(loss, model(Xs[start : start + batch_size]), Ys[start : start + batch_size])
            L.backward()
            sgd(model, eta)
    return model
