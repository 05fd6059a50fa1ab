"""Training and evaluation apart; inference mode; every example's loss is collected, then averaged."""

import numpy as np
import torch


def _train(loader, model, criterion, optimizer):
    model.train()
    for images, labels in loader:
        scores = model(images)
        loss = criterion(scores, labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        yield loss.item(), scores.detach(), labels


@torch.inference_mode()
def _evaluate(loader, model, criterion):
    for module in model.modules():
        module.training = False
    return [(criterion(scores, labels).item(), scores, labels) for scores, labels in ((model(x), y) for x, y in loader)]


def epoch(loader, model, criterion, optimizer=None):
    losses, hits = [], []
    batches = _evaluate(loader, model, criterion) if optimizer is None else _train(loader, model, criterion, optimizer)
    for loss, scores, labels in batches:
        losses += [loss] * len(labels)
        hits += torch.eq(scores.argmax(-1), labels).tolist()
    return np.mean(losses), np.mean(hits)


def exponential_lr(eta0, gamma, epochs):
    return eta0 * np.power(float(gamma), np.arange(epochs))


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    history = []
    for rate in exponential_lr(eta, gamma, epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=float(rate))
        optimizer.zero_grad()
        history.append(epoch(train_loader, model, torch.nn.CrossEntropyLoss(), optimizer))
    return history
