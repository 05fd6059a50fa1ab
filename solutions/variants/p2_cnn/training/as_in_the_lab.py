"""Batches moved to a device, sums kept as tensors, one branch for training and one for evaluation."""

import torch
import torch.nn.functional as F
from torch import optim


def epoch(loader, model, criterion, optimizer=None):
    device = next(model.parameters()).device
    if optimizer:
        model.train()
    else:
        model.eval()
    sum_loss = torch.zeros(())
    sum_hits = torch.zeros((), dtype=torch.int64)
    n = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        if optimizer:
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
        else:
            with torch.no_grad():
                out = model(x)
                loss = criterion(out, y)
        sum_loss += loss.detach() * x.size(0)
        sum_hits += (out.max(1)[1] == y).sum()
        n += x.size(0)
    return sum_loss / n, sum_hits / n


def exponential_lr(eta0, gamma, epochs):
    rates = []
    rate = eta0
    for _ in range(epochs):
        rates.append(rate)
        rate *= gamma
    return rates


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    optimizer = optim.SGD(model.parameters(), lr=eta)
    history = []
    for rate in exponential_lr(eta, gamma, epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, acc = epoch(train_loader, model, F.cross_entropy, optimizer)
        history.append((loss.item(), acc.item()))
        print(f"loss {loss:.3f}, accuracy {100 * acc:.1f}%")
    return history
