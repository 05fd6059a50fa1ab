"""A lazy convolution finds out the channels by itself."""

from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.conv = nn.LazyConv2d(embed_dim, patch_size, stride=patch_size)

    def forward(self, x):
        return self.conv(x).flatten(-2).swapaxes(-1, -2)
