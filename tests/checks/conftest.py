"""Checks are computed in one thread, as an engine has it: with small tensors more threads only cost time."""

import torch

torch.set_num_threads(1)
