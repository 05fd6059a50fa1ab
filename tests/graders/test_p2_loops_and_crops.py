"""Reasons of the graders of training and augmentation where another cause looks alike."""

from __future__ import annotations

import pytest

import autograder.graders.p2_cnn.test_augmentation as augmentation
import autograder.graders.p2_cnn.test_preprocessing as preprocessing
import autograder.graders.p2_cnn.test_training as training
from tests.graders.test_p2_reasons import reason

STEP = "            optimizer.zero_grad()\n            loss.backward()\n            optimizer.step()\n"
OFFSETS = "(len(images),), generator=generator)"
FLIPS = "torch.rand(len(images), generator=generator) < p"


def test_a_generator_made_at_module_level_is_noticed() -> None:
    for check, drawn in (("crop", OFFSETS), ("flip", "torch.rand(len(images), generator=generator)")):
        own = (drawn, drawn.replace("generator=generator", "generator=generator or OWN"))
        made = ("import torch\n", "import torch\nOWN = torch.Generator()\n")
        message = reason(augmentation.test_generator_decides, own, made)
        assert check in message
        assert message.endswith("draw from this state, not from a generator of your own")


def test_numbers_far_from_the_middle_occur() -> None:
    normal = (
        "torch.randint(height - size + 1, (len(images),), generator=generator)",
        "(torch.randn(len(images)) + (height - size) / 2).round().long().clamp(0, height - size)",
    )
    assert "begins at row 0" in reason(augmentation.test_random_crop_positions, normal)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (
            "torch.arange(len(images)) < int(p * len(images))",
            "the draws do not come from the generator, or there are none",
        ),
        (
            "torch.rand(len(images), generator=generator.manual_seed(generator.initial_seed()) if generator else None) < p",
            "every call starts from the generator's first state",
        ),
    ],
)
def test_why_calls_in_a_row_are_equal_is_told_by_a_second_generator(drawn: str, words: str) -> None:
    assert words in reason(augmentation.test_flip_probability, (FLIPS, drawn))


def test_a_step_without_gradients_is_not_told_as_no_step() -> None:
    cleared = "            loss.backward()\n            optimizer.zero_grad()\n            optimizer.step()\n"
    assert "took 4 steps, but there were no gradients" in reason(training.test_training_steps, (STEP, cleared))
    never = STEP.replace("optimizer.step()", "pass")
    assert reason(training.test_training_steps, (STEP, never)).endswith("the optimizer that was given took no step")


def test_parameters_that_stay_frozen_are_not_told_as_recorded() -> None:
    frozen = ("    model.train(training)\n", "    model.train(training).requires_grad_(training)\n")
    unguarded = ("with torch.set_grad_enabled(training):", "if True:")
    assert "2 of the model's 2 parameters require no gradients" in reason(
        training.test_evaluation_without_gradients, frozen, unguarded
    )
    assert "autograd records gradients" in reason(training.test_evaluation_without_gradients, unguarded)


def test_images_that_were_flattened_are_noticed_at_once() -> None:
    message = reason(training.test_epoch_measures, ("model(images)", "model(images.flatten(1))"))
    assert "the model got a tensor of shape (5, 6)" in message


def test_a_loss_of_a_second_pass_is_not_told_as_one_after_each_step() -> None:
    end = "return total / count, correct / count"
    again = (end, f"if optimizer:\n        return epoch(loader, model, criterion)\n    {end}")
    assert "that of the model after the epoch" in reason(training.test_epoch_measures, again)


def test_an_optimizer_without_the_first_layer_is_noticed() -> None:
    last = ("SGD(model.parameters(), lr=eta)", "SGD(list(model.parameters())[-2:], lr=eta)")
    assert "of layer 1 did not change" in reason(training.test_fit_steps, last)


def test_a_history_among_other_results_is_noticed() -> None:
    both = ("    return history\n", "    return model, history\n")
    assert "fit should return the history alone, but returns (" in reason(training.test_fit_history, both)


def test_a_first_channel_alone_is_not_told_as_one_number_for_everything() -> None:
    first = ("images.mean(dim=(0, 2, 3))", "images[:, :1].mean(dim=(0, 2, 3))")
    message = reason(preprocessing.test_channel_means, first)
    assert "that of the first channel alone" in message
    assert "everything" not in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("model(images)", "model(images * 2)", "the model gets other images than those of the loader"),
        (
            "criterion(scores, labels)",
            "(scores - labels[:, None]).square().mean()",
            "the criterion that was given is never called",
        ),
        ("criterion(scores, labels)", "criterion(scores, labels.roll(1))", "the criterion gets other labels"),
        ("criterion(scores, labels)", "criterion(2 * scores, labels)", "something else than the scores of the model"),
        ("criterion(scores, labels)", "criterion(scores, labels) + 0.5", "the criterion returns"),
    ],
)
def test_a_wrong_loss_of_a_single_batch_is_traced(old: str, new: str, words: str) -> None:
    message = reason(training.test_epoch_measures, (old, new))
    assert "With a single batch it is wrong, too: " in message
    assert words in message


def test_a_right_loss_of_a_single_batch_points_to_the_mean() -> None:
    message = reason(training.test_epoch_measures, ("loss.item() * len(labels)", "loss.item() * len(labels) ** 2 / 4"))
    assert message.endswith(
        "With a single batch it is right: look at how the losses of several batches are put together"
    )


def test_learning_rates_are_read_from_the_weights() -> None:
    floor = (
        "        scheduler.step()\n",
        "        optimizer.param_groups[0]['lr'] = max(eta / 3, optimizer.param_groups[0]['lr'] * gamma)\n",
    )
    assert "the learning rates of the epochs were 0.5, 0.2, 0.167," in reason(training.test_fit_steps, floor)


def test_a_step_before_backward_and_a_stop_are_noticed() -> None:
    early = "            optimizer.step()\n            optimizer.zero_grad()\n            loss.backward()\n"
    assert "at 1 of them there were no gradients" in reason(training.test_training_steps, (STEP, early))
    stop = (
        "        scheduler.step()\n",
        "        scheduler.step()\n        if len(history) > 1 and history[-1][0] > history[-2][0]:\n            break\n",
    )
    assert "the weights are those of two epochs" in reason(training.test_fit_steps, stop)
