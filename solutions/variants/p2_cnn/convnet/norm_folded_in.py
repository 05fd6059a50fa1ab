"""Evaluation folds batch norm into the convolutions; layers registered in the reverse order; one image at a time."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.fc5 = nn.Linear(1000, 10)
        self.p = dropout
        self.fc4 = nn.Linear(1024, 1000)
        for number, inputs, outputs in ((3, 64, 64), (2, 32, 64), (1, 3, 32)):
            setattr(self, f"norm{number}", nn.BatchNorm2d(outputs) if batch_norm else None)
            setattr(self, f"conv{number}", nn.Conv2d(inputs, outputs, 5, padding=2))

    def convolve(self, number, x):
        conv, norm = getattr(self, f"conv{number}"), getattr(self, f"norm{number}")
        if norm is None:
            return conv(x)
        if self.training:
            return norm(conv(x))
        factor = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        bias = norm.bias + factor * (conv.bias - norm.running_mean)
        return F.conv2d(x, conv.weight * factor[:, None, None, None], bias, padding=2)

    def forward(self, x):
        for number in (1, 2, 3):
            x = F.relu(F.max_pool2d(self.convolve(number, x), 2, ceil_mode=number == 3))
        hidden = torch.stack([F.relu(self.fc4(maps.flatten())) for maps in x])
        return self.fc5(nn.Dropout(self.p).train(self.training)(hidden))
