"""`sgd` leaves what it is given as it is and returns clones that are leaves; X and Y are shuffled as one table."""

import torch


def init_params(nx, nh, ny, generator=None):
    shapes = [("Wh", (nh, nx)), ("bh", (nh,)), ("Wy", (ny, nh)), ("by", (ny,))]
    with torch.no_grad():
        drawn = {name: torch.randn(size=shape, generator=generator).mul_(0.3) for name, shape in shapes}
    return {name: value.clone().detach().requires_grad_(True) for name, value in drawn.items()}


def affine(X, W, b):
    return torch.addmm(b, X, W.transpose(0, 1))


def forward(params, X):
    htilde = affine(X, params["Wh"], params["bh"])
    h = htilde.tanh()
    ytilde = affine(h, params["Wy"], params["by"])
    yhat = ytilde.softmax(dim=1)
    return (yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat, "params": params})


def loss_accuracy(Yhat, Y):
    L = torch.tensor(0.0, dtype=Yhat.dtype, device=Yhat.device)
    correct = 0
    for p, y in zip(Yhat, Y, strict=True):
        c = int(y.argmax())
        L = L - torch.log(torch.clamp(p[c], min=1e-15))
        correct += int(int(p.argmax()) == c)
    return L / len(Y), torch.tensor(correct / len(Y))


def sgd(params, eta):
    new = {}
    for name, p in params.items():
        leaf = torch.clone(p.detach())
        leaf -= eta * p.grad
        leaf.requires_grad = True
        new[name] = leaf
        p.grad = None
    return new


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    n, nx = X.shape
    params = init_params(nx, nh, Y.shape[1], generator=generator)
    table = torch.cat([X, Y], dim=1)
    for _ in range(epochs):
        shuffled = table[torch.randperm(n, generator=generator)]
        for first in range(0, n, batch_size):
            x, y = shuffled[first : first + batch_size].split([nx, Y.shape[1]], dim=1)
            L = loss_accuracy(forward(params, x)[0], y)[0]
            L.backward()
            params = sgd(params, eta)
    return params
