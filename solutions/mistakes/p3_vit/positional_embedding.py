"""Known mistakes of `positional_embedding`.

Each takes the place of the function of the reference solution. Students read its title, which is its name in plain
words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch is a name of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("get_positional_embeddings", title="different wavelengths for sine and cosine of a pair")
def odd_columns_with_their_own_wavelength(sequence_length, d):
    """Your cosines are in the right columns but have the wrong wavelength: the exponent of an odd column uses j - 1, so
    it shares its wavelength with the sine before it."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (j / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="exponent counts pairs instead of columns")
def exponent_by_pair(sequence_length, d):
    """Your wavelengths are too short: your exponent counts pairs, 0, 1, 2, ..., but it should count columns, 0, 2, 4,
    ... How large is it in the last columns, and how large should it be?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j // 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def exponent_doubled(sequence_length, d):
    """Your wavelengths are too long: the paper writes 2i for the column, where i counts pairs, and you double a number
    that already is the column."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (2 * (j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="all sines before all cosines")
def sines_then_cosines(sequence_length, d):
    """All your sines come before all your cosines. Some networks do that; here they alternate: sine, cosine, sine,
    cosine."""
    exponents = torch.arange(0, d, 2) / d
    angles = torch.arange(sequence_length)[:, None] / 10000**exponents
    return torch.cat([angles.sin(), angles.cos()], dim=1)[None, :, :d]


@instead_of("get_positional_embeddings", title="sine and cosine swapped")
def sine_and_cosine_exchanged(sequence_length, d):
    """Your first row is 1, 0, 1, 0, ... At position 0 all angles are 0: which of the two functions is 0 there, and in
    which columns should it be?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.cos(), angles.sin())[None]


@instead_of("get_positional_embeddings", title="only sines, no cosines")
def sines_only(sequence_length, d):
    """All your columns are sines. A sine alone cannot tell an angle from its mirror image; together with the cosine it
    can."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return angles.sin()[None]


@instead_of("get_positional_embeddings", title="positions counted from 1")
def positions_from_one(sequence_length, d):
    """Your table is one row late: it starts with position 1. Positions are counted from 0, where all sines are 0."""
    j = torch.arange(d)
    angles = torch.arange(1, sequence_length + 1)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="columns counted from 1")
def columns_from_one(sequence_length, d):
    """You count your columns from 1, so the sines are where the cosines should be. In Python, and here, the first
    column is column 0."""
    j = torch.arange(1, d + 1)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="angles converted from degrees")
def degrees(sequence_length, d):
    """Your angles hardly change: you convert them from degrees. The formula means radians, and so do sin and cos."""
    j = torch.arange(d)
    angles = torch.deg2rad(torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="exponent rounded down to 0")
def integer_division(sequence_length, d):
    """All your waves have the same length, the shortest one: `//` rounds the exponent down to 0. It should be a
    fraction."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000.0 ** ((j - j % 2) // d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="angles rounded to whole numbers")
def positions_rounded(sequence_length, d):
    """Your angles are whole numbers: `//` divides and rounds down, so nothing changes in the last columns. The position
    divided by a power is a fraction."""
    j = torch.arange(d)
    angles = (torch.arange(sequence_length)[:, None] // 10000 ** ((j - j % 2) / d)).float()
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="position multiplied by the power instead of divided")
def multiplied_by_the_power(sequence_length, d):
    """Your angles grow from column to column, up to thousands of turns between neighbours. Divide the position by the
    power."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="base of the power too small")
def base_too_small(sequence_length, d):
    """Your longest waves are too short: the base of the power should be 10000, with four zeros."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 1000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="base of e instead of 10000")
def natural_exponential(sequence_length, d):
    """Your base is e: you use `exp` without the logarithm of 10000. How do you write a power of 10000 as an
    exponential?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * torch.exp(-(j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="logarithm to base 10 inside the exponential")
def logarithm_of_base_ten(sequence_length, d):
    """Your base is about 55 instead of 10000: the inverse of `exp` is the natural logarithm, not the one to base 10."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * torch.exp(-4.0 * (j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="exponent divided by d - 2 instead of d")
def divided_by_d_minus_two(sequence_length, d):
    """Your exponents reach 1 in the last columns. They are j / d, so the last ones stay a little below 1."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / max(d - 2, 1))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="odd d not supported")
def even_widths_only(sequence_length, d):
    """Your function fails for an odd d: your table has as many sines as cosines, but then the last sine has no cosine.
    How many odd columns are there?"""
    table = torch.zeros(1, sequence_length, d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    table[0, :, 0::2] = angles.sin()
    table[0, :, 1::2] = angles.cos()
    return table


@instead_of("get_positional_embeddings", title="last column of an odd d left at 0")
def last_column_left_at_zero(sequence_length, d):
    """With an odd d your last column is 0: you fill in only whole pairs. It should be a sine like the others."""
    table = torch.zeros(1, sequence_length, d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (torch.arange(0, d - 1, 2) / d)
    table[0, :, 0 : 2 * (d // 2) : 2] = angles.sin()
    table[0, :, 1::2] = angles.cos()
    return table


@instead_of("get_positional_embeddings", title="odd d rounded up in the exponent")
def width_rounded_up(sequence_length, d):
    """With an odd d your wavelengths are those of d + 1: you make the table one column wider and then cut it. The
    exponent should be divided by d itself."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / (d + d % 2))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def batch_axis_missing(sequence_length, d):
    """You return (sequence_length, d). The axis of length 1 for the batch is missing."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())


@instead_of("get_positional_embeddings")
def batch_axis_in_the_middle(sequence_length, d):
    """You return (sequence_length, 1, d), as in layouts with the sequence first. Here the batch comes first."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[:, None]


@instead_of("get_positional_embeddings", title="positions and columns swapped")
def wavelengths_along_the_sequence(sequence_length, d):
    """The two axes of your table are swapped: the waves run along the columns, and their length changes with the
    position. Which of the two is i, and which is j?"""
    j = torch.arange(sequence_length)[:, None]
    angles = torch.arange(d) / 10000 ** ((j - j % 2) / sequence_length)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="table in float64")
def double_precision(sequence_length, d):
    """Your table is float64. Added to float32 tokens it turns the rest of the network into double precision, or makes
    it fail."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length, dtype=torch.float64)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="angles in half precision")
def half_precision_positions(sequence_length, d):
    """Your angles are rounded to about three digits (float16 or bfloat16), so distant positions cannot be told
    apart."""
    j = torch.arange(d)
    positions = torch.arange(sequence_length).to(torch.bfloat16).float()
    angles = positions[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="sine and cosine alternate along the positions")
def alternating_rows(sequence_length, d):
    """Your even positions have sines and your odd positions cosines, in all columns. What alternates is the column: which
    axis of the table does your slice or your remainder by 2 go along?"""
    j, i = torch.arange(d), torch.arange(sequence_length)[:, None]
    angles = i / 10000 ** ((j - j % 2) / d)
    return torch.where(i % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="exponent divided by the sequence length")
def exponent_over_the_length(sequence_length, d):
    """Your wavelengths depend on the length of the sequence, so a position has another vector in a longer one. By which of
    the two sizes should the column be divided?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / sequence_length)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="table multiplied by the root of d")
def multiplied_by_the_root(sequence_length, d):
    """Your numbers are too large by a factor that grows with d. The embedding of words is multiplied by √d in the paper,
    its positions are not."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None] * d**0.5


@instead_of("get_positional_embeddings", title="table requires gradients")
def table_requires_a_gradient(sequence_length, d):
    """Your table has requires_grad, so an optimizer would change it. These are fixed numbers; learned positions are
    another method."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.nn.Parameter(torch.where(j % 2 == 0, angles.sin(), angles.cos())[None])


@instead_of("get_positional_embeddings", title="random table instead of sines and cosines")
def random_table(sequence_length, d):
    """Your table is random. That is how learned positions are initialized; these are computed, and the same every
    time."""
    return 0.02 * torch.randn(1, sequence_length, d)


@instead_of("get_positional_embeddings", title="positions scaled by the sequence length")
def scaled_to_the_length(sequence_length, d):
    """Your positions run from 0 to 1, however long the sequence is. A position should keep its vector in a longer
    sequence: i is a whole number."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / sequence_length / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings", title="table not returned")
def nothing_returned(sequence_length, d):
    """Your function computes a table but returns None: a `return` is missing."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    table = torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]  # noqa: F841  (that is the mistake)
