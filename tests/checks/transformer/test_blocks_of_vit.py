"""What the check of the blocks inside a vision transformer accepts and says; and what other checks of `vit` missed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.blocks_of_vit import expect_all_used, expect_right_block
from autograder.checks.transformer.modules import new_model
from autograder.graders.p3_vit import test_vit as grader
from tests.checks.students import student_of
from tests.checks.transformer.vits import (
    BLOCKS,
    FIXED,
    HEAD,
    LAYER,
    LEARNED,
    NORMED,
    RANDOM,
    Changes,
    sinusoidal,
    vit_of,
)


def run(check: Callable[..., None], *changes: tuple[str, str]) -> None:
    check(student_of(vit_of(list(changes))), Draw(1, "a check"))


def reason_of(check: Callable[..., None], *changes: tuple[str, str]) -> str:
    with pytest.raises(CheckFailed) as failed:
        run(check, *changes)
    return str(failed.value)


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [(BLOCKS, BLOCKS.replace("Block(embed_dim, num_heads)", LAYER.format(", batch_first=True")))],
        [
            (BLOCKS, BLOCKS.replace("Block(embed_dim, num_heads)", LAYER.format(""))),
            ("x = block(x)", "x = block(x.transpose(0, 1)).transpose(0, 1)"),
        ],
        [("nn.LayerNorm(dim), nn.LayerNorm(dim)", "nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, bias=False)")],
    ],
    ids=["own", "torch's", "torch's, tokens first", "norm without bias"],
)
def test_a_right_block_inside(changes: Changes) -> None:
    run(expect_right_block, *changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((" / q.shape[-1] ** 0.5", ""), "are multiplied by 1: they are not scaled"),
        (
            ("return self.down(F.gelu(self.up(x)))", "return F.gelu(self.down(F.gelu(self.up(x))))"),
            "there should be no activation after the last layer",
        ),
        (("F.gelu(self.up(x))", "F.relu(self.up(x))"), "there is a ReLU between its layers instead of a GELU"),
        (("return x + self.mlp(self.norm2(x))", "return self.norm2(x + self.mlp(x))"), "post-norm"),
    ],
)
def test_a_wrong_block_inside(change: tuple[str, str], reason: str) -> None:
    found = reason_of(expect_right_block, change)
    assert found.startswith("a block of your ViT is not the one of transformer_block: ")
    assert reason in found


INLINE: Changes = [
    (
        "self.blocks = " + BLOCKS,
        "blocks = "
        + BLOCKS
        + "\n        self.parts = nn.ModuleList([part for block in blocks for part in block.children()])",
    ),
    (
        "        for block in self.blocks:\n            x = block(x)\n",
        """        heads, parts = num_heads_of(self), list(self.parts)
        for i in range(0, len(parts), 6):
            norm1, norm2, qkv, out, up, down = parts[i : i + 6]
            y = norm1(x)
            B, N, C = y.shape
            q, k, v = qkv(y).view(B, N, 3, heads, -1).permute(2, 0, 3, 1, 4)
            a = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
            x = x + out((a @ v).transpose(1, 2).reshape(B, N, C))
            x = x + down(F.gelu(up(norm2(x))))
""",
    ),
    ("class Block(", "def num_heads_of(vit):\n    return vit.num_heads\n\n\nclass Block("),
    ("        self.patch_size = patch_size\n", "        self.patch_size, self.num_heads = patch_size, num_heads\n"),
]
"""No module is the block: its steps stand in `forward`."""


def test_a_right_block_in_forward() -> None:
    run(expect_right_block, *INLINE)
    run(expect_right_block, *INLINE, ("self.norm(x[:, 0])", "self.norm(x)[:, 0]"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("(q @ k.mT / q.shape[-1] ** 0.5)", "(q @ k.mT)"), "are multiplied by 1: they are not scaled"),
        (("down(F.gelu(up(norm2(x))))", "down(F.relu(up(norm2(x))))"), "there is a ReLU between its layers"),
        (("down(F.gelu(up(norm2(x))))", "down(F.gelu(up(norm1(x))))"), "share the layer norm"),
        (
            (
                "down(F.gelu(up(norm2(x))))",
                "down(F.gelu(up(norm2(x - out((a @ v).transpose(1, 2).reshape(B, N, C))))))",
            ),
            "both halves get x",
        ),
        ((".softmax(-1)", ".softmax(-2)"), "over the queries instead of the keys"),
    ],
    ids=["scale", "ReLU", "shared norm", "parallel halves", "queries"],
)
def test_a_wrong_block_in_forward(change: tuple[str, str], reason: str) -> None:
    assert reason in reason_of(expect_right_block, *INLINE, change)


def _all_used(changes: Changes) -> None:
    student, draw = student_of(vit_of(changes)), Draw(1, "a check")
    made = [student.ViT(4, nb_blocks, 2, 5, 4, 1, 2) for nb_blocks in (1, 2, 3)]
    models = [new_model("ViT", model, draw, torch.float32) for model in made]
    expect_all_used(student, models, draw.normal(1, 1, 4, 4, dtype=torch.float32), 4)


def test_blocks_of_their_own_that_are_all_used() -> None:
    _all_used([])
    _all_used([(HEAD, f"{HEAD}; self.unused = nn.Linear(4, 4); self.empty = nn.Parameter(torch.zeros(0))")])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("x = block(x)", "x = self.blocks[0](x)"), "do not depend on blocks.1.norm1.weight"),
        ((HEAD, f"{HEAD}\n        for block in self.blocks: block.norm1 = self.norm"), "used by all"),
        (
            (
                HEAD,
                f"{HEAD}\n        for block in self.blocks:\n            for one, of_first in zip(block.parameters(), "
                "self.blocks[0].parameters()): one.data = of_first.data",
            ),
            "used by all",
        ),
    ],
    ids=["the first again and again", "the final norm in each block", "one memory"],
)
def test_blocks_that_are_not_used_or_share_parameters(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        _all_used([change])
    assert reason.replace("used by all", "what a block uses should be its own, not shared by all") in str(failed.value)


def test_patches_may_be_normalized() -> None:
    run(grader.test_class_token, NORMED)


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ("self.norm(x).mean(1)", "all of them change the scores"),
        ("self.norm(x[:, -1])", "patch 8 of 0 to 8 can change the scores"),
    ],
)
def test_another_token_is_read_although_patches_are_normalized(read: str, reason: str) -> None:
    assert reason in reason_of(grader.test_class_token, NORMED, ("self.norm(x[:, 0])", read))


def test_random_positions_that_are_never_learned() -> None:
    assert "drawn at random when they are created" in reason_of(grader.test_positions, (LEARNED, RANDOM))
    run(grader.test_positions)


def test_fixed_positions_may_be_waves() -> None:
    run(grader.test_positions, (LEARNED, sinusoidal()))
    run(grader.test_positions, (LEARNED, sinusoidal("0.02")))


@pytest.mark.parametrize(
    "numbers",
    [
        "torch.linspace(0, 1, count + 1)[None, :, None] * torch.ones(embed_dim)",
        "(torch.arange(count + 1)[:, None] * torch.arange(1, 1 + embed_dim) / 50)[None]",
        "torch.randn(1, count + 1, embed_dim, generator=torch.Generator().manual_seed(0))",
    ],
    ids=["counted", "lines", "drawn with a seed"],
)
def test_fixed_positions_that_are_no_waves(numbers: str) -> None:
    assert "are fixed, but no waves" in reason_of(grader.test_positions, (LEARNED, FIXED.format(numbers)))


def test_positions_added_in_each_block() -> None:
    again = ("x = block(x)", "x = block(x + self.positions)")
    assert "change with the number of blocks" in reason_of(grader.test_positions, (LEARNED, sinusoidal()), again)


def test_patches_that_are_no_squares() -> None:
    strips = (
        "F.unfold(images, self.patch_size, stride=self.patch_size).mT",
        "images.reshape(len(images), -1, self.embed.in_features)",
    )
    assert "how is the image cut?" in reason_of(grader.test_positions, strips)


def test_what_is_multiplied_with_the_class_token() -> None:
    added = "dim=1) + self.positions"
    found = reason_of(grader.test_class_token, (LEARNED, sinusoidal()), (added, added.replace("+", "*")))
    assert "is multiplied by a number before the norm" in found
    tanh = reason_of(grader.test_class_token, ("self.norm(x[:, 0])", "torch.tanh(self.norm(x[:, 0]))"))
    assert tanh.endswith("is there more than a layer norm with its own weights and a linear layer?")


def test_an_attention_in_which_the_class_token_sees_nothing() -> None:
    own = ("a = (q", "a = torch.eye(N).to(x) + 0 * (q"), (".softmax(-1)", "")
    assert "no pixel of the image changes the scores" in reason_of(grader.test_every_pixel, *own)


def test_unused_and_empty_parameters_have_no_gradient_and_need_none() -> None:
    run(
        grader.test_gradients,
        (HEAD, f"{HEAD}; self.unused = nn.Linear(4, 4); self.empty = nn.Parameter(torch.zeros(0))"),
    )


def test_a_gradient_that_is_cut_is_told_from_an_unused_parameter() -> None:
    found = reason_of(grader.test_gradients, ("self.cls.expand", "self.cls.detach().expand"))
    assert found.startswith("no gradient reaches cls, although the scores depend on it")


def test_lazy_layers_are_run_first() -> None:
    lazy = [
        ("nn.Linear(in_chan * patch_size**2, embed_dim)", "nn.LazyLinear(embed_dim)"),
        (HEAD, "self.head = nn.LazyLinear(nb_classes)"),
    ]
    for check in (grader.test_blocks, grader.test_shape, grader.test_class_token, grader.test_defaults):
        run(check, *lazy)


# How many blocks there are, and which of them act.

NONE = "ViT with nb_blocks=1 has none, and gives the same scores as with nb_blocks=0"


@pytest.mark.parametrize(
    ("count", "ending"),
    [
        ("range(1, nb_blocks)", f"{NONE}: one block too few"),
        ("range(nb_blocks // 2)", NONE),
        ("range(2, nb_blocks)", f"{NONE.replace('=1', '=2')}: two blocks too few"),
    ],
)
def test_a_number_of_blocks_that_is_too_small(count: str, ending: str) -> None:
    assert reason_of(grader.test_blocks, ("range(nb_blocks)", count)).endswith(ending)


def test_a_first_block_that_is_not_registered_is_not_missing() -> None:
    hidden = ("self.norm = nn", "self.first = [Block(embed_dim, num_heads)] * (nb_blocks > 0)\n        self.norm = nn")
    used = ("        for block in self.blocks:", "        for block in [*self.first, *self.blocks]:")
    pooled = ("self.norm(x[:, 0])", "self.norm(x.mean(1))")
    reason = reason_of(grader.test_blocks, ("range(nb_blocks)", "range(1, nb_blocks)"), hidden, used, pooled)
    assert "nb_blocks=1 adds none. nn.Module finds layers" in reason
    assert "too few" not in reason


def reason_of_use(loop: str) -> str:
    student, draw = student_of(vit_of([("            x = block(x)", f"            {loop}")])), Draw(1, "a check")
    models = [
        new_model("ViT", student.ViT(12, nb, 2, nb_classes=3, img_size=4, num_heads=3), draw, torch.float32)
        for nb in (1, 2, 3)
    ]
    with pytest.raises(CheckFailed) as failed:
        expect_all_used(student, models, draw.normal(1, 1, 4, 4, dtype=torch.float32), 12)
    return str(failed.value)


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        (
            "y = block(x)\n            if block is self.blocks[-1]: x = y",
            "only the last block acts, and the scores are the ",
        ),
        (
            "x = block(x) if block is self.blocks[0] else x",
            "only the first block acts, and the scores are the same as ",
        ),
    ],
)
def test_a_single_block_that_acts(loop: str, words: str) -> None:
    assert words in reason_of_use(loop)


def test_a_block_that_acts_twice_is_not_said_to_act_alone() -> None:
    reason = reason_of_use("x = self.blocks[-1](x)")
    assert "acts" not in reason
    assert reason.endswith("is each block called, with the result of the one before it?")
