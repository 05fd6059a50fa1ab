"""Consistent styles: a learning rate of 0.1 has the same colour, line style and marker in every figure.

Lines differ in line style and marker as well as in colour, so that a figure printed in grey is readable. Values on a scale
(rates, sizes) have colours of cividis from dark to light, which keep their order in grey and for colour-blind readers.
Categories have colours of Okabe and Ito.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib import colormaps
from matplotlib.colors import to_hex

_BLACK, _ORANGE, _SKY, _GREEN, _BLUE, _RED, _PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
_GREY = "#777777"
_DASH_DOTS = (0, (5, 1, 1, 1, 1, 1))
_DASHES = ("-", "--", "-.", ":", _DASH_DOTS, (0, (8, 2)), (0, (3, 1, 1, 1)), (0, (2, 2)), (0, (8, 2, 2, 2)))
_MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*", "<")

TRAINING, TEST = "training", "test"


@dataclass(frozen=True)
class Style:
    """The style of a line."""

    color: str
    dash: Any
    marker: str


CATEGORIES = {
    TRAINING: Style(_ORANGE, "--", "^"),
    TEST: Style(_BLUE, "-", "o"),
    # implementations of the perceptron
    "by hand": Style(_BLACK, "-", "o"),
    "autograd": Style(_ORANGE, "--", "^"),
    "nn": Style(_BLUE, "-.", "s"),
    "optim": Style(_GREEN, ":", "D"),
    # kernels
    "linear": Style(_GREY, "--", "s"),
    "rbf": Style(_BLUE, "-", "o"),
    "sigmoid": Style(_RED, ":", "X"),
    "poly 2": Style("#7A4B00", "-.", "^"),
    "poly 3": Style("#B97A00", ":", "v"),
    "poly 4": Style(_ORANGE, _DASH_DOTS, "<"),
    "poly 5": Style("#F3C669", "--", ">"),
    # preprocessing
    "baseline": Style(_BLACK, "-", "o"),
    "standardized": Style(_BLUE, "--", "^"),
    "L1": Style(_RED, ":", "v"),
    "L2": Style(_ORANGE, "-.", "s"),
    "ZCA": Style(_GREEN, _DASH_DOTS, "D"),
    # augmentation
    "crops": Style(_SKY, "-.", "s"),
    "flips": Style(_ORANGE, ":", "v"),
    "crops and flips": Style(_GREEN, "-", "D"),
    "rotation": Style(_RED, _DASH_DOTS, "X"),
    "blur": Style(_PURPLE, ":", "P"),
    # steps
    "decay": Style(_GREEN, "-.", "s"),
    "Adam": Style(_ORANGE, "-.", "s"),
    "RMSprop": Style(_RED, ":", "D"),
    # regularization
    "dropout": Style(_ORANGE, "-.", "s"),
    "batch norm": Style(_RED, ":", "D"),
    "dropout, standardized": Style(_GREEN, _DASH_DOTS, "v"),
    "batch norm, standardized": Style(_PURPLE, "-.", "P"),
    # transformers
    "common setting": Style(_RED, (0, (8, 2, 2, 2)), "P"),
    # transfer
    "all layers": Style(_BLACK, "-", "o"),
    "lower layers frozen": Style(_BLUE, "--", "^"),
    "head alone": Style(_RED, ":", "D"),
    "built for the size": Style(_GREEN, "-.", "s"),
}

SCALES: dict[str, tuple[float, ...]] = {
    "rate": (0.0001, 0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 10.0),
    "batch": (5, 8, 10, 16, 20, 32, 64, 128, 256),
    "dropout": (0.0, 0.3, 0.5, 0.7, 0.9),
    "embed": (8, 32, 64, 128),
    "patch": (4, 7, 8, 14, 16),
    "blocks": (0, 1, 2, 4, 6),
}
"""All values on a scale that recipes use, in order. A value's position decides its style."""

CLASSES = ("#0072B2", "#E69F00")
"""Colours of the two classes of Circles. Their markers are a circle and a triangle."""
REGIONS = ("#e8eef5", "#b9b0a0")
"""Colours of the regions in the plane where each class is predicted; one is lighter in grey as well."""


def style(what: tuple[str, Any] | str) -> Style:
    """The style of a category by its name, or of a value on a scale: `style("baseline")`, `style(("rate", 0.1))`.

    Raises KeyError or ValueError if it is unknown: add it here, so that it looks the same everywhere.
    """
    if isinstance(what, str):
        return CATEGORIES[what]
    scale, value = what
    place = SCALES[scale].index(value)
    color = to_hex(colormaps["cividis"](0.88 * place / (len(SCALES[scale]) - 1)))
    return Style(color, _DASHES[place % len(_DASHES)], _MARKERS[place % len(_MARKERS)])
