"""`fit` has a loop of its own, without an optimizer; the examples are counted in a pass before."""

import torch
from torch.nn.functional import cross_entropy


def epoch(loader, model, criterion, optimizer=None):
    n = sum(len(labels) for _, labels in loader)
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(optimizer is not None)
    model.train(optimizer is not None)
    try:
        loss = accuracy = 0.0
        for images, labels in loader:
            scores = model(images)
            batch_loss = criterion(scores, labels)
            if optimizer is not None:
                model.zero_grad()
                batch_loss.backward()
                optimizer.step()
            loss += len(labels) / n * float(batch_loss.detach())
            accuracy += float((scores.argmax(dim=1) == labels).sum()) / n
    finally:
        torch.set_grad_enabled(before)
    return loss, accuracy


def exponential_lr(eta0, gamma, epochs):
    return tuple(eta0 * gamma**k for k in range(epochs))


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    history = []
    n = sum(labels.numel() for _, labels in train_loader)
    for rate in exponential_lr(eta, gamma, epochs):
        model.train()
        total, hits = 0.0, 0
        for images, labels in train_loader:
            scores = model(images)
            losses = cross_entropy(scores, labels, reduction="none")
            parameters = list(model.parameters())
            gradients = torch.autograd.grad(losses.mean(), parameters)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter -= rate * gradient
            total += losses.sum().item()
            hits += (scores.argmax(1) == labels).sum().item()
        history.append((total / n, hits / n))
    return history
