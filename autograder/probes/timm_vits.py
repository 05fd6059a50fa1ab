"""Small vision transformers of timm's: one to be frozen, others to be found in timm under a name of ours.

timm is imported when it is needed: every worker has this module, few need that, and it takes seconds.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def make(settings: dict[str, Any]) -> nn.Module:
    """A `timm.models.vision_transformer.VisionTransformer` with random weights, in evaluation mode.

    It knows the names of its first and last layer, as what `timm.create_model` makes does.
    """
    from timm.models.vision_transformer import VisionTransformer

    model: Any = VisionTransformer(**settings).eval()
    model.pretrained_cfg = model.default_cfg = {"classifier": "head", "first_conv": "patch_embed.proj"}
    made: nn.Module = model
    return made


def offer(name: str, settings: dict[str, Any], num_classes: int, weights: dict[str, Tensor] | None) -> None:
    """Registers a vision transformer, so that `timm.create_model(name, ...)` makes it, with timm's own means.

    `weights`, for a head of `num_classes`, are what it is pretrained to; without them timm has none for it.
    """
    from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
    from timm.models.vision_transformer import VisionTransformer

    def entry(pretrained: bool = False, **options: Any) -> nn.Module:
        made: nn.Module = build_model_with_cfg(VisionTransformer, name, pretrained, **(settings | options))
        return made

    size = settings["img_size"]
    known = {"num_classes": num_classes, "input_size": (3, size, size)}
    known |= {"classifier": "head", "first_conv": "patch_embed.proj", "state_dict": weights}
    default_cfgs.update(generate_default_cfgs({name: known}))
    entry.__name__ = name
    register_model(entry)


default_cfgs: dict[str, Any] = {}
"""Where timm looks for the weights of the models that a module registers."""


def sizes(model: nn.Module) -> tuple[int, int]:
    """How many numbers a model has in its parameters, and in those that are trainable."""
    parameters = list(model.parameters())
    trainable = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    return sum(parameter.numel() for parameter in parameters), trainable


def set_trainable(model: nn.Module, whole: bool, classifier: bool) -> None:
    """Switches the training of all parameters on or off, then of the classifier's."""
    model.requires_grad_(whole)
    model.get_classifier().requires_grad_(classifier)  # type: ignore[operator]  # timm's models have it


def parts(model: Any) -> dict[str, tuple[bool, bool]] | None:
    """Each parameter's name → (whether it is the classifier's, whether it is trainable); None for no model of timm's."""
    if not isinstance(model, nn.Module) or not hasattr(model, "get_classifier"):
        return None
    classifier: nn.Module = model.get_classifier()  # type: ignore[operator]  # what hasattr found
    head = {id(parameter) for parameter in classifier.parameters()}
    return {name: (id(value) in head, value.requires_grad) for name, value in model.named_parameters()}


def moved_by_a_step(model: nn.Module, images: Tensor, labels: Tensor) -> list[str]:
    """The parameters that a step of gradient descent on the cross-entropy changes."""
    model.train()
    loss = nn.functional.cross_entropy(model(images), labels)
    if not loss.requires_grad:
        return []
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    return [name for name, value in model.named_parameters() if not torch.equal(value, before[name])]
