"""Lazy layers as attributes, functions for the rest, and padding="same"; a flag in place of layers that do nothing."""

from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self, dropout: float = 0.0, batch_norm: bool = False):
        super().__init__()
        self.p = dropout
        self.conv1 = nn.LazyConv2d(32, kernel_size=5, padding="same")
        self.conv2 = nn.LazyConv2d(64, kernel_size=5, padding="same")
        self.conv3 = nn.LazyConv2d(64, kernel_size=5, padding="same")
        if batch_norm:
            self.norms = nn.ModuleDict({f"conv{i}": nn.LazyBatchNorm2d() for i in (1, 2, 3)})
        self.fc4, self.fc5 = nn.LazyLinear(1000), nn.LazyLinear(10)

    def forward(self, x):
        for name in ("conv1", "conv2", "conv3"):
            x = getattr(self, name)(x)
            if hasattr(self, "norms"):
                x = self.norms[name](x)
            x = F.max_pool2d(x, 2, 2, ceil_mode=True).clamp(min=0)
        x = self.fc4(x.reshape(len(x), -1)).relu_()
        if self.training and self.p > 0:
            x = F.dropout(x, self.p)
        return self.fc5(x)
