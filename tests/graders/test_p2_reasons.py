"""Reasons of the graders of p2_cnn where another cause looks alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import autograder.graders.p2_cnn.test_conv_arithmetic as conv_arithmetic
import autograder.graders.p2_cnn.test_convnet as convnet
import autograder.graders.p2_cnn.test_linear_as_conv as linear_as_conv
import autograder.graders.p2_cnn.test_preprocessing as preprocessing
import autograder.graders.p2_cnn.test_regularization as regularization
import autograder.graders.p2_cnn.test_training as training
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw
from autograder.course.catalogue import ExerciseId
from autograder.sandbox.host.errors import Raised
from tests.checks.students import student_of

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions" / "p2_cnn"


def failure(check: Callable[..., Any], *changes: tuple[str, str], **data: Any) -> CheckFailed | Raised | None:
    """How the reference fails after these changes of its source; None if it passes."""
    name = check.__module__.rpartition("test_")[2]
    source = (SOLUTIONS / f"{name}.py").read_text()
    for old, new in changes:
        assert old in source, f"{name} does not contain {old!r} any more"
        source = source.replace(old, new)
    fixtures = {"student": student_of(source), "draw": Draw(5, ExerciseId(f"p2_cnn/{name}").check("demo")), **data}
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    try:
        check(**{name: fixtures[name] for name in wanted})
    except (CheckFailed, Raised) as found:
        return found
    return None


def reason(check: Callable[..., Any], *changes: tuple[str, str], **data: Any) -> str:
    """What the reference is told after these changes of its source; "" if it passes."""
    found = failure(check, *changes, **data)
    return found.message if found else ""


# conv_arithmetic


def test_a_large_kernel_with_ceil_mode_may_be_refused() -> None:
    refuses = ("if room < 0 and not ceil_mode", "if room < 0")
    assert reason(conv_arithmetic.test_ceil_mode, refuses) == ""
    assert reason(conv_arithmetic.test_refuses_a_large_kernel, refuses) == ""


CEIL_MODE = "    if not ceil_mode:\n"


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        (
            "round(room / stride) + 1",
            "with ceil_mode the number of steps is rounded to the nearest number, as by round()",
        ),
        ("int(room / stride + 0.5) + 1", "rounded to the nearest number, halves up, but it should be rounded up"),
        ("round(room / stride) + 1 + (room == 7)", ", as have "),
    ],
)
def test_rounding_to_the_nearest_is_named_only_if_it_gives_all_answers(windows: str, words: str) -> None:
    rounded = f"    if ceil_mode:\n        n = {windows}\n        return n - ((n - 1) * stride >= size + padding)\n"
    message = reason(conv_arithmetic.test_ceil_mode, (CEIL_MODE, rounded + CEIL_MODE))
    assert words in message
    assert "also" not in message


def test_rounding_to_the_nearest_and_a_window_in_the_padding_are_both_named() -> None:
    rounded = "    if ceil_mode:\n        return round(room / stride) + 1\n"
    message = reason(conv_arithmetic.test_ceil_mode, (CEIL_MODE, rounded + CEIL_MODE))
    assert "as by round(), but it should be rounded up; also, a window that starts in the padding" in message


def test_a_forgotten_height_and_width_is_not_told_as_missing_padding() -> None:
    message = reason(
        conv_arithmetic.test_table_of_parameters, ("features = channels * size * size", "features = channels")
    )
    assert "64 inputs, the maps of pool3 without their height and width" in message
    assert "padding" not in message


def test_padding_is_missing_only_where_a_convolution_shrinks_by_it() -> None:
    unpadded = ("padding=same_padding(5)", "padding=2 * (number > 1)")
    assert "the padding of the convolutions is missing" in reason(conv_arithmetic.test_table_of_sizes, unpadded)
    pools = ("conv_output_size(size, 2, stride=2)", "conv_output_size(size, 3, stride=2)")
    assert "the size for windows of 3×3 with a stride of 2" in reason(conv_arithmetic.test_table_of_sizes, pools)
    thirds = ("conv_output_size(size, 2, stride=2)", "size // 3")
    assert "windows of 2×2 side by side" in reason(conv_arithmetic.test_table_of_sizes, thirds)


def test_what_follows_from_another_function_is_not_explained_by_itself() -> None:
    message = reason(conv_arithmetic.test_unshared_conv, ("return room // stride + 1", "return room // stride"))
    assert "as it follows from conv_output_size and conv_parameter_count: look there first" in message
    assert "positions" not in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "width, kernel_size, stride, padding\n",
            "width, kernel_size, padding or 1, stride\n",
            "2,688 inputs, as it should be",
        ),
        ("inputs = channels * height * width", "inputs = channels * height", "outputs, as it should be, and 96 inputs"),
    ],
)
def test_a_layer_is_told_by_its_inputs_and_outputs(old: str, new: str, words: str) -> None:
    assert words in reason(conv_arithmetic.test_equivalent_linear, (old, new))


def test_a_convolution_in_the_table_is_told_by_its_input_channels() -> None:
    of_the_image = ("parameters = conv_parameter_count(channels,", "parameters = conv_parameter_count(3,")
    message = reason(conv_arithmetic.test_table_of_parameters, of_the_image)
    assert "with biases that is a 5×5 convolution of 3 maps, but pool1 returns 32 maps" in message


# linear_as_conv

COPY = "conv.weight.copy_(linear.weight.view_as(conv.weight))"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("linear.weight.view_as(conv.weight) / height", "they are those of linear times 0.3333"),
        ("torch.zeros_like(conv.weight)", "they are all 0"),
        ("linear.weight.half().view_as(conv.weight)", "only, as after a conversion to float16"),
        ("linear.weight.view_as(conv.weight) * 1.00004", "4e-05 only: is a part computed in a lower precision"),
        ("linear.weight.view_as(conv.weight) * 1.01", "they are those of linear times 1.01"),
        (
            "linear.weight.view(-1, width, in_channels, height).permute(0, 2, 3, 1)",
            "laid out as (width, channels, height), but should be as (channels, height, width)",
        ),
        ("linear.weight.view_as(conv.weight).flip(1)", "the channels of its weights are in reverse order"),
        (
            "linear.weight.mean(1).view(-1, 1, 1, 1).expand_as(conv.weight)",
            "all numbers of a filter are equal, the mean of linear's",
        ),
        (
            "linear.weight[:, : height * width].view(-1, 1, height, width).expand_as(conv.weight)",
            "all channels of a filter are equal, the first of linear's",
        ),
        (
            "1 * conv.weight",
            "another call for the same linear gives other numbers, so they are random, as those of a new",
        ),
        ("torch.randn_like(conv.weight)", "gives other numbers, so something random is in them"),
        (
            "linear.weight.view_as(conv.weight) + 0.3 * torch.randn_like(conv.weight)",
            "gives other numbers, so something random is in them",
        ),
        ("linear.weight.sin().view_as(conv.weight)", "its weights are not those of linear"),
    ],
)
def test_the_weights_themselves_say_what_is_wrong(weights: str, words: str) -> None:
    assert words in reason(linear_as_conv.test_same_numbers, (COPY, f"conv.weight.copy_({weights})"))


@pytest.mark.parametrize(
    ("copied", "words"),
    [
        (
            "conv.weight[:-1] = linear.weight.view_as(conv.weight)[:-1]",
            "its weights are those of linear except in filter 4, the last of 5: another call for the same linear gives other",
        ),
        (
            "conv.weight[1:].copy_(linear.weight.view_as(conv.weight)[1:]); conv.weight[0] = 0",
            "its weights are those of linear except in filter 0, the first of 5: they are all 0",
        ),
        (
            "conv.weight.copy_(linear.weight.view_as(conv.weight)); conv.weight[2] *= 3",
            "except in filter 2, counted from 0, one of 5: they are those of linear times 3",
        ),
        (
            "conv.weight[:, 0] = linear.weight.view_as(conv.weight)[:, 0]",
            "its weights are those of linear except in channel 1, the last of 2: another call",
        ),
        (
            "conv.weight.copy_(linear.weight[0].view(1, in_channels, height, width).expand_as(conv.weight))",
            "filter 1 has the weights of neuron 0, filter 2 has the weights of neuron 0",
        ),
        (
            "conv.weight.copy_(linear.weight.roll(1, 0).view_as(conv.weight))",
            "filter 0 has the weights of neuron 4, filter 1 has the weights of neuron 0",
        ),
    ],
)
def test_filters_that_are_right_are_not_told_as_random(copied: str, words: str) -> None:
    message = reason(linear_as_conv.test_same_numbers, (COPY, copied))
    assert words in message
    assert "ever get into" not in message
    assert "the same filters have wrong biases" not in message


def test_a_filter_without_weights_and_bias_of_its_own_is_told_by_both() -> None:
    one_less = (COPY, "conv.weight[:-1] = linear.weight.view_as(conv.weight)[:-1]")
    biases = ("conv.bias.copy_(linear.bias)", "conv.bias[:-1] = linear.bias[:-1]")
    message = reason(linear_as_conv.test_same_numbers, one_less, biases)
    assert message.endswith("linear's are not copied there; the same filters have wrong biases")
    assert "its biases are those of linear except in filter 4, the last of 5: another call" in reason(
        linear_as_conv.test_same_numbers, biases
    )


def test_rounding_errors_of_right_weights_are_not_told_instead_of_a_wrong_bias() -> None:
    rounded = (COPY, "conv.weight.copy_(linear.weight.view_as(conv.weight) / 3 * 3)")
    assert reason(linear_as_conv.test_same_numbers, rounded) == ""
    biases = ("conv.bias.copy_(linear.bias)", "conv.bias.copy_(linear.bias / 2)")
    assert "the weights are right, but" in reason(linear_as_conv.test_same_numbers, rounded, biases)


def test_weights_in_float32_are_not_told_as_a_multiple() -> None:
    message = reason(
        linear_as_conv.test_bias_and_dtype, (COPY, "conv.weight.copy_(linear.weight.float().view_as(conv.weight))")
    )
    assert message.endswith("08 only, as after a conversion to float32")
    assert "times" not in message


def test_biases_are_named_only_if_the_weights_are_right() -> None:
    message = reason(
        linear_as_conv.test_same_numbers, ("conv.bias.copy_(linear.bias)", "conv.bias.copy_(linear.bias / 2)")
    )
    assert (
        "the weights are right, but its biases are not those of linear: they are those of linear times 0.5" in message
    )


def test_a_sequential_is_told_by_its_parts() -> None:
    message = reason(
        linear_as_conv.test_same_numbers, ("    return conv\n", "    return nn.Sequential(conv, nn.Flatten())\n")
    )
    assert "made of Conv2d, Flatten" in message


# convnet

FLATTEN = "torch.flatten(maps, start_dim=1)"


def test_a_mean_over_the_maps_is_not_told_as_missing_padding() -> None:
    message = reason(convnet.test_parameters, (FLATTEN, "maps.mean((2, 3))"), ("64 * 4 * 4", "64"))
    assert "231,170: fc4 has 64 inputs, but pool3 returns 64 maps of 4×4" in message


def test_missing_padding_is_told_by_the_layer_that_shrinks() -> None:
    message = reason(convnet.test_parameters, (", padding=2", ""), ("64 * 4 * 4", "64"))
    assert "conv1 returns 32×28×28 instead of 32×32×32; with a padding of 2" in message


def test_a_relu_on_the_scores_is_not_told_as_dropout() -> None:
    relu = ("return self.classifier(", "return torch.relu(self.classifier("), (FLATTEN, f"{FLATTEN})")
    assert "a ReLU is applied" in reason(convnet.test_scores, *relu)
    assert "dropout belongs before fc5" not in reason(convnet.test_dropout, *relu)


def test_what_a_layer_gets_tells_what_comes_before_it() -> None:
    message = reason(convnet.test_feature_maps, ("self.features(images)", "self.features(images / 255)"))
    assert "what conv1 gets is the images times 1/255" in message


def test_weights_that_start_large_are_not_told_as_a_wrong_convolution() -> None:
    large = ("### END SOLUTION\n\n    def forward", "for p in self.parameters(): nn.init.normal_(p)\n\n    def forward")
    train = torch.rand(40, 3, 32, 32), torch.arange(40) % 10
    dataset = SimpleNamespace(train_x=train[0], train_y=train[1], test_x=train[0], test_y=train[1])
    message = reason(convnet.test_accuracy, large, cifar=dataset)
    assert "has a standard deviation of 1: with as many inputs as this layer has" in message
    assert "convolution itself" not in message


def test_a_bias_that_is_added_by_hand_is_not_told_as_missing() -> None:
    by_hand = (
        "return self.classifier(torch.flatten(maps, start_dim=1))",
        "first, _, drop, last = self.classifier\n"
        "        return last(drop(torch.flatten(maps, 1) @ first.weight.T + first.bias))",
    )
    assert "the ReLU after fc4 is missing" in reason(convnet.test_scores, by_hand)


def test_one_batch_norm_for_two_convolutions_is_told_by_what_is_missing() -> None:
    shared = (
        "self.classifier = nn.Sequential(",
        "if batch_norm:\n            self.features[9] = self.features[5]\n        self.classifier = nn.Sequential(",
    )
    assert "the same batch norm stands after conv2 and after conv3" in reason(convnet.test_parameters, shared)


def test_state_kept_from_call_to_call_is_told_before_any_layer() -> None:
    kept = "self.n = getattr(self, 'n', 0) + 1\n        maps = self.features(self.n * images)"
    message = reason(convnet.test_feature_maps, ("maps = self.features(images)", kept))
    assert "other scores for the same images" in message


def test_equal_scores_for_different_images_pay_nothing() -> None:
    constant = ("return self.classifier(", "return 0 * self.classifier(")
    for check in (
        convnet.test_feature_maps,
        convnet.test_crops,
        convnet.test_nothing_else_is_dropped,
        convnet.test_batch_norm,
        convnet.test_batch_norm_in_training,
    ):
        assert "the same scores for" in reason(check, constant)


# regularization

DIVIDED = "return x * keep / (1 - p)"


@pytest.mark.parametrize(
    ("scaled", "words"),
    [
        ("return x * keep / keep.double().mean().to(x.dtype)", "by the fraction that was kept in this call"),
        ("return x * keep / (1 - p) ** 0.5", "by the root of 1 − p"),
        ("return x * keep", "does not scale the others"),
    ],
)
def test_a_wrong_scale_is_named_by_all_probabilities_together(scaled: str, words: str) -> None:
    assert words in reason(regularization.test_dropout_distribution, (DIVIDED, scaled))


def test_dropped_entries_that_are_not_zero_are_seen() -> None:
    message = reason(regularization.test_dropout_draws, (DIVIDED, "return torch.where(keep, x / (1 - p), 0.25)"))
    assert "into 0.25: a dropped entry is 0" in message


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ("torch.randn(x.shape, generator=generator) > p", "as if the random numbers were normal"),
        ("torch.randint(0, 10, x.shape, generator=generator) >= round(10 * p)", "that is p rounded to one decimal"),
        ("torch.rand(x.shape, generator=generator) >= 0.5", "that is half of them, whatever p is"),
        ("torch.rand(x.shape, generator=generator) >= 0.9 * p", "% of 20000 entries"),
    ],
)
def test_a_wrong_fraction_is_named_by_more_probabilities(drawn: str, words: str) -> None:
    keep = "torch.rand(x.shape, generator=generator, device=x.device) >= p"
    assert "neighbours" not in reason(regularization.test_dropout_draws, (keep, drawn))
    assert words in reason(regularization.test_dropout_distribution, (keep, drawn))


STATISTICS = "mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)"
OF_THE_BATCH = "x.mean(dim=(0, 2, 3)), "


@pytest.mark.parametrize(
    ("statistics", "words"),
    [
        (
            OF_THE_BATCH + "x.var(dim=(2, 3), unbiased=False).mean(dim=0)",
            "is divided by the root of the mean of the variances inside the single images, each around its image's own mean",
        ),
        (OF_THE_BATCH + "x.var(dim=(2, 3)).mean(dim=0)", "the variances inside the single images, unbiased,"),
        (OF_THE_BATCH + "x.var(0, unbiased=False).mean((1, 2))", "the variance at each pixel over the batch:"),
        (OF_THE_BATCH + "x.var(unbiased=False).expand(x.shape[1])", "the variance of all channels together:"),
        (
            OF_THE_BATCH + "((x - x[:, -1].mean()) ** 2).mean((0, 2, 3))",
            "the mean squared deviation from the mean of channel 2, in every channel",
        ),
        (
            "x[-1].mean((1, 2)), x.var(dim=(0, 2, 3), unbiased=False)",
            "has the mean of the last image alone subtracted, instead of",
        ),
        ("x[0].mean((1, 2)), x[0].var((1, 2), unbiased=False)", "by mean and variance of the first image alone"),
        (
            OF_THE_BATCH + "x.var((0, 2, 3), unbiased=False) + 0.3",
            "is that for another variance than the batch's",
        ),
        (
            "x.mean((0, 2, 3)) * 0.7, x.var((0, 2, 3), unbiased=False)",
            "is that for another mean than the batch's, with the right variance: channel",
        ),
    ],
)
def test_other_statistics_of_a_batch_are_named(statistics: str, words: str) -> None:
    assert words in reason(regularization.test_batch_norm_training, (STATISTICS, f"mean, var = {statistics}"))


@pytest.mark.parametrize(
    "changes",
    [
        ("* weight + bias", "* weight.sin() + bias"),
        ("* weight + bias", "* weight + bias.sin()"),
        ("* weight + bias", "* weight + bias + 0.01 * x**2"),
        (STATISTICS, STATISTICS + "\n            mean, var = mean + 0.2, var + 0.3"),
    ],
)
def test_a_statistic_is_called_wrong_only_if_the_other_is_right(changes: tuple[str, str]) -> None:
    message = reason(regularization.test_batch_norm_training, changes)
    assert message
    assert "another mean" not in message
    assert "another variance" not in message


def test_sums_over_pixels_divided_by_images_are_told() -> None:
    sums = (
        "mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)",
        "mean = x.sum(dim=(0, 2, 3)) / len(x)\n"
        "            var = ((x - mean.reshape(-1, 1, 1)) ** 2).sum(dim=(0, 2, 3)) / len(x)",
    )
    assert "divided by the number of images alone" in reason(regularization.test_batch_norm_training, sums)
    assert "divides the sum by the number of images" in reason(regularization.test_batch_norm_statistics, sums)


def test_statistics_after_their_update_are_not_told_as_those_before() -> None:
    update = "self.num_batches_tracked += 1\n"
    used = (
        "                " + update,
        "                " + update + "            mean, var = 1 * self.running_mean, 1 * self.running_var\n",
    )
    assert "running statistics after their update" in reason(regularization.test_batch_norm_training, used)


def test_the_mean_of_the_batch_in_evaluation_is_told_from_both_statistics() -> None:
    half = ("mean, var = self.running_mean, self.running_var", "mean, var = x.mean((0, 2, 3)), self.running_var")
    assert "subtracts the mean of the batch" in reason(regularization.test_batch_norm_evaluation, half)


# preprocessing


def test_deviations_from_the_mean_of_the_last_channel_are_told() -> None:
    stale = ("return images.mean(dim=(0, 2, 3)), images.std(dim=(0, 2, 3))",) * 2
    around = "((images - images[:, -1].mean()) ** 2).mean((0, 2, 3)).sqrt()"
    message = reason(preprocessing.test_channel_deviations, (stale[0], f"return images.mean((0, 2, 3)), {around}"))
    assert "std is taken around the mean of channel 2, the last of 3, in every channel" in message
    both = f"return images.mean((0, 2, 3)), {around} + 0.05 * images.amax()"
    assert "taken around" not in reason(preprocessing.test_channel_deviations, (stale[0], both))


# training

LOOP = "    for images, labels in loader:\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [("correct += (scores", "correct = (scores")],
            "the right answers of the last batch alone are divided by the number of all examples: are the right answers",
        ),
        ([("total += loss", "total = loss")], "the losses of the last batch alone are divided by the number of all"),
        (
            [
                (
                    LOOP,
                    LOOP
                    + "        if count and len(labels) < first: continue\n        first = first if count else len(labels)\n",
                )
            ],
            ": batches smaller than the first are left out",
        ),
        (
            [
                (
                    LOOP,
                    LOOP
                    + "        if count and len(labels) != first: continue\n"
                    + "        first = first if count else len(labels)\n",
                )
            ],
            ": batches of another size than the first are left out",
        ),
        (
            [("count += len(labels)", "count = len(labels)")],
            "the losses of all batches are divided by the number of examples of the last",
        ),
        (
            [("correct += (scores", "correct = (scores"), ("correct / count", "correct / count / 2")],
            "with 8 of 14 examples right",
        ),
    ],
)
def test_batches_that_do_not_count_are_named(changes: list[tuple[str, str]], words: str) -> None:
    changed = [(old, new.replace(LOOP, "    first = 0\n" + LOOP)) for old, new in changes]
    message = reason(training.test_epoch_measures, *changed)
    assert words in message
    assert "alone are divided" not in message or "alone are divided" in words


HISTORY = "        history.append(epoch(train_loader, model, criterion, optimizer))\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [
                ("    history = []\n", "    history, pair = [], [0.0, 0.0]\n"),
                (
                    HISTORY,
                    "        pair[:] = epoch(train_loader, model, criterion, optimizer)\n        history.append(pair)\n",
                ),
            ],
            "all 3 entries of fit's history are those of the last epoch: is one and the same object",
        ),
        (
            [("    return history\n", "    return [history[0] for _ in history]\n")],
            "all 3 entries of fit's history are those of epoch 1: each should",
        ),
        ([("    return history\n", "    return history[::-1]\n")], "fit's history is in reverse order"),
        (
            [("    return history\n", "    return history[:1] + history[:-1]\n")],
            "entry 2 is that of epoch 1, entry 3 is that of epoch 2: each should",
        ),
        (
            [
                (
                    "    return history\n",
                    "    return [tuple(sum(p[i] for p in history[:n]) / n for i in (0, 1)) for n in range(1, epochs + 1)]\n",
                )
            ],
            "the entries of fit's history are the means over all epochs so far",
        ),
        (
            [("    return history\n", "    return [(history[-1][0] + 0.1, p[1]) for p in history]\n")],
            "the loss of epoch 1 of fit",
        ),
    ],
)
def test_entries_of_other_epochs_are_named(changes: list[tuple[str, str]], words: str) -> None:
    assert words in reason(training.test_fit_history, *changes)
