"""The optimizer calls a closure; a mean that is updated on the way; a lambda for the schedule."""

import contextlib

import torch
from torch import nn


def epoch(loader, model, criterion, optimizer=None):
    model.train() if optimizer is not None else model.eval()
    loss_so_far = accuracy_so_far = torch.tensor(0.0, dtype=torch.float64)
    seen = 0
    for batch in loader:
        images, labels = batch[0], batch[1]

        def forward():
            output = model(images)
            return output, criterion(output, labels)

        if optimizer is None:
            with torch.no_grad():
                output, loss = forward()
        else:
            first = []

            def closure():
                optimizer.zero_grad()
                output, loss = forward()
                loss.backward()
                first.append((output, loss))
                return loss

            optimizer.step(closure)
            output, loss = first[0]
        share = labels.shape[0] / (seen + labels.shape[0])
        loss_so_far = loss_so_far + (loss.detach() - loss_so_far) * share
        accuracy_so_far = accuracy_so_far + ((output.argmax(1) == labels).double().mean() - accuracy_so_far) * share
        seen += labels.shape[0]
    model.eval()
    return [loss_so_far, accuracy_so_far]


def exponential_lr(eta0, gamma, epochs):
    return torch.tensor([eta0 * gamma**epoch for epoch in range(epochs)], dtype=torch.float64)


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: gamma**k)
    history = []
    with contextlib.suppress(StopIteration):
        while len(history) < epochs:
            history += [epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer)]
            scheduler.step()
    return history
