"""The softmax from exponentials, tanh from them too, einsum for the layers; the order of the examples as a list."""

import torch


def init_params(nx, nh, ny, generator=None):
    def leaf(*shape):
        value = torch.randn(shape, generator=generator) * 0.3
        value.requires_grad_(True)
        return value

    return {"Wh": leaf(nh, nx), "Wy": leaf(ny, nh), "bh": leaf(nh), "by": leaf(ny)}


def forward(params, X):
    htilde = torch.einsum("hx,bx->bh", params["Wh"], X) + params["bh"]
    h = 2 * torch.sigmoid(2 * htilde) - 1
    ytilde = torch.einsum("yh,bh->by", params["Wy"], h) + params["by"]
    exponentials = torch.exp(ytilde - ytilde.max(dim=1, keepdim=True).values)
    yhat = exponentials / exponentials.sum(dim=1, keepdim=True)
    return yhat, {"yhat": yhat, "ytilde": ytilde, "h": h, "htilde": htilde, "X": X}


def loss_accuracy(Yhat, Y):
    surprise = torch.where(Y > 0, -Y * torch.log(torch.where(Yhat > 0, Yhat, 1e-20)), torch.zeros_like(Y))
    highest = Yhat.max(dim=1, keepdim=True).values
    first_highest = (Yhat == highest).double().argmax(dim=1)
    return surprise.sum() / Y.shape[0], Y[range(len(Y)), first_highest].sum() / len(Y)


@torch.no_grad()
def sgd(params, eta):
    for p in params.values():
        p.sub_(p.grad, alpha=eta)
        p.grad.zero_()
    return params


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.size(1), nh, Y.size(1), generator)
    epoch = 0
    while epoch < epochs:
        order = torch.rand(len(X), generator=generator).argsort().tolist()
        while order:
            batch, order = order[:batch_size], order[batch_size:]
            loss_accuracy(forward(params, X[batch])[0], Y[batch])[0].backward()
            params = sgd(params, eta)
        epoch += 1
    return params
