"""fc4 and fc5 as convolutions over a 4×4 and a 1×1 map, the padding by its own layer, forward on a batch or an image."""

from collections import OrderedDict

from torch import nn


def stage(inputs, outputs, batch_norm, last):
    parts = OrderedDict()
    parts["pad"] = nn.ZeroPad2d(2)
    parts["conv"] = nn.Conv2d(inputs, outputs, 5)
    if batch_norm:
        parts["bn"] = nn.BatchNorm2d(outputs)
    parts["pool"] = nn.MaxPool2d(2, 2, ceil_mode=last)
    parts["relu"] = nn.ReLU()
    return nn.Sequential(parts)


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False, classes=10):
        super().__init__()
        self.net = nn.Sequential(
            stage(3, 32, batch_norm, False),
            stage(32, 64, batch_norm, False),
            stage(64, 64, batch_norm, True),
            nn.Conv2d(64, 1000, 4),
            nn.Flatten(),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Unflatten(1, (1000, 1, 1)),
            nn.Conv2d(1000, classes, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(-1).squeeze(-1)
