"""Multi-head self-attention: its properties, its heads and their scale; values and gradients are compared with torch's."""

from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.forbidden import ATTENTION
from autograder.checks.refusals import Given, expect_refusals
from autograder.checks.transformer.attention import (
    Attention,
    expect_gradients,
    expect_large_scores,
    expect_one_token,
    expect_repeatable,
    expect_samples_apart,
    expect_scale,
    expect_shapes,
    expect_tokens_alike,
    expect_values,
    expect_weights_sum_to_one,
)
from autograder.checks.transformer.attention_parameters import expect_four_maps

EXERCISE = ExerciseSpec(public=("MultiHeadsSelfAttention",), forbidden=ATTENTION)


def _layer(student, draw):
    return Attention(student, draw, student.MultiHeadsSelfAttention)


@check(points=0.5, apart_from_values=True)
def test_constructor(student):
    """MultiHeadsSelfAttention(embed_dim, num_heads) raises a ValueError if num_heads does not divide embed_dim"""
    good = [(6, 1), (12, 3), (6, 6), (5, 5), (10, 2)]
    bad = [(6, 4), (12, 5), (7, 2), (4, 8)]
    expect_refusals(
        student,
        student.MultiHeadsSelfAttention,
        good=[Given(f"{heads} divides {dim}", (dim, heads)) for dim, heads in good],
        bad=[Given(f"{heads} does not divide {dim}", (dim, heads)) for dim, heads in bad],
    )


@check(points=0.5, needs=[test_constructor], counts_with=["test_values"])
def test_repeatable(student, draw):
    """The output is the same in every call, in training and in evaluation, and the input is left as it is"""
    expect_repeatable(_layer(student, draw), 6, 2)


@check(points=0.5, needs=[test_constructor, test_repeatable])
def test_four_maps(student, draw):
    """It has trainable queries, keys and values for each head and a final projection, and uses them all"""
    expect_four_maps(_layer(student, draw), 2)


@check(points=0.5, needs=[test_repeatable, test_four_maps], counts_with=["test_values"])
def test_shapes(student, draw):
    """It maps (B, N, embed_dim) to the same shape, in float32 and float64"""
    expect_shapes(_layer(student, draw), 6, 2)


RUNS = [test_repeatable, test_four_maps, test_shapes]


@check(points=0.5, needs=RUNS, counts_with=["test_values"])
def test_samples_apart(student, draw):
    """The sequences of a batch do not influence each other"""
    expect_samples_apart(_layer(student, draw), 6, 2)


@check(points=0.5, needs=[*RUNS, test_samples_apart])
def test_tokens_alike(student, draw):
    """Every token attends to every other token, whatever their order: heads and tokens are not mixed up"""
    expect_tokens_alike(_layer(student, draw), 6, 2)


@check(points=0.5, needs=[*RUNS, test_samples_apart, test_tokens_alike])
def test_one_token(student, draw):
    """For a single token, the output is the final projection of its values, with all heads side by side"""
    expect_one_token(_layer(student, draw), 4, 2)


MIXES = [*RUNS, test_samples_apart, test_tokens_alike, test_one_token]


@check(points=0.5, needs=MIXES)
def test_weights_sum_to_one(student, draw):
    """The attention weights of each query sum to 1 in each head: the softmax is over the keys"""
    expect_weights_sum_to_one(_layer(student, draw), 4, 2)


@check(points=0.5, needs=[*MIXES, test_weights_sum_to_one])
def test_heads_and_scale(student, draw):
    """Each head computes its own weights: the softmax of queries times keys / √d, with d = embed_dim / num_heads"""
    expect_scale(_layer(student, draw), (10, 2), (6, 3))


ALL = [*MIXES, test_weights_sum_to_one, test_heads_and_scale]


@check(points=0.5, needs=ALL)
def test_values(student, draw):
    """The output equals torch's attention with the same parameters, for 1, 2 and 3 heads"""
    expect_values(_layer(student, draw), ((6, 3), (4, 2), (3, 1)))


@check(points=0.5, needs=[*ALL, test_values])
def test_large_scores(student, draw):
    """The output is right in float32 where scores are large, up to 300"""
    expect_large_scores(_layer(student, draw), 4, 2)


@check(points=0.5, needs=[*ALL, test_values])
def test_gradients(student, draw):
    """The right gradient reaches the input and every parameter"""
    expect_gradients(_layer(student, draw), 4, 2)
