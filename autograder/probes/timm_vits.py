"""Small timm vision transformers: one for students to freeze, others registered so that timm creates them by name.

timm is imported on demand: every worker loads this module, few need timm, and its import takes seconds.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def make(settings: dict[str, Any]) -> nn.Module:
    """A `timm.models.vision_transformer.VisionTransformer` with random weights, in eval mode.

    Its configuration names the first and the last layer, as for a model from `timm.create_model`.
    """
    from timm.models.vision_transformer import VisionTransformer

    model: Any = VisionTransformer(**settings).eval()
    model.pretrained_cfg = model.default_cfg = {"classifier": "head", "first_conv": "patch_embed.proj"}
    made: nn.Module = model
    return made


def register(name: str, settings: dict[str, Any], num_classes: int, weights: dict[str, Tensor] | None) -> None:
    """Registers a vision transformer in timm, so that `timm.create_model(name, ...)` makes it.

    `weights`, for a head of `num_classes`, are its pretrained weights; None for a model without pretrained weights.
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
"""The name under which timm looks up the weights of the models that a module registers."""


def sizes(model: nn.Module) -> tuple[int, int]:
    """The numbers of elements in all parameters of a model, and in its trainable parameters."""
    parameters = list(model.parameters())
    trainable = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    return sum(parameter.numel() for parameter in parameters), trainable


def set_trainable(model: nn.Module, whole: bool, classifier: bool) -> None:
    """Sets requires_grad of all parameters to `whole`, then that of the classifier's parameters to `classifier`."""
    model.requires_grad_(whole)
    model.get_classifier().requires_grad_(classifier)  # type: ignore[operator]  # timm's models have it


def parts(model: Any) -> dict[str, tuple[bool, bool]] | None:
    """For each parameter, by name: whether it belongs to the classifier, and whether it is trainable.

    None if the model is not a timm model.
    """
    if not isinstance(model, nn.Module) or not hasattr(model, "get_classifier"):
        return None
    classifier: nn.Module = model.get_classifier()  # type: ignore[operator]  # what hasattr found
    head = {id(parameter) for parameter in classifier.parameters()}
    return {name: (id(value) in head, value.requires_grad) for name, value in model.named_parameters()}


def moved_by_a_step(model: nn.Module, images: Tensor, labels: Tensor) -> list[str]:
    """The names of the parameters that a step of gradient descent on the cross-entropy changes."""
    model.train()
    loss = nn.functional.cross_entropy(model(images), labels)
    if not loss.requires_grad:
        return []
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    return [name for name, value in model.named_parameters() if not torch.equal(value, before[name])]
