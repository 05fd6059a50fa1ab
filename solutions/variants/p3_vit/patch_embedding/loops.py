"""One patch after the other, as the course's text says it."""

import torch
from torch import nn


class PatchEmbed(nn.Module):
    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.linear_mapper = nn.Linear(in_chan * patch_size * patch_size, embed_dim)

    def patchify(self, images):
        out = []
        for image in images:
            rows = []
            for i in range(0, image.shape[1], self.patch_size):
                for j in range(0, image.shape[2], self.patch_size):
                    rows.append(image[:, i : i + self.patch_size, j : j + self.patch_size].flatten())
            out.append(torch.stack(rows))
        return torch.stack(out)

    def forward(self, images):
        return self.linear_mapper(self.patchify(images))
