"""The figures in the notebooks. Each function returns a matplotlib Figure, which a notebook shows at the end of a cell.

They are readable in grey: what differs in colour also differs in lightness, marker or line style.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
_STYLES = (
    ("C0", "-", "o"),
    ("C1", "--", "^"),
    ("C2", "-.", "s"),
    ("C3", ":", "D"),
    ("C4", "-", "v"),
    ("C5", "--", "x"),
)
_MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*", "<", ">")
_GRID = 200
_MAX_NUMBERS = 12
"""Maps with at most this many rows and columns have their values written in."""


class _Figure(Figure):
    """A figure that displays itself in a notebook. pyplot figures would be shown again at the end of the cell."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=100)
        return out.getvalue()


def decision_boundary(predict: Callable[[torch.Tensor], Any], X: Any, Y: Any, title: str = "") -> Figure:
    """The plane coloured by predicted class, with the examples on it.

    Args:
        predict: takes a float32 tensor (n, 2) and returns scores or probabilities (n, classes), or labels (n,).
        X: the examples, (n, 2).
        Y: one-hot labels (n, classes), or labels (n,).

    Raises ValueError if X does not have two columns, or `predict` does not return one row for each point.
    """
    X, labels = _array(X), _labels(_array(Y))
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X has shape {X.shape}: a decision boundary needs points in the plane, (n, 2)")
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.15 * np.maximum(high - low, 1e-6)
    axes = [np.linspace(a, b, _GRID) for a, b in zip(low - margin, high + margin)]
    columns, rows = np.meshgrid(*axes)
    points = torch.tensor(np.stack([columns.ravel(), rows.ravel()], axis=1), dtype=torch.float32)
    with torch.no_grad():
        predicted = _array(predict(points))
    if predicted.shape[:1] != (len(points),):
        raise ValueError(
            f"predict returned shape {predicted.shape} for {len(points)} points: it must return one row for each"
        )
    regions = _labels(predicted).reshape(columns.shape)
    classes = max(int(labels.max()), int(regions.max())) + 1
    figure, ax = _single_axes(5, 4.6)
    edges = np.arange(classes + 1) - 0.5
    shades = [str(0.97 - 0.32 * k / max(1, classes - 1)) for k in range(classes)]
    ax.contourf(columns, rows, regions, levels=edges, colors=shades)
    if regions.min() != regions.max():
        ax.contour(columns, rows, regions, levels=edges[1:-1], colors="black", linewidths=1.2)
    for k in range(classes):
        members = X[labels == k]
        ax.scatter(
            members[:, 0], members[:, 1], s=22, marker=_MARKERS[k % len(_MARKERS)],
            facecolor="white" if k % 2 else f"C{k % 10}", edgecolor="black", linewidth=0.8, label=f"class {k}",
        )  # fmt: skip
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title)
    ax.set_aspect("equal")
    ax.legend(loc="upper right", framealpha=0.9)
    return figure


def curves(values: Mapping[str, Sequence[Any]], ylabel: str = "", title: str = "", xlabel: str = "epoch") -> Figure:
    """One line for each name, over 1, 2, ...: `curves({"train": [...], "test": [...]}, ylabel="loss")`.

    Raises ValueError if there is nothing to draw.
    """
    if not values:
        raise ValueError("there are no curves to draw: give a dictionary of names and values")
    figure, ax = _single_axes(6, 3.6)
    for (name, numbers), (color, line, marker) in zip(values.items(), itertools.cycle(_STYLES)):
        y = _array(list(numbers))
        every = max(1, len(y) // 10)
        ax.plot(
            np.arange(1, len(y) + 1), y, line, color=color, marker=marker, markevery=every, markersize=4, label=name
        )
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def gradient_error_map(got: Any, expected: Any) -> Figure:
    """Maps of a gradient, the expected gradient, and their absolute difference.

    Args:
        got, expected: of equal shape, (rows, columns), or (n,) for a single row. All axes after the first are flattened.

    Raises ValueError if the shapes differ.
    """
    pair = [_array(got), _array(expected)]
    if pair[0].shape != pair[1].shape:
        raise ValueError(f"the shapes differ: {pair[0].shape} and {pair[1].shape}")
    got_map, expected_map = (a.reshape(1, -1) if a.ndim < 2 else a.reshape(len(a), -1) for a in pair)
    difference = np.abs(got_map - expected_map)
    figure = _Figure(figsize=(10.5, 3.6), layout="constrained")
    axes = figure.subplots(1, 3)
    largest = float(np.nanmax(np.abs(np.concatenate([got_map, expected_map])), initial=0.0)) or 1.0
    for ax, map_, name, limits in (
        (axes[0], got_map, "got", (-largest, largest)),
        (axes[1], expected_map, "expected", (-largest, largest)),
        (axes[2], difference, f"|got − expected|, at most {np.max(difference, initial=0.0):.2g}", (0, None)),
    ):
        drawn = ax.imshow(map_, cmap="cividis", vmin=limits[0], vmax=limits[1], aspect="auto")
        ax.set(title=name, xlabel="column", ylabel="row")
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_major_locator().set_params(integer=True)
        figure.colorbar(drawn, ax=ax)
        _write_values(ax, map_)
    return figure


def attention_maps(image: Any, weights: Any) -> Figure:
    """An image, and for each head its attention to every patch.

    Args:
        image: (channels, height, width) or (height, width).
        weights: (heads, tokens, tokens) with rows that sum to 1, or (tokens, tokens) for a single head; the row of the
            first token (the class token) is shown. Or (heads, tokens): one row for each head. The tokens are the patches of
            a square grid, row by row, with or without a class token in front.

    Raises ValueError if the patches do not form a square grid.
    """
    maps = _array(weights)
    if maps.ndim == 2 and maps.shape[0] == maps.shape[1]:
        maps = maps[None]
    rows = maps[:, 0] if maps.ndim == 3 else maps
    patches = rows.shape[-1] if rows.ndim == 2 else 0
    if patches and math.isqrt(patches) ** 2 != patches:
        rows, patches = rows[:, 1:], patches - 1
    side = math.isqrt(patches)
    if not side or side * side != patches:
        raise ValueError(
            f"weights have shape {maps.shape}: expected (heads, tokens, tokens) with a square number of patches"
        )
    picture = _picture(_array(image))
    figure = _Figure(figsize=(2.3 * (len(rows) + 1), 2.6), layout="constrained")
    axes = figure.subplots(1, len(rows) + 1, squeeze=False)[0]
    _draw(axes[0], picture, "image")
    height, width = picture.shape[:2]
    for number, (ax, row) in enumerate(zip(axes[1:], rows), start=1):
        ax.imshow(picture, cmap="gray", extent=(0, width, height, 0))
        drawn = ax.imshow(
            row.reshape(side, side),
            cmap="viridis",
            alpha=0.75,
            extent=(0, width, height, 0),
            vmin=0,
            vmax=max(row.max(), 1e-12),
        )
        ax.set(title=f"head {number}", xticks=[], yticks=[])
        figure.colorbar(drawn, ax=ax, shrink=0.7, label="weight" if number == len(rows) else "")
    return figure


def images(images: Any, titles: Sequence[str] | None = None) -> Figure:
    """Images side by side, six in a row. If any value lies outside [0, 1], all images are rescaled together.

    Args:
        images: (n, channels, height, width) or (n, height, width), or a list of such images.
        titles: one for each image.

    Raises ValueError if there are no images, or the number of titles differs.
    """
    arrays = [_array(image) for image in images]
    if not arrays:
        raise ValueError("there are no images to show")
    if titles is not None and len(titles) != len(arrays):
        raise ValueError(f"there are {len(arrays)} images and {len(titles)} titles: give one title for each image")
    low, high = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
    columns = min(6, len(arrays))
    lines = math.ceil(len(arrays) / columns)
    figure = _Figure(figsize=(1.5 * columns, (1.55 if titles is None else 1.8) * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for ax in axes[len(arrays) :]:
        ax.set_axis_off()
    for index, (ax, image) in enumerate(zip(axes, arrays)):
        if low < 0 or high > 1:
            image = (image - low) / max(high - low, 1e-12)
        _draw(ax, _picture(image), "" if titles is None else str(titles[index]))
    return figure


def _single_axes(width: float, height: float) -> tuple[Figure, Any]:
    figure = _Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _array(values: Any) -> Array:
    """Converts a tensor, an array, or a list of numbers and 0-d tensors to a float64 NumPy array."""
    if isinstance(values, torch.Tensor):
        return values.detach().cpu().double().numpy()
    if isinstance(values, (list, tuple)) and any(isinstance(value, torch.Tensor) for value in values):
        return np.stack([_array(torch.as_tensor(value)) for value in values])
    return np.asarray(values, dtype=np.float64)


def _labels(values: Array) -> NDArray[np.intp]:
    """The class numbers (n,) of one-hot rows, scores or labels."""
    return values.argmax(axis=1) if values.ndim == 2 and values.shape[1] > 1 else values.ravel().astype(np.intp)


def _picture(image: Array) -> Array:
    """The image as (height, width) or (height, width, 3) in [0, 1], for imshow."""
    if image.ndim == 3 and image.shape[0] in (1, 3):
        image = image.transpose(1, 2, 0)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    if image.ndim not in (2, 3):
        raise ValueError(f"an image has shape {image.shape}: expected (channels, height, width) or (height, width)")
    return np.clip(image, 0, 1)


def _draw(ax: Any, picture: Array, title: str) -> None:
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=9)


def _write_values(ax: Any, map_: Array) -> None:
    """Writes the values of a small map into it, so that it can be read without colours."""
    if max(map_.shape) > _MAX_NUMBERS or map_.shape[1] > 6:
        return
    middle = (np.nanmin(map_) + np.nanmax(map_)) / 2
    for (row, column), value in np.ndenumerate(map_):
        color = "black" if value > middle else "white"
        ax.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=7, color=color)
