"""Which part of a reason of p2_cnn names the mistake: only what was established, and none where several causes are left."""

from __future__ import annotations

from typing import Any

import pytest

import autograder.graders.p2_cnn.test_augmentation as augmentation
import autograder.graders.p2_cnn.test_conv_arithmetic as conv_arithmetic
import autograder.graders.p2_cnn.test_convnet as convnet
import autograder.graders.p2_cnn.test_linear_as_conv as linear_as_conv
import autograder.graders.p2_cnn.test_preprocessing as preprocessing
import autograder.graders.p2_cnn.test_regularization as regularization
import autograder.graders.p2_cnn.test_training as training
from autograder.checks.failure import CheckFailed
from tests.graders.test_p2_reasons import failure

Change = tuple[str, str]


def mistake_of(check: Any, *changes: Change) -> str:
    """The mistake that a check of the changed reference names, which is a part of its message."""
    found = failure(check, *changes)
    assert isinstance(found, CheckFailed), found
    assert found.mistake in found.message
    return found.mistake


FLATTEN = "torch.flatten(maps, start_dim=1)"
STEP = "            optimizer.step()\n"
COUNTED = "correct += (scores.argmax(dim=1) == labels)"


@pytest.mark.parametrize(
    ("check", "change", "mistake"),
    [
        (
            conv_arithmetic.test_output_size,
            ("size + 2 * padding", "size + padding"),
            "the padding is counted on one side, but is on both",
        ),
        (
            augmentation.test_generator_decides,
            ("torch.rand(len(images), generator=generator)", "torch.rand(len(images))"),
            "random_horizontal_flip gives different results for generators in the same state",
        ),
        (
            preprocessing.test_standardize,
            ("(images - ", "(images + "),
            "standardize(images, mean, std) adds the mean, but should subtract it",
        ),
        (
            linear_as_conv.test_same_numbers,
            ("conv.bias.copy_(", "conv.bias.mul_(0 * "),
            "its biases are not those of linear: they are all 0",
        ),
        (
            regularization.test_dropout_distribution,
            ("/ (1 - p)", ""),
            "does not scale the others, so the mean shrinks",
        ),
        (
            training.test_evaluation_mode,
            ("model.train(training)", "model.train()"),
            "the model is in train mode while it is evaluated",
        ),
        (
            training.test_training_steps,
            ("            optimizer.zero_grad()\n", ""),
            "the gradients add up from batch to batch",
        ),
        (
            convnet.test_scores,
            (
                "return self.classifier(torch.flatten(maps, start_dim=1))",
                "return self.classifier(maps.flatten(1)).softmax(1)",
            ),
            "ConvNet() does not return the output of fc5 as its scores: a softmax is applied to it",
        ),
        (
            convnet.test_scores,
            (FLATTEN, "maps.reshape(1024, len(maps)).T"),
            "fc4 of ConvNet() has wrong values: what fc4 gets for one image has numbers of others, too",
        ),
        (
            convnet.test_scores,
            (FLATTEN, f"{FLATTEN}.flip(0)"),
            "fc4 of ConvNet() has wrong values: what fc4 gets for image 0 is what pool3 returns for image 2",
        ),
        (
            convnet.test_dropout,
            ("nn.Dropout(dropout)", "nn.Identity()"),
            "nothing is dropped between fc4 and fc5 of ConvNet(dropout=0.3) in training",
        ),
    ],
)
def test_an_established_mistake_is_a_part_of_the_reason(check: Any, change: Change, mistake: str) -> None:
    assert mistake_of(check, change) == mistake


@pytest.mark.parametrize(
    ("check", "change"),
    [
        (conv_arithmetic.test_output_size, ("size + 2 * padding", "size + 2 * padding + 3")),
        (augmentation.test_flip_mirrors_left_and_right, ("images.flip(dims=[3])", "images.flip(dims=[3]).sqrt()")),
        (preprocessing.test_standardize, ("(images - ", "(images.abs().sqrt() - ")),
        (regularization.test_dropout_gradient, ("return x * keep / (1 - p)", "return (x * keep / (1 - p)).detach()")),
        (training.test_training_steps, ("loss.backward()", "(loss + 0.1 * loss**2).backward()")),
        (convnet.test_scores, (FLATTEN, f"{FLATTEN}.square()")),
    ],
)
def test_what_was_only_seen_names_no_mistake(check: Any, change: Change) -> None:
    assert mistake_of(check, change) == ""


# Batch norms of convnet


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ("self.features[9] = self.features[5]", "the same batch norm stands after conv2 and after conv3"),
        ("self.features[5] = nn.Identity()", "there is no batch norm after conv2"),
        ("self.features[9] = nn.Identity()", "there is no batch norm after conv3"),
        ("self.features[1] = nn.Identity()", "there is no batch norm after conv1"),
    ],
)
def test_a_missing_batch_norm_is_told_from_a_shared_one(change: str, mistake: str) -> None:
    made = "self.classifier = nn.Sequential("
    changed = (made, f"if batch_norm:\n            {change}\n        {made}")
    assert mistake_of(convnet.test_parameters, changed) == mistake


# Accuracies of training

AFTER_STEP = f"scores = model(images)\n        {COUNTED}"
AT_THE_END = "    if training: correct = sum(int((model(x).argmax(1) == y).sum()) for x, y in loader)\n"
AT_THE_START = "    start = sum(int((model(x).argmax(1) == y).sum()) for x, y in loader)\n"
ZERO = "    total, correct, count ="
TOTAL = "    return total / count, correct / count"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([(COUNTED, AFTER_STEP)], "it is measured on each batch after the step on it"),
        ([(TOTAL, AT_THE_END + TOTAL)], "it is that of the model after the epoch"),
        (
            [(ZERO, AT_THE_START + ZERO), (TOTAL, f"    correct = start\n{TOTAL}")],
            "it is that of the model before the epoch",
        ),
    ],
)
def test_when_an_accuracy_was_measured_is_named(changes: list[Change], words: str) -> None:
    assert mistake_of(training.test_epoch_measures, *changes).startswith(words)


def test_an_accuracy_that_is_a_little_off_is_of_no_other_model() -> None:
    changed = (TOTAL, f"    if training and count > 10: correct += 1\n{TOTAL}")
    assert mistake_of(training.test_epoch_measures, changed) == ""


# Histories

HISTORY = "    history = []\n"
APPENDED = "        history.append(epoch(train_loader, model, criterion, optimizer))\n"


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        (
            [(HISTORY, "    history = fit.__dict__.setdefault('kept', [])\n")],
            "the entries of earlier calls are in it, too",
        ),
        ([(APPENDED, f"{APPENDED}        history.append(history[-1])\n")], "there are two for each epoch"),
        ([(HISTORY, "    history = [(0.0, 0.0)]\n")], "there is one more than epochs"),
        (
            [("    return history\n", "    return history[-1:]\n")],
            "there is a single one, whatever the number of epochs is",
        ),
        (
            [
                (
                    APPENDED,
                    "        history += [epoch([batch], model, criterion, optimizer) for batch in train_loader]\n",
                )
            ],
            "there is one for each batch",
        ),
        ([("    return history\n", "    return (history * 3)[: 2 * epochs + 1]\n")], ""),
    ],
)
def test_which_entries_a_history_has_is_named(changes: list[Change], mistake: str) -> None:
    assert mistake_of(training.test_fit_history, *changes) == mistake


# Center crops


def test_the_margins_of_a_center_crop_may_be_swapped() -> None:
    rows, columns = "min((width - size) // 2, height - size)", "min((height - size) // 2, width - size)"
    rival = ("(height - size) // 2, (width - size) // 2", f"{rows}, {columns}")
    assert mistake_of(augmentation.test_center_crop, rival).endswith("so the two are swapped")


def test_another_place_than_the_middle_is_no_known_one() -> None:
    place = ("(height - size) // 2, (width - size) // 2", "(height - size) // 3, (width - size) // 3")
    assert mistake_of(augmentation.test_center_crop, place) == ""


# Shares of mirror images

DRAWN = "torch.rand(len(images), generator=generator) < p"


@pytest.mark.parametrize(
    ("drawn", "mistake"),
    [
        (DRAWN.replace("<", ">"), "that is 1 − p"),
        (DRAWN.replace("< p", "< 0.5"), "that is a half, whatever p is"),
        (DRAWN.replace("< p", "< p**2"), "that is p², as if an image had to be chosen twice"),
        (DRAWN.replace("< p", "< p / 2"), ""),
        (DRAWN.replace("< p", "< 2.0"), "in 40 more batches with p=0.5 all too"),
        (f"({DRAWN.replace('len(images)', '1')}).expand(len(images))", "and with p=0.5 in 40 more batches all or none"),
    ],
)
def test_a_wrong_share_is_named_if_it_fits_every_p(drawn: str, mistake: str) -> None:
    assert mistake_of(augmentation.test_flip_probability, (DRAWN, drawn)) == mistake
