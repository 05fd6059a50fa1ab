"""Channels are moved to the end, so that everything broadcasts; dropout by `where`."""

import torch


def dropout(x, p, training, generator=None):
    if p < 0 or p > 1:
        raise ValueError("p out of [0, 1]: " + str(p))
    if not training or p == 0:
        return x
    gone = torch.rand(*x.size(), generator=generator, dtype=torch.float64) < p
    return torch.where(gone, torch.zeros_like(x), x / (1.0 - p))


class BatchNorm2d(torch.nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(num_features))
        for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((num_features,), value))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.int64))
        self.options = (eps, momentum)

    def forward(self, x):
        eps, momentum = self.options
        rows = x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
        if self.training:
            var, mean = torch.var_mean(rows, dim=0, correction=0)
            n = len(rows)
            self.running_mean.mul_(1 - momentum).add_(mean.detach(), alpha=momentum)
            self.running_var.mul_(1 - momentum).add_(var.detach(), alpha=momentum * n / (n - 1))
            self.num_batches_tracked.add_(1)
        else:
            mean, var = self.running_mean, self.running_var
        rows = torch.addcmul(self.bias, (rows - mean) / (var + eps).pow(0.5), self.weight)
        return rows.reshape(x.shape[0], *x.shape[2:], x.shape[1]).permute(0, 3, 1, 2)
