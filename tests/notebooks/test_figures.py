"""Figures draw their data, are readable in grey, and refuse data that they cannot draw."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from autograder.notebooks import figures

X = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [-2.0, 1.0], [2.0, -1.0]])
LABELS = torch.tensor([0, 1, 0, 1])


def by_sign(points: torch.Tensor) -> torch.Tensor:
    """Scores of two classes, which are separated by the vertical axis."""
    return torch.stack([-points[:, 0], points[:, 0]], dim=1)


MAKERS: dict[str, Callable[[], Figure]] = {
    "decision_boundary": lambda: figures.decision_boundary(by_sign, X, LABELS, title="t"),
    "curves": lambda: figures.curves({"train": [1, 0.5], "test": [torch.tensor(1.0), 0.75]}, ylabel="loss", title="t"),
    "gradient_error_map": lambda: figures.gradient_error_map(torch.ones(3, 2), torch.zeros(3, 2)),
    "attention_maps": lambda: figures.attention_maps(torch.rand(1, 8, 8), torch.full((2, 5, 5), 0.2)),
    "images": lambda: figures.images(torch.rand(7, 3, 4, 4), titles=list("abcdefg")),
}


@pytest.mark.parametrize("name", MAKERS)
def test_each_figure_displays_itself_once(name: str) -> None:
    figure = MAKERS[name]()
    assert isinstance(figure, Figure)
    assert Image.open(io.BytesIO(figure._repr_png_())).size[0] > 100  # type: ignore[attr-defined]
    assert matplotlib.pyplot.get_fignums() == []


@pytest.mark.parametrize("name", ["decision_boundary", "curves", "gradient_error_map"])
def test_axes_are_labelled(name: str) -> None:
    axes = [ax for ax in MAKERS[name]().axes if ax.get_label() != "<colorbar>"]
    assert all(ax.get_xlabel() and ax.get_ylabel() for ax in axes)


@pytest.mark.parametrize("labels", [LABELS, torch.nn.functional.one_hot(LABELS), LABELS.numpy()])
def test_the_boundary_lies_where_the_classes_meet(labels: Any) -> None:
    figure = figures.decision_boundary(by_sign, X.double(), labels)
    picture = np.asarray(Image.open(io.BytesIO(figure._repr_png_())).convert("L"), dtype=int)  # type: ignore[attr-defined]

    def lightness(x: float, y: float) -> int:
        column, row = figure.axes[0].transData.transform((x, y))
        return int(picture[len(picture) - round(row), round(column)])

    assert lightness(-0.1, 0.5) - lightness(0.1, 0.5) > 40
    assert abs(lightness(-0.1, 0.5) - lightness(-0.1, -0.5)) < 5


def test_predicted_labels_are_accepted() -> None:
    assert figures.decision_boundary(lambda points: (points[:, 0] > 0).long(), X, LABELS).axes


def test_curves_differ_in_more_than_colour() -> None:
    lines = figures.curves({str(n): [1.0, 2.0] for n in range(5)}).axes[0].lines
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 5


def test_a_curve_starts_at_one() -> None:
    line = figures.curves({"a": [3.0, 2.0]}).axes[0].lines[0]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([1, 2], [3, 2])


def test_the_error_map_holds_the_absolute_difference() -> None:
    got, expected = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]], requires_grad=True)
    maps = [ax.images[0].get_array() for ax in figures.gradient_error_map(got, expected).axes[:3]]
    assert [map_.tolist() for map_ in maps] == [[[1, 2]], [[3, 2]], [[2, 0]]]


def test_a_bias_is_a_map_of_one_row() -> None:
    assert figures.gradient_error_map(torch.ones(4), torch.ones(4)).axes[0].images[0].get_array().shape == (1, 4)


@pytest.mark.parametrize(
    ("weights", "heads"),
    [((3, 17, 17), 3), ((17, 17), 1), ((2, 16, 16), 2), ((3, 17), 3), ((3, 16), 3)],
)
def test_attention_is_shown_patch_by_patch(weights: tuple[int, ...], heads: int) -> None:
    values = torch.arange(float(np.prod(weights))).reshape(weights)
    axes = [ax for ax in figures.attention_maps(torch.rand(8, 8), values).axes if len(ax.images) == 2]
    assert len(axes) == heads
    first = axes[0].images[1].get_array()
    offset = 1 if weights[-1] == 17 else 0  # the class token is no patch
    assert first.tolist() == (torch.arange(16.0) + offset).reshape(4, 4).tolist()


def test_images_of_any_range_are_stretched_together() -> None:
    figure = figures.images(torch.tensor([-1.0, 3.0]).reshape(2, 1, 1, 1).expand(2, 1, 2, 2))
    assert [float(ax.images[0].get_array().max()) for ax in figure.axes[:2]] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: figures.decision_boundary(by_sign, torch.rand(4, 3), LABELS), r"X has shape \(4, 3\)"),
        (lambda: figures.decision_boundary(lambda p: p[:5], X, LABELS), r"it must return one row for each"),
        (lambda: figures.curves({}), "no curves to draw"),
        (lambda: figures.gradient_error_map(torch.ones(2), torch.ones(3)), r"the shapes differ: \(2,\) and \(3,\)"),
        (lambda: figures.attention_maps(torch.rand(8, 8), torch.rand(2, 7, 7)), "with a square number of patches"),
        (lambda: figures.images([]), "no images to show"),
        (lambda: figures.images(torch.rand(2, 4, 4), titles=["a"]), "there are 2 images and 1 titles"),
    ],
)
def test_unsuitable_data_is_refused_with_a_reason(make: Callable[[], Figure], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
