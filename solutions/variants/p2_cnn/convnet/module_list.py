"""A ModuleList of blocks, nn.Identity for what is switched off, ReLU after the pooling, in place; dropout before fc4's ReLU."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, before, after, batch_norm):
        super().__init__()
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2, ceil_mode=True)
        self.norm = nn.BatchNorm2d(after) if batch_norm else nn.Identity()
        self.conv = nn.Conv2d(before, after, 5, padding="same")
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.pool(self.norm(self.conv(x))))


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        channels = [3, 32, 64, 64]
        self.blocks = nn.ModuleList([Block(a, b, batch_norm) for a, b in zip(channels, channels[1:])])
        self.drop = nn.Dropout(dropout) if dropout else nn.Identity()
        self.heads = nn.ModuleDict({"out": nn.Linear(1000, 10), "in": nn.Linear(64 * 4 * 4, 1000)})

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = self.heads["in"](x.reshape(len(x), -1))
        return self.heads["out"](torch.relu(self.drop(x)))
