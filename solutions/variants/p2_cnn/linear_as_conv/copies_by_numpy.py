"""Through NumPy and back, the bias as zeros where there was none."""

import numpy as np
import torch
from torch import nn


def linear_to_conv(linear, in_channels, height, width):
    W = linear.weight.detach().cpu().numpy()
    b = np.zeros(len(W), W.dtype) if linear.bias is None else linear.bias.detach().cpu().numpy().copy()
    kernels = np.reshape(W, (len(W), in_channels, height, width)).copy()  # NumPy raises a ValueError by itself
    conv = nn.Conv2d(in_channels, len(W), (height, width))
    conv.weight.data, conv.bias.data = torch.from_numpy(kernels), torch.from_numpy(b)
    return conv
