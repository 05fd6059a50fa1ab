"""A scheduler that never changes the rate; batches from a sampler; statistics kept on the way."""

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import BatchSampler, RandomSampler


def init_model(nx, nh, ny, eta):
    hidden = nn.Sequential(nn.Linear(nx, nh), nn.Tanh())
    model = nn.Sequential(hidden, nn.Dropout(0.0), nn.Linear(nh, ny), nn.Identity())
    return [model, nn.CrossEntropyLoss(), torch.optim.SGD(params=model.parameters(), lr=eta, foreach=True)]


def train(X, Y, nh=10, eta=0.1, batch_size=10, epochs=150, generator=None):
    model, loss, optim = init_model(X.shape[1], nh, Y.shape[1], eta)
    scheduler = StepLR(optim, step_size=1, gamma=1.0)
    sampler = BatchSampler(RandomSampler(X, generator=generator), batch_size, drop_last=False)
    history = []
    for _ in range(epochs):
        total, correct = 0.0, 0
        for batch in sampler:
            optim.zero_grad(set_to_none=True)
            scores = model(X[batch])
            L = loss(scores, Y[batch])
            L.backward()
            optim.step()
            total += L.item() * len(batch)
            correct += (scores.argmax(1) == Y[batch].argmax(1)).sum().item()
        scheduler.step()
        history.append((total / len(X), correct / len(X)))
    return model
