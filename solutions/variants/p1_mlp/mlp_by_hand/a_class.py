"""A class of layers, each with its own forward and backward, behind the functions; layers keep what they need."""

import torch


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x.matmul(self.W.transpose(0, 1)) + self.b.reshape(1, -1)

    def backward(self, upstream):
        self.dW = upstream.transpose(0, 1).matmul(self.x)
        self.db = upstream.sum(dim=0).reshape(self.b.shape)
        return upstream.matmul(self.W)


class Tanh:
    def forward(self, x):
        self.y = (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
        return self.y

    def backward(self, upstream):
        return upstream * (1 + self.y) * (1 - self.y)


class SoftmaxCrossEntropy:
    def forward(self, x):
        self.probabilities = torch.nn.functional.softmax(x, dim=-1)
        return self.probabilities

    def backward(self, Y):
        return (self.probabilities - Y).div(Y.shape[0])


class Network:
    def __init__(self, params):
        self.hidden, self.scores = Affine(params["Wh"], params["bh"]), Affine(params["Wy"], params["by"])
        self.layers = [self.hidden, Tanh(), self.scores, SoftmaxCrossEntropy()]

    def forward(self, X):
        steps = [X]
        for layer in self.layers:
            steps.append(layer.forward(steps[-1]))
        return dict(zip(("X", "htilde", "h", "ytilde", "yhat"), steps))

    def backward(self, Y):
        upstream = Y
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return {"Wh": self.hidden.dW, "bh": self.hidden.db, "Wy": self.scores.dW, "by": self.scores.db}


def init_params(nx, nh, ny, generator=None):
    def draw(*shape):
        return torch.randn(shape, generator=generator) * 0.3

    return dict(Wh=draw(nh, nx), bh=draw(nh, 1), Wy=draw(ny, nh), by=draw(1, ny))


def forward(params, X):
    outputs = Network(params).forward(X)
    return outputs["yhat"], outputs


def loss_accuracy(Yhat, Y):
    surprise = -torch.log(torch.maximum(Yhat, torch.full_like(Yhat, 1e-12)))
    return (Y * surprise).sum() / len(Y), Yhat.argmax(-1).eq(Y.argmax(-1)).double().mean()


def backward(params, outputs, Y):
    network = Network(params)
    network.forward(outputs["X"])
    return network.backward(Y)


def sgd(params, grads, eta):
    return {name: params[name].sub(grads[name].mul(eta)) for name in ("Wh", "bh", "Wy", "by")}


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.size(1), nh, Y.size(1), generator)
    for epoch in range(1, epochs + 1):
        order = torch.randperm(X.size(0), generator=generator)
        for x, y in zip(torch.split(X[order], batch_size), torch.split(Y[order], batch_size)):
            network = Network(params)
            network.forward(x)
            params = sgd(params, network.backward(y), eta)
    return params
