"""Known mistakes of `preprocessing`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("channel_statistics")
def all_pixels_together(images):
    """You have one mean and one standard deviation, over all pixels of all channels. Red, green and blue differ in
    both: each channel needs numbers of its own."""
    return images.mean(), images.std()


@instead_of("channel_statistics")
def all_pixels_together_repeated(images):
    """Your numbers have the right shape, and they are the same for every channel: all pixels are averaged together, and
    the result is repeated."""
    channels = images.shape[1]
    return images.mean().repeat(channels), images.std().repeat(channels)


@instead_of("channel_statistics")
def statistics_of_each_image(images):
    """You have a mean and a standard deviation for each image and channel. The images count together: the same numbers
    are applied to all of them."""
    return images.mean(dim=(2, 3)), images.std(dim=(2, 3))


@instead_of("channel_statistics")
def statistics_of_each_pixel(images):
    """You average over the batch alone, so that each pixel has a mean of its own. Height and width are to be averaged as
    well."""
    return images.mean(dim=0), images.std(dim=0)


@instead_of("channel_statistics")
def channels_averaged_away(images):
    """You keep the batch and average the channels away: your numbers belong to images. In (batch, channels, height,
    width), which axis is to be left over?"""
    return images.mean(dim=(1, 2, 3)), images.std(dim=(1, 2, 3))


@instead_of("channel_statistics")
def deviations_of_each_image_averaged(images):
    """You take the standard deviation of each image and average those. The mean is right, and the standard deviation is
    too small: how the images differ from one another is part of it, and that is lost. (The values that are printed for
    CIFAR-10 in many places were made so.)"""
    return images.mean(dim=(0, 2, 3)), images.std(dim=(2, 3)).mean(dim=0)


@instead_of("channel_statistics")
def variances_of_each_image_averaged(images):
    """You take the root of the mean variance within an image. The standard deviation is too small: how the images differ
    from one another is part of it, and that is lost."""
    return images.mean(dim=(0, 2, 3)), images.var(dim=(2, 3)).mean(dim=0).sqrt()


@instead_of("channel_statistics")
def deviation_of_the_means(images):
    """Your standard deviation is that of the images' means. What the pixels of one image do is part of it too."""
    return images.mean(dim=(0, 2, 3)), images.mean(dim=(2, 3)).std(dim=0, correction=0)


@instead_of("channel_statistics")
def deviation_over_the_batch_only(images):
    """You take the standard deviation of each pixel over the batch, and average those over the image. All pixels of a
    channel, in all images, are one sample."""
    return images.mean(dim=(0, 2, 3)), images.std(dim=0, correction=0).mean(dim=(1, 2))


@instead_of("channel_statistics")
def variance_for_the_standard_deviation(images):
    """Your second value is the variance. The standard deviation, in the units of the pixels, is its square root."""
    return images.mean(dim=(0, 2, 3)), images.var(dim=(0, 2, 3))


@instead_of("channel_statistics")
def mean_not_taken_off_before_squaring(images):
    """Your standard deviation is the root of the mean square: the distance from 0, where the distance from the mean is
    meant."""
    return images.mean(dim=(0, 2, 3)), images.pow(2).mean(dim=(0, 2, 3)).sqrt()


@instead_of("channel_statistics")
def mean_absolute_deviation(images):
    """You average the absolute distances from the mean. The standard deviation is the root of the mean squared
    distance."""
    mean = images.mean(dim=(0, 2, 3))
    return mean, (images - mean[:, None, None]).abs().mean(dim=(0, 2, 3))


@instead_of("channel_statistics")
def axes_of_size_one_kept(images):
    """Your numbers are right, and have the shape (1, channels, 1, 1). That is handy for the next step, and yet
    (channels,) is asked for."""
    return images.mean(dim=(0, 2, 3), keepdim=True), images.std(dim=(0, 2, 3), keepdim=True)


@instead_of("channel_statistics")
def deviation_before_the_mean(images):
    """You return (std, mean). The mean comes first."""
    return images.std(dim=(0, 2, 3)), images.mean(dim=(0, 2, 3))


@instead_of("channel_statistics")
def middle_value_for_the_mean(images):
    """Your mean is the median, the middle value. They are the same for symmetric data only."""
    return images.transpose(0, 1).flatten(1).median(dim=1).values, images.std(dim=(0, 2, 3))


@instead_of("channel_statistics")
def statistics_of_the_first_image(images):
    """Your statistics are those of the first image. All of them count."""
    return images[0].mean(dim=(1, 2)), images[0].std(dim=(1, 2))


@instead_of("channel_statistics")
def statistics_as_lists(images):
    """You return lists of Python numbers. Tensors of shape (channels,) are asked for, with which one can calculate."""
    return images.mean(dim=(0, 2, 3)).tolist(), images.std(dim=(0, 2, 3)).tolist()


@instead_of("channel_statistics")
def statistics_in_float32(images):
    """Your statistics are float32 whatever the images are. The dtype of the inputs is to be kept."""
    return images.float().mean(dim=(0, 2, 3)), images.float().std(dim=(0, 2, 3))


@instead_of("standardize")
def own_statistics(images, mean, std):
    """You standardize by the statistics of the images that you are given, and not by those that you are given with them.
    A test set standardized by itself is another map than the training set went through, and it leaks."""
    mean, std = channel_statistics(images)
    return (images - mean[:, None, None]) / std[:, None, None]


@instead_of("standardize")
def every_image_by_itself(images, mean, std):
    """You give each image a mean of 0 and a standard deviation of 1 by its own statistics: a dark image and a bright one
    become alike. The statistics given are the same for all."""
    return (images - images.mean(dim=(2, 3), keepdim=True)) / images.std(dim=(2, 3), keepdim=True)


@instead_of("standardize")
def statistics_along_the_width(images, mean, std):
    """You calculate with (channels,) as it is. It lines up with the last axis, the width: that raises an error, or, for
    images as wide as there are channels, silently gives each column of pixels a mean of its own."""
    return (images - mean) / std


@instead_of("standardize")
def divided_by_the_variance(images, mean, std):
    """You divide by the square of the standard deviation, the variance."""
    return (images - mean[:, None, None]) / std[:, None, None] ** 2


@instead_of("standardize")
def root_of_the_deviation(images, mean, std):
    """You take a square root of the standard deviation, which is the root of the variance already."""
    return (images - mean[:, None, None]) / std[:, None, None].sqrt()


@instead_of("standardize")
def multiplied_by_the_deviation(images, mean, std):
    """You multiply by the standard deviation. That is the way back, from standardized images to images."""
    return (images - mean[:, None, None]) * std[:, None, None]


@instead_of("standardize")
def divided_before_centring(images, mean, std):
    """You divide first and take the mean off afterwards. The mean is in units of the pixels: it has to go before the
    units change. Are there brackets missing?"""
    return images / std[:, None, None] - mean[:, None, None]


@instead_of("standardize")
def mean_added(images, mean, std):
    """You add the mean, where it is to be taken off."""
    return (images + mean[:, None, None]) / std[:, None, None]


@instead_of("standardize")
def centred_only(images, mean, std):
    """Your images have the right mean and their old scale: the division is missing."""
    return images - mean[:, None, None]


@instead_of("standardize")
def scaled_only(images, mean, std):
    """Your images have the right scale and are not centred: the mean is not taken off."""
    return images / std[:, None, None]


@instead_of("standardize")
def one_number_for_all_channels(images, mean, std):
    """You average the statistics over the channels before you use them. Each channel has its own."""
    return (images - mean.mean()) / std.mean()


@instead_of("standardize")
def first_three_channels_only(images, mean, std):
    """Your loop ends after three channels, or fails for fewer. Images may have any number of them: ask the images."""
    result = images.clone()
    for c in range(min(3, images.shape[1])):
        result[:, c] = (images[:, c] - mean[c]) / std[c]
    return result


@instead_of("standardize")
def large_guard(images, mean, std):
    """Your guard against division by zero is so large that it changes the result: 0.001 beside a standard deviation of
    0.2 is half a percent. 1e-8 is enough."""
    return (images - mean[:, None, None]) / (std[:, None, None] + 1e-3)


@instead_of("standardize")
def clipped_to_the_range_of_pixels(images, mean, std):
    """You cut the result off at -1 and 1, and everything beyond is lost. Standardized pixels may be as far from 0 as they
    are."""
    return ((images - mean[:, None, None]) / std[:, None, None]).clamp(-1, 1)


@instead_of("standardize")
def standardized_in_place(images, mean, std):
    """The result is right, and the images that you were given are standardized now as well: `-=` and `/=` write into the
    caller's tensor. The next epoch would standardize them again."""
    images -= mean[:, None, None]
    images /= std[:, None, None]
    return images


@instead_of("standardize")
def standardized_in_float32(images, mean, std):
    """Your result is float32 for float64 images. The dtype of the inputs is to be kept: is there a `.float()`?"""
    return ((images - mean[:, None, None]) / std[:, None, None]).float()


@instead_of("lp_normalize")
def norm_over_the_channels(images, p):
    """You give each pixel the norm 1, over its channels: F.normalize works along dim=1 unless you tell it otherwise. An
    image is one vector of all its channels and pixels."""
    return torch.nn.functional.normalize(images, p=p)


@instead_of("lp_normalize")
def norm_of_each_channel(images, p):
    """You give each channel of an image the norm 1, and so lose which of them was the stronger. An image is one vector of
    all its channels and pixels."""
    return images / images.abs().pow(p).sum(dim=(2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def norm_of_the_whole_batch(images, p):
    """You divide by the norm of the whole batch, so that what an image becomes depends on its neighbours. Each image has a
    norm of its own."""
    return images / images.abs().pow(p).sum().pow(1 / p)


@instead_of("lp_normalize")
def norm_over_the_batch(images, p):
    """You sum over the first axis, and that is the batch: each position has norm 1 over all images. Sum over the other
    three."""
    return images / images.abs().pow(p).sum(dim=0, keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def norm_of_each_row(images, p):
    """You sum over the last axis only, so that each row of pixels has norm 1. An image is one vector of all its channels
    and pixels."""
    return images / images.abs().pow(p).sum(dim=-1, keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def absolute_values_forgotten(images, p):
    """Your L1 norm is the sum of the pixels, and not of their absolute values. For pixels in [0, 1] there is no
    difference; after standardization the sum may be near 0, or negative."""
    if p == 1:
        return images / images.sum(dim=(1, 2, 3), keepdim=True)
    return images / images.pow(2).sum(dim=(1, 2, 3), keepdim=True).sqrt()


@instead_of("lp_normalize")
def root_forgotten(images, p):
    """For p = 2 you divide by the sum of the squares. The norm is the root of it."""
    return images / images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize")
def always_the_euclidean_norm(images, p):
    """You divide by the Euclidean length, whatever p is."""
    return images / images.pow(2).sum(dim=(1, 2, 3), keepdim=True).sqrt()


@instead_of("lp_normalize")
def always_the_sum(images, p):
    """You divide by the sum of the absolute values, whatever p is."""
    return images / images.abs().sum(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize")
def mean_in_place_of_the_sum(images, p):
    """You average the powers, where the norm sums them: your images are too large by their number of pixels, or its
    root."""
    return images / images.abs().pow(p).mean(dim=(1, 2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def divided_by_the_largest_pixel(images, p):
    """You divide by the largest absolute value: that is the norm for p = infinity."""
    return images / images.abs().amax(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize")
def absolute_values_returned(images, p):
    """You take absolute values for the norm, and return them as well. The signs of the pixels are to stay."""
    return images.abs() / images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def matrix_norm(images, p):
    """You take the norm of a matrix, which torch.linalg.norm does where it is given two axes: for p = 1 that is the
    largest sum of a column, and for p = 2 the largest singular value. Lay the image out as one vector first."""
    channels = torch.linalg.matrix_norm(images, ord=p)
    return images / channels.sum(dim=1)[:, None, None, None]


@instead_of("lp_normalize")
def flat_images(images, p):
    """Your numbers are right and your images are vectors now. Give them their shape back."""
    return torch.nn.functional.normalize(images.flatten(1), p=p, dim=1)


@instead_of("lp_normalize")
def normalized_in_place(images, p):
    """The result is right, and the images that you were given are normalized now as well: `/=` and `div_` write into the
    caller's tensor."""
    return images.div_(images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True).pow(1 / p))


@instead_of("zca_fit")
def pca_whitening(images, eps):
    """Your images are white, and look like noise: with W = (Λ + eps)^(-1/2) Uᵀ they stay in the axes of the eigenvectors.
    That is PCA whitening; ZCA turns them back, so that they resemble what they were."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt())


@instead_of("zca_fit")
def eigenvectors_in_rows(images, eps):
    """You use the eigenvectors as if they stood in the rows of U: Uᵀ Λ U is another matrix than U Λ Uᵀ. eigh returns them
    in columns, svd returns both U and Vᵀ."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U.T @ torch.diag((variances + eps).rsqrt()) @ U


@instead_of("zca_fit")
def eps_after_the_root(images, eps):
    """You add eps to the standard deviations, where it belongs to the variances: (√Λ + eps)^(-1) is not
    (Λ + eps)^(-1/2)."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(1 / (variances.clamp(min=0).sqrt() + eps)) @ U.T


@instead_of("zca_fit")
def eps_ignored(images, eps):
    """You ignore eps. Directions in which the images hardly vary are blown up to the variance of all others, and with
    fewer images than coordinates some variances are 0."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(variances.clamp(min=1e-12).rsqrt()) @ U.T


@instead_of("zca_fit")
def square_root_forgotten(images, eps):
    """You divide by the variances. They would be the inverse of what they were: to become 1, a variance has to be divided
    by its root, twice."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(1 / (variances + eps)) @ U.T


@instead_of("zca_fit")
def exponent_without_its_sign(images, eps):
    """You multiply by the standard deviations: strong directions become stronger. The exponent is -1/2."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).sqrt()) @ U.T


@instead_of("zca_fit")
def covariance_not_divided_by_n(images, eps):
    """Your covariance is a sum over the images. With more images it grows, and the whitened ones shrink: divide by
    their number, or by one less."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred)
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def covariance_around_zero(images, eps):
    """You multiply the images before the mean is taken off, so that the mean image is the strongest direction of your
    "covariance". Centre first."""
    points = images.flatten(1)
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def mean_of_each_image(images, eps):
    """You take the mean of each image off, before everything else. The mean that counts is that of each coordinate, over
    the images."""
    points = images.flatten(1) - images.flatten(1).mean(dim=1, keepdim=True)
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def one_mean_for_all_coordinates(images, eps):
    """You take one number off, the mean of all pixels. Each coordinate, a pixel of a channel, has a mean of its own."""
    points = images.flatten(1)
    mean = points.mean().expand(points.shape[1])
    variances, U = torch.linalg.eigh((points - mean).T @ (points - mean) / len(points))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def correlations_for_covariances(images, eps):
    """You decompose the correlations: each coordinate is divided by its standard deviation before, and that division is
    missing when W is applied. Use the covariance."""
    points = images.flatten(1)
    variances, U = torch.linalg.eigh(torch.corrcoef(points.T))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def directions_without_variance_dropped(images, eps):
    """With fewer images than coordinates your W drops the directions in which the images of the fit do not vary: a thin
    SVD does not return them. The images of the fit do not show it. Other images vary there, and W is to multiply
    that by eps^(-1/2)."""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    _, scales, Vt = torch.linalg.svd(points - mean, full_matrices=False)
    return mean, Vt.T @ torch.diag((scales**2 / len(points) + eps).rsqrt()) @ Vt


@instead_of("zca_fit")
def only_the_diagonal(images, eps):
    """You divide each coordinate by its own standard deviation. That is standardization: the correlations between the
    pixels are still there."""
    points = images.flatten(1)
    return points.mean(dim=0), torch.diag((points.var(dim=0, correction=0) + eps).rsqrt())


@instead_of("zca_fit")
def whitened_in_float32(images, eps):
    """You calculate in float32 and lose half of the digits of float64 images. The dtype of the inputs is to be kept, on
    the way too."""
    points = images.flatten(1).float()
    mean = points.mean(dim=0)
    variances, U = torch.linalg.eigh((points - mean).T @ (points - mean) / len(points))
    return mean.double(), (U @ torch.diag((variances + eps).rsqrt()) @ U.T).double()


@instead_of("zca_fit")
def centred_in_place(images, eps):
    """You take the mean off the images that you were given: `-=` writes into the caller's tensor, and a view of it, as
    `flatten` gives, is the same memory."""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    points -= mean
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_apply")
def mean_not_taken_off(images, mean, W):
    """You multiply by W without taking the mean off, so that the whitened images are not centred."""
    return (images.flatten(1) @ W).reshape(images.shape)


@instead_of("zca_apply")
def mean_of_the_images_given(images, mean, W):
    """You centre the images by their own mean. The mean of the fit is what is asked for: a test set goes through the same
    map as the training set, and a batch of one would become black."""
    points = images.flatten(1)
    return ((points - points.mean(dim=0)) @ W).reshape(images.shape)


@instead_of("zca_apply")
def fitted_again(images, mean, W):
    """You fit again on the images that you are given. Fit once, on the training set; what was found there is applied to
    every set."""
    mean, W = zca_fit(images, 1e-3)
    return ((images.flatten(1) - mean) @ W).reshape(images.shape)


@instead_of("zca_apply")
def mean_added_again(images, mean, W):
    """You add the mean at the end. Whitened images are centred at 0."""
    return ((images.flatten(1) - mean) @ W + mean).reshape(images.shape)


@instead_of("zca_apply")
def whitened_images_left_flat(images, mean, W):
    """Your numbers are right and your images are vectors now. Give them their shape back."""
    return (images.flatten(1) - mean) @ W


@instead_of("zca_apply")
def channels_last_on_the_way(images, mean, W):
    """You lay the pixels out with the channels last, and W was fitted with the channels first: the numbers meet the wrong
    coordinates. Lay images out in the same order in both functions."""
    points = images.permute(0, 2, 3, 1).flatten(1)
    return ((points - mean) @ W).reshape(images.shape)


@instead_of("zca_apply")
def pixels_scaled_back_to_images(images, mean, W):
    """You scale the result to [0, 1] so that it can be shown. That is for the figure: what the network gets is to stay
    white."""
    white = ((images.flatten(1) - mean) @ W).reshape(images.shape)
    return (white - white.min()) / (white.max() - white.min())
