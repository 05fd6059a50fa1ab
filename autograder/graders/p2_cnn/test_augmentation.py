"""Random crops, center crops and mirror images: each must be one of those that could have been drawn, pixel by pixel.

The pixels of an image are all different, so that a crop shows where it was cut.

The probability that correct code fails by chance in a whole grading is below 1e-10 for each check of what must vary or
occur, and below 4e-7 for the frequencies of mirror images; the comments in the checks derive it.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import as_tensor, expect_unchanged
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


def _equal(a: Tensor, b: Tensor) -> Tensor:
    """(batch,): whether two batches have the same images. Sums with masks of 0 and 1 may round."""
    return (a.double() - b.double()).abs().flatten(1).amax(1) <= 1e-5


def _matches(images: Tensor, crops: Tensor) -> Tensor:
    """(batch, rows, columns): whether the crop of each image was cut at this position."""
    size = crops.shape[-1]
    windows = images.double().unfold(2, size, 1).unfold(3, size, 1)  # batch, channels, rows, columns, size, size
    return ((windows - crops.double()[:, :, None, None]).abs() <= 1e-5).all(5).all(4).all(1)


def _positions(what: str, images: Tensor, crops: Tensor) -> Tensor:
    """(batch, 2): first row and first column of each crop. Fails if one is not a crop of its own image."""
    found = _matches(images, crops)
    missed = (~found.flatten(1).any(1)).nonzero().flatten()
    if len(missed):
        index = int(missed[0])
        why = _why_no_crop(images, crops[index : index + 1], index)
        raise CheckFailed(f"crop {index} of {what} is not a square of neighbouring pixels of its image{why}")
    flat = found.flatten(1).int().argmax(1)
    return torch.stack([flat // found.shape[2], flat % found.shape[2]], 1)


def _why_no_crop(images: Tensor, crop: Tensor, index: int) -> str:
    """What is wrong with a crop (1, channels, size, size), in words; "" if that cannot be seen."""
    channels = crop.shape[1]
    own = images[index : index + 1]
    others = _matches(images, crop.expand(len(images), -1, -1, -1)).flatten(1).any(1)
    if others.any():
        return f": it comes from image {int(others.nonzero()[0])}, but each image should keep its place in the batch"
    changed = {
        "turned upside down": crop.flip(2),
        "mirrored": crop.flip(3),
        "turned by 180°": crop.flip(2, 3),
        "with rows and columns exchanged": crop.transpose(2, 3),
        "with its channels in reverse order": crop.flip(1),
    }
    for words, back in changed.items():
        if _matches(own, back).any():
            return f": it is one {words}"
    pairs = zip(own.transpose(0, 1), crop.transpose(0, 1))
    if channels > 1 and all(_matches(a[None], b[None]).any() for a, b in pairs):
        return ": each channel is cut at a different place, so the colours no longer match"
    foreign = ((crop.double().reshape(-1, 1) - own.double().reshape(1, -1)).abs() > 1e-5).all(1)
    if foreign.any():
        return _why_foreign(own.double(), crop.double())
    return ": its pixels come from the image, but are not neighbours there or are in another order"


def _why_foreign(image: Tensor, crop: Tensor) -> str:
    """Where values come from that are not pixels of the image; both (1, channels, height, width), float64."""
    size = crop.shape[-1]
    if float(crop.max() - crop.min()) < 1e-9:
        return f": it is {float(crop.max()):g} everywhere"
    windows = image.unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, crop.numel())
    y = crop.flatten()
    if size > 1:
        x, changed = windows - windows.mean(1, keepdim=True), y - y.mean()
        slope = (x * changed).sum(1, keepdim=True) / x.square().sum(1, keepdim=True)
        if bool(((slope * x - changed).abs() <= 1e-5 * changed.abs().max()).all(1).any()):
            return ": it is cut out of the image, but its values are shifted or scaled"
    for mode in ("bilinear", "bicubic", "area"):
        for antialias in (False, True) if mode != "area" else (False,):
            resized = F.interpolate(image, (size, size), mode=mode, antialias=antialias)
            if torch.allclose(resized, crop, rtol=0, atol=1e-4):
                return ": it is the whole image, resized"
    outside = (y[:, None] - image.reshape(1, -1)).abs().amin(1) > 1e-5
    if bool((y[outside] == 0).all()):
        border = F.pad(image, (size,) * 4)
        if _matches(border, crop).any():
            return ": it reaches beyond the edge of the image, into zeros"
        return f": {int(outside.sum())} of its {y.numel()} values are 0, which no pixel of the image is"
    return ": it contains values that are not pixels of the image"


@check(points=0.5)
def test_random_crop_cuts(student, draw):
    """random_crop cuts a square of neighbouring pixels out of each image, at the same place in all its channels"""
    for ((batch, channels, *sides), size), dtype in itertools.product(CROPS, DTYPES):
        images = _images(draw, batch, channels, *sides, dtype)
        what = f"random_crop(images, {size}) of {sides[0]} × {sides[1]} images"
        crops = as_tensor(what, student.random_crop(images, size), (batch, channels, size, size))
        _positions(what, images, crops)


@check(points=0.5, needs=[test_random_crop_cuts])
def test_random_crop_positions(student, draw):
    """random_crop draws a new position for each image, and every position can occur"""
    # 3 · 4, 4 · 2, 1 · 5 positions, 400 images: one is missed with probability at most 12 (11/12)^400 < 1e-13. Where
    # uniform numbers are rounded to rows and columns, a corner comes every 24 images: 4 (23/24)^400 < 2e-7.
    for batch, height, width, size in ((400, 5, 6, 3), (400, 6, 4, 3), (400, 4, 8, 4)):
        images = _images(draw, batch, 1, height, width, torch.float32)
        what = f"random_crop(images, {size}) of {height} × {width} images"
        crops = as_tensor(what, student.random_crop(images, size), (batch, 1, size, size))
        positions = _positions(what, images, crops)
        _expect_every_position(what, positions, height - size + 1, width - size + 1)
    # Batches of one: 6 (5/6)^200 < 1e-15.
    images = _images(draw, 1, 1, 4, 5, torch.float32)
    crops = _in_a_row(student, student.random_crop, 200, (images, 3), draw.generator(), (1, 1, 3, 3))
    positions = _positions("200 batches of one image", images.expand(200, -1, -1, -1), torch.cat(crops))
    if len(positions.unique(dim=0)) == 1:
        raise CheckFailed(
            "200 calls of random_crop in a row, on a batch of one image and with one generator, all cut at the same "
            "place: draw from the generator itself, and set no seed"
        )
    _expect_every_position("200 batches of one image", positions, 2, 3)


def _in_a_row(student, function, times, arguments, generator, shape) -> list[Tensor]:
    """The results of `times` calls in a row that share one generator."""
    values = student.probe("functions.repeated_calls", function, times, list(arguments), generator)
    return [as_tensor(function.name, value, shape) for value, _ in zip(values, range(times), strict=True)]


def _expect_every_position(what: str, positions: Tensor, rows: int, columns: int) -> None:
    """Fails unless all rows · columns positions occur among these (n, 2)."""
    n = len(positions)
    seen = {(top, left) for top, left in positions.tolist()}
    if len(seen) == 1:
        raise CheckFailed(f"all {n} crops of {what} are cut at the same place: draw a random place for each image")
    if min(rows, columns) > 1 and all(top == left for top, left in seen):
        raise CheckFailed(f"the first row of each crop of {what} is also its first column: draw the two independently")
    for axis, (name, count) in enumerate((("row", rows), ("column", columns))):
        missing = sorted(set(range(count)) - set(positions[:, axis].tolist()))
        if len(missing) == count - 1 > 0:
            raise CheckFailed(f"all {n} crops of {what} begin at the same {name}: draw the {name} for each image too")
        if missing:
            last = " (the last one that fits)" if missing == [count - 1] else ""
            raise CheckFailed(
                f"none of {n} crops of {what} begins at {name} {missing[0]}{last}: the possible first {name}s are 0 to "
                f"{count - 1}"
            )
    missed = [place for place in itertools.product(range(rows), range(columns)) if place not in seen]
    if missed:
        raise CheckFailed(
            f"every row and every column occurs in {n} crops of {what}, but not every combination: never row "
            f"{missed[0][0]} with column {missed[0][1]}. Are the two drawn independently?"
        )


@check(points=0.5)
def test_center_crop(student, draw):
    """center_crop cuts out the square in the middle; an odd difference may be rounded either way"""
    asked = []
    for (shape, size), dtype in itertools.product(CENTERS, DTYPES):
        images = _images(draw, *shape, dtype)
        asked.append((images, size, student.center_crop(images, size)))
    for (
        images,
        size,
        value,
    ) in asked:  # all calls come first: together they distinguish a wrong middle from a random place
        _judge_center(images, size, value)


def _judge_center(images: Tensor, size: int, value) -> None:
    batch, channels, *sides = images.shape
    what = f"center_crop(images, {size}) of {sides[0]} × {sides[1]} images"
    crops = as_tensor(what, value, (batch, channels, size, size))
    positions = _positions(what, images, crops)
    for axis, (name, side) in enumerate(zip(("row", "column"), sides)):
        first = positions[:, axis]
        before, after = first, side - size - first
        wrong = ((before - after).abs() > 1).nonzero().flatten()
        if len(wrong):
            i = int(wrong[0])
            raise CheckFailed(
                f"{what} leaves out {int(before[i])} of {side} {name}s before the square and {int(after[i])} after it: "
                "both sides should lose equally many, or one side one more"
            )


@check(points=0.5)
def test_flip_mirrors_left_and_right(student, draw):
    """random_horizontal_flip swaps left and right of whole images: of no image for p = 0, of every image for p = 1"""
    for shape, dtype, p in itertools.product(FLIPS, DTYPES, (1.0, 0.0, 0.5)):
        images = _images(draw, *shape, dtype)
        mirrored = _mirrored(images, student.random_horizontal_flip(images, p=p), p)
        if p != 0.5 and bool((mirrored != (p == 1.0)).any()):
            count = int(mirrored.sum())
            raise CheckFailed(f"with p={p:g} random_horizontal_flip mirrors {count} of {len(images)} images")


def _mirrored(images: Tensor, value, p: float) -> Tensor:
    """(batch,): whether each image was mirrored. Fails if one is neither mirrored nor unchanged."""
    what = f"random_horizontal_flip(images, p={p:g})"
    got = as_tensor(what, value, tuple(images.shape)).double()
    # The mirror images, column by column from right to left.
    mirror = torch.stack([images[..., column] for column in reversed(range(images.shape[3]))], dim=3)
    mirrored, same = _equal(got, mirror), _equal(got, images)
    wrong = (~(mirrored | same)).nonzero().flatten()
    if len(wrong):
        i = int(wrong[0])
        why = _why_no_mirror(images, mirror, got, i)
        raise CheckFailed(f"image {i} of {what} is neither the original image nor its mirror image{why}")
    return mirrored


def _why_no_mirror(images: Tensor, mirror: Tensor, got: Tensor, index: int) -> str:
    image, result = images[index].double(), got[index]
    turned = {
        "turned upside down": image.flip(1),
        "turned by 180°, so that its rows are in reverse order too": image.flip(1, 2),
        "with its channels in reverse order": image.flip(0),
        "mirrored, with its channels in reverse order too": image.flip(0, 2),
    }
    if image.shape[1] == image.shape[2]:
        turned["with rows and columns exchanged"] = image.transpose(1, 2)
    for words, other in turned.items():
        if torch.allclose(result, other, rtol=0, atol=1e-5):
            return f": it is the image {words}"
    everything = torch.cat([images.double(), mirror.double()])
    others = _equal(everything, result.expand(len(everything), -1, -1, -1)).nonzero().flatten()
    if len(others):
        which = int(others[0]) % len(images)
        return f": it is made of image {which}, but each image should keep its place in the batch"
    for name, axis in (("channel", 0), ("row", 1)):
        pairs = zip(result.movedim(axis, 0), image.movedim(axis, 0))
        if all(torch.allclose(a, b, atol=1e-5) or torch.allclose(a, b.flip(-1), atol=1e-5) for a, b in pairs):
            return f": some of its {name}s are mirrored and some are not"
    if float(result.max() - result.min()) < 1e-9:
        return f": it is {float(result.max()):g} everywhere"
    values = result.flatten().sort().values, image.flatten().sort().values
    if torch.allclose(*values, atol=1e-5):
        return ": it has the pixels of the image, but in another order"
    return ": it has values that are not pixels of the image"


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
        share = float(_mirrored(images, value, p).double().mean())
        given = f"p={p:g}" if options else "the default p, 0.5,"
        if share in (0.0, 1.0):
            raise CheckFailed(
                f"with {given} {'all' if share else 'none'} of 1000 images in a batch are mirrored"
                f"{_why_all_alike(student, draw, by_default=not options)}"
            )
        if abs(share - p) > 0.09:
            swapped = ": that is 1 − p" if abs(share - (1 - p)) < 0.05 else ""
            raise CheckFailed(f"with {given} {share:.0%} of 1000 images are mirrored{swapped}")
    # Batches of one image: all 60 alike with probability 2 · 0.5^60 < 2e-18. This finds code that flips a fixed number.
    images = _images(draw, 1, 1, 2, 3, torch.float32)
    values = _in_a_row(student, student.random_horizontal_flip, 60, (images,), draw.generator(), (1, 1, 2, 3))
    flips = [bool(_mirrored(images, value, 0.5)) for value in values]
    if len(set(flips)) == 1:
        raise CheckFailed(
            f"{'all' if flips[0] else 'none'} of 60 batches of one image are mirrored with p=0.5 and one generator for "
            f"all of them{_why_always_alike(student, draw)}"
        )


def _flips_of_batches(student, draw, count: int) -> Tensor:
    """(count, 6): which images of `count` batches in a row are mirrored, with p = 0.5 and one generator for all."""
    images = _images(draw, 6, 1, 2, 3, torch.float32)
    values = _in_a_row(student, student.random_horizontal_flip, count, (images, 0.5), draw.generator(), (6, 1, 2, 3))
    return torch.stack([_mirrored(images, value, 0.5) for value in values])


def _why_all_alike(student, draw, by_default: bool) -> str:
    flips = _flips_of_batches(student, draw, 40)
    # Independent draws of single images would agree in all 40 batches with probability 2^-200.
    one_for_all = bool((flips == flips[:, :1]).all())
    if one_for_all and not bool((flips == flips[0, 0]).all()):
        return ", and with p=0.5 in 40 more batches all or none: draw for each image, not once for the batch"
    if by_default and not one_for_all:
        return ", but not where p=0.5 is given: the default is another"
    return ""


def _why_always_alike(student, draw) -> str:
    flips = _flips_of_batches(student, draw, 40)
    # With independent draws, each of these has a probability below 1e-20.
    if bool((flips == flips[0]).all()):
        return ", and in 40 batches of six the same images each time: every call makes the same draws, as after a seed"
    if len(set(flips.sum(1).tolist())) == 1:
        return f", and always {int(flips[0].sum())} of a batch of six: draw for each image independently"
    return ": draw for each image independently"


@check(points=0.5, needs=[test_random_crop_positions, test_flip_probability])
def test_generator_decides(student, draw):
    """the generator alone decides what is drawn, and without one every call draws anew"""
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
        raise CheckFailed(
            f"{function.name} gives different results for generators in the same state: take all random numbers from the "
            "generator"
        )
    if torch.equal(first, call(state, generator=draw.generator())):
        raise CheckFailed(
            f"{function.name} gives the same result for generators in two different states: its random "
            "numbers start from the same seed each time"
        )
    if torch.equal(call(state), call(other_state)):
        raise CheckFailed(
            f"{function.name} without a generator gives the same result for different states of PyTorch's random numbers: "
            "set no seed, and create no generator, which would start with the same numbers each time"
        )
    if torch.equal(*_in_a_row(student, function, 2, arguments, generator, shape)):
        raise CheckFailed(
            f"two calls of {function.name} in a row with one generator give the same result: draw from the generator "
            "itself and let its state advance"
        )


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
