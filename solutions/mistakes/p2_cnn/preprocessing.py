"""Known mistakes of `preprocessing`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("channel_statistics", title="one mean and deviation for all channels")
def all_pixels_together(images):
    """You have one mean and one standard deviation, over all pixels of all channels. Red, green and blue differ in
    both: each channel needs its own numbers."""
    return images.mean(), images.std()


@instead_of("channel_statistics", title="same mean and deviation repeated for every channel")
def all_pixels_together_repeated(images):
    """Your numbers have the right shape, but they are the same for every channel: you average over all pixels together,
    and repeat the result."""
    channels = images.shape[1]
    return images.mean().repeat(channels), images.std().repeat(channels)


@instead_of("channel_statistics", title="separate statistics for each image")
def statistics_of_each_image(images):
    """You have a mean and a standard deviation for each image and channel. Compute them over all images together: the
    same numbers are later applied to every image."""
    return images.mean(dim=(2, 3)), images.std(dim=(2, 3))


@instead_of("channel_statistics", title="separate statistics for each pixel")
def statistics_of_each_pixel(images):
    """You average over the batch only, so each pixel has its own mean. Average over height and width as well."""
    return images.mean(dim=0), images.std(dim=0)


@instead_of("channel_statistics")
def channels_averaged_away(images):
    """You average over the channels and keep the batch: your numbers belong to images. In (batch, channels, height,
    width), which axis should remain?"""
    return images.mean(dim=(1, 2, 3)), images.std(dim=(1, 2, 3))


@instead_of("channel_statistics")
def deviations_of_each_image_averaged(images):
    """You take the standard deviation of each image and average those. The mean is right, but the standard deviation is
    too small: it should include how the images differ from one another, and that is lost. (The values for CIFAR-10 that
    are printed in many places were made this way.)"""
    return images.mean(dim=(0, 2, 3)), images.std(dim=(2, 3)).mean(dim=0)


@instead_of("channel_statistics", title="deviations of each image averaged, by n")
def deviations_of_each_image_averaged_by_n(images):
    """You average the standard deviations of the single images. That leaves out how much the images differ from each
    other: the standard deviation runs over all pixels of all images."""
    return images.mean((0, 2, 3)), images.std((2, 3), correction=0).mean(0)


@instead_of("channel_statistics")
def variances_of_each_image_averaged(images):
    """You take the root of the average variance within an image. The standard deviation is too small: it should include
    how the images differ from one another, and that is lost."""
    return images.mean(dim=(0, 2, 3)), images.var(dim=(2, 3)).mean(dim=0).sqrt()


@instead_of("channel_statistics", title="standard deviation of the image means")
def deviation_of_the_means(images):
    """Your standard deviation is that of the means of the images. It should also include how the pixels vary within
    each image."""
    return images.mean(dim=(0, 2, 3)), images.mean(dim=(2, 3)).std(dim=0, correction=0)


@instead_of("channel_statistics", title="standard deviation over the batch only")
def deviation_over_the_batch_only(images):
    """You take the standard deviation of each pixel over the batch, and average those over the image. All pixels of a
    channel, in all images, are one sample."""
    return images.mean(dim=(0, 2, 3)), images.std(dim=0, correction=0).mean(dim=(1, 2))


@instead_of("channel_statistics", title="variance instead of standard deviation")
def variance_for_the_standard_deviation(images):
    """Your second value is the variance. The standard deviation, in the units of the pixels, is its square root."""
    return images.mean(dim=(0, 2, 3)), images.var(dim=(0, 2, 3))


@instead_of("channel_statistics", title="mean not subtracted before squaring")
def mean_not_taken_off_before_squaring(images):
    """Your standard deviation is the root of the mean square: it measures the distance from 0 instead of the distance
    from the mean."""
    return images.mean(dim=(0, 2, 3)), images.pow(2).mean(dim=(0, 2, 3)).sqrt()


@instead_of("channel_statistics", title="mean absolute deviation instead of standard deviation")
def mean_absolute_deviation(images):
    """You average the absolute distances from the mean. The standard deviation is the root of the mean squared
    distance."""
    mean = images.mean(dim=(0, 2, 3))
    return mean, (images - mean[:, None, None]).abs().mean(dim=(0, 2, 3))


@instead_of("channel_statistics", title="shape (1, channels, 1, 1) instead of (channels,)")
def axes_of_size_one_kept(images):
    """Your numbers are right, but have the shape (1, channels, 1, 1). That is handy for the next step, but the result
    should be (channels,)."""
    return images.mean(dim=(0, 2, 3), keepdim=True), images.std(dim=(0, 2, 3), keepdim=True)


@instead_of("channel_statistics", title="mean and standard deviation in the wrong order")
def deviation_before_the_mean(images):
    """You return (std, mean), but the mean comes first."""
    return images.std(dim=(0, 2, 3)), images.mean(dim=(0, 2, 3))


@instead_of("channel_statistics", title="median instead of mean")
def middle_value_for_the_mean(images):
    """Your mean is the median, the middle value. The two are equal only for symmetric data."""
    return images.transpose(0, 1).flatten(1).median(dim=1).values, images.std(dim=(0, 2, 3))


@instead_of("channel_statistics", title="channel axis not moved before the reshape")
def cut_up_in_memory(images):
    """You reshape the batch to (channels, -1), which cuts the numbers into pieces as they lie in memory, image by image. Each
    piece then has pixels of all channels. Reduce over the other axes, or move the channels to the front first."""
    pieces = images.reshape(images.shape[1], -1)
    return pieces.mean(dim=1), pieces.std(dim=1)


@instead_of("channel_statistics", title="only the first channel")
def first_channel_alone(images):
    """You return the statistics of the first channel alone. Does your loop over the channels reach all of them, or does it
    return in its first round?"""
    return images[:, :1].mean(dim=(0, 2, 3)), images[:, :1].std(dim=(0, 2, 3))


@instead_of("channel_statistics", title="mean not squared in the variance")
def mean_not_squared(images):
    """The variance is the mean of the squares minus the square of the mean; you subtract the mean itself."""
    mean = images.mean(dim=(0, 2, 3))
    return mean, ((images**2).mean(dim=(0, 2, 3)) - mean).abs().sqrt()


@instead_of("channel_statistics", title="statistics of the first image only")
def statistics_of_the_first_image(images):
    """Your statistics are those of the first image. Use all of them."""
    return images[0].mean(dim=(1, 2)), images[0].std(dim=(1, 2))


@instead_of("channel_statistics", title="lists returned instead of tensors")
def statistics_as_lists(images):
    """You return lists of Python numbers. Return tensors of shape (channels,), so the caller can compute with them."""
    return images.mean(dim=(0, 2, 3)).tolist(), images.std(dim=(0, 2, 3)).tolist()


@instead_of("channel_statistics", title="statistics always in float32")
def statistics_in_float32(images):
    """Your statistics are float32, whatever the images are. Keep the dtype of the input."""
    return images.float().mean(dim=(0, 2, 3)), images.float().std(dim=(0, 2, 3))


@instead_of("standardize", title="images' own statistics used instead of those given")
def own_statistics(images, mean, std):
    """You standardize with the statistics of the images themselves, not with the mean and std passed in. A test set
    standardized by itself goes through another map than the training set did, and lets information about the test set
    leak in."""
    mean, std = channel_statistics(images)
    return (images - mean[:, None, None]) / std[:, None, None]


@instead_of("standardize", title="each image standardized by itself")
def every_image_by_itself(images, mean, std):
    """You give each image a mean of 0 and a standard deviation of 1 by its own statistics, which makes a dark image and
    a bright one alike. Use the statistics passed in, which are the same for all."""
    return (images - images.mean(dim=(2, 3), keepdim=True)) / images.std(dim=(2, 3), keepdim=True)


@instead_of("standardize", title="statistics applied along the width")
def statistics_along_the_width(images, mean, std):
    """You use the shape (channels,) as it is. Broadcasting aligns it with the last axis, the width: that raises an
    error or, for images as wide as there are channels, silently gives each column of pixels its own mean."""
    return (images - mean) / std


@instead_of("standardize", title="divided by the variance instead of the standard deviation")
def divided_by_the_variance(images, mean, std):
    """You divide by the square of the standard deviation, which is the variance."""
    return (images - mean[:, None, None]) / std[:, None, None] ** 2


@instead_of("standardize", title="square root of the standard deviation")
def root_of_the_deviation(images, mean, std):
    """You take a square root of the standard deviation, which is already the root of the variance."""
    return (images - mean[:, None, None]) / std[:, None, None].sqrt()


@instead_of("standardize", title="multiplied by the standard deviation")
def multiplied_by_the_deviation(images, mean, std):
    """You multiply by the standard deviation. That is how you get from standardized images back to the original
    ones."""
    return (images - mean[:, None, None]) * std[:, None, None]


@instead_of("standardize", title="divided before the mean is subtracted")
def divided_before_centring(images, mean, std):
    """You divide first and subtract the mean afterwards. The mean is in the units of the pixels: subtract it before the
    units change. Are parentheses missing?"""
    return images / std[:, None, None] - mean[:, None, None]


@instead_of("standardize", title="mean added instead of subtracted")
def mean_added(images, mean, std):
    """You add the mean instead of subtracting it."""
    return (images + mean[:, None, None]) / std[:, None, None]


@instead_of("standardize", title="centred but not scaled")
def centred_only(images, mean, std):
    """Your images have the right mean but their old scale: the division is missing."""
    return images - mean[:, None, None]


@instead_of("standardize", title="scaled but not centred")
def scaled_only(images, mean, std):
    """Your images have the right scale but are not centred: you do not subtract the mean."""
    return images / std[:, None, None]


@instead_of("standardize", title="only the mean divided")
def only_the_mean_divided(images, mean, std):
    """You divide the mean by the standard deviation, but not the images: a division comes before a subtraction unless there
    are parentheses."""
    return images - mean[:, None, None] / std[:, None, None]


@instead_of("standardize", title="statistics averaged over the channels")
def one_number_for_all_channels(images, mean, std):
    """You average the statistics over the channels before you use them. Each channel has its own."""
    return (images - mean.mean()) / std.mean()


@instead_of("standardize")
def first_three_channels_only(images, mean, std):
    """Your loop stops after three channels, or fails if there are fewer. Images may have any number of channels: take
    it from the images."""
    result = images.clone()
    for c in range(min(3, images.shape[1])):
        result[:, c] = (images[:, c] - mean[c]) / std[c]
    return result


@instead_of("standardize", title="guard against division by zero too large")
def large_guard(images, mean, std):
    """Your guard against division by zero is so large that it changes the result: adding 0.001 to a standard deviation
    of 0.2 changes it by half a percent. 1e-8 is enough."""
    return (images - mean[:, None, None]) / (std[:, None, None] + 1e-3)


@instead_of("standardize", title="result clipped to the range from -1 to 1")
def clipped_to_the_range_of_pixels(images, mean, std):
    """You clip the result at -1 and 1, and everything beyond is lost. Standardized pixels may be as far from 0 as they
    are."""
    return ((images - mean[:, None, None]) / std[:, None, None]).clamp(-1, 1)


@instead_of("standardize", title="images standardized in place")
def standardized_in_place(images, mean, std):
    """The result is right, but you standardize the caller's images as well: `-=` and `/=` write into that tensor. The
    next epoch would standardize them again."""
    images -= mean[:, None, None]
    images /= std[:, None, None]
    return images


@instead_of("standardize", title="result always in float32")
def standardized_in_float32(images, mean, std):
    """Your result is float32 for float64 images. Keep the dtype of the input: is there a `.float()`?"""
    return ((images - mean[:, None, None]) / std[:, None, None]).float()


@instead_of("lp_normalize", title="norm of each pixel over its channels")
def norm_over_the_channels(images, p):
    """You give each pixel the norm 1, over its channels: F.normalize works along dim=1 by default. An image is one
    vector of all its channels and pixels."""
    return torch.nn.functional.normalize(images, p=p)


@instead_of("lp_normalize")
def norm_of_each_channel(images, p):
    """You give each channel of an image the norm 1, and lose which of them was stronger. An image is one vector of all
    its channels and pixels."""
    return images / images.abs().pow(p).sum(dim=(2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def norm_of_the_whole_batch(images, p):
    """You divide by the norm of the whole batch, so the result for an image depends on the others. Each image has its
    own norm."""
    return images / images.abs().pow(p).sum().pow(1 / p)


@instead_of("lp_normalize", title="norm along the batch axis")
def norm_over_the_batch(images, p):
    """You sum over the first axis, which is the batch: each position gets norm 1 over all images. Sum over the other
    three."""
    return images / images.abs().pow(p).sum(dim=0, keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def norm_of_each_row(images, p):
    """You sum only over the last axis, so each row of pixels has norm 1. An image is one vector of all its channels and
    pixels."""
    return images / images.abs().pow(p).sum(dim=-1, keepdim=True).pow(1 / p)


@instead_of("lp_normalize", title="absolute values left out of the L1 norm")
def absolute_values_forgotten(images, p):
    """Your L1 norm is the sum of the pixels instead of their absolute values. For pixels in [0, 1] there is no
    difference; after standardization the sum may be near 0, or negative."""
    if p == 1:
        return images / images.sum(dim=(1, 2, 3), keepdim=True)
    return images / images.pow(2).sum(dim=(1, 2, 3), keepdim=True).sqrt()


@instead_of("lp_normalize", title="square root left out of the L2 norm")
def root_forgotten(images, p):
    """For p = 2 you divide by the sum of the squares. The norm is its square root."""
    return images / images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize")
def always_the_euclidean_norm(images, p):
    """You divide by the Euclidean length, whatever p is."""
    return images / images.pow(2).sum(dim=(1, 2, 3), keepdim=True).sqrt()


@instead_of("lp_normalize", title="always the L1 norm")
def always_the_sum(images, p):
    """You divide by the sum of the absolute values, whatever p is."""
    return images / images.abs().sum(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize", title="L1 and L2 norms swapped")
def norms_swapped(images, p):
    """For p = 1 you divide by the Euclidean length, and for p = 2 by the sum of the absolute values: the two cases are the
    wrong way round."""
    norms = images.abs().pow(3 - p).sum(dim=(1, 2, 3), keepdim=True).pow(1 / (3 - p))
    return images / norms


@instead_of("lp_normalize", title="norms clamped to 1")
def norms_of_at_least_one(images, p):
    """You divide by 1 where the norm of an image is smaller, so that dark images keep a norm below 1. A guard against
    division by zero should not change any image that is not zero."""
    return images / images.flatten(1).norm(p=p, dim=1).clamp(min=1)[:, None, None, None]


@instead_of("lp_normalize", title="norm of the image as a matrix")
def norm_of_a_matrix(images, p):
    """You compute the norm of a matrix, which for p = 1 is the largest sum of a column, and for p = 2 the largest singular
    value. An image should be one long vector of pixels here."""
    matrices = images.flatten(2)
    return images / torch.linalg.norm(matrices, ord=p, dim=(1, 2))[:, None, None, None]


@instead_of("lp_normalize", title="mean instead of sum in the norm")
def mean_instead_of_the_sum(images, p):
    """You average the powers instead of summing them: your images are too large by a factor of their number of pixels,
    or its root."""
    return images / images.abs().pow(p).mean(dim=(1, 2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize")
def divided_by_the_largest_pixel(images, p):
    """You divide by the largest absolute value: that is the norm for p = infinity."""
    return images / images.abs().amax(dim=(1, 2, 3), keepdim=True)


@instead_of("lp_normalize")
def absolute_values_returned(images, p):
    """You take absolute values for the norm, and return them as well. The pixels should keep their signs."""
    return images.abs() / images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True).pow(1 / p)


@instead_of("lp_normalize", title="matrix norm instead of vector norm")
def matrix_norm(images, p):
    """You take the norm of a matrix, as torch.linalg.norm does for two axes: for p = 1 that is the largest column sum,
    and for p = 2 the largest singular value. Flatten each image into one vector first."""
    channels = torch.linalg.matrix_norm(images, ord=p)
    return images / channels.sum(dim=1)[:, None, None, None]


@instead_of("lp_normalize", title="images returned as flat vectors")
def flat_images(images, p):
    """Your numbers are right, but your images are now vectors. Restore their shape."""
    return torch.nn.functional.normalize(images.flatten(1), p=p, dim=1)


@instead_of("lp_normalize", title="images normalized in place")
def normalized_in_place(images, p):
    """The result is right, but you normalize the caller's images as well: `/=` and `div_` write into that tensor."""
    return images.div_(images.abs().pow(p).sum(dim=(1, 2, 3), keepdim=True).pow(1 / p))


@instead_of("zca_fit", title="PCA whitening instead of ZCA")
def pca_whitening(images, eps):
    """Your images are white but look like noise: with W = (Λ + eps)^(-1/2) Uᵀ they stay in the coordinates of the
    eigenvectors. That is PCA whitening; ZCA rotates them back, so they resemble the original images."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt())


@instead_of("zca_fit", title="PCA whitening instead of ZCA, with n - 1")
def pca_whitening_by_n_minus_1(images, eps):
    """Your images are white but look like noise: with W = (Λ + eps)^(-1/2) Uᵀ they stay in the coordinates of the
    eigenvectors. That is PCA whitening; ZCA rotates them back, so they resemble the original images."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt())


@instead_of("zca_fit", title="eigenvectors taken from the rows")
def eigenvectors_in_rows(images, eps):
    """You use the eigenvectors as if they were the rows of U: Uᵀ Λ U is a different matrix from U Λ Uᵀ. eigh returns
    them as columns; svd returns both U and Vᵀ."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U.T @ torch.diag((variances + eps).rsqrt()) @ U


@instead_of("zca_fit", title="eigenvectors taken from the rows, with n - 1")
def eigenvectors_in_rows_by_n_minus_1(images, eps):
    """You use the eigenvectors as if they were the rows of U: Uᵀ Λ U is a different matrix from U Λ Uᵀ. eigh returns
    them as columns; svd returns both U and Vᵀ."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U.T @ torch.diag((variances + eps).rsqrt()) @ U


@instead_of("zca_fit", title="eps added after the square root")
def eps_after_the_root(images, eps):
    """You add eps to the standard deviations, but it belongs to the variances: 1 / (√Λ + eps) is not (Λ +
    eps)^(-1/2)."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(1 / (variances.clamp(min=0).sqrt() + eps)) @ U.T


@instead_of("zca_fit", title="eps added after the square root, with n - 1")
def eps_after_the_root_by_n_minus_1(images, eps):
    """You add eps to the standard deviations, but it belongs to the variances: 1 / (√Λ + eps) is not (Λ +
    eps)^(-1/2)."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag(1 / (variances.clamp(min=0).sqrt() + eps)) @ U.T


@instead_of("zca_fit")
def eps_ignored(images, eps):
    """You ignore eps. Directions in which the images hardly vary are scaled up to the variance of all others, and with
    fewer images than coordinates some variances are 0."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(variances.clamp(min=1e-12).rsqrt()) @ U.T


@instead_of("zca_fit", title="eps ignored, with n - 1")
def eps_ignored_by_n_minus_1(images, eps):
    """You ignore eps. Directions in which the images hardly vary are scaled up to the variance of all others, and with
    fewer images than coordinates some variances are 0."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag(variances.clamp(min=1e-12).rsqrt()) @ U.T


@instead_of("zca_fit", title="square root left out of the whitening")
def square_root_forgotten(images, eps):
    """You divide by the variances instead of the standard deviations. The variance along each direction then becomes
    the inverse of what it was, instead of 1."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag(1 / (variances + eps)) @ U.T


@instead_of("zca_fit", title="square root left out of the whitening, with n - 1")
def square_root_forgotten_by_n_minus_1(images, eps):
    """You divide by the variances instead of the standard deviations. The variance along each direction then becomes
    the inverse of what it was, instead of 1."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag(1 / (variances + eps)) @ U.T


@instead_of("zca_fit", title="minus sign missing in the exponent")
def exponent_without_its_sign(images, eps):
    """You multiply by the standard deviations: strong directions become even stronger. The exponent is -1/2."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).sqrt()) @ U.T


@instead_of("zca_fit", title="minus sign missing in the exponent, with n - 1")
def exponent_without_its_sign_by_n_minus_1(images, eps):
    """You multiply by the standard deviations: strong directions become even stronger. The exponent is -1/2."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag((variances + eps).sqrt()) @ U.T


@instead_of("zca_fit", title="covariance not divided by the number of images")
def covariance_not_divided_by_n(images, eps):
    """Your covariance is a sum over the images. With more images it grows, and the whitened images shrink: divide by
    their number, or by one less."""
    points = images.flatten(1)
    centred = points - points.mean(dim=0)
    variances, U = torch.linalg.eigh(centred.T @ centred)
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="covariance of images that are not centred")
def covariance_around_zero(images, eps):
    """You multiply the images before you subtract the mean, so the mean image is the strongest direction of your
    covariance matrix. Centre them first."""
    points = images.flatten(1)
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="covariance of images that are not centred, with n - 1")
def covariance_around_zero_by_n_minus_1(images, eps):
    """You multiply the images before you subtract the mean, so the mean image is the strongest direction of your
    covariance matrix. Centre them first."""
    points = images.flatten(1)
    variances, U = torch.linalg.eigh(points.T @ points / (len(points) - 1))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="mean of each image subtracted")
def mean_of_each_image(images, eps):
    """You subtract from each image its own mean. You need the mean of each coordinate, over the images."""
    points = images.flatten(1) - images.flatten(1).mean(dim=1, keepdim=True)
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def one_mean_for_all_coordinates(images, eps):
    """You subtract one number, the mean of all pixels. Each coordinate, a pixel of a channel, has its own mean."""
    points = images.flatten(1)
    mean = points.mean().expand(points.shape[1])
    variances, U = torch.linalg.eigh((points - mean).T @ (points - mean) / len(points))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="correlation instead of covariance matrix")
def correlations_for_covariances(images, eps):
    """You decompose the correlation matrix: you divide each coordinate by its standard deviation first, but do not do
    so when W is applied. Use the covariance matrix."""
    points = images.flatten(1)
    variances, U = torch.linalg.eigh(torch.corrcoef(points.T))
    return points.mean(dim=0), U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit")
def directions_without_variance_dropped(images, eps):
    """With fewer images than coordinates, your W drops the directions in which the fitted images do not vary: a thin
    SVD does not return them. You do not see it on these images, but others vary in those directions, and W should
    multiply them by eps^(-1/2)."""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    _, scales, Vt = torch.linalg.svd(points - mean, full_matrices=False)
    return mean, Vt.T @ torch.diag((scales**2 / len(points) + eps).rsqrt()) @ Vt


@instead_of("zca_fit", title="only the diagonal of the covariance used")
def only_the_diagonal(images, eps):
    """You divide each coordinate by its own standard deviation. That is standardization: the pixels are still
    correlated."""
    points = images.flatten(1)
    return points.mean(dim=0), torch.diag((points.var(dim=0, correction=0) + eps).rsqrt())


@instead_of("zca_fit", title="only the diagonal of the covariance used, with n - 1")
def only_the_diagonal_by_n_minus_1(images, eps):
    """You divide each coordinate by its own standard deviation. That is standardization: the pixels are still
    correlated."""
    points = images.flatten(1)
    return points.mean(dim=0), torch.diag((points.var(dim=0, correction=1) + eps).rsqrt())


@instead_of("zca_fit", title="singular values taken for variances")
def singular_values_for_variances(images, eps):
    """You take the singular values of the centred images for the eigenvalues of their covariance. How are the two related,
    and where does the number of images come in?"""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    _, values, Vt = torch.linalg.svd(points - mean, full_matrices=True)
    variances = torch.zeros(points.shape[1], dtype=points.dtype)
    variances[: len(values)] = values
    return mean, Vt.T @ torch.diag((variances + eps).rsqrt()) @ Vt


@instead_of("zca_fit", title="covariance divided by the number of coordinates")
def covariance_divided_by_d(images, eps):
    """You divide the products by the number of coordinates. A covariance is a mean over the images: how many are summed?"""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    centred = points - mean
    variances, U = torch.linalg.eigh(centred.T @ centred / points.shape[1])
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="mean of each channel instead of the mean image")
def mean_of_each_channel(images, eps):
    """You subtract one mean for each channel. Here each coordinate, a pixel of a channel, is centred by its own mean over the
    images."""
    mean = images.mean(dim=(0, 2, 3), keepdim=True).expand(1, *images.shape[1:]).flatten()
    centred = images.flatten(1) - mean
    variances, U = torch.linalg.eigh(centred.T @ centred / len(centred))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_fit", title="computed in float32 for float64 images")
def whitened_in_float32(images, eps):
    """You compute in float32 and lose half of the digits of float64 images. Keep the dtype of the input in every
    step."""
    points = images.flatten(1).float()
    mean = points.mean(dim=0)
    variances, U = torch.linalg.eigh((points - mean).T @ (points - mean) / len(points))
    return mean.double(), (U @ torch.diag((variances + eps).rsqrt()) @ U.T).double()


@instead_of("zca_fit", title="images centred in place")
def centred_in_place(images, eps):
    """You subtract the mean from the caller's images: `-=` writes into that tensor, and a view of it, which `flatten`
    may return, shares its memory."""
    points = images.flatten(1)
    mean = points.mean(dim=0)
    points -= mean
    variances, U = torch.linalg.eigh(points.T @ points / len(points))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("lp_normalize", title="norm of the first image for all")
def norm_of_the_first_image(images, p):
    """You divide every image by the norm of the first one. Each image has its own."""
    return images / images[0].flatten().norm(p=p)


@instead_of("lp_normalize", title="multiplied by the norm")
def multiplied_by_the_norm(images, p):
    """You multiply each image by its norm. What would have to be done for the norm to become 1?"""
    return images * images.flatten(1).norm(p=p, dim=1)[:, None, None, None]


@instead_of("lp_normalize", title="softmax instead of a norm")
def softmax_of_the_pixels(images, p):
    """You take a softmax over the pixels, so they sum to 1, but not in the proportions they had."""
    return images.flatten(1).softmax(dim=1).reshape(images.shape)


@instead_of("zca_fit", title="channels whitened one by one")
def channels_whitened_one_by_one(images, eps):
    """You whiten every channel by itself, so that the channels stay correlated with each other. All coordinates of an image
    belong to one covariance."""
    n, channels, height, width = images.shape
    blocks = []
    for x in (images[:, channel].flatten(1) for channel in range(channels)):
        variances, U = torch.linalg.eigh((x - x.mean(0)).T @ (x - x.mean(0)) / n)
        blocks.append(U @ torch.diag((variances + eps).rsqrt()) @ U.T)
    return images.flatten(1).mean(0), torch.block_diag(*blocks)


@instead_of("zca_fit", title="covariance of the images instead of the coordinates")
def covariance_of_the_images(images, eps):
    """Your covariance compares images with each other, so W has a row for each image. It should compare coordinates: which
    axis is summed over?"""
    points = images.flatten(1)
    mean = points.mean(0)
    variances, U = torch.linalg.eigh(torch.cov(points - mean))
    return mean, U @ torch.diag((variances + eps).rsqrt()) @ U.T


@instead_of("zca_apply", title="multiplied by W twice")
def multiplied_by_W_twice(images, mean, W):
    """You multiply by W twice. W whitens already, with the root of the variances in it."""
    return ((images.flatten(1) - mean) @ W @ W.T).reshape(images.shape)


@instead_of("zca_apply", title="whitened images cut off at 0 and 1")
def cut_off_at_the_range_of_pixels(images, mean, W):
    """You cut whitened images off below 0 and above 1, but they have mean 0 and variance 1: they are no pixels any more."""
    return ((images.flatten(1) - mean) @ W).clamp(0, 1).reshape(images.shape)


@instead_of("zca_apply", title="mean not subtracted")
def mean_not_taken_off(images, mean, W):
    """You multiply by W without subtracting the mean, so the whitened images are not centred."""
    return (images.flatten(1) @ W).reshape(images.shape)


@instead_of("zca_apply", title="images' own mean subtracted")
def mean_of_the_images_given(images, mean, W):
    """You centre the images by their own mean. Use the mean of the fit: a test set should go through the same map as
    the training set, and a batch of one image would become all 0."""
    points = images.flatten(1)
    return ((points - points.mean(dim=0)) @ W).reshape(images.shape)


@instead_of("zca_apply", title="whitening fitted again")
def fitted_again(images, mean, W):
    """You fit again on the images that you are given. Fit once, on the training set; then apply the result to every
    set."""
    mean, W = zca_fit(images, 1e-3)
    return ((images.flatten(1) - mean) @ W).reshape(images.shape)


@instead_of("zca_apply")
def mean_added_again(images, mean, W):
    """You add the mean back at the end. Whitened images should be centred at 0."""
    return ((images.flatten(1) - mean) @ W + mean).reshape(images.shape)


@instead_of("zca_apply", title="whitened images returned as flat vectors")
def whitened_images_left_flat(images, mean, W):
    """Your numbers are right, but your images are now vectors. Restore their shape."""
    return (images.flatten(1) - mean) @ W


@instead_of("zca_apply", title="height and width exchanged on the way back")
def height_and_width_exchanged(images, mean, W):
    """You reshape the whitened points to (batch, channels, width, height) and exchange the axes afterwards, so the numbers
    end up at other pixels. What order do they have in memory?"""
    n, channels, height, width = images.shape
    points = (images.flatten(1) - mean) @ W
    return points.reshape(n, channels, width, height).transpose(2, 3)


@instead_of("zca_apply", title="images flattened with the channels last")
def channels_last_on_the_way(images, mean, W):
    """You flatten the images with the channels last, but W was fitted with the channels first: the numbers meet the
    wrong coordinates. Use the same order in both functions."""
    points = images.permute(0, 2, 3, 1).flatten(1)
    return ((points - mean) @ W).reshape(images.shape)


@instead_of("zca_apply", title="result rescaled to the range from 0 to 1")
def pixels_scaled_back_to_images(images, mean, W):
    """You scale the result to [0, 1] so that it can be shown. That is for figures only: the network should get the
    whitened values."""
    white = ((images.flatten(1) - mean) @ W).reshape(images.shape)
    return (white - white.min()) / (white.max() - white.min())
