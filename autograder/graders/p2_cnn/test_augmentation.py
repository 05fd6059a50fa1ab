"""Random crops, center crops and mirror images: each must be one of those that could have been drawn, pixel by pixel.

The pixels of an image are all different, so that a crop shows where it was cut.

The probability that correct code fails by chance in a whole grading is below 1e-10 for each check of what must vary or
occur, and below 4e-7 for the frequencies of mirror images; the comments in the checks derive it.
"""

from __future__ import annotations

import itertools
from contextlib import suppress

import numpy as np
import torch
from torch import Tensor

from autograder.checks.closeness import as_tensor, expect_unchanged
from autograder.checks.convolution.crops import ROUNDINGS, WRONG_CENTERS, begins_at, expect_every_position, positions_of
from autograder.checks.convolution.findings import Finding, established
from autograder.checks.convolution.mirrors import mirrored_of
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.refusals import Given, expect_refusals

EXERCISE = ExerciseSpec(public=("random_crop", "center_crop", "random_horizontal_flip"))
DTYPES = (torch.float64, torch.float32)
# batch, channels, height, width and the size of the crop: unequal, one channel and three, a batch of one, odd widths,
# images as large as the crop in one direction and in both.
CROPS = (
    ((6, 3, 7, 5), 4),
    ((5, 1, 4, 6), 3),
    ((1, 3, 5, 8), 2),
    ((4, 3, 3, 7), 3),
    ((3, 1, 6, 6), 6),
    ((3, 2, 4, 5), 1),
)
# Even and odd differences in both directions, and none.
CENTERS = (
    ((4, 3, 11, 6), 4),
    ((5, 1, 7, 10), 4),
    ((1, 3, 9, 6), 3),
    ((3, 3, 5, 8), 5),
    ((2, 1, 6, 6), 6),
    ((4, 3, 8, 3), 1),
)
FLIPS = ((5, 3, 4, 7), (4, 1, 3, 6), (1, 3, 5, 2), (6, 3, 4, 4))


def _images(draw, batch, channels, height, width, dtype=torch.float64):
    """Images in [0, 1]; no two pixels of an image are closer than 1 / (channels · height · width)."""
    pixels = channels * height * width
    ranks = draw.rng.permuted(np.tile(np.arange(pixels), (batch, 1)), axis=1)
    return torch.from_numpy((ranks + 0.5) / pixels).reshape(batch, channels, height, width).to(dtype)


@check(points=0.5)
def test_random_crop_cuts(student, draw):
    """random_crop cuts a square of neighbouring pixels out of each image, at the same place in all its channels"""
    _expect_inside(student, draw)
    for ((batch, channels, *sides), size), dtype in itertools.product(CROPS, DTYPES):
        images = _images(draw, batch, channels, *sides, dtype)
        what = f"random_crop(images, {size}) of {sides[0]} × {sides[1]} images"
        crops = as_tensor(what, student.random_crop(images, size), (batch, channels, size, size))
        positions_of(what, images, crops)


def _expect_inside(student, draw):
    """Fails if crops reach beyond the edge. Of single images, since crops of different sizes cannot be stacked."""
    for height, width, size in ((7, 5, 4), (4, 6, 3)):
        images = _images(draw, 1, 2, height, width)
        values = student.probe("functions.repeated_calls", student.random_crop, 60, [images, size], draw.generator())
        crops = [value for value in values if isinstance(value, Tensor) and value.dim() == 4]
        small = [crop for crop in crops if max(crop.shape[2:]) == size > min(crop.shape[2:])]
        if small and all(max(crop.shape[2:]) <= size for crop in crops):
            found = " × ".join(str(side) for side in small[0].shape[2:])
            mistake = "they begin so late that they reach beyond the edge"
            raise CheckFailed(
                f"{len(small)} of 60 crops of random_crop(images, {size}) of one {height} × {width} image are too small, "
                f"such as {found}: {mistake}. From where to where can a crop begin?",
                mistake=mistake,
            )


@check(points=0.5, needs=[test_random_crop_cuts])
def test_random_crop_positions(student, draw):
    """random_crop draws a new position for each image, and every position can occur"""
    # 3 · 4, 4 · 2, 1 · 5 positions, 400 images: one is missed with probability at most 12 (11/12)^400 < 1e-13. Where
    # uniform numbers are rounded to rows and columns, a corner comes every 24 images: 4 (23/24)^400 < 2e-7.
    # 13 rows or columns, 800 images: a place far from the middle is missed with probability 13 (12/13)^800 < 1e-26.
    for batch, height, width, size in (
        (400, 5, 6, 3),
        (400, 6, 4, 3),
        (400, 4, 8, 4),
        (800, 14, 2, 2),
        (800, 2, 14, 2),
    ):
        images = _images(draw, batch, 1, height, width, torch.float32)
        what = f"random_crop(images, {size}) of {height} × {width} images"
        crops = as_tensor(what, student.random_crop(images, size), (batch, 1, size, size))
        positions = positions_of(what, images, crops)
        expect_every_position(what, positions, height - size + 1, width - size + 1)
    # Batches of one: 6 (5/6)^200 < 1e-15.
    images = _images(draw, 1, 1, 4, 5, torch.float32)
    crops = _in_a_row(student, student.random_crop, 200, (images, 3), draw.generator(), (1, 1, 3, 3))
    positions = positions_of("200 batches of one image", images.expand(200, -1, -1, -1), torch.cat(crops))
    if len(positions.unique(dim=0)) == 1:
        crops = _in_a_row(student, student.random_crop, 200, (images, 3), draw.generator(), (1, 1, 3, 3))
        others = positions_of("200 batches of one image", images.expand(200, -1, -1, -1), torch.cat(crops))
        why = _why_the_same(torch.cat([positions, others]))
        raise CheckFailed(
            "200 calls of random_crop in a row, on a batch of one image and with one generator, all cut at the same "
            f"place, {why.words}",
            mistake=why.mistake,
        )
    expect_every_position("200 batches of one image", positions, 2, 3)


def _why_the_same(drawn: Tensor) -> Finding:
    """Why calls in a row with one generator give the same. `drawn`: half of it with one generator, half with another."""
    if bool((drawn == drawn[0]).all()):
        return Finding("with another generator too: the draws do not come from the generator, or there are none")
    mistake = "every call starts from the generator's first state, but should advance it"
    return Finding(f"but others with another generator: {mistake}", mistake)


def _in_a_row(student, function, times, arguments, generator, shape) -> list[Tensor]:
    """The results of `times` calls in a row that share one generator."""
    values = student.probe("functions.repeated_calls", function, times, list(arguments), generator)
    return [as_tensor(function.name, value, shape) for value, _ in zip(values, range(times), strict=True)]


@check(points=0.5)
def test_center_crop(student, draw):
    """center_crop cuts out the square in the middle; an odd difference may be rounded either way"""
    asked = []
    for (shape, size), dtype in itertools.product(CENTERS, DTYPES):
        images = _images(draw, *shape, dtype)
        asked.append((images, size, student.center_crop(images, size)))
    # All calls come first: together they distinguish a wrong middle from a random place.
    for images, size, value in asked:
        _judge_center(images, size, value, asked)


def _center_positions(images: Tensor, size: int, value) -> Tensor:
    batch, channels, *sides = images.shape
    what = f"center_crop(images, {size}) of {sides[0]} × {sides[1]} images"
    return positions_of(what, images, as_tensor(what, value, (batch, channels, size, size)))


def _judge_center(images: Tensor, size: int, value, asked) -> None:
    sides = images.shape[2:]
    what = f"center_crop(images, {size}) of {sides[0]} × {sides[1]} images"
    positions = _center_positions(images, size, value)
    for axis, (name, side) in enumerate(zip(("row", "column"), sides)):
        first = positions[:, axis]
        before, after = first, side - size - first
        wrong = ((before - after).abs() > 1).nonzero().flatten()
        if len(wrong):
            i = int(wrong[0])
            mistake = _why_off_center(asked)
            raise CheckFailed(
                f"{what} leaves out {int(before[i])} of {side} {name}s before the square and {int(after[i])} after it: "
                f"{mistake or 'both sides should lose equally many, or one side one more'}",
                mistake=mistake,
            )


def _why_off_center(asked) -> str:
    """Which rule gives the places of all these crops; "" if none does, or more than one."""
    places = []
    with suppress(CheckFailed):
        for images, size, value in asked:
            places.append((images.shape[2], images.shape[3], size, _center_positions(images, size, value)))
    found = [
        words
        for words, rule in WRONG_CENTERS.items()
        if any(all(begins_at(rule, rounded, *place) for place in places) for rounded in ROUNDINGS)
    ]
    return found[0] if len(places) == len(asked) and len(found) == 1 else ""


@check(points=0.5)
def test_flip_mirrors_left_and_right(student, draw):
    """random_horizontal_flip swaps left and right of whole images: of no image for p = 0, of every image for p = 1"""
    for shape, dtype, p in itertools.product(FLIPS, DTYPES, (1.0, 0.0, 0.5)):
        images = _images(draw, *shape, dtype)
        mirrored = mirrored_of(images, student.random_horizontal_flip(images, p=p), p)
        if p != 0.5 and bool((mirrored != (p == 1.0)).any()):
            count = int(mirrored.sum())
            raise CheckFailed(f"with p={p:g} random_horizontal_flip mirrors {count} of {len(images)} images")


@check(points=0.5, needs=[test_flip_mirrors_left_and_right])
def test_flip_probability(student, draw):
    """random_horizontal_flip mirrors each image independently with probability p, by default 0.5"""
    # Hoeffding: of n = 1000 draws the share differs from p by 0.09 with probability at most 2 exp(-2 n 0.09²) < 2e-7;
    # the exact binomial bound of each of the four is below 1e-7 (3e-8 for p = 0.5, 1e-11 for 0.2 and 0.9, less for 0.1).
    images = _images(draw, 1000, 1, 2, 3, torch.float32)
    # All calls come first: together they distinguish one draw for all images from a wrong default.
    asked = [
        (p, options, student.random_horizontal_flip(images, **options))
        for p, options in ((0.5, {}), (0.2, {"p": 0.2}), (0.9, {"p": 0.9}), (0.1, {"p": 0.1}))
    ]
    for p, options, value in asked:
        share = float(mirrored_of(images, value, p).double().mean())
        given = f"p={p:g}" if options else "the default p, 0.5,"
        if share in (0.0, 1.0):
            found = f"with {given} {'all' if share else 'none'} of 1000 images in a batch are mirrored"
            why = _why_all_alike(student, draw, by_default=not options)
            raise CheckFailed(f"{found}{f', {why.words}' if why else ''}", mistake=why.mistake)
        if abs(share - p) > 0.09:
            mistake = _law_of_shares(images, asked)
            raise CheckFailed(
                f"with {given} {share:.0%} of 1000 images are mirrored{f': {mistake}' if mistake else ''}",
                mistake=mistake,
            )
    # Batches of one image: all 60 alike with probability 2 · 0.5^60 < 2e-18. This finds code that flips a fixed number.
    images = _images(draw, 1, 1, 2, 3, torch.float32)
    values = _in_a_row(student, student.random_horizontal_flip, 60, (images,), draw.generator(), (1, 1, 2, 3))
    flips = [bool(mirrored_of(images, value, 0.5)) for value in values]
    if len(set(flips)) == 1:
        why = _why_always_alike(student, draw)
        raise CheckFailed(
            f"{'all' if flips[0] else 'none'} of 60 batches of one image are mirrored with p=0.5 and one generator for "
            f"all of them{why.words}",
            mistake=why.mistake,
        )


def _flips_of_batches(student, draw, count: int) -> Tensor:
    """(count, 6): which images of `count` batches in a row are mirrored, with p = 0.5 and one generator for all."""
    images = _images(draw, 6, 1, 2, 3, torch.float32)
    values = _in_a_row(student, student.random_horizontal_flip, count, (images, 0.5), draw.generator(), (6, 1, 2, 3))
    return torch.stack([mirrored_of(images, value, 0.5) for value in values])


_SHARES = {
    "that is 1 − p": lambda p: 1 - p,
    "that is a half, whatever p is": lambda p: 0.5,
    "that is p², as if an image had to be chosen twice": lambda p: p**2,
    "that is the root of p": lambda p: p**0.5,
}
"""Wrong shares of mirror images, by words. One is believed only if it fits all p."""


def _law_of_shares(images: Tensor, asked) -> str:
    with suppress(CheckFailed):
        shares = [(p, float(mirrored_of(images, value, p).double().mean())) for p, _, value in asked]
        for words, law in _SHARES.items():
            if all(abs(share - law(p)) < 0.09 for p, share in shares):
                return words
    return ""


def _why_all_alike(student, draw, by_default: bool) -> Finding:
    flips = _flips_of_batches(student, draw, 40)
    # Independent draws of single images would agree in all 40 batches with probability 2^-200.
    one_for_all = bool((flips == flips[:, :1]).all())
    if one_for_all and not bool((flips == flips[0, 0]).all()):
        return established(
            "and with p=0.5 in 40 more batches all or none", ": draw for each image, not once for the batch"
        )
    if one_for_all:
        mistake = f"in 40 more batches with p=0.5 {'all' if bool(flips[0, 0]) else 'none'} too"
        return Finding(f"and {mistake}: nothing is drawn", mistake)
    if by_default:
        return Finding("but not where p=0.5 is given: the default is another", "the default is another")
    return Finding()


def _why_always_alike(student, draw) -> Finding:
    flips, again = _flips_of_batches(student, draw, 40), _flips_of_batches(student, draw, 40)
    # With independent draws, each of these has a probability below 1e-20.
    if bool((flips == flips[0]).all()):
        why = _why_the_same(torch.cat([flips, again]))
        return Finding(f", and in 40 batches of six the same images each time, {why.words}", why.mistake)
    if len(set(flips.sum(1).tolist())) == 1:
        mistake = f"always {int(flips[0].sum())} of a batch of six"
        return Finding(f", and {mistake}: draw for each image independently", mistake)
    return Finding(": draw for each image independently")


@check(points=0.5, needs=[test_random_crop_positions, test_flip_probability])
def test_generator_decides(student, draw):
    """the generator alone decides what is drawn, and without one PyTorch's global random state does"""
    images = _images(draw, 60, 1, 5, 6, torch.float32)
    _expect_generator_decides(student, draw, student.random_crop, (images, 3), (60, 1, 3, 3))
    _expect_generator_decides(student, draw, student.random_horizontal_flip, (images,), (60, 1, 5, 6))


def _expect_generator_decides(student, draw, function, arguments, shape):
    # Two draws for 60 images are the same with probability 0.5^60 < 1e-18 for mirror images, and less for crops: the checks
    # that this one needs have found that each image is drawn by itself.
    state, other_state, generator = draw.seed(), draw.seed(), draw.generator()

    def call(global_state, **options):
        with student.random_state(global_state):
            return as_tensor(function.name, function(*arguments, **options), shape)

    first = call(state, generator=generator)
    if not torch.equal(first, call(other_state, generator=generator)):
        mistake = f"{function.name} gives different results for generators in the same state"
        raise CheckFailed(f"{mistake}: take all random numbers from the generator", mistake=mistake)
    if torch.equal(first, call(state, generator=draw.generator())):
        mistake = f"{function.name} gives the same result for generators in two different states"
        raise CheckFailed(f"{mistake}: its random numbers start from the same seed each time", mistake=mistake)
    without = f"{function.name} without a generator"
    if torch.equal(call(state), call(other_state)):
        mistake = f"{without} gives the same result for different states of PyTorch's random numbers"
        raise CheckFailed(
            f"{mistake}: set no seed, and create no generator, which would start with the same numbers each time",
            mistake=mistake,
        )
    if not torch.equal(call(state), call(state)):
        mistake = f"{without} gives different results for the same state of PyTorch's random numbers"
        raise CheckFailed(
            f"{mistake}, as torch.manual_seed sets it: without one, draw from this state, not from a generator of your own",
            mistake=mistake,
        )
    if torch.equal(*_in_a_row(student, function, 2, arguments, generator, shape)):
        mistake = f"two calls of {function.name} in a row with one generator give the same result"
        raise CheckFailed(f"{mistake}: draw from the generator itself and let its state advance", mistake=mistake)


@check(points=0.5, apart_from_values=True)
def test_bad_input_is_refused(student, draw):
    """a crop larger than the image and a p outside [0, 1] raise a ValueError"""
    sizes = (
        # height, width, sizes that fit, sizes that do not
        (7, 4, (3, 4), (5, 7, 8)),
        (4, 7, (3, 4), (5, 7, 8)),
        (5, 5, (4, 5), (6, 20)),
    )
    images = {(height, width): _images(draw, 2, 3, height, width) for height, width, _, _ in sizes}
    for name in ("random_crop", "center_crop"):
        function = getattr(student, name)
        good, bad = (
            [
                Given(f"a square of {size} {fits} into {h} × {w} pixels", (images[h, w], size))
                for h, w, *both in sizes
                for size in both[i]
            ]
            for i, fits in enumerate(("fits", "does not fit"))
        )
        expect_refusals(student, function, good=good, bad=bad)
    images = _images(draw, 4, 3, 5, 5)
    good, bad = (
        [Given(f"{p:g} is {'not ' * no}a probability", (images,), {"p": p}) for p in some]
        for no, some in enumerate(((0.3, 0.0, 1.0), (-0.1, 1.5, -2.0, 1.01)))
    )
    expect_refusals(student, student.random_horizontal_flip, good=good, bad=bad)


VALUES = (test_random_crop_cuts, test_center_crop, test_flip_mirrors_left_and_right)


@check(points=0.5, needs=VALUES, counts_with=[values.__name__ for values in VALUES])
def test_arguments_and_dtype_are_kept(student, draw):
    """no function changes its images, and results keep float32 or float64"""
    for (shape, size), dtype in itertools.product(CROPS[:4], DTYPES):
        images = _images(draw, *shape, dtype)
        square = (*shape[:2], size, size)
        as_tensor("random_crop(images, size)", student.random_crop(images, size), square, dtype)
        as_tensor("center_crop(images, size)", student.center_crop(images, size), square, dtype)
        for p in (0.0, 0.5, 1.0):
            got = student.random_horizontal_flip(images, p=p)
            as_tensor(f"random_horizontal_flip(images, p={p:g})", got, shape, dtype)
    expect_unchanged(student)
