"""What the checks of an attention layer say about mistakes, each in a layer that has no other one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer import attention
from autograder.checks.transformer.attention import Attention
from autograder.checks.transformer.attention_parameters import expect_four_maps
from autograder.checks.transformer.attention_roles import Roles
from autograder.checks.transformer.attention_scale import expect_right_scale
from tests.checks.students import student_of
from tests.checks.transformer.layers import SEPARATE, STYLES

SCORES = "q @ k.mT / q.shape[-1] ** 0.5"
ATTEND = f"return ({SCORES}).softmax(-1) @ v"
C, HEADS = 6, 2


def layer_of(old: str = "", new: str = "") -> Attention:
    assert old in SEPARATE
    student = student_of(SEPARATE.replace(old, new) if old else SEPARATE)
    return Attention(student, Draw(1, "a check"), lambda C, heads: student.Layer(C, heads))


def reason_of(check: Callable[..., None], *arguments: object) -> str:
    with pytest.raises(CheckFailed) as failed:
        check(*arguments)
    return str(failed.value)


def test_lazy_layers_are_right() -> None:
    layer = layer_of("nn.Linear(C, C)", "nn.LazyLinear(C)")
    expect_four_maps(layer, HEADS)
    attention.expect_values(layer, ((C, HEADS),))


@pytest.mark.parametrize("style", ["separate", "fused by head", "a layer for each head"])
def test_large_scores_are_right_with_torchs_softmax(style: str) -> None:
    student = student_of(STYLES[style])
    attention.expect_large_scores(
        Attention(student, Draw(1, "a check"), lambda C, heads: student.Layer(C, heads)), C, HEADS
    )


@pytest.mark.parametrize("scores", [SCORES, f"({SCORES}) - ({SCORES}).max()"], ids=["plain", "one maximum"])
def test_a_softmax_that_overflows_is_right_in_float64(scores: str) -> None:
    layer = layer_of(ATTEND, f"e = ({scores}).exp(); return e / e.sum(-1, keepdim=True) @ v")
    attention.expect_values(layer, ((C, HEADS),))
    reason = reason_of(attention.expect_large_scores, layer, C, HEADS)
    assert reason.startswith("where scores QKᵀ/√d reach ±300, ")
    assert "are NaN or infinite in float32, but in float64 all are right" in reason


def test_a_token_that_is_cut_off() -> None:
    layer = layer_of(ATTEND, f"return ({SCORES})[..., :-1].softmax(-1) @ v[..., :-1, :]")
    assert reason_of(attention.expect_tokens_alike, layer, C, HEADS) == (
        "with 5 tokens, no other output depends on token 4 (the last): is it left out of the keys and values, as by a slice?"
    )


@pytest.mark.parametrize(("triangle", "which"), [("triu(1)", "later"), ("tril(-1)", "earlier")])
def test_a_mask(triangle: str, which: str) -> None:
    mask = f"torch.full((q.shape[2], q.shape[2]), -1e9, dtype=q.dtype).{triangle}"
    reason = reason_of(attention.expect_tokens_alike, layer_of(ATTEND, ATTEND.replace("(q", f"({mask} + q")), C, HEADS)
    assert reason.startswith(f"with 5 tokens, the output for a token does not depend on {which} tokens, as with a ")


def test_positions_and_views_are_not_told_apart() -> None:
    layer = layer_of("layer(x)", "layer(x + torch.arange(x.shape[1], dtype=x.dtype)[:, None])")
    reason = reason_of(attention.expect_tokens_alike, layer, C, HEADS)
    assert reason.startswith(
        "the same tokens in another order should give the same outputs of the layer, in that order, "
    )


def test_an_input_that_is_written_into() -> None:
    layer = layer_of("        q, k, v =", "        x *= 1.5\n        q, k, v =")
    assert "changes its input x" in reason_of(attention.expect_repeatable, layer, C, HEADS)


def test_unused_layers_are_told_from_cancelled_ones() -> None:
    unused = reason_of(expect_four_maps, layer_of("self.out(self.join(", "(self.join("), HEADS)
    assert unused.startswith(
        "the output does not depend on out.weight, out.bias, which forward does not use: a token passes one"
    )
    cancelled = layer_of(ATTEND, "return (q * k).sum(-1, keepdim=True).softmax(-1) * v")
    reason = reason_of(expect_four_maps, cancelled, HEADS)
    assert reason.startswith(
        "the output does not depend on q.weight, q.bias, k.weight, k.bias, although forward uses it: "
    )


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (f"({SCORES}).softmax(-2)", "the weights that a token gets from all others do: "),
        (f"({SCORES}).flatten(2).softmax(-1).view(*q.shape[:3], -1)",
         "all 4 · 4 weights together do: the softmax runs over all pairs of tokens at once"),
        (f"torch.ones_like({SCORES})", "are 1 each: "),
    ],
)  # fmt: skip
def test_weights_that_do_not_sum_to_one(weights: str, words: str) -> None:
    reason = reason_of(attention.expect_weights_sum_to_one, layer_of(ATTEND, f"return {weights} @ v"), 4, HEADS)
    assert reason.startswith(f"the weights that a token gives to 4 tokens should sum to 1, but {words}")


def test_heads_that_are_not_used_are_told_from_heads_that_share_their_weights() -> None:
    unused = reason_of(attention.expect_scale, layer_of("= heads, C // heads", "= 1, C"), (10, 2), (6, 3))
    assert "num_heads=2 gives the same output as num_heads=1" in unused
    shared = layer_of(ATTEND, f"return ({SCORES}).softmax(-1).mean(1, keepdim=True) @ v")
    assert "all 10 features have the same weights" in reason_of(attention.expect_scale, shared, (10, 2), (6, 3))


def test_a_scale_has_a_name_only_if_it_fits_two_sizes() -> None:
    def roles(C: int, heads: int, scale: float) -> Roles:
        return Roles(C, heads, torch.zeros(1, dtype=torch.int64), scale)

    by_heads = reason_of(expect_right_scale, roles(10, 2, 0.5), [roles(6, 3, 1 / 3)])
    assert by_heads.endswith("and by 0.3333 for embed_dim=6 and 3 heads: they are divided by the number of heads")
    alone = reason_of(expect_right_scale, roles(10, 2, 0.5))
    assert alone.endswith("but are multiplied by 0.5")
    constant = reason_of(expect_right_scale, roles(10, 2, 0.125), [roles(6, 3, 0.125)])
    assert constant.endswith("but are multiplied by 0.125, and by 0.125 for embed_dim=6 and 3 heads")


@pytest.mark.parametrize(
    ("tokens", "way"),
    [("(x.detach(), x.detach(), x)", "queries and keys"), ("(x, x.detach(), x)", "the keys")],
)
def test_a_detached_input_is_told_by_the_way_that_it_cuts(tokens: str, way: str) -> None:
    layer = layer_of("(self.split(layer(x)) for layer in (self.q, self.k, self.v))",
                     f"(self.split(layer(x)) for layer, x in zip((self.q, self.k, self.v), {tokens}))")  # fmt: skip
    reason = reason_of(attention.expect_gradients, layer, C, HEADS)
    assert reason.startswith(f"the gradient for the input x lacks the part through {way}, although")


def test_a_small_final_projection_is_told_by_its_size() -> None:
    layer = layer_of("self.v, self.out = (nn.Linear(C, C) for _ in range(4))",
                     "self.v = (nn.Linear(C, C) for _ in range(3)); self.out = nn.Linear(C // heads, C)")  # fmt: skip
    reason = reason_of(expect_four_maps, layer, HEADS)
    assert "That is as many as if the final projection had 50 weights" in reason


def test_heads_of_all_features_are_told_by_their_number() -> None:
    layer = layer_of("self.q, self.k, self.v, self.out = (nn.Linear(C, C) for _ in range(4))",
                     "self.q, self.k, self.v, self.out = (nn.Linear(C, C * n) for n in (heads,) * 3 + (1,))")  # fmt: skip
    reason = reason_of(expect_four_maps, layer, HEADS)
    assert "as if each of the 2 heads had queries, keys and values of all 10 features" in reason


# Causes that are established, and rivals that are not.


def failure_of(check: Callable[..., None], *arguments: object) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        check(*arguments)
    assert failed.value.mistake in failed.value.message
    return failed.value


SPLIT = ("return x.view(*x.shape[:2], self.heads, self.d).transpose(1, 2)",
         "return x.reshape(len(x), self.heads, x.shape[1], self.d)")  # fmt: skip
JOINED = ("heads.transpose(1, 2).flatten(2)", "heads.reshape(len(heads), heads.shape[2], -1)")


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ([SPLIT], "the values are split into heads by a view or reshape from (B, N, embed_dim) to (B, heads, N, d)"),
        ([JOINED], "the heads are joined by a view or reshape from (B, heads, N, d) to (B, N, embed_dim)"),
        ([SPLIT, JOINED], "the heads are split and joined by views or reshapes alone, between (B, N, embed_dim) and "
         "(B, heads, N, d)"),
        ([("layer(x)", "layer(x + torch.arange(x.shape[1], dtype=x.dtype)[:, None])")], ""),
        ([("q, k, v = (", "q, k, v = (v * torch.arange(1, v.shape[2] + 1)[:, None] if i == 1 else v for i, v in enumerate("),
          ("(self.q, self.k, self.v))", "(self.q, self.k, self.v)))")], ""),
    ],
    ids=["split", "joined", "both", "positions", "keys by position"],
)  # fmt: skip
def test_a_view_is_told_by_what_it_moves(changes: list[tuple[str, str]], mistake: str) -> None:
    source = SEPARATE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    student = student_of(source)
    layer = Attention(student, Draw(1, "a check"), lambda C, heads: student.Layer(C, heads))
    assert failure_of(attention.expect_tokens_alike, layer, C, HEADS).mistake == mistake


@pytest.mark.parametrize(
    ("maximum", "mistake"),
    [
        ("0", "the largest score of a query is not subtracted from its scores before the exponential"),
        ("s.max()", "the largest score of the whole batch is subtracted from the scores, not that of each query"),
        ("s.amax((1, 2, 3), keepdim=True)",
         "the same number is subtracted from the scores of several queries, not the largest of each query"),
        ("s.amax((2, 3), keepdim=True)",
         "the same number is subtracted from the scores of several queries, not the largest of each query"),
        ("150", ""),
    ],
    ids=["none", "batch", "sequence", "head", "a constant"],
)  # fmt: skip
def test_what_a_softmax_subtracts(maximum: str, mistake: str) -> None:
    layer = layer_of(ATTEND, f"s = {SCORES}; e = (s - {maximum}).exp(); return e / e.sum(-1, keepdim=True) @ v")
    assert failure_of(attention.expect_large_scores, layer, C, HEADS).mistake == mistake


def test_half_instead_of_the_root_has_to_fit_two_sizes() -> None:
    layer = layer_of("q.shape[-1] ** 0.5", "(q.shape[-1] ** 1 / 2)")
    assert failure_of(attention.expect_scale, layer, (10, 2), (6, 3)).mistake.startswith("they are divided by d / 2")
    layer = layer_of("q.shape[-1] ** 0.5", "2.5")
    assert failure_of(attention.expect_scale, layer, (10, 2), (6, 3)).mistake == ""


def test_a_final_projection_that_is_not_applied() -> None:
    failure = failure_of(expect_four_maps, layer_of("self.out(self.join(", "(self.join("), HEADS)
    assert (
        failure.mistake
        == "a token passes one linear layer, but should pass two, that of the values and the final projection"
    )
    queries = failure_of(expect_four_maps, layer_of("(self.split(layer(x)) for layer in (self.q,",
                                                    "(self.split(layer(x)) for layer in (self.k,"), HEADS)  # fmt: skip
    assert queries.mistake == "the output does not depend on q.weight, q.bias: forward does not use it for its result"


def test_a_call_that_changes_a_parameter() -> None:
    layer = layer_of("        q, k, v =", "        with torch.no_grad(): self.q.weight /= 2\n        q, k, v =")
    failure = failure_of(attention.expect_repeatable, layer, C, HEADS)
    assert failure.mistake == "a call of the layer changes the values of its parameter q.weight"
