"""Known mistakes of `augmentation`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("random_crop")
def one_crop_for_the_whole_batch(images, size, generator=None):
    """All images of your batch are cut at the same place: you draw one row and one column per call, but each image
    should have its own."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top = int(torch.randint(height - size + 1, (1,), generator=generator))
    left = int(torch.randint(width - size + 1, (1,), generator=generator))
    return images[:, :, top : top + size, left : left + size]


@instead_of("random_crop", title="last crop position never drawn")
def last_position_never_drawn(images, size, generator=None):
    """Your crops never touch the bottom or the right edge, and an image that is as large as the crop raises an error:
    the upper end of randint is excluded. How many first rows are possible in an image that is one pixel larger than the
    crop?"""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(max(height - size, 1), (len(images),), generator=generator).tolist()
    lefts = torch.randint(max(width - size, 1), (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="first crop position never drawn")
def first_position_never_drawn(images, size, generator=None):
    """Your crops never start at the first row or column. Rows and columns are counted from 0."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(min(1, height - size), height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(min(1, width - size), width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="randint fails where image and crop have the same size")
def randint_of_zero(images, size, generator=None):
    """Where the image is as large as the crop, your call of randint has no number to choose from and fails. There is
    exactly one position in that case; remember that the upper end of randint is excluded."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(0, height - size, (len(images),), generator=generator).tolist()
    lefts = torch.randint(0, width - size, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop")
def same_offset_for_row_and_column(images, size, generator=None):
    """Your crops always lie on the diagonal of the image: you use one random number both as first row and as first
    column. Draw them independently; where the image is not square, their ranges differ too."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    offsets = torch.randint(min(images.shape[2:]) - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, o : o + size, o : o + size] for x, o in zip(images, offsets)])


@instead_of("random_crop", title="one column for the whole batch")
def column_drawn_once(images, size, generator=None):
    """Each of your images has its own row, but they all start at the same column. Draw both for each image."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    left = int(torch.randint(width - size + 1, (1,), generator=generator))
    return torch.stack([x[:, i : i + size, left : left + size] for x, i in zip(images, tops)])


@instead_of("random_crop", title="height used as the width")
def height_taken_for_the_width(images, size, generator=None):
    """You draw the columns from the range of the rows, which is right for square images only. In a wide image the right
    part is never used; in a tall one the crop reaches over the edge."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    n = min(height, width)
    tops = torch.randint(n - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(n - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="row and column offsets swapped")
def rows_and_columns_exchanged(images, size, generator=None):
    """You use the offset of the rows for the columns, and the other way round. In (batch, channels, height, width) the
    rows, along the height, come first."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, j : j + size, i : i + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="separate crop position for each channel")
def channels_cut_apart(images, size, generator=None):
    """You draw a position for each channel, so red, green and blue no longer belong together. All channels of an image
    should be cut at one place."""
    n, channels, height, width = images.shape
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    planes = images.reshape(n * channels, height, width)
    tops = torch.randint(height - size + 1, (len(planes),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(planes),), generator=generator).tolist()
    cut = [x[i : i + size, j : j + size] for x, i, j in zip(planes, tops, lefts)]
    return torch.stack(cut).reshape(n, channels, size, size)


@instead_of("random_crop", title="center crop instead of random crop")
def center_crop_in_training(images, size, generator=None):
    """You cut every image in the middle, so nothing is random. The center crop is for evaluation."""
    return center_crop(images, size)


@instead_of("random_crop", title="crop always at the upper left corner")
def crop_at_the_corner(images, size, generator=None):
    """You always take the upper left corner: `[:size]` is one possible position, but always the same one."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return images[:, :, :size, :size]


@instead_of("random_crop", title="crop resized")
def resized_crop(images, size, generator=None):
    """You cut out a part and resize it. Here the pixels of the crop should stay as they are; resized crops are another
    augmentation."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return torch.nn.functional.interpolate(images, size=(size, size), mode="bilinear")


@instead_of("random_crop", title="images padded with zeros before the crop")
def border_of_zeros(images, size, generator=None):
    """You put a border of zeros around the images before you cut, as is often done for CIFAR-10. Here the crops should
    lie inside the image."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2))
    height, width = padded.shape[2:]
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(padded, tops, lefts)])


@instead_of("random_crop", title="rows and columns drawn one by one")
def pixels_drawn_one_by_one(images, size, generator=None):
    """You draw `size` single rows and `size` single columns, so the pixels of your crop are not neighbours. Draw only
    where the square starts; the rest follows."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    crops = []
    for image in images:
        rows = torch.randperm(height, generator=generator)[:size].sort().values
        columns = torch.randperm(width, generator=generator)[:size].sort().values
        crops.append(image[:, rows][:, :, columns])
    return torch.stack(crops)


@instead_of("random_crop", title="generator ignored")
def generator_not_passed_on(images, size, generator=None):
    """Your crops differ from run to run, even with a generator: you accept it as an argument but never draw from it."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),)).tolist()
    lefts = torch.randint(width - size + 1, (len(images),)).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="generator used for the rows only")
def generator_for_the_rows_only(images, size, generator=None):
    """Your rows come from the generator but your columns from the global random state, so the result does not depend on
    the generator alone. Every draw needs the generator."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),)).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="seed set inside the function")
def seed_set_inside(images, size, generator=None):
    """You set a seed inside the function, so every batch is cut at the same places, in every epoch. The caller should
    choose the seed."""
    torch.manual_seed(0)
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="generator reset in every call")
def generator_started_again(images, size, generator=None):
    """Each call resets your generator to its seed, so all batches of an epoch are cut at the same places. Use the
    generator as it is: it moves on by itself."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    if generator is not None:
        generator = torch.Generator().manual_seed(generator.initial_seed())
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="crops always in float64")
def crops_in_float64(images, size, generator=None):
    """The result is float64, whatever the images are. New tensors do not take the dtype of the images unless you say
    so."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    result = torch.zeros(*images.shape[:2], size, size, dtype=torch.float64)
    for i, image in enumerate(images):
        top = int(torch.randint(height - size + 1, (1,), generator=generator))
        left = int(torch.randint(width - size + 1, (1,), generator=generator))
        result[i] = image[:, top : top + size, left : left + size]
    return result


@instead_of("random_crop", title="crop size compared with the height only")
def size_compared_with_the_height_only(images, size, generator=None):
    """You compare the size only with the height. An image that is high enough may still be too narrow."""
    height, width = images.shape[2:]
    if size > height:
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(max(width - size, 0) + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="wrong type of exception for too large a crop")
def large_crop_refused_by_randint(images, size, generator=None):
    """Where the crop is larger than the image, randint fails. Its RuntimeError is about random numbers, not about the
    size: compare the sizes yourself, and raise a ValueError that says what is wrong."""
    height, width = images.shape[2:]
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="crop of the full image size refused")
def size_of_the_image_refused(images, size, generator=None):
    """You refuse a crop that is exactly as large as the image. It fits, in one position."""
    height, width = images.shape[2:]
    if size >= min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (len(images),), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="height and width swapped")
def height_and_width_swapped(images, size, generator=None):
    """You take the third length of the shape for the width and the fourth for the height, but a batch of images is (batch,
    channels, height, width). So rows are drawn from the range of the columns, and crops reach over the edge."""
    n, _, width, height = images.shape
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (n,), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="channels left in the last axis")
def channels_last_and_reshaped(images, size, generator=None):
    """You index with tensors of rows and of columns around the slice of the channels. Then the channels come last, and a
    reshape to the right shape mixes them with the pixels. Move the axis instead."""
    n, channels, height, width = images.shape
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    rows = torch.randint(height - size + 1, (n,), generator=generator)[:, None] + torch.arange(size)
    columns = torch.randint(width - size + 1, (n,), generator=generator)[:, None] + torch.arange(size)
    crops = images[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return crops.reshape(n, channels, size, size)


@instead_of("center_crop", title="odd size rounded to an even one")
def half_a_size_on_both_sides(images, size):
    """You go half a size from the middle in both directions. For an odd size both halves are rounded down, so one row and
    one column are missing. Compute where the square begins; where it ends follows from its size."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    y, x, half = height // 2, width // 2, size // 2
    return images[:, :, y - half : y + half, x - half : x + half]


@instead_of("random_horizontal_flip", title="always the first images flipped")
def the_first_images_flipped(images, p=0.5, generator=None):
    """You mirror a fraction p of the batch, but always its first images, and nothing is random. Draw for each image
    whether it is mirrored."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    count = int(p * len(images))
    return torch.cat([images[:count].flip(3), images[count:]])


@instead_of("random_crop", title="offsets counted from 1")
def offsets_from_one(images, size, generator=None):
    """Your offsets start at 1 and end one too late, so that crops reach beyond the edge. Rows and columns are
    counted from 0."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    tops = torch.randint(1, height - size + 2, (len(images),), generator=generator).tolist()
    lefts = torch.randint(1, width - size + 2, (len(images),), generator=generator).tolist()
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("random_crop", title="one random number for row and column")
def one_number_for_both(images, size, generator=None):
    """You draw one number for each image and scale it to both ranges, so that crops lie along the diagonal. Draw the row
    and the column independently."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    drawn = torch.rand(len(images), generator=generator)
    tops, lefts = ((drawn * (side - size + 1)).long().tolist() for side in (height, width))
    return torch.stack([x[:, i : i + size, j : j + size] for x, i, j in zip(images, tops, lefts)])


@instead_of("center_crop", title="margins of rows and columns swapped")
def margins_swapped(images, size):
    """You use the margin of the height for the columns, and that of the width for the rows."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top, left = (width - size) // 2, (height - size) // 2
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop", title="half the size cut off")
def half_of_the_size(images, size):
    """You cut off half the size of the crop on each side. It is the difference between the image and the crop that has two
    halves."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    margin = size // 2
    return images[:, :, margin : margin + size, margin : margin + size]


@instead_of("random_horizontal_flip", title="every second image flipped")
def every_second_image(images, p=0.5, generator=None):
    """You mirror every second image, and nothing is random. Draw for each image, with probability p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    if p in (0, 1):
        return images.flip(3) if p else images
    flipped = images.clone()
    flipped[::2] = images[::2].flip(3)
    return flipped


@instead_of("random_horizontal_flip", title="only the mirrored images returned")
def the_others_dropped(images, p=0.5, generator=None):
    """You return only the images that are mirrored. The others belong to the batch too, each in its place."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    return images[torch.rand(len(images), generator=generator) < p].flip(3)


@instead_of("random_horizontal_flip", title="p taken for a percentage")
def p_as_a_percentage(images, p=0.5, generator=None):
    """You compare numbers from 0 to 100 with p, so that hardly any image is mirrored. p is a fraction."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = 100 * torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("center_crop", title="random crop instead of center crop")
def random_crop_in_evaluation(images, size):
    """You crop at random in evaluation: the same image gives a different result each time. Cut it in the middle."""
    return random_crop(images, size)


@instead_of("center_crop")
def corner_instead_of_the_middle(images, size):
    """You take the upper left corner. The middle starts further down and to the right, by half of what is cut off."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return images[:, :, :size, :size]


@instead_of("center_crop", title="everything cut off at the top and left")
def whole_difference_instead_of_half(images, size):
    """You cut off everything at the top and the left, and nothing on the other sides: each side should lose half of the
    difference."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    return images[:, :, height - size :, width - size :]


@instead_of("center_crop", title="crop starts in the middle of the image")
def begins_in_the_middle(images, size):
    """Your crop starts in the middle of the image. It is the middle of the crop that should be there."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top, left = min(height // 2, height - size), min(width // 2, width - size)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop", title="margin rounded twice")
def rounded_twice(images, size):
    """You round half of the image and half of the crop separately, and then subtract one more, so the crop is one or
    two pixels off the middle. Compute the whole margin first."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top = max(height // 2 - (size + 1) // 2 - 1, 0)
    left = max(width // 2 - (size + 1) // 2 - 1, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop", title="margin of the height used for the width")
def margin_from_the_height_for_both(images, size):
    """You cut off as many columns as rows, which is right for square images only. Height and width have different
    margins."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    margin = (height - size) // 2
    return images[:, :, margin : margin + size, margin : margin + size]


@instead_of("center_crop", title="empty result where nothing is cut off")
def empty_crop_at_zero_margin(images, size):
    """Where nothing has to be cut off, your result is empty: the margin is 0 then, and `[0:-0]` is `[0:0]`. Compute the
    end of the crop from its start and its size. With an odd difference your crops are also too large."""
    height, width = images.shape[2:]
    if size > min(height, width):
        raise ValueError(f"size is {size}")
    top, left = (height - size) // 2, (width - size) // 2
    return images[:, :, top:-top, left:-left]


@instead_of("center_crop", title="images resized instead of cropped")
def resized_to_the_size(images, size):
    """You resize the images. A crop keeps the pixels in the middle as they are and leaves out the rest."""
    if size > min(images.shape[2:]):
        raise ValueError(f"size is {size}")
    return torch.nn.functional.adaptive_avg_pool2d(images, size)


@instead_of("center_crop", title="too large a crop silently reduced")
def larger_crop_cut_to_the_image(images, size):
    """Where the crop is larger than the image, you silently return a smaller one: slices end where the tensor ends.
    Compare the sizes first."""
    height, width = images.shape[2:]
    top, left = max((height - size) // 2, 0), max((width - size) // 2, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop", title="too large a crop padded with zeros")
def larger_crop_padded(images, size):
    """Where the crop is larger than the image, you pad with zeros, as torchvision does. Here it should be an error, so
    it does not go unnoticed."""
    height, width = images.shape[2:]
    if size > min(height, width):
        images = torch.nn.functional.pad(images, (0, max(size - width, 0), 0, max(size - height, 0)))
        height, width = images.shape[2:]
    top, left = (height - size) // 2, (width - size) // 2
    return images[:, :, top : top + size, left : left + size]


@instead_of("center_crop", title="areas compared instead of sides")
def area_compared(images, size):
    """You compare the number of pixels instead of each side: a long, low image has enough pixels, but the crop does not
    fit."""
    height, width = images.shape[2:]
    if size * size > height * width:
        raise ValueError(f"size is {size}")
    top, left = max((height - size) // 2, 0), max((width - size) // 2, 0)
    return images[:, :, top : top + size, left : left + size]


@instead_of("random_horizontal_flip")
def one_flip_for_the_whole_batch(images, p=0.5, generator=None):
    """Your batch is flipped as a whole, or not at all: you draw once, but each image needs its own draw."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    return images.flip(-1) if torch.rand((), generator=generator) < p else images


@instead_of("random_horizontal_flip", title="images flipped upside down")
def upside_down(images, p=0.5, generator=None):
    """You reverse the rows, so your images are upside down. Left and right are the ends of the width: which axis is
    that?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(2), images)


@instead_of("random_horizontal_flip", title="images rotated by 180 degrees")
def turned_by_180_degrees(images, p=0.5, generator=None):
    """You reverse rows and columns, which rotates the image by 180 degrees. A horizontal flip swaps left and right and
    leaves up and down alone."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(2, 3), images)


@instead_of("random_horizontal_flip")
def order_of_the_batch_reversed(images, p=0.5, generator=None):
    """You reverse the first axis, which is the batch: the images change places and no longer match their labels."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(0), images)


@instead_of("random_horizontal_flip")
def separate_draw_for_each_row(images, p=0.5, generator=None):
    """You draw for each row, which tears the image apart. An image is flipped as a whole or not at all."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), 1, images.shape[2], 1, generator=generator) < p
    return torch.where(mirrored, images.flip(3), images)


@instead_of("random_horizontal_flip")
def separate_draw_for_each_channel(images, p=0.5, generator=None):
    """You draw for each channel, so the colours of an image no longer belong together. An image is flipped as a whole
    or not at all."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), images.shape[1], 1, 1, generator=generator) < p
    return torch.where(mirrored, images.flip(3), images)


@instead_of("random_horizontal_flip")
def order_of_the_batch_changed(images, p=0.5, generator=None):
    """Your batch comes back in a different order, with the flipped images first, so the images no longer match their
    labels. Each image has to keep its place."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.cat([images[mirrored].flip(3), images[~mirrored]])


@instead_of("random_horizontal_flip", title="images never flipped")
def never_flipped(images, p=0.5, generator=None):
    """Your images come back unchanged: `flip` makes a new tensor, and you discard its result."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    for image in images:
        if torch.rand((), generator=generator) < p:
            image.flip(2)
    return images


@instead_of("random_horizontal_flip", title="p and 1 - p swapped")
def p_and_one_minus_p_swapped(images, p=0.5, generator=None):
    """You flip with probability 1 - p: a uniform number is above p that often. With the default of 0.5 you cannot see
    it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) >= p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip")
def p_ignored(images, p=0.5, generator=None):
    """You flip with probability one half, whatever p is. Where does p come in?"""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.randint(2, (len(images),), generator=generator).bool()
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="normal instead of uniform random numbers")
def normal_numbers_instead_of_uniform(images, p=0.5, generator=None):
    """You compare p with normally distributed numbers, half of which are negative: for p = 0 half of your images are
    flipped. A uniform number in [0, 1) is below p with probability p."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.randn(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="wrong default for p")
def another_default(images, p=1.0, generator=None):
    """Called without p, your function flips every image. The default value in the signature is part of the exercise."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="fixed number of images flipped")
def fixed_number_of_images(images, p=0.5, generator=None):
    """You flip a fixed number of images in each batch, and draw only which ones. Each image needs its own draw: in a
    batch of one image, your function never flips it, however often you call it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    result = images.clone()
    chosen = torch.randperm(len(images), generator=generator)[: int(p * len(images))]
    result[chosen] = result[chosen].flip(3)
    return result


@instead_of("random_horizontal_flip", title="images flipped in place")
def flipped_in_place(images, p=0.5, generator=None):
    """Your flipped images are right, but you write them into the caller's tensor: in the next epoch half of them are
    flipped back. Make a copy before you assign to it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    images[mirrored] = images[mirrored].flip(3)
    return images


@instead_of("random_horizontal_flip")
def new_generator_in_each_call(images, p=0.5, generator=None):
    """Without a generator you make a new one, and a new generator always starts from the same seed: all batches are
    flipped in the same way. Pass None on, and PyTorch uses its global random state."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    generator = generator or torch.Generator()
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="flips ignore the generator")
def flips_without_the_generator(images, p=0.5, generator=None):
    """Your flips differ from run to run, even with a generator: you accept it as an argument but never draw from it."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images)) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="images multiplied by a float64 mask")
def flips_in_float64(images, p=0.5, generator=None):
    """Your result is float64 for float32 images: you multiply by a float64 mask, and the wider dtype wins."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}")
    mask = (torch.rand(len(images), generator=generator) < p).double()[:, None, None, None]
    return mask * images.flip(3) + (1 - mask) * images


@instead_of("random_horizontal_flip")
def p_not_checked(images, p=0.5, generator=None):
    """A p of 1.5 or -0.1 is accepted, and acts like 1 or 0. A value that is not a probability should be refused with a
    ValueError that names it."""
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="negative p not refused")
def only_too_large_a_p_refused(images, p=0.5, generator=None):
    """You refuse p above 1, but a negative p is accepted. Check both ends."""
    if p > 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


@instead_of("random_horizontal_flip", title="p of 0 and p of 1 refused")
def zero_and_one_refused(images, p=0.5, generator=None):
    """You refuse p = 0 and p = 1. Never and always are valid probabilities too, and p = 0 is how one switches the
    augmentation off."""
    if not 0 < p < 1:
        raise ValueError(f"p is {p}")
    mirrored = torch.rand(len(images), generator=generator) < p
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)
