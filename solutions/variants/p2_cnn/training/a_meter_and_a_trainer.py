"""A meter class and a trainer class; the schedule from StepLR; the step in a method."""

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR


class Meter:
    def __init__(self):
        self.sum = 0.0
        self.count = 0

    def update(self, mean, n):
        self.sum += float(mean) * n
        self.count += n

    @property
    def average(self):
        return self.sum / self.count


class Trainer:
    def __init__(self, model, criterion, optimizer=None):
        self.model, self.criterion, self.optimizer = model, criterion, optimizer

    def step(self, images, labels):
        scores = self.model(images)
        loss = self.criterion(scores, labels)
        if self.optimizer is not None:
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        return loss.detach(), (scores.detach().argmax(1) == labels).float().mean()

    def run(self, loader):
        losses, accuracies = Meter(), Meter()
        context = torch.enable_grad() if self.optimizer is not None else torch.no_grad()
        self.model.train(self.optimizer is not None)
        with context:
            for images, labels in loader:
                loss, accuracy = self.step(images, labels)
                losses.update(loss, images.shape[0])
                accuracies.update(accuracy, images.shape[0])
        self.model.train()
        return losses.average, accuracies.average


def epoch(loader, model, criterion, optimizer=None):
    return Trainer(model, criterion, optimizer).run(loader)


def exponential_lr(eta0, gamma, epochs):
    return list(map(lambda k: eta0 * pow(gamma, k), range(epochs)))


def fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0, foreach=True)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer)
    schedule = StepLR(optimizer, step_size=1, gamma=gamma)
    history = []
    for _ in range(epochs):
        history.append(trainer.run(train_loader))
        schedule.step()
    return history
