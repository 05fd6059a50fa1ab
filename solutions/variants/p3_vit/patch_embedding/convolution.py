"""The usual one, without biases."""

from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128, bias=False):
        super().__init__()
        self.proj = nn.Sequential(
            nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, bias=bias), nn.Flatten(start_dim=2)
        )
        self.norm = nn.Identity()

    def forward(self, x):
        return self.norm(self.proj(x).permute(0, 2, 1))
