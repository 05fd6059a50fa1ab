"""The state dict of one layer, reshaped, loaded into the other."""

import torch


def linear_to_conv(linear, in_channels, height, width):
    state = linear.state_dict()
    try:
        state["weight"] = state["weight"].unflatten(1, (in_channels, height, width))
    except RuntimeError as error:
        raise ValueError(f"linear takes {linear.in_features} features: {error}") from error
    conv = torch.nn.Conv2d(
        in_channels, linear.out_features, (height, width), bias="bias" in state, dtype=state["weight"].dtype
    )
    conv.load_state_dict(state)
    return conv
