"""Wrong statistics, standardizations, norms and crops of images are named by what they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from autograder.checks.convolution.channel_statistics import expect_deviations, expect_means, per_channel
from autograder.checks.convolution.crops import ROUNDINGS, WRONG_CENTERS, Rule, begins_at, positions_of
from autograder.checks.convolution.image_norms import expect_unit_norms
from autograder.checks.convolution.standardized import explain_standardized
from autograder.checks.convolution.whitened_others import expect_whitened
from autograder.checks.convolution.whitening import both_covariances, inverse_root, why_not_centred
from autograder.checks.failure import CheckFailed
from autograder.checks.inputs import Draw

DRAW = Draw(4, "a check")
IMAGES = DRAW.normal(5, 3, 4, 6).abs() + torch.arange(3).reshape(3, 1, 1) / 5
MEANS, VARIANCES = IMAGES.mean((0, 2, 3)), IMAGES.var((0, 2, 3))
MEAN, STD = (
    torch.tensor([0.3, -0.2, 0.9]).double()[:, None, None],
    torch.tensor([0.5, 1.5, 0.7]).double()[:, None, None],
)


def message(call: Callable[[], object]) -> str:
    with pytest.raises(CheckFailed) as caught:
        call()
    return caught.value.message


# Statistics


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (MEANS[:1], "it has that of the first channel alone"),
        (MEANS[:2], "it has those of the first 2 channels alone"),
        (IMAGES.mean((1, 2, 3)), "there is one for each image"),
        (IMAGES.mean((0, 1, 2)), "there is one for each column of pixels"),
        (IMAGES.mean((0, 1, 3)), "there is one for each row of pixels"),
    ],
)
def test_numbers_of_something_else_than_the_channels_are_named(value: Tensor, words: str) -> None:
    assert words in message(lambda: per_channel("mean", value, IMAGES))


def test_of_one_number_that_is_not_that_of_a_channel_no_cause_is_claimed() -> None:
    assert message(lambda: per_channel("mean", torch.tensor([7.0]), IMAGES)).endswith("for each channel, but has (1,)")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (24 * MEANS, "times 24, the number of pixels of an image, height · width"),
        (5 * MEANS, "times 5, the number of images"),
        (120 * MEANS, "times 120, the number of all pixels of a channel, so it is a sum"),
        (IMAGES.reshape(3, -1).mean(1), "cut into one piece for each channel"),
    ],
)
def test_a_wrong_mean_is_named(value: Tensor, words: str) -> None:
    assert words in message(lambda: expect_means(value, MEANS, IMAGES, 1e-9))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((IMAGES.square().mean((0, 2, 3)) - MEANS).abs().sqrt(), "subtract the square of the mean"),
        ((119 * VARIANCES).sqrt(), "the root of the sum of the squared deviations"),
        ((IMAGES.sum((0, 2, 3)) ** 2 / 120 - MEANS**2).sqrt(), "the square of the sum of the pixels instead of"),
        (IMAGES.reshape(3, -1).std(1), "cut into one piece for each channel"),
    ],
)
def test_a_wrong_deviation_is_named(value: Tensor, words: str) -> None:
    assert words in message(lambda: expect_deviations(value, VARIANCES, IMAGES, 1e-9))


def around(centre: Tensor, images: Tensor = IMAGES) -> Tensor:
    deviation: Tensor = (images - centre).square().mean((0, 2, 3)).sqrt()
    return deviation


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (around(MEANS[2]), "around the mean of channel 2, the last of 3, in every channel"),
        (around(MEANS[2]) * (120 / 119) ** 0.5, "around the mean of channel 2, the last of 3, in every channel"),
        (around(IMAGES.mean()), "around the mean of all channels together"),
        (around(IMAGES[0].mean((1, 2), keepdim=True)), "around the mean of the first image alone"),
        (around(IMAGES.mean(1, keepdim=True)), "around the mean over the channels at each pixel"),
    ],
)
def test_a_deviation_from_another_mean_is_named(value: Tensor, words: str) -> None:
    assert words in message(lambda: expect_deviations(value, VARIANCES, IMAGES, 1e-9))


def test_a_deviation_from_another_mean_is_named_only_if_other_images_confirm_it() -> None:
    others = DRAW.normal(5, 3, 4, 6)
    for centre, named in ((others.mean((0, 2, 3))[2], True), (others.mean(), False)):
        found = message(
            lambda centre=centre: expect_deviations(  # type: ignore[misc]
                around(MEANS[2]), VARIANCES, IMAGES, 1e-9, lambda: (others, around(centre, others))
            )
        )
        assert ("around the mean" in found) is named


def test_of_one_channel_that_is_slightly_off_no_other_channel_is_named() -> None:
    one = IMAGES[:, :1]
    found = message(lambda: expect_deviations(VARIANCES[:1].sqrt() + 5e-5, VARIANCES[:1], one, 1e-9))
    assert "channel" not in found


# Standardization


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (IMAGES - MEAN / STD, "divides only the mean by the standard deviation"),
        ((IMAGES - MEAN) / STD[0], "divides every channel by the standard deviation of the first"),
        ((IMAGES - MEAN[0]) / STD, "subtracts the mean of the first channel from every channel"),
    ],
)
def test_a_wrong_standardization_is_named(value: Tensor, words: str) -> None:
    assert words in message(lambda: explain_standardized(value, IMAGES, MEAN, STD))


def test_with_one_channel_the_first_is_not_named() -> None:
    one = IMAGES[:, :1]
    explain_standardized((one - MEAN[:1]) / STD[:1] + 0.01, one, MEAN[:1], STD[:1])


# Norms

SMALL = IMAGES * torch.tensor([0.01, 1, 0.002, 1, 1]).double()[:, None, None, None]


def norms(p: int) -> Tensor:
    return torch.linalg.vector_norm(SMALL, p, (1, 2, 3), keepdim=True)


@pytest.mark.parametrize(
    ("p", "divisors", "words"),
    [
        (1, norms(1).clamp(min=1), "1 is the least that an image is divided by, also where its norm is smaller"),
        (2, norms(2).clamp(min=0.73), "0.73 is the least that an image is divided by"),
        (2, norms(2) + 0.1, "0.1 is added to every norm"),
        (
            1,
            torch.linalg.matrix_norm(SMALL.flatten(2), 1)[:, None, None, None],
            "as a matrix (channels, height · width)",
        ),
        (
            2,
            torch.linalg.matrix_norm(SMALL.flatten(1, 2), 2)[:, None, None, None],
            "as a matrix (channels · height, width)",
        ),
    ],
)
def test_another_divisor_than_the_norm_is_named(p: int, divisors: Tensor, words: str) -> None:
    assert words in message(lambda: expect_unit_norms(SMALL / divisors, SMALL, p, 1e-6))


UNCHANGED = torch.ones(5, 1, 1, 1).double()


@pytest.mark.parametrize(
    ("right", "others", "words"),
    [
        (
            [0],
            UNCHANGED,
            "only image 0, the first, is divided by its norm, and the others are unchanged, as after a return",
        ),
        (
            [0],
            UNCHANGED / 0,
            "only image 0, the first, is divided by its norm, and the others are 0, as after a return",
        ),
        ([4], UNCHANGED, "only image 4, the last, is divided by its norm, and the others are unchanged"),
        ([0, 2, 4], UNCHANGED, "every second image is unchanged; the others, from image 0 on, are right"),
        ([1, 2, 3, 4], UNCHANGED, "image 0 of 5, the first, is unchanged; the others are right"),
        ([0, 1, 2, 3], UNCHANGED, "image 4 of 5, the last, is unchanged; the others are right"),
        ([0, 1, 4], UNCHANGED, "images 2, 3 of 5 are unchanged; the others are right"),
    ],
)
@pytest.mark.parametrize("p", [1, 2])
def test_images_that_are_not_normalized_are_named(right: list[int], others: Tensor, words: str, p: int) -> None:
    divisors = others.clone()
    of_images = torch.linalg.vector_norm(IMAGES, p, (1, 2, 3), keepdim=True)
    divisors[right] = of_images[right]
    assert words in message(lambda: expect_unit_norms(IMAGES / divisors, IMAGES, p, 1e-6))


def test_no_cause_is_claimed_if_the_other_images_are_wrong_in_another_way() -> None:
    divisors = norms(2) * torch.tensor([1, 1.3, 2, 1.1, 3])[:, None, None, None]
    assert message(lambda: expect_unit_norms(SMALL / divisors, SMALL, 2, 1e-6)).endswith("but should sum to 1")


@pytest.mark.parametrize(("change", "named"), [(torch.abs, True), (torch.square, False)])
def test_only_absolute_values_are_called_so(change: Callable[[Tensor], Tensor], named: bool) -> None:
    signed = IMAGES - IMAGES.mean()
    divided = change(signed) / change(signed).sum((1, 2, 3), keepdim=True)
    assert named == ("the absolute values" in message(lambda: expect_unit_norms(divided, signed, 1, 1e-6)))


def test_an_unknown_divisor_is_shown_without_a_cause() -> None:
    divisors = norms(2) * torch.tensor([1, 1.3, 1, 1.1, 1])[:, None, None, None]
    assert message(lambda: expect_unit_norms(SMALL / divisors, SMALL, 2, 1e-6)).endswith("but should sum to 1")


# Whitening

FIT = DRAW.normal(40, 2, 2, 3) + torch.arange(6).reshape(2, 3) / 3
OTHERS = DRAW.normal(7, 2, 2, 3)
CENTRE = FIT.mean(0).flatten()
ROOTS = [inverse_root(covariance + 0.1 * torch.eye(12)) for covariance in both_covariances(FIT)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda white: white.reshape(-1, 2, 3, 2).transpose(2, 3).flatten(1), "the right numbers in the wrong places"),
        (lambda white: white @ torch.linalg.eigh(ROOTS[0])[1], "is white, but rotated, as in PCA whitening"),
        (
            lambda white: white @ torch.linalg.qr(DRAW.normal(12, 12))[0],
            "what it is multiplied by is not the symmetric W",
        ),
    ],
)
def test_a_white_result_that_is_not_zca_is_named(change: Callable[[Tensor], Tensor], words: str) -> None:
    state = DRAW.rng.bit_generator.state

    def whitened(images: Tensor) -> Tensor:
        DRAW.rng.bit_generator.state = state  # the same rotation each time
        return change((images.flatten(1) - CENTRE) @ ROOTS[0]).reshape(images.shape)

    assert words in message(lambda: expect_whitened(whitened(OTHERS), OTHERS, FIT, ROOTS, whitened))


@pytest.mark.parametrize(
    ("centre", "words"),
    [
        (FIT.mean((0, 2, 3), keepdim=True).expand(1, 2, 2, 3).flatten(1), "the mean of each channel is subtracted"),
        (FIT.mean(), "one mean of all coordinates is subtracted"),
    ],
)
@pytest.mark.parametrize("of_the_covariance", [False, True])
def test_another_centre_is_named(centre: Tensor, words: str, of_the_covariance: bool) -> None:
    around = FIT.flatten(1) - (centre if of_the_covariance else CENTRE)
    W = inverse_root(around.T @ around / 40 + 0.1 * torch.eye(12))
    assert words in why_not_centred((FIT.flatten(1) - centre) @ W, FIT, 0.1).words


# Crops


def test_a_crop_whose_axes_are_in_another_order_is_named() -> None:
    crops = IMAGES[:, :, 1:3, 2:4].permute(0, 2, 3, 1).reshape(5, 3, 2, 2)
    assert "in the order (rows, columns, channels)" in message(lambda: positions_of("a crop", IMAGES, crops))


def test_a_crop_of_other_pixels_is_not_told_as_another_order() -> None:
    crops = F.interpolate(IMAGES, (2, 2), mode="nearest")
    assert "order (" not in message(lambda: positions_of("a crop", IMAGES, crops))


SIZES = ((11, 6, 4), (7, 10, 4), (9, 6, 3), (5, 8, 5), (6, 6, 6), (8, 3, 1))


def places_of(rule: Rule, rounded: Callable[[float], int]) -> list[tuple[int, int, int, Tensor]]:
    """The sizes of images and of crops, and where a crop begins by this rule."""
    return [
        (height, width, size, torch.tensor([[
            min(max(rounded(place), 0), side - size) for place, side in zip(rule(height, width, size), (height, width))
        ]]))
        for height, width, size in SIZES
    ]  # fmt: skip


def centers_of(places: list[tuple[int, int, int, Tensor]]) -> list[str]:
    """Which wrong centers are recognised."""
    return [
        words
        for words, rule in WRONG_CENTERS.items()
        if any(all(begins_at(rule, rounded, *place) for place in places) for rounded in ROUNDINGS)
    ]


@pytest.mark.parametrize("rounded", ROUNDINGS)
def test_a_wrong_center_is_told_from_the_others(rounded: Callable[[float], int]) -> None:
    for words, rule in WRONG_CENTERS.items():
        assert centers_of(places_of(rule, rounded)) == [words]


@pytest.mark.parametrize("rounded", ROUNDINGS)
@pytest.mark.parametrize("share", [0.2, 0.25, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.75])
def test_another_share_of_what_is_cut_off_is_no_known_center(rounded: Callable[[float], int], share: float) -> None:
    rule = lambda height, width, size: (share * (height - size), share * (width - size))  # noqa: E731
    assert centers_of(places_of(rule, rounded)) == []
