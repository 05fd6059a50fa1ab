"""Known mistakes of `positional_embedding`.

Each takes the place of the function of the reference solution. Its name is the mistake, its docstring the hint that a
student reads.
"""

# ruff: noqa: F821  (torch is a name of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("get_positional_embeddings")
def odd_columns_with_their_own_wavelength(sequence_length, d):
    """Your cosines stand in the right columns and have the wrong wavelength: the exponent of an odd column goes by j - 1,
    so that it shares its wavelength with the sine before it."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (j / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def exponent_by_pair(sequence_length, d):
    """Your waves are too short: the exponent counts pairs, 0, 1, 2, ..., where it is to count columns, 0, 2, 4, ... How
    large is it in the last columns, and how large should it be?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j // 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def exponent_doubled(sequence_length, d):
    """Your waves are too long: the paper writes 2i for the column, with i counting pairs, and you double what is the
    column already."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (2 * (j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def sines_then_cosines(sequence_length, d):
    """All your sines stand before all your cosines. Some networks have it so; here they take turns: sine, cosine, sine,
    cosine."""
    exponents = torch.arange(0, d, 2) / d
    angles = torch.arange(sequence_length)[:, None] / 10000**exponents
    return torch.cat([angles.sin(), angles.cos()], dim=1)[None, :, :d]


@instead_of("get_positional_embeddings")
def sine_and_cosine_exchanged(sequence_length, d):
    """Your first row is 1, 0, 1, 0, ... At position 0 all angles are 0: which of the two is 0 there, and which columns
    is it asked for in?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.cos(), angles.sin())[None]


@instead_of("get_positional_embeddings")
def sines_only(sequence_length, d):
    """All your columns are sines. One of them cannot tell an angle from its mirror image; together with the cosine it
    can."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return angles.sin()[None]


@instead_of("get_positional_embeddings")
def positions_from_one(sequence_length, d):
    """Your table is one row late: it begins with position 1. Positions are counted from 0, where all sines are 0."""
    j = torch.arange(d)
    angles = torch.arange(1, sequence_length + 1)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def columns_from_one(sequence_length, d):
    """Your columns are counted from 1, so that the sines stand where the cosines should. In Python, and here, the first
    column is column 0."""
    j = torch.arange(1, d + 1)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def degrees(sequence_length, d):
    """Your angles hardly move: they are converted from degrees. The formula means radians, and so do sin and cos."""
    j = torch.arange(d)
    angles = torch.deg2rad(torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def integer_division(sequence_length, d):
    """All your waves have the same length, the shortest: `//` rounds the exponent down to 0. It is a fraction."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000.0 ** ((j - j % 2) // d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def positions_rounded(sequence_length, d):
    """Your angles are whole numbers: `//` divides and rounds down, so that in the last columns nothing moves. The
    position divided by a power is a fraction."""
    j = torch.arange(d)
    angles = (torch.arange(sequence_length)[:, None] // 10000 ** ((j - j % 2) / d)).float()
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def multiplied_by_the_power(sequence_length, d):
    """Your angles grow from column to column, up to thousands of turns between neighbours. The position is divided by
    the power."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def base_too_small(sequence_length, d):
    """Your longest waves are too short: the base of the power is 10000, with four zeros."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 1000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def natural_exponential(sequence_length, d):
    """Your base is e: an `exp` without the logarithm of 10000 in it. A power of 10000 is the exponential of what?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * torch.exp(-(j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def logarithm_of_base_ten(sequence_length, d):
    """Your base is about 55: with `exp`, the logarithm that belongs to it is the natural one, not that of base 10."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] * torch.exp(-4.0 * (j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def divided_by_d_minus_two(sequence_length, d):
    """Your exponents reach 1 in the last columns. They are j / d, so the last of them stays a little below."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / max(d - 2, 1))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def even_widths_only(sequence_length, d):
    """It fails for an odd d: there are as many sines as cosines in your table, and then the last sine has no partner.
    How many odd columns are there?"""
    table = torch.zeros(1, sequence_length, d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    table[0, :, 0::2] = angles.sin()
    table[0, :, 1::2] = angles.cos()
    return table


@instead_of("get_positional_embeddings")
def last_column_left_at_zero(sequence_length, d):
    """With an odd d your last column is 0: only whole pairs are filled in. It is a sine like the others."""
    table = torch.zeros(1, sequence_length, d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** (torch.arange(0, d - 1, 2) / d)
    table[0, :, 0 : 2 * (d // 2) : 2] = angles.sin()
    table[0, :, 1::2] = angles.cos()
    return table


@instead_of("get_positional_embeddings")
def width_rounded_up(sequence_length, d):
    """With an odd d your wavelengths are those of d + 1: the table is made one column wider and then cut. The exponent
    is divided by the d that was asked for."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / (d + d % 2))
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def batch_axis_missing(sequence_length, d):
    """You return (sequence_length, d). The axis of length 1 is missing that stands for the batch."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())


@instead_of("get_positional_embeddings")
def batch_axis_in_the_middle(sequence_length, d):
    """You return (sequence_length, 1, d), as for sequences that come before their batch. Here the batch comes first."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[:, None]


@instead_of("get_positional_embeddings")
def wavelengths_along_the_sequence(sequence_length, d):
    """The two axes of your table are exchanged: the waves run along the columns, and their length changes with the
    position. Which of the two is i, and which j?"""
    j = torch.arange(sequence_length)[:, None]
    angles = torch.arange(d) / 10000 ** ((j - j % 2) / sequence_length)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def double_precision(sequence_length, d):
    """Your table is float64. Added to float32 tokens it turns the whole network into double precision, or stops it."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length, dtype=torch.float64)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def half_precision_positions(sequence_length, d):
    """Your angles are rounded to three digits (float16 or bfloat16), so that far positions cannot be told apart."""
    j = torch.arange(d)
    positions = torch.arange(sequence_length).to(torch.bfloat16).float()
    angles = positions[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def a_parameter(sequence_length, d):
    """Your table has requires_grad, so an optimizer would learn it. These are fixed numbers; positions that are learned
    are another kind."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    return torch.nn.Parameter(torch.where(j % 2 == 0, angles.sin(), angles.cos())[None])


@instead_of("get_positional_embeddings")
def random_start_of_a_learned_table(sequence_length, d):
    """Your table is random. That is how learned positions start; these are computed, and the same every time."""
    return 0.02 * torch.randn(1, sequence_length, d)


@instead_of("get_positional_embeddings")
def scaled_to_the_length(sequence_length, d):
    """Your positions run from 0 to 1, however long the sequence is. A position keeps its vector in a longer sequence: i
    is a whole number."""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / sequence_length / 10000 ** ((j - j % 2) / d)
    return torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]


@instead_of("get_positional_embeddings")
def nothing_returned(sequence_length, d):
    """Your function computes a table and returns None: is the `return` missing?"""
    j = torch.arange(d)
    angles = torch.arange(sequence_length)[:, None] / 10000 ** ((j - j % 2) / d)
    table = torch.where(j % 2 == 0, angles.sin(), angles.cos())[None]  # noqa: F841  (that is the mistake)
