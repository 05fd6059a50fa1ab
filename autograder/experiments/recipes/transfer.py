"""Practical 3: a ready-made timm transformer on images for which it was not built."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from autograder.experiments.batches import Batches
from autograder.experiments.code import Code
from autograder.experiments.findings import higher
from autograder.experiments.learners import Learner, Network
from autograder.experiments.recipe import Lab, Recipe, Variant

MODEL = "vit_tiny_patch16_224"
SIDE = 224


def train_all(lab: Lab, model: nn.Module) -> nn.Module:
    return model


def freeze_lower(lab: Lab, model: nn.Module) -> nn.Module:
    """Freezes the patch embedding, the class token, the positions and the first half of the blocks."""
    model.requires_grad_(True)
    blocks = list(model.blocks)  # type: ignore[arg-type]  # timm's: a Sequential
    for part in (model.patch_embed, *blocks[: len(blocks) // 2]):
        part.requires_grad_(False)
    for token in (model.cls_token, model.pos_embed):
        token.requires_grad_(False)
    return model


def freeze_backbone(lab: Lab, model: nn.Module) -> nn.Module:
    return lab.code["p3_vit/timm_transfer"].freeze_backbone(model)  # type: ignore[no-any-return]  # its contract


def resized(freeze: Callable[[Lab, nn.Module], nn.Module], eta: float) -> Callable[[Lab], Learner]:
    """Resizes the images to fit the model: 224 × 224, three channels. Pretrained weights can be used."""

    def make(lab: Lab) -> Learner:
        code = lab.code["p3_vit/timm_transfer"]

        def adapt(images: Tensor) -> Tensor:
            return 2 * code.adapt_images(images, SIDE) - 1  # type: ignore[no-any-return]  # from -1 to 1, as it was trained

        model = freeze(lab, code.build_classifier(MODEL, lab.data.classes, lab.pretrained))
        return _network(lab, model, eta, adapt)

    return make


def built(eta: float) -> Callable[[Lab], Learner]:
    """Builds a model that fits the images: their size and channels, smaller patches, two blocks. It is not pretrained."""

    def make(lab: Lab) -> Learner:
        import timm

        _, channels, side, _ = lab.data.train.x.shape
        model = timm.create_model(
            MODEL, img_size=side, in_chans=channels, patch_size=side // 4, depth=2, num_classes=lab.data.classes
        )
        return _network(lab, model, eta, lambda images: 2 * images - 1)

    return make


def _network(lab: Lab, model: nn.Module, eta: float, adapt: Callable[[Tensor], Tensor]) -> Learner:
    model.to(lab.device)
    optimizer = torch.optim.Adam([each for each in model.parameters() if each.requires_grad], lr=eta)
    training = Batches(lab.data.train, 32 if lab.small else 128, lab.order, adapt, lab.tick)
    return Network(model, optimizer, training, Batches(lab.data.test, 100, None, adapt, lab.tick))


def fetch(code: Code, classes: int) -> None:
    """Downloads the pretrained weights, about 23 MB, or finds them in the cache."""
    code["p3_vit/timm_transfer"].build_classifier(MODEL, classes, True)


def layers(lab: Lab) -> Iterator[Variant]:
    start = "pretrained" if lab.pretrained else "random weights"
    for name, make, settings in (
        ("all layers", resized(train_all, 1e-4), f"{start}, {SIDE} × {SIDE}, Adam, η 0.0001"),
        ("lower layers frozen", resized(freeze_lower, 1e-4), f"{start}, {SIDE} × {SIDE}, Adam, η 0.0001"),
        ("head alone", resized(freeze_backbone, 1e-3), f"{start}, {SIDE} × {SIDE}, Adam, η 0.001"),
        ("built for the size", built(1e-3), "random weights, two blocks, Adam, η 0.001"),
    ):
        yield Variant(name, make, settings)


RECIPES = (
    Recipe(
        "timm",
        "A ready-made transformer: resized images, or a model built for their size",
        "Which layers must be trained, and how much do pretrained weights help?",
        "p3, questions 5 to 7",
        ("p3_vit/timm_transfer",),
        {"digits": 3, "mnist": 3, "colour": 3, "cifar10": 5},
        layers,
        (
            higher("all layers", "head alone", "no figure in the reports; expected: all layers beat the head alone"),
            higher(
                "head alone",
                "built for the size",
                "no figure in the reports; expected only with pretrained weights: a frozen backbone beats a new model",
            ),
        ),
        pretrained=fetch,
    ),
)
