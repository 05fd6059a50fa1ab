"""Dropout: its distribution, its generator and its gradients. Batch norm: compared with PyTorch's own."""

import math

import torch
from torch import nn

from autograder.checks.closeness import as_tensor, expect_close, expect_unchanged
from autograder.checks.convolution.batch_norm import (
    RTOL,
    Pair,
    agree,
    draw_batches,
    draw_images,
    expect_gradients,
    explain_evaluation,
    explain_output,
    of_state,
    read_state,
)
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.running_statistics import expect_statistics
from autograder.checks.convolution.wording import named
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.explanations.context import AnswerContext
from autograder.checks.failure import CheckFailed
from autograder.checks.forbidden import DROPOUTS, NORMALIZATIONS, combine
from autograder.checks.modules import as_model
from autograder.checks.refusals import Given, expect_refusals

EXERCISE = ExerciseSpec(public=("dropout", "BatchNorm2d"), forbidden=combine(DROPOUTS, NORMALIZATIONS))

DTYPES = (torch.float32, torch.float64)
OPTIONS: tuple[tuple[int, dict[str, float]], ...] = (
    (3, {}),
    (4, {"eps": 0.1, "momentum": 0.3}),
    (2, {"eps": 0.01, "momentum": 0.8}),
)
# A fraction of n independent draws is this many standard deviations off once in 1e10. With all fractions below, correct
# code fails in fewer than one in a hundred million gradings.
DEVIATIONS = 6.5


def _entries(draw, *shape, dtype=torch.float64):
    """Numbers of both signs, none near zero, so that a zero in the answer means a dropped entry."""
    values = torch.from_numpy(draw.rng.uniform(0.5, 2.0, shape) * draw.rng.choice([-1.0, 1.0], shape))
    return values.to(dtype)


def _dropout(student, x, p, **options):
    return as_tensor("the result of dropout", student.dropout(x, p, True, **options), tuple(x.shape), x.dtype)


def _none_or_all(x, y):
    """What a result without zeros, or with nothing else, looks like."""
    if bool((y == 0).all()):
        return Finding(f"drops all of {x.numel()} entries")
    values, counts = y.unique(return_counts=True)
    share, value = float(counts.max()) / y.numel(), float(values[counts.argmax()])
    if 0.3 < share < 0.7:
        return established(f"turns {share:.0%} of {x.numel()} entries into {value:.4g}", ": a dropped entry is 0")
    drops_none = f"drops none of {x.numel()} entries"
    return established(f"{drops_none}, and returns x as it is") if torch.equal(x, y) else Finding(drops_none)


@check(points=0.5)
def test_dropout_draws(student, draw):
    """dropout draws for each entry independently, and anew in each call"""
    x = _entries(draw, 8, 6, 10, 12)
    # Several calls come first: together they distinguish one draw for all entries from dropping nothing or everything.
    y, *_ = [_dropout(student, x, 0.5) for _ in range(6)]
    dropped = y == 0
    if dropped.all() or not dropped.any():
        why = _none_or_all(x, y)
        raise CheckFailed(f"dropout with p=0.5 and training=True {why.words}", mistake=why.mistake)
    for axis, size in enumerate(x.shape):
        one, other = (dropped.index_select(axis, torch.arange(start, size, 2)) for start in (0, 1))
        alike, share = float((one == other).double().mean()), float(dropped.double().mean())
        by_chance = share**2 + (1 - share) ** 2
        if alike == 1.0:
            mistake = f"entries of x along axis {axis} are dropped together, for x of shape {tuple(x.shape)}"
            raise CheckFailed(f"{mistake}: draw for each entry independently", mistake=mistake)
        if abs(alike - by_chance) > DEVIATIONS * math.sqrt(0.25 / one.numel()):
            raise CheckFailed(
                f"with p=0.5, {alike:.1%} of neighbours along axis {axis} are both dropped or both kept, but independent "
                f"draws that drop {share:.1%} would give {by_chance:.1%}"
            )
    # With correct code, 24 masks of 40 entries are all equal, or drop equally many, less than once in 1e20.
    x = _entries(draw, 5, 8)
    masks = [_dropout(student, x, 0.5) == 0 for _ in range(24)]
    if all(torch.equal(mask, masks[0]) for mask in masks):
        mistake = "24 calls of dropout drop the same entries"
        raise CheckFailed(f"{mistake}: draw anew in each call", mistake=mistake)
    counts = {int(mask.sum()) for mask in masks}
    if len(counts) == 1:
        mistake = f"dropout drops exactly {counts.pop()} of 40 entries each time"
        raise CheckFailed(f"{mistake}: if each entry is drawn independently, the number varies", mistake=mistake)


@check(points=0.5, needs=[test_dropout_draws])
def test_dropout_distribution(student, draw):
    """in training, dropout drops each entry with probability p and divides the others by 1 − p"""
    seen = []
    for p, dtype in ((0.2, torch.float32), (0.75, torch.float64), (0.5, torch.float32)):
        x = _entries(draw, 40, 5, 10, 10, dtype=dtype)
        y = _dropout(student, x, p)
        if not torch.isfinite(y).all():
            raise CheckFailed(f"dropout with p={p} gives numbers that are infinite or NaN")
        kept = y != 0
        seen.append((p, float((y == 0).double().mean()), y[kept].double() / x[kept].double()))
    _expect_fractions(student, draw, [(p, fraction) for p, fraction, _ in seen], x.numel())
    wrong = [(p, scale) for p, _, scale in seen if not _is(scale, 1 / (1 - p))]
    for words, factor in _SCALES.items():
        if wrong and all(_is(scale, factor(p, fraction)) for p, fraction, scale in seen):
            raise CheckFailed(f"dropout with p={wrong[0][0]} {words}", mistake=words.partition(": ")[0])
    for p, scale in wrong:
        expect_close(f"the kept entries of dropout with p={p}", scale, torch.full_like(scale, 1 / (1 - p)), rtol=1e-6)
    expect_unchanged(student)


_SCALES = {
    "does not scale the others, so the mean shrinks: divide them by 1 − p": lambda p, dropped: 1.0,
    "multiplies the others by 1 − p, so the mean shrinks twice: divide by 1 − p": lambda p, dropped: 1 - p,
    "divides the others by p: divide by 1 − p to keep the mean": lambda p, dropped: 1 / p,
    "divides the others by the root of 1 − p: divide by 1 − p to keep the mean": lambda p, dropped: (1 - p) ** -0.5,
    "divides the others by the fraction that was kept in this call: divide by 1 − p, so that entries are independent": (
        lambda p, dropped: 1 / (1 - dropped)
    ),
}
"""Wrong factors of the kept entries, by words: from p and the fraction that was dropped."""


def _is(scale, factor):
    return bool(((scale - factor).abs() <= 2e-6 * (1 + factor)).all())


def _expect_fractions(student, draw, seen, count):
    """Fails unless about the fraction p of `count` entries is dropped, for each p."""
    wrong = [(p, fraction) for p, fraction in seen if not _is_fraction(fraction, p, count)]
    if not wrong:
        return
    x = _entries(draw, count)
    for p in (0.33, 0.86, 0.48):  # with more digits than those before
        seen.append((p, float((_dropout(student, x, p) == 0).double().mean())))
    p, fraction = wrong[0]
    found = (w for w, law in _FRACTIONS.items() if all(_is_fraction(drops, law(p), count) for p, drops in seen))
    why = next(found, "")
    raise CheckFailed(
        f"dropout with p={p} drops {fraction:.1%} of {count} entries{f': {why}' if why else ''}", mistake=why
    )


def _is_fraction(fraction, p, count):
    return abs(fraction - p) <= DEVIATIONS * math.sqrt(p * (1 - p) / count)


_FRACTIONS = {
    "p is the probability of dropping an entry, not of keeping it": lambda p: 1 - p,
    "that is as many as if the random numbers were normal (randn), but those compared with p have to be uniform in [0, 1)": (
        lambda p: torch.special.ndtr(torch.tensor(p, dtype=torch.float64)).item()
    ),
    "that is as many as if keeping meant that a normal random number (randn) is below p; uniform ones in [0, 1) are needed": (
        lambda p: 1 - torch.special.ndtr(torch.tensor(p, dtype=torch.float64)).item()
    ),
    "for other p, too, that is p rounded to one decimal": lambda p: round(p, 1),
    "for other p, too, that is p rounded down to one decimal": lambda p: math.floor(10 * p) / 10,
    "for other p, too, that is half of them, whatever p is": lambda p: 0.5,
    "that is as many as if two masks were applied one after the other": lambda p: 1 - (1 - p) ** 2,
    "that is p², as if an entry had to be chosen twice": lambda p: p**2,
    "that is the root of p": lambda p: p**0.5,
    "that is half of p": lambda p: p / 2,
}
"""Wrong fractions of dropped entries, by words. One is believed only if it fits all p that were tried."""


@check(points=0.25)
def test_dropout_identity(student, draw):
    """dropout returns x unchanged in evaluation, and for p = 0"""
    for dtype in DTYPES:
        for shape, p, training in (((4, 3, 5, 2), 0.4, False), ((30,), 0.9, False), ((6, 7), 0.0, True)):
            x = _entries(draw, *shape, dtype=dtype)
            asked = f"dropout with p={p} and training={training}"
            y = as_tensor("the result of dropout", student.dropout(x, p, training), shape, dtype)
            if bool((y == 0).any()):
                raise CheckFailed(f"{asked} drops entries, but should drop none", mistake=f"{asked} drops entries")
            expect_close(asked, y, x, rtol=1e-6, factors={"1 − p": 1 - p} if p else {})
    expect_unchanged(student)


@check(points=0.25, needs=[test_dropout_draws])
def test_dropout_generator(student, draw):
    """if dropout gets a generator, it alone decides what is dropped"""
    x, generator = _entries(draw, 20, 30), draw.generator()
    first, again, other = (
        _dropout(student, x, 0.5, generator=source) for source in (generator, generator, draw.generator())
    )
    if not torch.equal(first, again):
        mistake = "dropout drops different entries for equal generators"
        raise CheckFailed(f"{mistake}: pass the generator to the function that draws", mistake=mistake)
    if torch.equal(first, other):
        mistake = "dropout drops the same entries for two different generators"
        raise CheckFailed(f"{mistake}: the draw should come from the generator", mistake=mistake)
    with named("the second of two calls of dropout with one generator"):
        values = student.probe("functions.repeated_calls", student.dropout, 2, [x, 0.5, True], generator)
    one, two = (as_tensor("the result of dropout", value, tuple(x.shape)) for value in values)
    if torch.equal(one, two):
        mistake = "two calls in a row with one generator drop the same entries"
        raise CheckFailed(f"{mistake}: use the generator as it is; each draw moves it on", mistake=mistake)


@check(points=0.25, needs=[test_dropout_distribution, test_dropout_identity])
def test_dropout_gradient(student, draw):
    """gradients flow through dropout with the same mask and scale"""
    for p, training in ((0.3, True), (0.6, True), (0.5, False)):
        x, upstream = _entries(draw, 9, 8), draw.normal(9, 8)
        with student.random_state(draw.seed()):
            y = as_tensor("the result of dropout", student.dropout(x, p, training), (9, 8))
            with named(f"the backward pass of dropout for x of shape (9, 8), p={p}, training={training}"):
                gradient = student.probe("gradients.pull_back", student.dropout, [x, p, training], 0, upstream)
        if gradient is None:
            raise CheckFailed(
                "no gradient reaches x through dropout: is x detached, or converted to NumPy or a new tensor?"
            )
        what = f"the gradient for x through dropout with p={p}, training={training}"
        context = AnswerContext(factors={"1 − p": 1 - p}, inputs={"the gradient that comes in": upstream})
        expect_close(what, as_tensor(what, gradient, (9, 8)), upstream * y / x, rtol=1e-6, context=context)


@check(points=0.25, apart_from_values=True)
def test_dropout_errors(student, draw):
    """dropout raises a ValueError if p is below 0 or above 1"""
    x = _entries(draw, 3, 4)
    good = [Given("0.5 is a probability", (x, 0.5, True))]
    bad = [
        Given(f"{p:g} is not a probability", (x, p, training)) for training in (True, False) for p in (-0.2, 1.3, -2.0)
    ]
    expect_refusals(student, student.dropout, good=good, bad=bad)


@check(points=0.5, apart_from_values=True)
def test_batch_norm_state(student, draw):
    """BatchNorm2d has the same state_dict as PyTorch's, with weight, bias and three buffers, and the same initial values"""
    layer, torchs = as_model("BatchNorm2d(3)", student.BatchNorm2d(3)), nn.BatchNorm2d(3)
    expected = torchs.state_dict()
    with named("BatchNorm2d's state_dict()"):
        names = student.probe("modules.state_names", layer)
    names = names if isinstance(names, list) else []
    for name in expected:
        if name not in names:
            there = ", ".join(str(other)[:40] for other in names[:12]) or "nothing"
            mistake = f"the state_dict of BatchNorm2d lacks {name}"
            raise CheckFailed(f"{mistake}, so it is not saved; it has: {there}", mistake=mistake)
    for name in names:
        if name not in expected:
            mistake = f"the state_dict of BatchNorm2d has {str(name)[:40]}, but PyTorch's does not"
            raise CheckFailed(mistake, mistake=mistake)
    state = read_state(student, layer)
    for name, value in expected.items():
        got = of_state(state, name, tuple(value.shape))
        expect_close(f"{name} of a new BatchNorm2d", got, value, rtol=1e-6)
    trainable = {name for name, _ in layer.parameters()}
    if trainable != {"weight", "bias"}:
        there = " and ".join(sorted(trainable)) or "none"
        mistake = f"the trainable parameters of BatchNorm2d should be weight and bias, but are {there}"
        raise CheckFailed(mistake, mistake=mistake)
    count = state["num_batches_tracked"]
    if count.dtype != torch.int64:
        mistake = f"num_batches_tracked should be an int64 tensor, as in PyTorch's, but is {count.dtype}"
        raise CheckFailed(mistake, mistake=mistake)


@check(points=0.5, needs=[test_batch_norm_state])
def test_batch_norm_training(student, draw):
    """in training, BatchNorm2d normalizes each channel over the batch, using eps, then scales and shifts it"""
    for channels, options in OPTIONS:
        for dtype in DTYPES:
            pair = Pair(student, draw, channels, dtype, **options)
            pair.train()
            seen, expected = zip(*(pair.see(x) for x in draw_batches(draw, channels)))
            for batch, right in zip(seen, expected):
                if not agree(batch.y, right, RTOL[dtype]):
                    explain_output(list(seen), pair.torchs, RTOL[dtype])
                expect_close("BatchNorm2d's output in training", batch.y, right, rtol=RTOL[dtype])
    expect_unchanged(student)


@check(points=0.5, needs=[test_batch_norm_state], apart_from_values=True)
def test_batch_norm_statistics(student, draw):
    """in training, momentum moves the running statistics towards those of the batch, with the unbiased variance"""
    for channels, options in OPTIONS:
        for dtype in DTYPES:
            pair = Pair(student, draw, channels, dtype, **options)
            pair.train()
            expect_statistics(pair, draw_batches(draw, channels), RTOL[dtype])


@check(points=0.25, needs=[test_batch_norm_state, test_batch_norm_training])
def test_batch_norm_evaluation(student, draw):
    """in evaluation, BatchNorm2d normalizes by the running statistics and does not change them"""
    for dtype in DTYPES:
        pair = Pair(student, draw, 3, dtype, eps=0.02, momentum=0.4)
        for x in draw_batches(draw, 3):
            pair.train()
            pair(x)
            pair.train(False)
            _expect_evaluation(pair, draw)
    _expect_loaded(student, draw)


def _expect_evaluation(pair, draw):
    own = pair.state()
    # Uses the student's own statistics if they can be read; another check tests whether they are right.
    found = {name: own.get(name) for name in ("running_mean", "running_var")}
    if all(isinstance(value, torch.Tensor) and value.shape == (3,) for value in found.values()):
        pair.torchs.load_state_dict(found, strict=False)
    images = (draw_images(draw, 3, 3, 2, 5), draw_images(draw, 1, 3, 4, 1))
    answers = [pair(z) for z in images]
    after = pair.state()
    for name, value in own.items():
        if name not in after or not torch.equal(after[name].double(), value.double()):
            mistake = f"BatchNorm2d changes {name} in evaluation"
            raise CheckFailed(f"{mistake}, but should change nothing", mistake=mistake)
    for z, (y, expected) in zip(images, answers):
        if not agree(y, expected, RTOL[pair.dtype]):
            explain_evaluation(z, y, pair.torchs.state_dict(), pair.torchs)
        expect_close("BatchNorm2d's output in evaluation", y, expected, rtol=RTOL[pair.dtype])


def _expect_loaded(student, draw):
    """Fails unless a layer uses the state_dict that it has loaded. One with other names or shapes fails another check."""
    layer, torchs = as_model("BatchNorm2d(3)", student.BatchNorm2d(3)), nn.BatchNorm2d(3)
    shapes = (
        {name: value.shape for name, value in state.items()}
        for state in (read_state(student, layer), torchs.state_dict())
    )
    if next(shapes) != next(shapes):
        return
    learned = {name: draw.normal(3).float() for name in ("weight", "bias", "running_mean")}
    learned |= {"running_var": draw.normal(3).float().exp(), "num_batches_tracked": torch.tensor(11)}
    torchs.load_state_dict(learned)
    with named("load_state_dict, called with PyTorch's state,"):
        student.probe("modules.load_state", layer, learned)
    layer.eval()
    x, torchs = draw_images(draw, 4, 3, 2, 5).float(), torchs.eval()
    y = as_tensor("BatchNorm2d's output", layer(x), tuple(x.shape), torch.float32)
    what = "BatchNorm2d's output in evaluation, after loading PyTorch's state_dict,"
    expect_close(what, y, torchs(x).detach(), rtol=1e-4)
    if float(of_state(read_state(student, layer), "num_batches_tracked", ())) != 11:
        raise CheckFailed("num_batches_tracked is not 11 after loading a state_dict with 11")


@check(points=0.25, needs=[test_batch_norm_training, test_batch_norm_evaluation])
def test_batch_norm_gradients(student, draw):
    """BatchNorm2d has the same gradients as PyTorch's, for its input, weight and bias"""
    for channels, options in OPTIONS:
        pair = Pair(student, draw, channels, **options)
        # Evaluation in between: gradients flow there too, but not back into earlier batches.
        for training in (True, False, True):
            pair.train(training)
            for x in draw_batches(draw, channels)[:2]:
                expect_gradients(pair, x, draw.normal(*x.shape), training)
