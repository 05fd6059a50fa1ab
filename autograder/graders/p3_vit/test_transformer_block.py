"""A transformer block: its MLP, residual connections and norms; values and gradients are compared with torch's."""

from functools import partial

import torch

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.checks.transformer.block_parts import HEADS, RATIO, C
from autograder.checks.transformer.block_reference import ReferenceBlock
from autograder.checks.transformer.block_roles import BlockRoles
from autograder.checks.transformer.mlp_roles import find_mlp, mlp_candidates
from autograder.checks.transformer.modules import (
    expect_apart,
    expect_every_token,
    expect_input_kept,
    gradients_of,
    new_model,
)
from autograder.checks.transformer.parameters import Tried, same
from autograder.checks.transformer.repeatable import expect_repeatable

EXERCISE = ExerciseSpec(public=("MLP", "Block"))


def _block(student, draw, dtype=torch.float64):
    block = student.Block(C, HEADS, RATIO)
    return new_model("the result of Block", block, draw, dtype, example=torch.ones(2, 3, C))


@check(points=0.5)
def test_mlp(student, draw):
    """MLP applies a linear layer in_features → hid_features, a GELU, and a linear layer back, to each token"""
    for inputs, hidden, shape in ((5, 7, (2, 3, 5)), (6, 2, (4, 6)), (3, 11, (1, 1, 3))):
        what = f"MLP({inputs}, {hidden})"
        x = draw.normal(*shape, dtype=torch.float32)
        model = new_model(f"the result of {what}", student.MLP(inputs, hidden), draw, torch.float32, example=x)
        if expect_repeatable(student, what, model, x, shape):
            expect_input_kept(student, what, model, x)
        in_float32 = as_tensor(f"the output of {what}", model(x), shape, torch.float32)
        values = [value.double() for _, value in model.parameters()]
        tried = Tried.of(student, model)
        found = as_tensor(f"the output of {what}", model(x.double()), shape, torch.float64)
        weights, biases = tried.of_size(inputs * hidden), [tried.of_size(hidden), tried.of_size(inputs)]
        if len(weights) != 2 or any(len(bias) > 1 for bias in biases) or 2 + sum(map(len, biases)) < len(values):
            listed = ", ".join(f"{name} {size}" for name, size in zip(tried.names, tried.shapes)) or "none"
            raise CheckFailed(
                f"{what} should have two matrices of {inputs * hidden} trainable numbers, for {inputs} → {hidden} and "
                f"{hidden} → {inputs} features, and optional biases; its parameters are: {listed}"
            )
        places = tuple((bias or [None])[0] for bias in biases)
        candidates = partial(mlp_candidates, weights, places, (inputs, hidden))
        find_mlp(f"the output of {what}", candidates, values, found, lambda mlp, x=x: mlp(x.double()))
        expect_close(f"the output of {what} in float32", in_float32, found, rtol=1e-4)


@check(points=0.25, needs=[test_mlp], counts_with=["test_values"])
def test_repeatable(student, draw):
    """The output of Block is the same in every call, in training and in evaluation, and the input is left as it is"""
    model = _block(student, draw, torch.float32)
    x, other = (draw.normal(*size, C, dtype=torch.float32) for size in ((3, 5), (2, 4)))
    if expect_repeatable(student, "Block", model, x, (3, 5, C), other):
        expect_input_kept(student, "Block", model, x)


@check(points=0.5, needs=[test_mlp, test_repeatable], counts_with=["test_values"])
def test_shapes(student, draw):
    """Block maps (B, N, embed_dim) to the same shape, in float32 and float64; num_heads and mlp_ratio are 4 by default"""
    for dtype in TOLERANCE:
        model = _block(student, draw, dtype)
        for batch, tokens in ((3, 5), (1, 1), (4, 1), (1, C), (2, C + 3)):
            x = draw.normal(batch, tokens, C, dtype=dtype)
            as_tensor("the output of Block", model(x), (batch, tokens, C), dtype)
    BlockRoles(student, draw, model).expect_width()
    _expect_defaults(student, draw)


RUNS = [test_mlp, test_repeatable, test_shapes]


def _expect_defaults(student, draw):
    """Fails unless a block with defaults equals one with num_heads=4 and mlp_ratio=4 and the same parameters."""
    size = 24  # which many numbers of heads divide, so that another default is not an error
    x = draw.normal(2, 4, size, dtype=torch.float32)
    plain, same_as = (
        new_model("the result of Block", made, draw, torch.float32, example=x)
        for made in (student.Block(size), student.Block(size, num_heads=4, mlp_ratio=4))
    )
    values, others = ([value for _, value in model.parameters()] for model in (plain, same_as))
    if [value.shape for value in values] != [value.shape for value in others]:
        raise CheckFailed(
            f"Block({size}) has {sum(value.numel() for value in values)} parameters, but Block({size}, num_heads=4, "
            f"mlp_ratio=4) has {sum(value.numel() for value in others)}: the defaults should be num_heads=4 and mlp_ratio=4"
        )
    same_as.set_parameters(values)
    if not same(*(as_tensor("the output of Block", model(x), tuple(x.shape)) for model in (plain, same_as)), 1e-4):
        raise CheckFailed(
            f"Block({size}) should be the same as Block({size}, num_heads=4, mlp_ratio=4), but gives another output with the "
            "same parameters: what are the defaults?"
        )


@check(points=0.25, needs=RUNS)
def test_tokens(student, draw):
    """Sequences do not influence each other; within a sequence every token counts, but not their order"""
    model = _block(student, draw)
    for tokens in (4, 1):
        expect_apart("Block", model, draw.normal(3, tokens, C), (tokens, C))
    output = lambda x: as_tensor("the output of Block", model(x), tuple(x.shape))  # noqa: E731  (a name for a call)
    expect_every_token("Block", output, draw.normal(1, 5, C), draw)


@check(points=0.5, needs=[*RUNS, test_tokens])
def test_residuals(student, draw):
    """Each half adds its result to its input: if all parameters are zero, Block returns x"""
    roles = BlockRoles(student, draw, _block(student, draw))
    # With zeros only, a block without residuals and one without the last residual would be the same.
    roles.block.output(roles.block.random(draw), draw.normal(2, 3, C))
    roles.expect_residuals()


@check(points=0.5, needs=[*RUNS, test_tokens, test_residuals])
def test_norms(student, draw):
    """Attention and MLP each have their own layer norm before them"""
    roles = BlockRoles(student, draw, _block(student, draw))
    roles.expect_residuals()
    roles.halves()


HALVES = [*RUNS, test_tokens, test_residuals, test_norms]


@check(points=0.5, needs=HALVES)
def test_attention(student, draw):
    """The first half adds the attention of the normalized tokens, with num_heads heads"""
    roles = BlockRoles(student, draw, _block(student, draw))
    roles.expect_residuals()
    roles.attention(roles.halves()[0])


@check(points=0.5, needs=[*HALVES, test_attention])
def test_values(student, draw):
    """The output is x + attention(norm1(x)), then x + mlp(norm2(x)), as torch computes it with the same parameters"""
    roles = BlockRoles(student, draw, _block(student, draw))
    roles.expect_residuals()
    reference = ReferenceBlock.of(roles)
    values = roles.block.random(draw)
    for size in ((1, 1), (3, 5)):
        x = draw.normal(*size, C)
        found, expected = roles.block.output(values, x), reference(values, x)
        if not same(found, expected, 1e-7):
            reference.explain(values, x, found, "the output is wrong: ")
    single = _block(student, draw, torch.float32)
    x = draw.normal(2, 3, C, dtype=torch.float32)
    found = as_tensor("the output", single(x), tuple(x.shape))
    single.double()
    expect_close("the output in float32", found, single(x.double()), rtol=1e-4)


@check(points=0.5, needs=[*HALVES, test_attention, test_values])
def test_gradients(student, draw):
    """The right gradient reaches the input and every parameter"""
    roles = BlockRoles(student, draw, _block(student, draw))
    roles.expect_residuals()
    reference = ReferenceBlock.of(roles)
    model = _block(student, draw)
    x, upstream = draw.normal(2, 4, C), draw.normal(2, 4, C)
    of_input, of_parameters, parameters = gradients_of(student, model, x, upstream)
    leaves = [x.clone().requires_grad_(), *(value.clone().requires_grad_() for _, value in parameters)]
    output = reference(leaves[1:], leaves[0])
    expected = torch.autograd.grad(output, leaves, upstream, materialize_grads=True)
    for (name, _), right in zip(parameters, expected[1:]):
        expect_close(f"the gradient for {name}", of_parameters[name], right, rtol=1e-6)
    context = AnswerContext(others=lambda: _with_cuts(reference, leaves[1:], x, upstream))
    expect_close("the gradient for the input x", of_input, expected[0], rtol=1e-6, context=context)


def _with_cuts(reference, values, x, upstream):
    """The gradient for x if the input of a half is cut out of the graph."""
    found = {}
    for words, cut_attention, cut_mlp in (
        ("lacks the part through the attention", True, False),
        ("lacks the part through the MLP", False, True),
        ("lacks the parts through attention and MLP", True, True),
    ):
        leaf = x.clone().requires_grad_()
        middle = leaf + reference.attention(values, leaf.detach() if cut_attention else leaf)
        output = middle + reference.mlp(values, middle.detach() if cut_mlp else middle)
        (gradient,) = torch.autograd.grad(output, [leaf], upstream)
        found[f"{words}: is something detached there?"] = gradient
    return found
