"""Transfer with timm: resized images, a model created by its name, and a frozen backbone.

Only the default model is large. The others are small vision transformers that a probe registers with timm, under names
that timm does not have (mini, micro, nano, pico) and with weights drawn here. So `pretrained` can be checked without a
network, however timm is imported.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.closeness import TOLERANCE, as_tensor, expect_unchanged
from autograder.checks.declare import ExerciseSpec, check
from autograder.checks.failure import CheckFailed
from autograder.checks.modules import as_model
from autograder.checks.transformer.parameters import same
from autograder.checks.transformer.resized_images import expect_right_sizes, why_unequal
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


def _adapted(student, images: Tensor, size: int) -> Tensor:
    what = f"adapt_images(images, size={size}) of images of shape {tuple(images.shape)}"
    value = student.adapt_images(images, size=size)
    return as_tensor(what, value, (len(images), 3, size, size), images.dtype)


def _expect_resized(student, draw, cases) -> None:
    for (shape, size), (dtype, rtol) in ((case, item) for case in cases for item in TOLERANCE.items()):
        images = torch.from_numpy(draw.rng.uniform(0.02, 0.98, shape)).to(dtype)
        expect_right_sizes(images, size, _adapted(student, images, size).double(), rtol)
    expect_unchanged(student)


@check(points=0.25, counts_with=["test_enlarged"])
def test_three_channels(student, draw):
    """adapt_images returns (B, 3, size, size), with size 224 by default; grey images get three equal channels"""
    for shape, options in (((2, 1, 28, 20), {}), ((3, 1, 5, 7), {"size": 9}), ((1, 1, 6, 6), {"size": 6})):
        images = torch.from_numpy(draw.rng.uniform(0.02, 0.98, shape)).float()
        size = options.get("size", 224)
        what = f"adapt_images of images of shape {shape}{f' with size={size}' if options else ''}"
        got = as_tensor(what, student.adapt_images(images, **options), (shape[0], 3, size, size))
        expect_unchanged(student)
        if not same(got, got[:, :1].expand_as(got), 1e-6):
            mistake, advice = why_unequal(got)
            raise CheckFailed(
                f"the three channels of a grey image should be equal, but differ{f': {mistake}' if mistake else ''}{advice}",
                mistake=mistake,
            )


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
        mistake = why = ""
        if instead in (0, 10, 1000, OFFERED_CLASSES):
            mistake = f"its classifier is {f'one for {instead:.0f} classes' if instead else 'missing'}"
            why = f": {mistake}"
        if instead == OFFERED_CLASSES:
            why += ", as timm's model has it: is num_classes passed on?"
        for features in {192, 384, 768, 1000} - {embed_dim}:
            if have == expected + (features - embed_dim) * num_classes:
                mistake = f"as if its classifier were a layer of {features} features"
                why = f", {mistake}: this model has {embed_dim}"
        if have == _count(192, 12, 16, 224, num_classes):
            mistake = "as many as vit_tiny_patch16_224"
            why = f", {mistake}: is the name used?"
        raise CheckFailed(f"{what} should have {expected:,} parameters, but has {have:,}{why}", mistake=mistake)
    if trainable != expected:
        seen = f"{expected - trainable:,} parameters of {what} are frozen"
        raise CheckFailed(f"{seen}: leave that to freeze_backbone", mistake=seen)


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
        seen = f"two calls of {what} return the same model, or two that share parameters"
        raise CheckFailed(
            f"{seen}: if those of one change, so do the other's. Each call should create a new model. What does "
            "build_classifier keep from an earlier call?",
            mistake=seen,
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
        if same(scores.sum(1), torch.ones(3), 1e-4) or same(scores.exp().sum(1), torch.ones(3), 1e-4):
            seen = f"the model of {what} ends in a softmax"
            raise CheckFailed(f"{seen}, but should return scores", mistake=seen)
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
        if not same(once, again, 1e-5):
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
            seen = f"the model of {what} has {kept} {len(backbone)} pretrained weights from timm"
            raise CheckFailed(seen, mistake=seen)
        if not options.get("pretrained") and found:
            seen = f"the model of {what} has pretrained weights, although pretrained=True was not given"
            raise CheckFailed(seen, mistake=seen)
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
        seen = f"freeze_backbone returns a model whose classifier has {off[0]} not trainable"
        raise CheckFailed(f"{before}{seen}", mistake=seen)
    if off:
        learns = "the backbone learns instead" if on else "nothing of it can learn"
        seen = "freeze_backbone returns a model whose classifier is not trainable"
        raise CheckFailed(f"{before}{seen} ({', '.join(off)}): {learns}", mistake=seen)
    if on:
        seen = "freeze_backbone leaves parameters trainable that are not the classifier's"
        raise CheckFailed(
            f"{before}{seen}, {len(on)} of {len(names)}: {', '.join(on[:4])}{', …' if len(on) > 4 else ''}",
            mistake=seen,
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
            seen = f"freeze_backbone changes the values of {moved[0]}"
            raise CheckFailed(f"{seen}: keep all values", mistake=seen)
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
