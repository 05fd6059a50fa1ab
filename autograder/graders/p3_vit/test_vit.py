"""A vision transformer: its class token, its blocks, its positions, its gradients, and whether it learns.

Most checks need no access to its parts. Others find parts by their size, and by what they do when other parameters are
zero. Otherwise parameters are random.
"""

import itertools

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_close, expect_unchanged
from autograder.checks.declare import ExerciseSpec, accuracy, check
from autograder.checks.failure import CheckFailed
from autograder.checks.modules import as_model
from autograder.checks.transformer.blocks_counted import ONE_BLOCK, SAME_BLOCK, blocks_count, why_none
from autograder.checks.transformer.blocks_of_vit import expect_all_used, expect_right_block
from autograder.checks.transformer.class_token import find_class_token, heads_of
from autograder.checks.transformer.modules import (
    NOT_FOUND,
    called,
    expect_apart,
    expect_input_kept,
    new_model,
)
from autograder.checks.transformer.parameters import Tried, same
from autograder.checks.transformer.positions_added import (
    expect_before_the_blocks,
    expect_known,
    expect_not_of_images,
    expect_once,
)
from autograder.checks.transformer.positions_of_vit import expect_right_tokens, missing_positions
from autograder.checks.transformer.repeatable import expect_repeatable
from autograder.checks.transformer.small_vits import (
    CLASSES,
    HEADS,
    HUGE,
    IMAGE,
    ROWS,
    C,
    exchanged,
    new_vit,
    run,
    scores_of,
    times,
)
from autograder.data.jitter import jitter_images

EXERCISE = ExerciseSpec(public=("ViT",))


@check(points=0.25, apart_from_values=True)
def test_blocks(student, draw):
    """ViT has nb_blocks blocks, which add as many parameters each"""
    counts = [sum(value.numel() for _, value in new_vit(student, draw, nb).parameters()) for nb in range(4)]
    each = [after - before for before, after in itertools.pairwise(counts)]
    least, most = 12 * C * C + 2 * C, 12 * C * C + (13 + HEADS) * C
    found = f"with 0, 1, 2 and 3 blocks of embed_dim={C} ViT has {', '.join(map(str, counts))} trainable numbers"
    if counts[0] >= least:
        raise CheckFailed(
            f"{found}: without blocks there are already as many as in a block, so is nb_blocks the number of blocks?"
        )
    if not any(each):
        raise CheckFailed(f"{found}: the blocks add none. {NOT_FOUND}. Where do you keep the blocks?")
    if not each[0]:
        seen, mistake = why_none(student, draw, each)
        raise CheckFailed(f"{found}: {seen}{mistake}", mistake=mistake)
    if not any(each[1:]):
        mistake = SAME_BLOCK if blocks_count(student, draw) else ONE_BLOCK
        raise CheckFailed(f"{found}: {mistake}, but each block needs its own parameters", mistake=mistake)
    if len(set(each)) > 1:
        shared = each[1] == each[2] < each[0]
        why = ", but the others add fewer, as if they shared parameters with it" if shared else ""
        raise CheckFailed(f"{found}: each block should add as many as the first{why}")
    if not least <= each[0] <= most:
        raise CheckFailed(
            f"{found}, {each[0]} per block; a block with a hidden layer of 4 · embed_dim features has about {12 * C * C}"
        )


@check(points=0.25, needs=[test_blocks], counts_with=["test_every_pixel"])
def test_repeatable(student, draw):
    """The scores are the same in every call, in training and in evaluation, in float32 and float64; images are kept"""
    model = new_vit(student, draw, 2, torch.float32)
    images = draw.normal(3, *IMAGE, dtype=torch.float32)
    other = draw.normal(2, *IMAGE, dtype=torch.float32)
    if not expect_repeatable(student, "ViT", model, images, (3, CLASSES), other):
        return  # test_shape says why
    expect_input_kept(student, "ViT", model, images)
    single = scores_of(model, images)
    model.double()
    expect_close("the result of ViT in float32", single, scores_of(model, images.double()), rtol=1e-3)


@check(points=0.25, needs=[test_blocks, test_repeatable], counts_with=["test_every_pixel"])
def test_shape(student, draw):
    """ViT maps images (B, in_chan, img_size, img_size) to scores (B, nb_classes), with any number of blocks"""
    made = ((12, 2, 2, 5, 6, 2, 3), (8, 0, 4, 3, 8, 1, 2), (4, 1, 3, 6, 9, 3, 1), (8, 3, 5, 2, 5, 4, 4))
    for dtype in TOLERANCE:
        for embed_dim, nb_blocks, patch, classes, size, channels, heads in made:
            options = {"nb_classes": classes, "img_size": size, "in_chan": channels, "num_heads": heads}
            made_here = student.ViT(embed_dim, nb_blocks, patch, **options)
            example = torch.zeros(1, channels, size, size)
            model = new_model("the result of ViT", made_here, draw, dtype, example=example)
            for batch in (3, 1):
                scores_of(model, draw.normal(batch, channels, size, size, dtype=dtype), classes)
    expect_unchanged(student)


RUNS = [test_blocks, test_repeatable, test_shape]


@check(points=0.25, needs=RUNS, counts_with=["test_every_pixel"])
def test_images_apart(student, draw):
    """The scores of an image do not depend on the other images of the batch or on its place in it"""
    expect_not_of_images(student, draw)
    model = new_vit(student, draw, 2)
    expect_apart("ViT", model, draw.normal(4, *IMAGE), (CLASSES,))
    scores = scores_of(model, draw.normal(1, *IMAGE).expand(4, -1, -1, -1).contiguous())
    if not same(scores, scores[:1].expand_as(scores)):
        raise CheckFailed(
            "a batch with four copies of an image gives different scores: something depends on the place in the batch. Are "
            "positions added along the batch axis, or is there a class token for each place?"
        )


@check(points=0.5, needs=[*RUNS, test_images_apart])
def test_class_token(student, draw):
    """The scores come from the class token: with nb_blocks=0 they are head(norm(class token)), whatever the image"""
    find_class_token(student, draw)


@check(points=0.5, needs=[*RUNS, test_images_apart, test_class_token])
def test_residual_stream(student, draw):
    """The blocks are pre-norm and followed by the final norm: blocks with zero parameters do not change the class token"""
    name = find_class_token(student, draw)
    tried = Tried.of(student, new_vit(student, draw, 2))
    heads, vectors, images = heads_of(tried), tried.of_size(C), draw.normal(1, *IMAGE)
    of_head = [*tried.of_size(CLASSES * C), *tried.of_size(CLASSES)]
    values = tried.random(draw)

    def scores(kept, numbers=values):
        return run(tried, tried.only(numbers, [*of_head, *kept]), images)[0]

    if name in tried.names:
        given = [*vectors, *tried.of_size(CLASSES)]
        longer = times(values, tried.names.index(name), HUGE)
        if same(scores(given), scores(given, longer), 1e-6):
            raise CheckFailed(
                "with two blocks whose weight matrices are all zero, the scores do not depend on the class token. What does "
                "a block return if its attention and its MLP add nothing? In a pre-norm block that is its input: is x + "
                "missing before one of them?"
            )
    nothing = scores([])
    biases = [i for i in vectors if any(same(scores([i]), way(values, values[i].flatten())) for way in heads)]
    others = [i for i in vectors if i not in biases]
    gates = [i for i in others if same(scores([j for j in others if j != i]), nothing)]
    if len(biases) > 1 or same(scores(others), nothing) or len(gates) != 1:
        raise CheckFailed(
            "after two blocks the head does not get the class token through one layer norm: does the final norm follow "
            "the last block, and does it get the class token?"
        )
    if name in tried.names:
        token = tried.names.index(name)
        huge = times(values, token, HUGE)
        normed = F.layer_norm(huge[token].flatten(), (C,)) * values[gates[0]].flatten()
        if any(same(scores([gates[0], token], huge), way(values, normed), 1e-6) for way in heads):
            return
    raise CheckFailed(
        "with two blocks whose parameters are all zero, the scores should be those of the class token and the final norm, "
        "but are not. What does a block return if its attention and its MLP return zeros? In a pre-norm block that is its "
        "input, unnormalized"
    )


STREAM = [*RUNS, test_images_apart, test_class_token, test_residual_stream]


def _why_no_gradient(model, images, draw):
    if same(scores_of(model, images), scores_of(model, draw.normal(*images.shape))):
        return "the scores do not depend on them"
    return "is something cut out of the graph by .detach(), .data, .item(), torch.tensor(...) or no_grad?"


@check(points=0.25, needs=[*RUNS, test_images_apart, test_class_token])
def test_every_pixel(student, draw):
    """With one block, every pixel of every channel influences every score"""
    model = new_vit(student, draw, 1)
    images = draw.normal(1, *IMAGE)
    what = f"the backward pass through {called(model, images).removesuffix(',')}"
    found = student.probe("modules.gradients", model, images, torch.eye(CLASSES, dtype=torch.float64)[:1], what=what)
    of_images = found[0]
    if of_images is None:
        raise CheckFailed(f"no gradient reaches the images: {_why_no_gradient(model, images, draw)}")
    of_images = as_tensor("the gradient for the images", of_images, tuple(images.shape))
    unseen = (of_images[0] == 0).nonzero().tolist()
    if len(unseen) == of_images.numel():
        raise CheckFailed(
            "with one block no pixel of the image changes the scores: the class token, from which they are computed, gets "
            "nothing from the patches. Follow it through the attention: is it compared with the other tokens of its own "
            "image, may it see all of them, and is its result a weighted mean of all values?"
        )
    if unseen:
        channel, row, column = unseen[0]
        raise CheckFailed(
            f"{len(unseen)} of the {of_images.numel()} numbers of an image do not change the scores, such as channel "
            f"{channel}, row {row}, column {column}. Follow it from the image to the class token: is it cut into a patch, "
            "projected, and attended to?"
        )


HEADS_UNUSED = "num_heads has no effect"


@check(points=0.25, needs=[*STREAM, test_every_pixel])
def test_defaults(student, draw):
    """By default ViT takes grey images of 28 × 28 pixels and has 10 classes and 4 heads; num_heads is used"""
    images, seed = draw.normal(2, 1, 28, 28, dtype=torch.float32), draw.seed()
    with student.random_state(seed):  # so that random values that are not parameters are the same too
        plain = as_model("the result of ViT", student.ViT(C, 1, 7))
        plain.complete(images)
    values = [draw.normal(*value.shape, scale=0.4, dtype=torch.float32) for _, value in plain.parameters()]
    plain.set_parameters(values)
    plain.eval()
    scores = scores_of(plain, images, 10)
    # With patches of one pixel, a model for larger images would have too many positions.
    scores_of(as_model("the result of ViT", student.ViT(8, 0, 1)), images, 10)
    for heads, as_default in ((4, True), (1, False), (3, False)):
        with student.random_state(seed):
            model = as_model("the result of ViT", student.ViT(C, 1, 7, 10, 28, 1, heads))
            model.complete(images)
        if [value.shape for _, value in model.parameters()] != [value.shape for value in values]:
            continue
        model.set_parameters(values)
        model.eval()
        if same(scores_of(model, images, 10), scores, 1e-5) != as_default:
            raise CheckFailed(
                f"ViT(embed_dim={C}, nb_blocks=1, patch_size=7) with num_heads={heads} and without, and with the same "
                "parameters, "
                + (
                    "should give the same scores: num_heads is 4 by default"
                    if as_default
                    else f"gives the same scores: {HEADS_UNUSED}. Is it passed on to the blocks?"
                ),
                mistake="" if as_default else HEADS_UNUSED,
            )


@check(points=0.5, needs=[*STREAM, test_every_pixel])
def test_positions(student, draw):
    """Positions are used and added once: swapping two patches changes the scores"""
    expect_known(student, draw)
    expect_right_tokens(student, draw)
    model = new_vit(student, draw, 2)
    images = draw.normal(1, *IMAGE)
    scores = scores_of(model, images)
    for place in range(ROWS * ROWS - 1):
        if same(scores_of(model, exchanged(images, place, place + 1)), scores):
            seen = f"swapping the patches {place} and {place + 1} does not change the scores"
            if missing := missing_positions(student, draw):
                raise CheckFailed(f"{seen}: {missing.claim}{missing.advice}", mistake=missing.claim)
            raise CheckFailed(
                f"{seen}, so the network does not know their positions: is the positional embedding added before the blocks, "
                "with a different vector for each patch, and, if it is learned, does it get gradients?"
            )
    expect_before_the_blocks(student, draw)
    expect_once(student, draw)


@check(points=0.25, needs=[*STREAM, test_defaults, test_every_pixel], counts_with=["test_every_pixel"])
def test_inside_blocks(student, draw):
    """All blocks are used, share no parameters, and are those of transformer_block: attention, then an MLP with a GELU"""
    # In float32, since parameters that share their memory no longer do when they are converted.
    models = [new_vit(student, draw, nb_blocks, torch.float32) for nb_blocks in (1, 2, 3)]
    expect_all_used(student, models, draw.normal(1, *IMAGE, dtype=torch.float32), C)
    expect_right_block(student, draw)


ALL = [*STREAM, test_defaults, test_every_pixel, test_positions, test_inside_blocks]


@check(points=0.25, needs=ALL, counts_with=["test_every_pixel"])
def test_gradients(student, draw):
    """The right gradient reaches every trainable parameter that the scores depend on"""
    model = new_vit(student, draw, 2)
    images, upstream = draw.normal(2, *IMAGE), draw.normal(2, CLASSES)
    what = f"the backward pass through {called(model, images).removesuffix(',')}"
    _, gradients = student.probe("modules.gradients", model, images, upstream, what=what)
    parameters = model.parameters()
    values, step = [value for _, value in parameters], 1e-5
    directions = [draw.normal(*value.shape) for value in values]
    cases = [
        [value + sign * step * directions[i] if i == j else value for j, value in enumerate(values)]
        for i in range(len(values))
        for sign in (1, -1)
    ]
    tried = Tried.of(student, model)
    sums = [float((upstream * scores).sum()) for scores in tried.outputs(cases, images, (2, CLASSES))]
    for i, (name, value) in enumerate(parameters):
        measured = (sums[2 * i] - sums[2 * i + 1]) / (2 * step)
        gradient = gradients.get(name)
        derived = 0.0
        if gradient is not None:
            derived = float((as_tensor(f"the gradient for {name}", gradient, tuple(value.shape)) * directions[i]).sum())
        if abs(measured - derived) <= 1e-4 * (1 + abs(measured)):
            continue
        if gradient is None:
            seen = f"no gradient reaches {name}, although the scores depend on it"
            raise CheckFailed(
                f"{seen}: is something cut out of the graph by .detach(), .data, .item(), torch.tensor(...) or no_grad?",
                mistake=seen,
            )
        raise CheckFailed(
            f"along a random direction the gradient for {name} should be {measured:.4g}, measured by a small step, but is "
            f"{derived:.4g}: is a part of the way from it to the scores cut out of the graph?"
        )


# With torch's own initialization 5 epochs reach 80 to 92%. With the usual one of vision transformers, normal with a
# standard deviation of 0.02, training starts slowly and reaches 38 to 63%. Other checks test what the network computes.
@accuracy(points=0.5, fast=0.3, full=0.85, needs=[*ALL, test_gradients])
def test_accuracy_on_digits(student, draw, mnist):
    """ViT(32, 2, 7), trained with Adam on the cross-entropy of its scores, learns handwritten digits"""
    whole = len(mnist.train_x) > 10_000
    epochs, batch_size = (3, 100) if whole else (5, 100)
    with student.random_state(draw.seed()):
        model = as_model("the result of ViT", student.ViT(32, 2, 7))
        model.complete(mnist.train_x[:1])
    count = len(mnist.train_x)
    order = [
        torch.from_numpy(part.copy()) for _ in range(epochs) for part in _split(draw.rng.permutation(count), batch_size)
    ]
    what = "training ViT(embed_dim=32, nb_blocks=2, patch_size=7)"
    student.probe("transformer.train", model, mnist.train_x, mnist.train_y, order, 5e-3, what=what)
    images = jitter_images(mnist.test_x, draw.rng)
    scores = as_tensor(
        "the result of ViT", student.probe("transformer.scores", model, images, what=what), (len(images), 10)
    )
    return float((scores.argmax(1) == mnist.test_y).double().mean())


def _split(order, size) -> list[Tensor]:
    return [order[start : start + size] for start in range(0, len(order), size)]
