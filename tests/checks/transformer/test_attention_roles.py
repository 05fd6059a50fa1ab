"""The roles of an attention's parameters are found whatever its style; a layer that is no attention is explained."""

from __future__ import annotations

import functools
import math
import re

import pytest
import torch

from autograder.checks.inputs import Draw
from autograder.checks.transformer.attention import Attention, reference
from autograder.checks.transformer.attention_roles import Roles, find_roles
from autograder.checks.transformer.value_path import (
    BIAS,
    NoRoles,
    find_value_path,
    grown_feature,
    growth,
    joined,
    sizes,
    with_other_inputs,
)
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle
from tests.checks.students import student_of
from tests.checks.transformer.layers import FUSED, SEPARATE, STYLES, WITHOUT_BIASES

C, HEADS = 6, 2


def draw() -> Draw:
    return Draw(1, "a check")


def layer_of(source: str) -> Attention:
    student = student_of(source)
    return Attention(student, draw(), lambda C, heads: student.Layer(C, heads))


@functools.cache
def roles_of(source: str, C: int = C, heads: int = HEADS) -> tuple[Roles, Handle, Attention]:
    layer = layer_of(source)
    model = layer.new(C, heads)
    return find_roles(layer.student, draw(), model, C, heads), model, layer


# Roles that are found.


@pytest.mark.parametrize(
    ("style", "C", "heads"), [*((style, C, HEADS) for style in STYLES), ("fused", 4, 1), ("raw", 4, 4)]
)
def test_roles_give_the_layers_output(style: str, C: int, heads: int) -> None:
    roles, model, layer = roles_of(STYLES[style], C, heads)
    numbers = roles.gather([value for _, value in model.parameters()])
    for size in ((1, 1), (3, 5)):
        x = draw().normal(*size, C)
        torch.testing.assert_close(reference(roles, numbers, x), layer.output(model, x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("style", STYLES)
def test_the_scale_is_measured_to_be_right(style: str) -> None:
    assert math.isclose(roles_of(STYLES[style])[0].scale, (C // HEADS) ** -0.5, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("code", "scale"), [("/ 5", 0.2), ("* -1", -1.0), ("/ x.shape[-1] ** 0.5", C**-0.5)], ids=["5", "minus", "C"]
)
def test_a_wrong_scale_is_measured_too(code: str, scale: float) -> None:
    source = SEPARATE.replace("/ q.shape[-1] ** 0.5", "/ q.shape[-1] ** 0.5 * factor").replace(
        "attend(q, k, v):", "attend(q, k, v, factor=1):"
    )
    source = source.replace("attend(q, k, v)))", f"attend(q, k, v, q.shape[-1] ** 0.5 {code})))")
    assert math.isclose(roles_of(source)[0].scale, scale, rel_tol=1e-6)


def test_a_bias_of_the_keys_has_no_effect_and_no_place() -> None:
    roles, model, _ = roles_of(SEPARATE)
    names = [name for name, value in model.parameters() for _ in range(value.numel())]
    nowhere = sum(math.prod(size) for size in sizes(C).values()) - 1
    assert {name for name, place in zip(names, roles.index.tolist()) if place == nowhere} == {"k.bias"}


def test_numbers_go_to_the_blocks_of_their_roles() -> None:
    """In separate layers each parameter is one block, but for the order of its features."""
    roles, model, _ = roles_of(SEPARATE)
    parameters = dict(model.parameters())
    blocks = roles.blocks(roles.gather(list(parameters.values())))
    for name, block in (("q", "q"), ("v", "v"), ("out", "o")):
        of_weight, of_bias = blocks[f"W{block}"], blocks[f"b{block}"]
        assert sorted(of_weight.flatten().tolist()) == sorted(parameters[f"{name}.weight"].flatten().tolist())
        assert sorted(of_bias.tolist()) == sorted(parameters[f"{name}.bias"].tolist())
    assert torch.equal(blocks["bo"], parameters["out.bias"])
    assert {tuple(row) for row in blocks["Wv"].T.tolist()} == {tuple(row) for row in parameters["v.weight"].tolist()}


def test_numbers_that_share_a_place_are_added() -> None:
    index = torch.tensor([0, 5, 5, 20])
    gathered = Roles(2, 1, index, 1.0).gather([torch.tensor([1.0, 2]), torch.tensor([[3.0], [4]])])
    total = sum(math.prod(size) for size in sizes(2).values())
    assert gathered.shape == (total,)
    assert {place: value for place, value in enumerate(gathered.tolist()) if value} == {0: 1.0, 5: 5.0, 20: 4.0}


def test_a_single_tokens_way_is_found_alone() -> None:
    layer = layer_of(WITHOUT_BIASES)
    model = layer.new(C, HEADS)
    path = find_value_path(layer.student, draw(), model, C)
    x = draw().normal(3, 1, C)
    output = layer.output(model, x)
    torch.testing.assert_close(path.values(x) @ path.Wo + path.bo, output, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(path.before_projection(output), path.values(x), rtol=1e-7, atol=1e-7)
    assert not path.bv.any()
    assert not path.bo.any()


# Layers without roles.

ONE_TOKEN = "the output for a single token of 6 features is not the final projection of its value"
NOT_LINEAR = (
    f"{ONE_TOKEN}, as it is not linear in the token: is there an activation or a normalization? With one token the softmax "
    "gives the weight 1, so only two linear layers should be left"
)
DEPENDS = (
    "the output for a single token depends on queries and keys, but the token attends only to itself, so its weight "
    "should be 1. Which axes do your scores compare, is there a softmax, and over which axis does it run?"
)
NO_PRODUCT = (
    "the input of the softmax is not a multiple of the scalar product of a query and a key, linear layers of the tokens. "
    "What else is between these layers and the softmax?"
)
TWO_HEADS = "there should be 2 heads of 3 features, each with its own weights, but "
MASKED = (
    "with two tokens, the first gives the whole weight to one of them, or its weights are not numbers: is there a mask?"
)
SPLIT = "q, k, v = (self.split(layer(x)) for layer in (self.q, self.k, self.v))"
RETURNED = "return self.out(self.join(attend(q, k, v)))"
SIZES = "self.heads, self.d = heads, C // heads"
SCORES = "q @ k.mT / q.shape[-1] ** 0.5"
WRONG = {
    "sigmoid in place of softmax": (".softmax(-1)", ".sigmoid()", DEPENDS),
    "softmax over the heads": (".softmax(-1)", ".softmax(1)", DEPENDS),
    "no token sees itself": (
        ".softmax(-1)",
        ".softmax(-1).tril(-1)",
        "the output is the same for different single tokens, but should be the projection of their values",
    ),
    "no projection": (
        "self.out(self.join(attend(q, k, v)))",
        "self.join(attend(q, k, v))",
        "a single token passes only one linear layer, that of the values: the final projection is missing",
    ),
    "weights halved": (
        ".softmax(-1)",
        ".softmax(-1) * 0.5",
        f"{ONE_TOKEN}, but of 0.5 times its value: a token alone should have the weight 1. What happens after the softmax?",
    ),
    "an activation of the values": ("self.k, self.v)", "self.k, lambda x: self.v(x).tanh())", NOT_LINEAR),
    "a square after the projection": (
        RETURNED,
        f"{RETURNED.replace('return', 'y =')}\n        return y + y**2",
        NOT_LINEAR,
    ),
    "one head's values for all": (
        "attend(q, k, v)))",
        "attend(q, k, v)[:, :1].expand(-1, self.heads, -1, -1)))",
        f"{ONE_TOKEN}: the final projection gets 3 different features, but the values of all heads side by side have 6",
    ),
    "a residual connection": (
        "return self.out(",
        "return x + self.out(",
        "the input is added to the output: the residual connection belongs to the block around this layer",
    ),
    "queries for keys": ("(self.q, self.k, self.v)", "(self.q, self.q, self.v)", NO_PRODUCT),
    "no keys": (
        "self.q, self.k, self.v, self.out = (nn.Linear(C, C) for _ in range(4))",
        "self.q, self.v, self.out = (nn.Linear(C, C) for _ in range(3))\n        self.k = self.q",
        "42 numbers of the parameters belong neither to the values nor to the final projection, but queries and keys need "
        "at least 72: is one of them missing?",
    ),
    "one head for all": (
        SIZES,
        SIZES.replace("heads, C // heads", "1, C"),
        f"{TWO_HEADS}all 6 features have the same weights: each head should compare its own features of "
        "queries and keys, and have its own softmax",
    ),
    "sizes exchanged": (
        SIZES,
        SIZES.replace("heads, C // heads", "C // heads, heads"),
        f"{TWO_HEADS}there are 3 of 2. How are the two sizes computed from embed_dim and num_heads?",
    ),
    "values split otherwise": (
        RETURNED,
        f"""w, v = ({SCORES}).softmax(-1), self.v(x)
        return self.out(torch.cat([w[:, 0] @ v[:, :, :2], w[:, 1] @ v[:, :, 2:]], -1))""",
        "the features of the values do not form 2 heads of 3 with their own weights: are queries, keys and values split in "
        "the same way, and are the heads joined as they were split?",
    ),
    "a causal mask": (
        f"({SCORES})",
        f"({SCORES} - torch.full((q.shape[2], q.shape[2]), torch.inf).triu(1))",
        MASKED,
    ),
    "a causal mask in one head": (
        "    return (q @",
        """    mask = torch.zeros(2, q.shape[2], q.shape[2])
    mask[0] = torch.full(mask[0].shape, torch.inf).triu(1)
    return (-mask + q @""",
        MASKED,
    ),
    "two softmaxes": (
        ".softmax(-1)",
        ".softmax(-1).softmax(-1)",
        "the softmax is applied twice: the second one makes the weights nearly equal",
    ),
    "distances": ("q @ k.mT", "-(q[..., :, None, :] - k[..., None, :, :]).abs().sum(-1)", NO_PRODUCT),
    "the keys of one head for all": (
        "(layer(x)) for layer in (self.q, self.k, self.v))",
        "(layer(x)) for layer in (self.q, self.k, self.v)); k = k[:, :1]",
        "each head should have its own queries and keys, but all 2 heads use the same 3 features of the keys, those of one "
        "head",
    ),
    "an activation of the queries": ("(self.q, self.k,", "(lambda x: self.q(x).relu(), self.k,", NO_PRODUCT),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_layer_that_is_no_attention_has_no_roles(mistake: str) -> None:
    old, new, reason = WRONG[mistake]
    assert old in SEPARATE
    with pytest.raises(NoRoles, match=f"^{re.escape(reason)}$"):
        roles_of(SEPARATE.replace(old, new))


def refused(source: str, heads: int = HEADS) -> str:
    with pytest.raises(NoRoles) as failed:
        roles_of(source, C, heads)
    return str(failed.value)


def test_the_queries_of_one_head_for_all_in_a_fused_layer() -> None:
    source = FUSED.replace("        return self.out(attend(q,", "        return self.out(attend(q[:, -1:],")
    assert "but all 2 heads use the same 3 features of the queries, those of one head" in refused(source)


def test_keys_that_two_of_three_heads_use() -> None:
    source = SEPARATE.replace("attend(q, k, v)))", "attend(q, k[:, [0, 1, 1]], v)))")
    assert "but 2 of the 3 heads use the same 2 features of the keys, those of one head" in refused(source, 3)


def test_windows_of_keys_that_overlap() -> None:
    source = SEPARATE.replace(RETURNED, """k = torch.stack([self.k(x)[..., h:h + self.d] for h in range(self.heads)], 1)
        return self.out(self.join(attend(q, k, v)))""")  # fmt: skip
    assert source != SEPARATE
    assert refused(source).endswith("but two heads have 2 of their 3 features of the keys in common")


def test_heads_in_another_order_have_their_own_queries_and_keys() -> None:
    roles_of(SEPARATE.replace("attend(q, k, v)))", "attend(q.flip(1), k, v)))"))


def test_one_head_whose_features_have_weights_of_their_own() -> None:
    source = SEPARATE.replace("self.heads, self.d = heads, C // heads", "self.heads, self.d = 2, C // 2")
    with pytest.raises(NoRoles, match=r"^the output is not a mean of the values with one weight for each token$"):
        roles_of(source, heads=1)


def test_an_output_of_another_shape_cannot_be_read() -> None:
    layer = layer_of(SEPARATE.replace("attend(q, k, v)))", "attend(q, k, v))).sum(1)"))
    model = layer.new(C, HEADS)
    with pytest.raises(
        Refused, match=re.escape("the Layer, given x of shape (2, 1, 6), does not return a tensor of that shape")
    ):
        find_value_path(layer.student, draw(), model, C)


# The parts.


@pytest.mark.parametrize(
    ("ratio", "feature"),
    [
        (1.0, BIAS), (1 + 1 / C, 0), (2.0, C - 1), (1.5, 2), (1.51, None), (2 + 1 / C, None), (1 - 1 / C, None),
        (math.nan, None), (math.inf, None),
    ],
)  # fmt: skip
def test_which_feature_grew_by_a_factor(ratio: float, feature: int | None) -> None:
    assert grown_feature(ratio, C) == feature


def test_each_feature_grows_by_a_factor_of_its_own() -> None:
    assert [grown_feature(ratio, C) for ratio in growth(C).tolist()] == list(range(C))


def test_other_inputs_are_tried_once() -> None:
    tries: list[int] = []

    def find(good: int) -> str:
        tries.append(1)
        if len(tries) < good:
            raise NoRoles("not yet")
        return "found"

    assert with_other_inputs(lambda: find(2)) == "found"
    tries.clear()
    with pytest.raises(NoRoles):
        with_other_inputs(lambda: find(3))
    assert len(tries) == 2


def test_parameters_are_joined_in_float64() -> None:
    found = joined([torch.ones(2, 2), torch.zeros(1)])
    assert found.dtype == torch.float64
    assert found.tolist() == [1, 1, 1, 1, 0]
