"""Known mistakes of `augmentation`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("random_crop")
def one_crop_for_the_whole_batch(images, size, generator=None):
    """All images of your batch are cut at the same place. A row and a column are drawn once a call, where each image is
    to have its own."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top = int(torch.randint(height - size + 1, (1,), generator=generator))
    left = int(torch.randint(width - size + 1, (1,), generator=generator))
    return images[:, :, top : top + size, left : left + size]


@instead_of("random_crop")
def last_position_never_drawn(images, size, generator=None):
    """Your squares never touch the bottom or the right edge, and an image that is as large as the square fails: the
    upper end of randint is not drawn. How many first rows are there in an image that is one pixel larger than the
    square?"""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(max(height - size, 1), (len(images),), generator=generator).tolist()
    lefts = torch.randint(max(width - size, 1), (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def first_position_never_drawn(images, size, generator=None):
    """Your squares never begin at the first row or column. Rows and columns are counted from 0."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(min(1, height - size), height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(min(1, width - size), width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def randint_of_zero(images, size, generator=None):
    """Where the image is as large as the square, your call of randint has no number to choose from and fails. There is
    one position then, so its upper end, which is not drawn, has to be 1."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(0, height - size, (len(images),), generator=generator).tolist()
    lefts = torch.randint(0, width - size, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def same_offset_for_row_and_column(images, size, generator=None):
    """Your squares lie on the diagonal of the image only: one number serves as first row and as first column. They are
    to be drawn apart, and where the image is not square, their ranges differ too."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    offsets = torch.randint(min(images.shape[2:]) - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, o : o + size, o : o + size] for x, o in zip(images, offsets)])


@instead_of("random_crop")
def column_drawn_once(images, size, generator=None):
    """Each of your images has a row of its own, and all of them begin at the same column. Both are to be drawn for each
    image."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    left = int(torch.randint(width - size + 1, (1,), generator=generator))
    return torch.stack([x[:, i : i + size, left : left + size] for x, i in zip(images, tops)])


@instead_of("random_crop")
def height_taken_for_the_width(images, size, generator=None):
    """You draw columns from the range of the rows, which is right for square images only. In a wide image the right part
    is never seen; in a high one the square sticks out."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    n = min(height, width)
    tops = torch.randint(n - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(n - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def rows_and_columns_exchanged(images, size, generator=None):
    """The offset for the rows is used on the columns, and the other way round. In (batch, channels, height, width) rows,
    the height, come first."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, j : j + size, i : i + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def channels_cut_apart(images, size, generator=None):
    """You draw a position for each channel, so that red, green and blue no longer belong together. All channels of an
    image are cut at one place."""
    n, channels, height, width = images.shape
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    planes = images.reshape(n * channels, height, width)
    tops = torch.randint(height - size + 1, (len(planes),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(planes),), generator=generator).tolist()
    cut = [x[i : i + size, j : j + size] for x, i, j in zip(planes, tops, lefts)]
    return torch.stack(cut).reshape(n, channels, size, size)


@instead_of("random_crop")
def center_crop_in_training(images, size, generator=None):
    """You cut every image in the middle, so nothing is random. That is for evaluation."""
    return center_crop(images, size)


@instead_of("random_crop")
def crop_at_the_corner(images, size, generator=None):
    """You always take the upper left corner: `[:size]` is a position too, and always the same."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return images[:, :, :size, :size]


@instead_of("random_crop")
def resized_crop(images, size, generator=None):
    """You cut out a part and scale it to the size. Here the squares are cut out and their pixels stay as they are; a
    crop that is resized is another augmentation."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return torch.nn.functional.interpolate(images, size=(size, size), mode="bilinear")


@instead_of("random_crop")
def border_of_zeros(images, size, generator=None):
    """You put a border of zeros around the images before you cut, as is often done for CIFAR-10 at full size. Here the
    squares lie inside of the image."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2))
    height, width = padded.shape[2:]
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(padded, tops, lefts)])


@instead_of("random_crop")
def pixels_drawn_one_by_one(images, size, generator=None):
    """You draw `size` rows and `size` columns, wherever they are. A square is made of neighbours: draw where it begins,
    and the rest follows."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    crops = []
    for image in images:
        rows = torch.randperm(height, generator=generator)[:size].sort().values
        columns = torch.randperm(width, generator=generator)[:size].sort().values
        crops.append(image[:, rows][:, :, columns])
    return torch.stack(crops)


@instead_of("random_crop")
def generator_not_passed_on(images, size, generator=None):
    """Your crops differ from run to run, even with a generator: you take it and never draw from it."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),)).tolist()
    lefts = torch.randint(width - size + 1, (len(images),)).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def generator_for_the_rows_only(images, size, generator=None):
    """Your rows come from the generator and your columns from the global state, so the result does not depend on the
    generator alone. Every random number needs it."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),)).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def seed_set_inside(images, size, generator=None):
    """You set a seed inside, so every batch is cut at the same places, in every epoch. Seeds are for the caller."""
    torch.manual_seed(0)
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def generator_started_again(images, size, generator=None):
    """Each call starts your generator again from its seed, so all batches of an epoch are cut at the same places. Draw
    from it as it is: it remembers where it stands."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    if generator is not None:
        generator = torch.Generator().manual_seed(generator.initial_seed())
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def crops_in_float64(images, size, generator=None):
    """The result is float64 whatever the images are. Empty tensors are made in a dtype of their own: say which."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    result = torch.zeros(*images.shape[:2], size, size, dtype=torch.float64)
    for i, image in enumerate(images):
        top = int(torch.randint(height - size + 1, (1,), generator=generator))
        left = int(torch.randint(width - size + 1, (1,), generator=generator))
        result[i] = image[:, top : top + size, left : left + size]
    return result


@instead_of("random_crop")
def size_compared_with_the_height_only(images, size, generator=None):
    """You compare the size with the height alone. An image that is high enough may still be too narrow."""
    height, width = images.shape[2:]
    if size > height:
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(max(width - size, 0) + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def too_large_a_crop_is_left_to_torch(images, size, generator=None):
    """Where the square is larger than the image, you let randint fail. Its RuntimeError speaks of random numbers and not
    of the size: compare them yourself, and raise a ValueError that says what is wrong."""
    height, width = images.shape[2:]
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def size_of_the_image_refused(images, size, generator=None):
    """You refuse a square that is just as large as the image. It fits, in one position."""
    height, width = images.shape[2:]
    if size >= min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("center_crop")
def random_crop_in_evaluation(images, size):
    """Your evaluation cuts at random: the same image is judged differently each time. It is to be cut in the middle."""
    return random_crop(images, size)


@instead_of("center_crop")
def corner_in_place_of_the_middle(images, size):
    """You take the upper left corner. The middle begins half of what is cut off further down and to the right."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return images[:, :, :size, :size]


@instead_of("center_crop")
def whole_difference_in_place_of_half(images, size):
    """You cut everything off at the top and at the left, and nothing at the other side: half of the difference belongs
    to each."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    return images[:, :, height - size :, width - size :]


@instead_of("center_crop")
def begins_in_the_middle(images, size):
    """Your square begins in the middle of the image, where its own middle should be."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top, left = min(height // 2, height - size), min(width // 2, width - size)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop")
def rounded_twice(images, size):
    """You halve the image and the square, each rounded down, and then take one more off. With odd sizes the square is
    two pixels off the middle."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top = max(height // 2 - (size + 1) // 2 - 1, 0)
    left = max(width // 2 - (size + 1) // 2 - 1, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop")
def margin_from_the_height_for_both(images, size):
    """You cut as many columns off as rows, which is right for square images only. Height and width have margins of
    their own."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    margin = min((height - size) // 2, width - size)
    return images[:, :, margin : margin + size, margin : margin + size]


@instead_of("center_crop")
def negative_slice_of_nothing(images, size):
    """Where nothing is to be cut off, your result is empty: the margin is 0 then, and `[0:-0]` is `[0:0]`. Say where the
    square ends by where it begins and how large it is. An odd difference makes your squares too large as well."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top, left = (height - size) // 2, (width - size) // 2
    return images[:, :, top:-top, left:-left]


@instead_of("center_crop")
def resized_to_the_size(images, size):
    """You scale the images to the size. A crop keeps the pixels in the middle as they are, and leaves out the rest."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return torch.nn.functional.adaptive_avg_pool2d(images, size)


@instead_of("center_crop")
def larger_crop_cut_to_the_image(images, size):
    """Where the square is larger than the image, you silently give back a smaller one: slices end where the tensor ends.
    Compare the sizes first."""
    height, width = images.shape[2:]
    top, left = max((height - size) // 2, 0), max((width - size) // 2, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop")
def larger_crop_padded(images, size):
    """Where the square is larger than the image, you fill up with zeros, as torchvision does. Here that is an error, so
    that it does not go unnoticed."""
    height, width = images.shape[2:]
    if size > min(height, width):
        images = torch.nn.functional.pad(images, (0, max(size - width, 0), 0, max(size - height, 0)))
        height, width = images.shape[2:]
    top, left = (height - size) // 2, (width - size) // 2
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop")
def area_compared(images, size):
    """You compare how many pixels there are, and not each side: a long, low image has enough of them, and the square
    does not fit."""
    height, width = images.shape[2:]
    if size * size > height * width:
        raise ValueError(f"size is {size}")
    top, left = max((height - size) // 2, 0), max((width - size) // 2, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("random_horizontal_flip")
def one_flip_for_the_whole_batch(images, p=0.5, generator=None):
    """Your batch is mirrored as a whole, or not at all: you draw once, where each image is to draw for itself."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    return images.flip(-1) if torch.rand((), generator=generator) < p else images


@instead_of("random_horizontal_flip")
def upside_down(images, p=0.5, generator=None):
    """You reverse the rows, so that your images stand on their heads. Left and right are the ends of the width: which
    axis is that?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(2), images)


@instead_of("random_horizontal_flip")
def turned_by_180_degrees(images, p=0.5, generator=None):
    """You reverse rows and columns, which turns the image by 180 degrees. A mirror exchanges left and right and leaves
    up and down alone."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(2, 3), images)


@instead_of("random_horizontal_flip")
def order_of_the_batch_reversed(images, p=0.5, generator=None):
    """You reverse the first axis, and that is the batch: images change their places, and no longer fit their labels."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(0), images)


@instead_of("random_horizontal_flip")
def every_row_draws(images, p=0.5, generator=None):
    """You draw for each row, so that an image is torn apart. It is mirrored as a whole or not at all."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), 1, images.shape[2], 1, generator=generator) < p
    return torch.where(mirrored, images.flip(3), images)


@instead_of("random_horizontal_flip")
def every_channel_draws(images, p=0.5, generator=None):
    """You draw for each channel, so that the colours of an image no longer belong together. It is mirrored as a whole or
    not at all."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), images.shape[1], 1, 1, generator=generator) < p
    return torch.where(mirrored, images.flip(3), images)


@instead_of("random_horizontal_flip")
def mirrored_first_then_the_rest(images, p=0.5, generator=None):
    """Your batch comes back in another order, the mirrored images first, so that the images no longer fit their labels.
    Each keeps its place."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.cat([images[mirrored].flip(3), images[~mirrored]])


@instead_of("random_horizontal_flip")
def never_mirrored(images, p=0.5, generator=None):
    """Your images come back as they were: `flip` makes a new tensor, and its result is dropped."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    for image in images:
        if torch.rand((), generator=generator) < p:
            image.flip(2)
    return images


@instead_of("random_horizontal_flip")
def p_and_its_complement_exchanged(images, p=0.5, generator=None):
    """You mirror with probability 1 - p: a uniform number is above p that often. The default of 0.5 hides it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) >= p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def p_ignored(images, p=0.5, generator=None):
    """You mirror every second image, whatever p is: a coin is tossed, and nothing makes it an unfair one."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.randint(2, (len(images),), generator=generator).bool()
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def normal_numbers_for_uniform_ones(images, p=0.5, generator=None):
    """You compare p with normally distributed numbers, half of which are negative: for p = 0 half of your images are
    mirrored. A uniform number in [0, 1) is below p with probability p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.randn(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def another_default(images, p=1.0, generator=None):
    """Called without p, your function mirrors every image. The default in the signature is part of what is asked."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def fixed_number_of_images(images, p=0.5, generator=None):
    """You mirror a fixed number of images in each batch, and only draw which. Each image is to draw by itself: in a
    batch of one image, it is never mirrored by your function, however often it is called."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    result = images.clone()
    chosen = torch.randperm(len(images), generator=generator)[: int(p * len(images))]
    result[chosen] = result[chosen].flip(3)
    return result


@instead_of("random_horizontal_flip")
def mirrored_in_place(images, p=0.5, generator=None):
    """Your mirror images are right, and they are written into the caller's tensor: in the next epoch half of them are
    mirrored back. Make something new before you assign to it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    images[mirrored] = images[mirrored].flip(3)
    return images


@instead_of("random_horizontal_flip")
def flips_of_their_own_generator(images, p=0.5, generator=None):
    """Without a generator you make one, and a new generator begins at the same place each time: all batches are mirrored
    alike. Pass None on: then PyTorch's global state is used."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    generator = generator or torch.Generator()
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def flips_without_the_generator(images, p=0.5, generator=None):
    """Your flips differ from run to run, even with a generator: you take it and never draw from it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images)) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def a_mask_multiplied_in_float64(images, p=0.5, generator=None):
    """Your result is float64 for float32 images: the mask that you multiply with is float64, and the wider dtype
    wins."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mask = (torch.rand(len(images), generator=generator) < p).double()[:, None, None, None]
    return mask * images.flip(3) + (1 - mask) * images


@instead_of("random_horizontal_flip")
def p_not_checked(images, p=0.5, generator=None):
    """A p of 1.5 or -0.1 goes through, and acts as 1 or 0. What is no probability should be refused with a ValueError
    that names it."""
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def only_too_large_a_p_refused(images, p=0.5, generator=None):
    """You refuse p above 1, and a negative p goes through. Both ends count."""
    if p > 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def certainty_refused(images, p=0.5, generator=None):
    """You refuse p = 0 and p = 1. Never and always are probabilities too, and the first switches the augmentation
    off."""
    if not 0 < p < 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)
