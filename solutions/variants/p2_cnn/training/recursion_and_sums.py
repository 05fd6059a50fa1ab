"""The epochs by recursion; all scores are kept and judged at the end of the epoch."""

import torch
from torch import nn


def epoch(loader, model, criterion, optimizer=None):
    training = optimizer is not None
    (model.train if training else model.eval)()
    all_scores, all_labels, weighted = [], [], []
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if training:
            for parameter in model.parameters():
                parameter.grad = None
            loss.backward()
            optimizer.step()
        all_scores.append(scores.detach())
        all_labels.append(labels)
        weighted.append(loss.detach() * labels.numel())
    hits = torch.cat(all_scores).argmax(dim=1).eq(torch.cat(all_labels))
    return torch.stack(weighted).sum() / hits.numel(), hits.float().mean()


def exponential_lr(eta0, gamma, epochs):
    return [] if epochs == 0 else [eta0, *exponential_lr(eta0 * gamma, gamma, epochs - 1)]


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    if epochs == 0:
        return []
    first = epoch(train_loader, model, nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), eta))
    return [first, *fit(model, train_loader, epochs - 1, eta * gamma, gamma)]
