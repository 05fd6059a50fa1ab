"""Practical 3: the vision transformer with one setting varied at a time, and the attention of its class token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from autograder.experiments import figures
from autograder.experiments.batches import Batches
from autograder.experiments.findings import fails, higher
from autograder.experiments.learners import Learner, Network
from autograder.experiments.recipe import Lab, Recipe, Variant

NEEDS = tuple(
    f"p3_vit/{name}"
    for name in ("patch_embedding", "positional_embedding", "multi_head_attention", "transformer_block", "vit")
)
COMMON = "embed 32, patch ¼, blocks 2"


def vit(embed: int = 32, blocks: int = 2, patch: int | None = None) -> Callable[[Lab], Learner]:
    """A ViT trained with Adam, since transformers are hard to train without a step size for each parameter.

    `patch`: height and width in pixels; None: a quarter of the image's.
    """

    def make(lab: Lab) -> Learner:
        _, channels, side, _ = lab.data.train.x.shape
        model = lab.code["p3_vit/vit"].ViT(
            embed, blocks, patch or side // 4, nb_classes=lab.data.classes, img_size=side, in_chan=channels
        )
        model.to(lab.device)
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3 if lab.small else 1e-3)
        training = Batches(lab.data.train, 128, lab.order, tick=lab.tick)
        return Network(model, optimizer, training, Batches(lab.data.test, 500, tick=lab.tick))

    return make


def sizes(lab: Lab) -> Iterator[Variant]:
    side = lab.data.train.x.shape[-1]
    # A variant without a panel is drawn in all panels.
    yield Variant(COMMON, vit(), f"patch {side // 4}", "common setting")
    for embed in (8, 64, 128):
        yield Variant(f"embed {embed}", vit(embed=embed), "", ("embed", embed), "embed size")
    for patch in (side // 2, 4):
        yield Variant(f"patch {patch}", vit(patch=patch), "", ("patch", patch), "patch size (pixels)")
    for blocks in (0, 1, 4):
        yield Variant(f"blocks {blocks}", vit(blocks=blocks), "", ("blocks", blocks), "number of blocks")


RECIPES = (
    Recipe(
        "vit",
        "A small vision transformer",
        "What are the effects of embed size, patch size and number of blocks, and where does the class token attend?",
        "p3, experiment on the ViT",
        NEEDS,
        {"digits": 10, "mnist": 10, "colour": 10, "cifar10": 20},
        sizes,
        (
            higher(COMMON, "embed 8", "no figure in the reports; expected: larger tokens help"),
            fails("blocks 0", "no figure in the reports; expected: without a block the class token sees no patch"),
        ),
        {"attention": figures.attention(COMMON)},
    ),
)
