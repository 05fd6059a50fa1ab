"""`nn.Unfold` cuts, a linear layer projects."""

from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.cut = nn.Unfold(kernel_size=patch_size, stride=patch_size)
        self.to_token = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        return self.to_token(self.cut(x).transpose(1, 2))
