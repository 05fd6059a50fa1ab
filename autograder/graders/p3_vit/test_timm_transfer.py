"""Transfer with timm: resized images, a model created by its name, and a frozen backbone.

Only the default model is large. The others are small vision transformers that a probe registers with timm, under names
that timm does not have (mini, micro, nano, pico) and with weights drawn here. So `pretrained` can be checked without a
network, however timm is imported.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_unchanged
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.explanations.explain import explain
from autograder.checks.failure import CheckFailed
from autograder.checks.modules import as_model
from autograder.sandbox.host.calls_in_words import describe_value
from autograder.sandbox.host.errors import Refused
from autograder.sandbox.host.student_module import Handle

EXERCISE = ExerciseSpec(public=("adapt_images", "build_classifier", "freeze_backbone"))

# (B, channels, H, W) and the size: smaller, equal and larger images, and images larger in one direction only.
ENLARGED = (((2, 1, 7, 5), 12), ((1, 3, 9, 6), 16), ((3, 3, 4, 10), 10), ((2, 3, 6, 6), 6), ((1, 1, 5, 5), 13))
REDUCED = (((2, 3, 30, 21), 8), ((1, 1, 17, 40), 12), ((3, 1, 20, 6), 11), ((1, 3, 16, 16), 8))

SMALL = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 3}
OFFERED_CLASSES = 6
VITS = (
    SMALL | {"num_classes": 5},
    SMALL | {"num_classes": 3, "class_token": False, "global_pool": "avg"},  # has a norm right before its head
    SMALL | {"num_classes": 4, "class_token": False, "global_pool": "map"},  # has an attention pooling
)


def _along(n: int, size: int, antialias: bool) -> Tensor:
    """(size, n): the weights of n pixels of a line for each of the `size` pixels that it is resized to."""
    step = n / size
    centres = (torch.arange(size, dtype=torch.float64) + 0.5) * step - 0.5
    if not antialias:
        centres = centres.clamp(0, n - 1)
    reach = max(step, 1.0) if antialias else 1.0
    weights = (1 - (torch.arange(n) - centres[:, None]).abs() / reach).clamp_min(0)
    return weights / weights.sum(1, keepdim=True)


def _resized(images: Tensor, size: int, antialias: bool) -> Tensor:
    """(B, channels, H, W) → (B, 3, size, size), float64."""
    rows, columns = (_along(n, size, antialias) for n in images.shape[2:])
    return (rows @ images.double() @ columns.T).expand(-1, 3, -1, -1)


def _interpolated(mode: str, align_corners: bool | None = None) -> Callable[[Tensor, int], Tensor]:
    return lambda images, size: F.interpolate(images, (size, size), mode=mode, align_corners=align_corners)


def _cropped(images: Tensor, size: int) -> Tensor:
    """The shorter side resized to `size`, and the square in the middle."""
    height, width = images.shape[2:]
    scale = size / min(height, width)
    sides = max(size, int(height * scale)), max(size, int(width * scale))
    resized = F.interpolate(images, sides, mode="bilinear")
    top, left = ((side - size) // 2 for side in sides)
    return resized[:, :, top : top + size, left : left + size]


def _normalized(mean: tuple[float, ...], std: tuple[float, ...]) -> Callable[[Tensor, int], Tensor]:
    def way(images: Tensor, size: int) -> Tensor:
        center, spread = (torch.tensor(numbers).double()[:, None, None] for numbers in (mean, std))
        return (_resized(images, size, False) - center) / spread

    return way


def _of_bytes(whole: Callable[[Tensor], Tensor]) -> Callable[[Tensor, int], Tensor]:
    return lambda images, size: _resized(whole(images.double() * 255) / 255, size, False)


WAYS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "by nearest-neighbour interpolation, but should be by bilinear interpolation": _interpolated("nearest"),
    "by the mean of an area, but should be by bilinear interpolation": _interpolated("area"),
    "by bicubic interpolation, but should be by bilinear interpolation": _interpolated("bicubic", False),
    "with align_corners=True, but should be with False": _interpolated("bilinear", True),
    "to the shorter side and cropped: resize the whole image, whatever its shape": _cropped,
    "and normalized with ImageNet's mean and standard deviation: do not change the values": _normalized(
        (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    ),
    "and normalized with mean 0.5 and standard deviation 0.5: do not change the values": _normalized(
        (0.5,) * 3, (0.5,) * 3
    ),
    "and divided by 255: the values are already in [0, 1]": lambda images, size: _resized(images, size, False) / 255,
    "with red and blue swapped": lambda images, size: _resized(images, size, False).flip(1),
    "from bytes: multiplied by 255 and made whole numbers, the values are only right to two digits": _of_bytes(
        torch.floor
    ),
    "from bytes: multiplied by 255 and rounded, the values are only right to two digits": _of_bytes(torch.round),
    "but lose their colours: all three channels are their mean": lambda images, size: _resized(
        images.mean(1, keepdim=True), size, False
    ),
}
"""Wrong ways to resize images, by their description, which follows "images are resized to 224 × 224"."""


def _adapted(student, images: Tensor, size: int) -> Tensor:
    what = f"adapt_images(images, size={size}) of images of shape {tuple(images.shape)}"
    value = student.adapt_images(images, size=size)
    return as_tensor(what, value, (len(images), 3, size, size), images.dtype)


def _expect_resized(student, draw, cases) -> None:
    for (shape, size), (dtype, rtol) in ((case, item) for case in cases for item in TOLERANCE.items()):
        images = torch.from_numpy(draw.rng.uniform(0.02, 0.98, shape)).to(dtype)
        got = _adapted(student, images, size).double()
        if any(_same(got, _resized(images, size, antialias), rtol) for antialias in (False, True)):
            continue
        what = f"images of {shape[2]} × {shape[3]} pixels{' in colour' if shape[1] == 3 else ''}"
        for words, way in WAYS.items():
            if _same(got, way(images.double(), size).expand_as(got), max(rtol, 1e-6)):
                raise CheckFailed(f"{what} are resized to {size} × {size} {words}")
        expected = _resized(images, size, False)
        # The channels of a grey image are equal, so one is enough: with three, any error would be the same in all of them.
        shown = (got[:, 0], expected[:, 0]) if shape[1] == 1 else (got, expected)
        if part := _cut_out(images, got):
            raise CheckFailed(f"{what}: {part}")
        general = explain(*shown, 1e-4) or _shifted(*shown, max(rtol, 1e-6))
        if general:
            raise CheckFailed(f"{what}, resized to {size} × {size}: the result {general}")
        zeros = "; some are 0, but none in the images is" if bool((got == 0).any()) else ""
        raise CheckFailed(
            f"{what}, resized to {size} × {size}, do not match bilinear interpolation with align_corners=False, "
            f"with or without antialiasing: values differ by up to {float((got - expected).abs().max()):.2g}{zeros}. Are "
            "both axes resized, each by its own factor, and the values not changed otherwise?"
        )
    expect_unchanged(student)


def _cut_out(images: Tensor, got: Tensor) -> str:
    """Whether the result is a part of the images; "" if not."""
    size = got.shape[-1]
    for top in range(images.shape[2] - size + 1):
        for left in range(images.shape[3] - size + 1):
            if _same(got, images[:, :, top : top + size, left : left + size].expand_as(got), 1e-6):
                return (
                    f"the result is cut out of the images, from row {top} and column {left}, both counted from 0: resize the "
                    f"whole image to {size} × {size} instead"
                )
    return ""


def _shifted(got: Tensor, expected: Tensor, tolerance: float) -> str:
    """Explains images that are each a factor times the right one plus a number; "" if they are not."""
    found = []
    for image, right in zip(got, expected):
        centred = right - right.mean()
        factor = float((image * centred).sum() / centred.square().sum())
        offset = float(image.mean() - factor * right.mean())
        if not _same(image, factor * right + offset, tolerance):
            return ""
        found.append(f"{factor:.4g} · x {'+' if offset >= 0 else '−'} {abs(offset):.4g}")
    return f"is {found[0]} for the first image, where x is the right answer: keep the values as they are"


def _same(got: Tensor, expected: Tensor, tolerance: float) -> bool:
    return bool(((got - expected).abs() <= tolerance * (1 + expected.abs())).all())


@check(points=0.25, counts_with=["test_enlarged"])
def test_three_channels(student, draw):
    """adapt_images returns (B, 3, size, size), with size 224 by default; grey images get three equal channels"""
    for shape, options in (((2, 1, 28, 20), {}), ((3, 1, 5, 7), {"size": 9}), ((1, 1, 6, 6), {"size": 6})):
        images = torch.from_numpy(draw.rng.uniform(0.02, 0.98, shape)).float()
        size = options.get("size", 224)
        what = f"adapt_images of images of shape {shape}{f' with size={size}' if options else ''}"
        got = as_tensor(what, student.adapt_images(images, **options), (shape[0], 3, size, size))
        expect_unchanged(student)
        if not _same(got, got[:, :1].expand_as(got), 1e-6):
            zero = [channel for channel in range(3) if not got[:, channel].any()]
            why = f": channel {zero[0]} is 0 everywhere" if zero else _why_unequal(got)
            raise CheckFailed(f"the three channels of a grey image should be equal, but differ{why}")


def _why_unequal(got: Tensor) -> str:
    """How the channels of grey images (B, 3, size, size) differ."""
    for image, other in itertools.permutations(range(len(got)), 2):
        for channel, place in itertools.product(range(3), repeat=2):
            if _same(got[image, channel], got[other, place], 1e-6):
                return (
                    f": channel {channel} of image {image} is channel {place} of image {other}, both counted from 0. Along "
                    "which axis are the images repeated?"
                )
    first = got[:, 0].double()
    for channel in (1, 2):
        x, y = first.flatten(), got[:, channel].double().flatten()
        factor = float(((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum())
        if not _same(y, factor * (x - x.mean()) + y.mean(), 1e-4):
            return ". How do you make three channels of one? Each should be the whole grey image"
    return ": each is another one times a number plus a number. Is each channel normalized differently?"


@check(points=0.5, needs=[test_three_channels])
def test_enlarged(student, draw):
    """adapt_images enlarges grey and RGB images by bilinear interpolation, without changing the values otherwise"""
    _expect_resized(student, draw, ENLARGED)


@check(points=0.25, needs=[test_three_channels, test_enlarged])
def test_reduced(student, draw):
    """adapt_images shrinks larger images, square or not, in the same way, with or without antialiasing"""
    _expect_resized(student, draw, REDUCED)


def _count(embed_dim: int, depth: int, patch_size: int, img_size: int, num_classes: int) -> int:
    """The number of parameters of a vision transformer with a class token, biases and MLPs of four times the width."""
    tokens = (img_size // patch_size) ** 2 + 1
    block = 12 * embed_dim**2 + 13 * embed_dim
    return (3 * patch_size**2 + 1 + 1 + tokens + 2) * embed_dim + depth * block + (embed_dim + 1) * num_classes


def _expect_count(student, what: str, model: Handle, expected: int, num_classes: int, embed_dim: int) -> None:
    found = student.probe("timm_vits.sizes", model)
    if not isinstance(found, tuple) or len(found) != 2:
        raise Refused("the parameters of the model cannot be counted")
    have, trainable = found
    if have != expected:
        instead = (have - expected) / (embed_dim + 1) + num_classes
        one = f"one for {instead:.0f} classes" if instead else "missing"
        why = f": its classifier is {one}" if instead in (0, 10, 1000, OFFERED_CLASSES) else ""
        if instead == OFFERED_CLASSES:
            why += ", as timm's model has it: is num_classes passed on?"
        for features in {192, 384, 768, 1000} - {embed_dim}:
            if have == expected + (features - embed_dim) * num_classes:
                why = f", as if its classifier were a layer of {features} features: this model has {embed_dim}"
        if have == _count(192, 12, 16, 224, num_classes):
            why = ", as many as vit_tiny_patch16_224: is the name used?"
        raise CheckFailed(f"{what} should have {expected:,} parameters, but has {have:,}{why}")
    if trainable != expected:
        raise CheckFailed(f"{expected - trainable:,} parameters of {what} are frozen: leave that to freeze_backbone")


def _offer(student, draw, size, settings, *, weights: bool) -> tuple[str, dict[str, Tensor]]:
    """Registers a new model with timm; returns its name and its pretrained weights.

    `size` is a part of the name that makes it differ from the others of this check.
    """
    name = f"vit_{size}_patch{settings['patch_size']}_{settings['img_size']}"
    model = student.probe("timm_vits.make", settings | {"num_classes": OFFERED_CLASSES})
    trained = {key: draw.normal(*value.shape, dtype=torch.float32) for key, value in model.parameters()}
    student.probe("timm_vits.register", name, settings, OFFERED_CLASSES, trained if weights else None)
    return name, trained


def _expect_new_model(student, draw, name: str, classes: int, model: Handle) -> None:
    """Fails if a second call returns a model that shares its parameters with the first one's. Changes their values."""
    what = f"build_classifier({name!r}, num_classes={classes})"
    other = as_model(f"the result of {what}", student.build_classifier(name, num_classes=classes))
    before = other.parameters()
    model.set_parameters([draw.normal(*value.shape, dtype=value.dtype) for _, value in model.parameters()])
    if any(not torch.equal(was, now) for (_, was), (_, now) in zip(before, other.parameters())):
        raise CheckFailed(
            f"two calls of {what} return the same model, or two that share parameters: if those of one change, so do the "
            "other's. Each call should create a new model. What does build_classifier keep from an earlier call?"
        )


@check(points=0.25)
def test_name_and_classes(student, draw):
    """build_classifier creates the timm model of the given name, which returns num_classes scores"""
    classes = 61  # so many that random scores certainly have both signs
    for size, settings in (("mini", SMALL), ("micro", SMALL | {"embed_dim": 36, "depth": 1, "patch_size": 16})):
        name, _ = _offer(student, draw, size, settings, weights=False)
        what = f"build_classifier({name!r}, num_classes={classes})"
        model = as_model(f"the result of {what}", student.build_classifier(name, num_classes=classes))
        _expect_new_model(student, draw, name, classes, model)
        count = _count(settings["embed_dim"], settings["depth"], settings["patch_size"], 32, classes)
        _expect_count(student, f"the model of {what}", model, count, classes, settings["embed_dim"])
        model.set_parameters([draw.normal(*value.shape, dtype=value.dtype) for _, value in model.parameters()])
        model.eval()
        scores = as_tensor(
            "the scores of 3 images", model(draw.normal(3, 3, 32, 32, dtype=torch.float32)), (3, classes)
        )
        if _same(scores.sum(1), torch.ones(3), 1e-4) or _same(scores.exp().sum(1), torch.ones(3), 1e-4):
            raise CheckFailed(f"the model of {what} ends in a softmax, but should return scores")
        if bool((scores == scores[0, 0]).all()):
            raise CheckFailed(f"the model of {what} gives the score {float(scores[0, 0]):.4g} to every class and image")
        if bool((scores >= 0).all()) or bool((scores.abs() <= 1).all()):
            seen = "none is negative" if bool((scores >= 0).all()) else "all lie between −1 and 1"
            raise CheckFailed(
                f"the model of {what} should return scores, but of {scores.numel()} numbers {seen}, as after an activation"
            )
        model.train()
        images = draw.normal(3, 3, 32, 32, dtype=torch.float32)
        once, again = (as_tensor("the scores of 3 images", model(images), (3, classes)) for _ in range(2))
        if not _same(once, again, 1e-5):
            raise CheckFailed(
                f"two calls of the model of {what} on the same images differ in training: there should be no dropout or "
                "anything else that is random"
            )


@check(points=0.25, needs=[test_name_and_classes], apart_from_values=True)
def test_pretrained(student, draw):
    """build_classifier(pretrained=True) starts from timm's pretrained weights, and without it from random weights"""
    for size, settings, classes, options in (
        ("mini", SMALL, 4, {"pretrained": True}),
        ("micro", SMALL | {"depth": 1, "embed_dim": 36}, 9, {"pretrained": True}),
        ("nano", SMALL, 4, {"pretrained": False}),
        ("pico", SMALL, 5, {}),
    ):
        name, trained = _offer(student, draw, size, settings, weights=True)
        backbone = [value for key, value in trained.items() if not key.startswith("head.")]
        shown = "".join(f", {key}={value}" for key, value in options.items())
        what = f"build_classifier({name!r}, num_classes={classes}{shown})"
        model = as_model(f"the result of {what}", student.build_classifier(name, num_classes=classes, **options))
        there = [value for _, value in model.parameters()]
        found = sum(any(_equal(value, other) for other in there) for value in backbone)
        if options.get("pretrained") and found < len(backbone):
            kept = f"only {found} of the" if found else "none of the"
            raise CheckFailed(f"the model of {what} has {kept} {len(backbone)} pretrained weights from timm")
        if not options.get("pretrained") and found:
            raise CheckFailed(f"the model of {what} has pretrained weights, although pretrained=True was not given")
        if not any(value.shape[0] == classes for value in there if value.dim()):
            raise CheckFailed(f"the model of {what} has no classifier for {classes} classes")


def _equal(a: Tensor | None, b: Tensor) -> bool:
    return isinstance(a, Tensor) and a.shape == b.shape and torch.equal(a, b)


@check(points=0.25, needs=[test_name_and_classes, test_pretrained], apart_from_values=True)
def test_no_weights(student, draw):
    """build_classifier(pretrained=True) raises an error if timm has no weights, and does not return an untrained model"""
    name, _ = _offer(student, draw, "mini", SMALL, weights=False)
    as_model("the result of build_classifier", student.build_classifier(name, num_classes=4))
    options = {"num_classes": 4, "pretrained": True}
    found = student.probe("functions.outcome", student.build_classifier, [name], options)
    if not isinstance(found, tuple) or found[0] not in ("raised", "refused"):
        raise CheckFailed(
            "timm has no weights for this model, but build_classifier(name, pretrained=True) returned a model: nobody "
            "would notice that it is untrained. Is `pretrained` passed on, and is timm's error not caught?"
        )


@check(points=0.25, needs=[test_name_and_classes], apart_from_values=True)
def test_default_model(student, draw):
    """build_classifier() returns vit_tiny_patch16_224, with ten scores for each image of 224 × 224 pixels"""
    model = as_model("the result of build_classifier()", student.build_classifier())
    images = draw.normal(2, 3, 224, 224, dtype=torch.float32)
    as_tensor("the scores of two images", model(images), (2, 10), torch.float32)
    _expect_count(student, "vit_tiny_patch16_224 for 10 classes", model, _count(192, 12, 16, 224, 10), 10, 192)


def _frozen(student, model: Handle) -> Handle:
    value = student.freeze_backbone(model)
    if isinstance(value, Handle) and isinstance(student.probe("timm_vits.parts", value), dict):
        return value
    forgot = ": is a return missing?" if value is None else ""
    raise CheckFailed(f"freeze_backbone should return the model, but returned {describe_value(value)}{forgot}")


def _expect_only_classifier(student, model: Handle, names: list[str], before: str) -> None:
    """Fails unless freeze_backbone returns a model with these parameters, of which only the classifier's are trainable."""
    frozen = _frozen(student, model)
    parts = student.probe("timm_vits.parts", frozen)
    if not isinstance(parts, dict) or sorted(parts) != sorted(names):
        raise CheckFailed("the model that freeze_backbone returns has other parameters than its argument")
    off = [name for name, (in_head, trainable) in parts.items() if in_head and not trainable]
    on = [name for name, (in_head, trainable) in parts.items() if not in_head and trainable]
    if off and len(off) < sum(in_head for in_head, _ in parts.values()):
        raise CheckFailed(f"{before}freeze_backbone returns a model whose classifier has {off[0]} not trainable")
    if off:
        learns = "the backbone learns instead" if on else "nothing of it can learn"
        raise CheckFailed(
            f"{before}freeze_backbone returns a model whose classifier is not trainable ({', '.join(off)}): {learns}"
        )
    if on:
        raise CheckFailed(
            f"{before}freeze_backbone leaves parameters trainable that are not the classifier's, {len(on)} of "
            f"{len(names)}: {', '.join(on[:4])}{', …' if len(on) > 4 else ''}"
        )


@check(points=0.5, apart_from_values=True)
def test_only_the_classifier(student):
    """freeze_backbone returns the model with only the parameters of its classifier trainable"""
    for settings in VITS:
        model = student.probe("timm_vits.make", settings)
        _expect_only_classifier(student, model, [name for name, _ in model.parameters()], "")


@check(points=0.25, needs=[test_only_the_classifier], apart_from_values=True)
def test_frozen_classifier(student):
    """freeze_backbone makes a classifier trainable that was frozen before"""
    for settings in VITS:
        for whole, words in ((True, "its classifier"), (False, "all of it")):
            model = student.probe("timm_vits.make", settings)
            names = [name for name, _ in model.parameters()]
            student.probe("timm_vits.set_trainable", model, whole, False)
            _expect_only_classifier(student, model, names, f"given a model with {words} frozen, ")


@check(points=0.25, needs=[test_only_the_classifier, test_frozen_classifier])
def test_values_and_step(student, draw):
    """freeze_backbone changes no values, and a training step after it changes only the classifier"""
    for settings in VITS:
        model = student.probe("timm_vits.make", settings)
        before = dict(model.parameters())
        frozen = _frozen(student, model)
        after = student.probe("modules.state", frozen)
        if not isinstance(after, dict):
            raise Refused("the values of the model that freeze_backbone returns cannot be read")
        moved = [name for name, value in before.items() if not _equal(after.get(name), value)]
        if moved:
            raise CheckFailed(f"freeze_backbone changes the values of {moved[0]}: keep all values")
        images = draw.normal(4, 3, 32, 32, dtype=torch.float32)
        labels = torch.arange(4) % settings["num_classes"]
        what = "a training step of the model that freeze_backbone returns"
        step = student.probe("timm_vits.moved_by_a_step", frozen, images, labels, what=what)
        changed = sorted(map(str, step)) if isinstance(step, list) else []
        if changed != ["head.bias", "head.weight"]:
            raise CheckFailed(
                "a training step after freeze_backbone should only change head.weight and head.bias, but changes "
                f"{', '.join(changed[:4]) or 'nothing'}{', …' if len(changed) > 4 else ''}"
            )
