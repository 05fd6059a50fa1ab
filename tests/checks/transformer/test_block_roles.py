"""The roles of a block's parameters are found whatever its style; a block that lacks a part is explained."""

from __future__ import annotations

import re
from functools import partial

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.checks.transformer.block_parts import HEADS, RATIO, C
from autograder.checks.transformer.block_reference import ReferenceBlock
from autograder.checks.transformer.block_roles import BlockRoles, Norm
from autograder.checks.transformer.mlp_roles import OTHERS, Mlp, find_mlp, mlp_candidates
from autograder.checks.transformer.modules import new_model
from autograder.checks.transformer.parameters import same
from autograder.sandbox.host.errors import Refused
from tests.checks.explanations.answers import random
from tests.checks.students import student_of
from tests.checks.transformer.blocks import PLAIN, STYLES


def draw() -> Draw:
    return Draw(1, "a check")


def roles_of(source: str) -> BlockRoles:
    student = student_of(source)
    return BlockRoles(student, draw(), new_model("what Block makes", student.Block(C, HEADS, RATIO), draw()))


def changed(*changes: tuple[str, str]) -> str:
    source = PLAIN
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


def failing(reason: str):
    return pytest.raises(CheckFailed, match=f"^{re.escape(reason)}$")


# Roles that are found.


@pytest.mark.parametrize("style", STYLES)
def test_a_block_of_its_roles_gives_the_blocks_output(style: str) -> None:
    roles = roles_of(STYLES[style])
    roles.expect_width()
    roles.expect_residuals()
    reference = ReferenceBlock.of(roles)
    values = roles.block.random(draw())
    for size in ((1, 1), (3, 5)):
        x = draw().normal(*size, C)
        torch.testing.assert_close(reference(values, x), roles.block.output(values, x), rtol=1e-7, atol=1e-7)


def test_each_half_has_its_own_parameters() -> None:
    roles = roles_of(PLAIN)
    attention, mlp = roles.halves()
    named = [[roles.block.names[i] for i in places] for places in (attention.norm, attention.parameters, mlp.norm)]
    assert named[0] == ["norm1.weight", "norm1.bias"]
    assert set(named[1]) == {
        f"attention.{layer}.{kind}" for layer in ("q", "k", "v", "out") for kind in ("weight", "bias")
    }
    assert named[2] == ["norm2.weight", "norm2.bias"]
    assert [roles.block.names[i] for i in mlp.parameters] == [
        "mlp.first.weight", "mlp.second.weight", "mlp.first.bias", "mlp.second.bias",
    ]  # fmt: skip


@pytest.mark.parametrize("eps", [1e-5, 1e-6])
def test_the_eps_of_both_norms_is_found(eps: float) -> None:
    reference = ReferenceBlock.of(roles_of(changed(("nn.LayerNorm(C)", f"nn.LayerNorm(C, eps={eps})"))))
    assert (reference.attention_norm.eps, reference.mlp_norm.eps) == (eps, eps)


# The width of the MLP.


def test_four_times_as_many_hidden_features_will_do_but_for_the_claim_on_them() -> None:
    roles = roles_of(changed(("ratio * C", "4 * C")))
    assert roles.width == 4 * C
    roles.halves()
    with failing("the MLP of Block(24, 3, 5) should have 120 hidden features, but has 96: is mlp_ratio used?"):
        roles.expect_width()


@pytest.mark.parametrize(
    ("width", "found"), [("C + ratio", 0), ("6 * C", 0), ("ratio * C); self.more = nn.Linear(ratio * C, C", 3)]
)
def test_any_other_number_of_hidden_features_is_said(width: str, found: int) -> None:
    with failing(
        "Block(24, 3, 5) should have an MLP of 24 → 120 → 24 features, with two matrices of 2880 numbers, "
        f"but {found} of its parameters have that size: is the hidden size mlp_ratio times embed_dim?"
    ):
        roles_of(changed(("ratio * C", width))).expect_width()


# Residual connections.

ZERO = "with all parameters zero, a Block should return its input x, but yours "
POST_NORM = (
    "a norm is applied to x itself, after the addition (post-norm). Apply it only to the input of the attention or "
    "the MLP"
)
NORM_OR_PRODUCT = (
    "is a norm applied to x itself, after the addition (post-norm) or before it, as in x = norm(x), or is x multiplied by "
    "something?"
)
NORMED_FIRST = (
    "a norm is applied to x itself before the addition, as in x = norm(x). Apply it only to the input of the attention or "
    "the MLP"
)
FORWARD = """        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))
"""


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        ("return self.mlp(self.norm2(self.attention(self.norm1(x))))",
         "returns zeros: the residual connection is missing around both the attention and the MLP"),
        ("return self.mlp(self.norm2(x + self.attention(self.norm1(x))))",
         "returns zeros: the residual connection around the MLP is missing"),
        ("x = self.attention(self.norm1(x)); return x + self.mlp(self.norm2(x))",
         "returns zeros: the residual connection around the attention is missing"),
        ("x = x * self.attention(self.norm1(x)); return x + self.mlp(self.norm2(x))",
         f"returns zeros: {NORM_OR_PRODUCT}"),
        ("x = self.norm1(x + self.attention(x)); return self.norm2(x + self.mlp(x))", f"returns zeros: {POST_NORM}"),
        ("x = self.norm1(x + self.attention(x)); return x + self.mlp(self.norm2(x))", f"returns zeros: {POST_NORM}"),
        ("x = x + self.attention(self.norm1(x)); return self.norm2(x + self.mlp(x))", f"returns zeros: {POST_NORM}"),
        ("x = self.norm1(x); x = x + self.attention(x); x = self.norm2(x); return x + self.mlp(x)",
         f"returns zeros: {NORMED_FIRST}"),
        ("x = self.norm1(x); x = x + self.attention(x); return x + self.mlp(self.norm2(x))",
         f"returns zeros: {NORMED_FIRST}"),
        ("x = x + self.attention(self.norm1(x)); x = self.norm2(x); return x + self.mlp(x)",
         f"returns zeros: {NORMED_FIRST}"),
        ("return self.norm2(x) * self.norm1(x + self.attention(x)) + self.mlp(self.norm2(x))",
         f"returns zeros: {NORM_OR_PRODUCT}"),
        ("x = x + x + self.attention(self.norm1(x)); return x + self.mlp(self.norm2(x))",
         "returns 2 times x: how often is x added?"),
        ("n = nn.functional.layer_norm(x, (24,)); return n + self.attention(self.norm1(x)) + self.mlp(self.norm2(x))",
         "returns it normalized: add the attention and the MLP to x, not to norm(x)"),
        ("return x.tanh() + self.attention(self.norm1(x)) + self.mlp(self.norm2(x))",
         "changes it: add only the attention and the MLP to x"),
    ],
    ids=["none", "not the MLP's", "not the attention's", "a product", "post-norm", "first post-norm", "second post-norm",
         "both normed first", "first normed first", "second normed first", "a product of norms", "twice", "normalized",
         "otherwise"],
)  # fmt: skip
def test_what_is_wrong_with_the_residual_connections(forward: str, reason: str) -> None:
    with failing(f"{ZERO}{reason}") as failed:
        roles_of(changed((FORWARD, f"        {forward}\n"))).expect_residuals()
    assert failed.value.mistake in failed.value.message
    assert bool(failed.value.mistake) == ("multiplied by" not in reason and "changes" not in reason)


# Norms.

ONE_NORM = "should depend on the tokens through one layer norm with 24 trainable weights, but "
UNDOES = "adds to the tokens changes if a token is doubled and a constant added, which a norm undoes"
BEFORE = ". Is there a layer norm of each token before the {0}, and does all that the {0} gets come from it?"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("self.attention(self.norm1(x))", "self.attention(x)",
         f"what the attention {UNDOES}{BEFORE.format('attention')}"),
        ("self.mlp(self.norm2(x))", "self.mlp(x)",
         f"what the MLP {UNDOES}{BEFORE.format('MLP')}"),
        ("self.mlp(self.norm2(x))", "self.mlp(self.norm1(x))",
         "attention and MLP share the layer norm norm1.weight: each needs its own"),
        ("self.mlp(self.norm2(x))", "self.norm2(self.mlp(self.norm1(x)))",
         f"what the MLP adds {ONE_NORM}each of norm1.weight and norm2.weight has an effect only if the other is not "
         "zero: one norm, before the MLP, is asked for, and nothing after it"),
        ("x = x + self.attention(self.norm1(x))", "x = x + 0 * self.attention(self.norm1(x))",
         f"what the attention adds {ONE_NORM}the parameters of the attention do not change the block's output: is its "
         "result used?"),
        ("self.mlp(self.norm2(x))",
         "self.mlp(nn.functional.layer_norm(x, x.shape[1:]) * self.norm2.weight + self.norm2.bias)",
         f"what the MLP {UNDOES}, although it stays the same in a sequence of one token: over which axes does your norm take "
         "mean and variance?"),
        ("self.attention(self.norm1(x))",
         "self.attention(x / (x**2).mean(-1, keepdim=True).sqrt() * self.norm1.weight + self.norm1.bias)",
         "what the attention adds to the tokens changes if a constant is added to a token, which a layer norm undoes, but "
         "not if the token is doubled: does the norm before the attention subtract the mean?"),
        ("self.mlp(self.norm2(x))",
         "self.mlp((x - x.mean(-1, keepdim=True)) * self.norm2.weight + self.norm2.bias)",
         "what the MLP adds to the tokens changes if a token is doubled, which a layer norm undoes, but not if a constant is "
         "added to it: does the norm before the MLP divide by the standard deviation?"),
        ("self.mlp(self.norm2(x))", "0.5 * self.mlp(self.norm2(x))",
         "with all other parameters zero, mlp.second.bias should be added to each token as it is, but 0.5 times it is "
         "added: a half's result is added to the tokens once, as it is"),
        ("self.mlp(self.norm2(x))", "self.mlp(self.norm2(x)).relu()",
         "with all other parameters zero, mlp.second.bias should be added to each token as it is, but its ReLU is added: "
         "there should be no activation after the last layer"),
        ("nn.LayerNorm(C)", "nn.LayerNorm(C, elementwise_affine=False)",
         "the tokens are normalized before the attention, but with all vectors of 24 parameters at zero it still adds "
         "something to them: the layer norm has no trainable weights, or not only its output reaches the attention"),
    ],
    ids=["no first norm", "no second norm", "one norm", "norm behind", "attention lost", "over the tokens",
         "mean left", "not divided", "half of the MLP", "ReLU behind the MLP", "no weights"],
)  # fmt: skip
def test_what_is_wrong_with_the_norms(old: str, new: str, reason: str) -> None:
    with failing(reason):
        roles_of(changed((old, new))).halves()


def test_an_eps_that_is_none_of_the_two() -> None:
    with failing(
        "the norm before the attention is not a layer norm with an eps of 1e-5 or 1e-6: it has an eps of 0.001, but 1e-5 or "
        "1e-6 is expected"
    ):
        ReferenceBlock.of(roles_of(changed(("nn.LayerNorm(C)", "nn.LayerNorm(C, eps=1e-3)"))))


def test_a_wrong_scale_of_the_attention_in_a_block() -> None:
    with failing(
        "the scores QKᵀ should be multiplied by 1/√d = 0.3536 for embed_dim=24 and 3 heads, d=8, but are multiplied by "
        "1: they are not scaled"
    ):
        ReferenceBlock.of(roles_of(changed((" / q.shape[-1] ** 0.5", ""))))


def test_half_instead_of_the_root_in_a_block() -> None:
    with failing(
        "the scores QKᵀ should be multiplied by 1/√d = 0.3536 for embed_dim=24 and 3 heads, d=8, but are multiplied by "
        "0.25"
    ):
        ReferenceBlock.of(roles_of(changed((" / q.shape[-1] ** 0.5", " / (q.shape[-1] / 2)"))))


@pytest.mark.parametrize(
    ("norm", "words"),
    [
        ("nn.LayerNorm(C, eps=1e-3)", "has an eps of 0.001, but 1e-5 or 1e-6 is expected"),
        ("Own(C)", "divides by n − 1 in the variance instead of by n"),
    ],
)
def test_a_wrong_norm_is_not_blamed_on_the_mlp(norm: str, words: str) -> None:
    own = """
class Own(nn.LayerNorm):
    def forward(self, x):
        return (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-5).sqrt() * self.weight + self.bias
"""
    first = "self.norm1, self.norm2 = nn.LayerNorm(C), "
    with failing(f"the norm before the MLP is not a layer norm: it {words}"):
        ReferenceBlock.of(roles_of(changed((f"{first}nn.LayerNorm(C)", first + norm)) + own))


def test_a_wrong_mlp_in_a_block() -> None:
    with failing("what the MLP adds to the tokens is wrong: there is a ReLU between its layers instead of a GELU"):
        ReferenceBlock.of(roles_of(changed(("nn.GELU()", "nn.ReLU()"))))


def test_parameters_are_tried_without_a_trace_of_the_others() -> None:
    tried = roles_of(PLAIN).block
    values = tried.random(draw())
    only = tried.only(values, [0, 3])
    assert [bool(value.any()) for value in only] == [i in (0, 3) for i in range(len(values))]
    assert torch.equal(only[3], values[3])
    assert tried.of_size(C) == [i for i, shape in enumerate(tried.shapes) if torch.Size(shape).numel() == C]
    x = draw().normal(2, 3, C)
    first, second = tried.outputs([values, only], x, (2, 3, C))
    torch.testing.assert_close(first, tried.output(values, x))
    assert not same(first, second)


def test_an_output_of_another_shape_is_said() -> None:
    roles = roles_of(changed(("return x + self.mlp(self.norm2(x))", "return (x + self.mlp(self.norm2(x))).sum(1)")))
    with pytest.raises(CheckFailed, match=r"^the output should have shape \(2, 3, 24\) but has \(2, 24\)"):
        roles.expect_residuals()


def test_an_answer_that_is_no_list_of_outputs_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    block = roles_of(PLAIN).block
    monkeypatch.setattr(block.student, "probe", lambda *_: [])
    with pytest.raises(Refused, match=re.escape("the output of Block for (2, 3, 24) cannot be read")):
        block.output(block.random(draw()), draw().normal(2, 3, C))


def test_outputs_are_the_same_up_to_rounding_relative_to_their_size() -> None:
    large = torch.tensor([1000.0]).double()
    assert same(large + 9e-6, large)
    assert not same(large + 2e-5, large)
    assert not same(torch.zeros(1), torch.tensor([2e-8]).double())


# The MLP, without a student.

IN, HIDDEN = 5, 7
VALUES = [random(IN), random(HIDDEN, IN), random(HIDDEN), random(IN, HIDDEN)]
X = random(4, IN, seed=1)
CANDIDATES = partial(mlp_candidates, [1, 3], (2, 0), (IN, HIDDEN))


def first(x: Tensor) -> Tensor:
    return F.linear(x, VALUES[1], VALUES[2])


def second(x: Tensor) -> Tensor:
    return F.linear(x, VALUES[3], VALUES[0])


def found(output: Tensor, values: list[Tensor] = VALUES) -> Mlp:
    return find_mlp("it", CANDIDATES, values, output, lambda mlp: mlp(X))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_either_gelu_will_do(approximate: str) -> None:
    mlp = found(second(F.gelu(first(X), approximate=approximate)))
    assert (mlp.weights, mlp.turned, mlp.biases) == ((1, 3), (False, False), (2, 0))
    assert torch.equal(mlp.activation(X), F.gelu(X, approximate=approximate))


def test_matrices_that_are_stored_the_other_way_round() -> None:
    values = [VALUES[0], VALUES[3].contiguous(), VALUES[2], VALUES[1].T.contiguous()]
    mlp = found(second(F.gelu(first(X))), values)
    assert (mlp.weights, mlp.turned) == ((3, 1), (True, False))


def test_an_mlp_without_biases() -> None:
    candidates = partial(mlp_candidates, [1, 3], (None, None), (IN, HIDDEN))
    output = F.gelu(X @ VALUES[1].T) @ VALUES[3].T
    assert find_mlp("it", candidates, VALUES, output, lambda mlp: mlp(X)).biases == (None, None)


@pytest.mark.parametrize("words", OTHERS)
def test_another_activation_is_named(words: str) -> None:
    with failing(f"it is wrong: {words}"):
        found(second(OTHERS[words](first(X))))


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (F.gelu(second(first(X))), "the GELU is after the second layer, but should be between the two"),
        (F.gelu(second(F.gelu(first(X)))), "there is a second GELU after the second layer, but there should be only one"),
        (second(first(F.gelu(X))), "the GELU is before the first layer, but should be between the two"),
        (X + second(F.gelu(first(X))), "it adds its input to its output: the residual connection belongs to the block"),
    ],
)  # fmt: skip
def test_a_gelu_or_an_addition_in_the_wrong_place_is_named(output: Tensor, words: str) -> None:
    with failing(f"it is wrong: {words}"):
        found(output)


def test_of_anything_else_no_place_is_named() -> None:
    with failing(
        "it is not the result of first layer, GELU and second layer with its parameters: is anything added, missing or in "
        "another order?"
    ):
        found(second(F.mish(first(X))))


def test_all_ways_to_read_two_matrices_are_tried() -> None:
    ways = {(mlp.weights, mlp.turned) for mlp in CANDIDATES(F.gelu)}
    assert len(ways) == 8


@pytest.mark.parametrize("bias", [0, None])
def test_a_norm_with_its_bias_or_without(bias: int | None) -> None:
    values = [random(1, 1, IN), random(IN, seed=3)]
    expected = (X - X.mean(1, keepdim=True)) / (X.var(1, correction=0, keepdim=True) + 0.1).sqrt() * values[1]
    expected = expected if bias is None else expected + values[0][0]
    torch.testing.assert_close(Norm(1, bias, 0.1)(values, X), expected)


# What is established is named.


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("self.mlp(self.norm2(x))", "self.mlp(self.norm1(x))", "attention and MLP share the layer norm norm1.weight"),
        ("nn.GELU()", "nn.ReLU()", "there is a ReLU between its layers instead of a GELU"),
        ("self.mlp(self.norm2(x))", "0.5 * self.mlp(self.norm2(x))",
         "mlp.second.bias should be added to each token as it is, but 0.5 times it is added"),
        (" / q.shape[-1] ** 0.5", "", "they are not scaled"),
        ("nn.GELU()", "nn.Mish()", ""),
        ("self.mlp(self.norm2(x))", "self.mlp(x)", ""),
    ],
    ids=["shared norm", "ReLU", "half", "scale", "another activation", "no norm"],
)  # fmt: skip
def test_only_established_causes_are_named(old: str, new: str, mistake: str) -> None:
    def check(roles: BlockRoles) -> None:
        roles.expect_residuals()
        ReferenceBlock.of(roles)

    with pytest.raises(CheckFailed) as failed:
        check(roles_of(changed((old, new))))
    assert failed.value.mistake == mistake
    assert mistake in failed.value.message
