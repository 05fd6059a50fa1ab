"""Layers as attributes, all else by functions: F.relu, F.max_pool2d, F.dropout told by self.training; view for flatten."""

import torch.nn as nn
import torch.nn.functional as F


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.p = dropout
        self.c1 = nn.Conv2d(3, 32, (5, 5), stride=1, padding=(2, 2))
        self.c2 = nn.Conv2d(32, 64, (5, 5), stride=1, padding=(2, 2))
        self.c3 = nn.Conv2d(64, 64, (5, 5), stride=1, padding=(2, 2))
        if batch_norm:
            self.n1, self.n2, self.n3 = nn.BatchNorm2d(32), nn.BatchNorm2d(64), nn.BatchNorm2d(64)
        self.normalizes = batch_norm
        self.last = nn.Linear(1000, 10)
        self.hidden = nn.Linear(1024, 1000)

    def forward(self, x):
        x = self.c1(x)
        x = F.max_pool2d(F.relu(self.n1(x) if self.normalizes else x), 2)
        x = self.c2(x)
        x = F.max_pool2d(F.relu(self.n2(x) if self.normalizes else x), 2)
        x = self.c3(x)
        x = F.max_pool2d(F.relu(self.n3(x) if self.normalizes else x), 2, ceil_mode=True)
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.hidden(x)), p=self.p, training=self.training)
        return self.last(x)
