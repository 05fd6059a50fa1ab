"""The bias as the weight of a constant input: one matrix a layer inside, split up for the outside; the logarithm cut off
below; the order drawn by sorting."""

import torch


def _with_ones(x):
    return torch.cat([x, x.new_ones(len(x), 1)], dim=1)


def _matrices(params):
    return (
        torch.cat([params["Wh"], params["bh"].unsqueeze(1)], dim=1),
        torch.hstack((params["Wy"], params["by"][:, None])),
    )


def _split(first, second):
    return {"Wh": first[:, :-1], "bh": first[:, -1], "Wy": second[:, :-1], "by": second[:, -1]}


def init_params(nx, nh, ny, generator=None):
    first = torch.randn(nh, nx + 1, generator=generator) * 0.3
    second = torch.randn(ny, nh + 1, generator=generator) * 0.3
    return _split(first, second)


def forward(params, X):
    first, second = _matrices(params)
    htilde = _with_ones(X).mm(first.t())
    h = torch.tanh(htilde)
    ytilde = _with_ones(h).mm(second.t())
    e = torch.exp(ytilde - ytilde.max(dim=1, keepdim=True).values)
    yhat = torch.nn.functional.normalize(e, p=1, dim=1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}


def loss_accuracy(Yhat, Y):
    L = -(Y * Yhat.log().clamp(min=-100)).sum(dim=1).mean()
    hits = torch.zeros(len(Y), dtype=torch.bool)
    for n in range(len(Y)):
        hits[n] = Yhat[n].argmax() == Y[n].argmax()
    return L, hits.count_nonzero() / hits.numel()


def backward(params, outputs, Y):
    _, second = _matrices(params)
    delta_y = (outputs["yhat"] - Y) / Y.shape[0]
    through = (delta_y @ second)[:, :-1]
    delta_h = through * (1 - torch.tanh(outputs["htilde"]) ** 2)
    return _split(delta_h.t() @ _with_ones(outputs["X"]), delta_y.t() @ _with_ones(outputs["h"]))


def sgd(params, grads, eta):
    return {name: value.lerp(value - grads[name], eta) for name, value in params.items()}


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    params = init_params(X.shape[1], nh, Y.shape[1], generator)
    for _ in range(epochs):
        order = torch.sort(torch.rand(X.shape[0], generator=generator)).indices
        for k in range(0, len(order), batch_size):
            rows = order[k : k + batch_size]
            outputs = forward(params, X.index_select(0, rows))[1]
            params = sgd(params, backward(params, outputs, Y.index_select(0, rows)), eta)
    return params
