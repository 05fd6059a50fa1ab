"""As in many published solutions: features and classifier, `if` in the constructor, layers inserted one by one."""

import torch.nn as nn
import torch.nn.functional as F


class ConvNet(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv1", nn.Conv2d(3, 32, kernel_size=5, stride=1, padding=2))
        if batch_norm:
            self.features.add_module("bn1", nn.BatchNorm2d(num_features=32))
        self.features.add_module("relu1", nn.ReLU())
        self.features.add_module("pool1", nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=0))
        self.features.add_module("conv2", nn.Conv2d(32, 64, kernel_size=5, stride=1, padding=2))
        if batch_norm:
            self.features.add_module("bn2", nn.BatchNorm2d(num_features=64))
        self.features.add_module("relu2", nn.ReLU())
        self.features.add_module("pool2", nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=0))
        self.features.add_module("conv3", nn.Conv2d(64, 64, kernel_size=5, stride=1, padding=2))
        if batch_norm:
            self.features.add_module("bn3", nn.BatchNorm2d(num_features=64))
        self.features.add_module("relu3", nn.ReLU())
        self.features.add_module("pool3", nn.MaxPool2d(kernel_size=2, stride=2, padding=0, ceil_mode=True))
        self.classifier = nn.Sequential(nn.Linear(64 * 4 * 4, 1000), nn.ReLU())
        if dropout > 0:
            self.classifier.append(nn.Dropout(p=dropout))
        self.classifier.append(nn.Linear(1000, 10))

    def forward(self, input):
        bsize = input.size(0)
        output = self.features(input)
        if output.shape[-1] != 4:
            output = F.adaptive_max_pool2d(output, 4)
        output = output.view(bsize, -1)
        return self.classifier(output)
