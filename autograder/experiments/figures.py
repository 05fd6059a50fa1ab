"""The figures of the experiments. The styles of their lines are in `palette`."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from sklearn.metrics import confusion_matrix

from autograder.experiments import palette
from autograder.experiments.attention import class_attention
from autograder.experiments.batches import Transform
from autograder.experiments.findings import Results, Row
from autograder.experiments.palette import style
from autograder.experiments.recipe import Lab, Picture, Trained, Variant

DPI = 150
GRID = 200
_LOSS, _ACCURACY, _EPOCH = "loss (nats)", "accuracy (%)", "epoch"
_DIVERGED = 2.2
"""A loss above this multiple of the loss at chance is outside the axes, so that the others can be distinguished."""
_TITLES = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "train_accuracy": "training accuracy",
    "test_accuracy": "test accuracy",
}
"""The title for each field of a row. The training values are averages over an epoch, during which the weights change."""


def files(figure: Figure) -> dict[str, bytes]:
    """The figure as PNG and as SVG, by suffix. The same numbers give the same bytes."""
    rendered = {}
    with rc_context({"svg.hashsalt": "autograder", "svg.fonttype": "none"}):
        for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
            out = io.BytesIO()
            figure.savefig(out, format=kind, dpi=DPI, metadata=metadata)
            rendered[kind] = out.getvalue()
            figure.set_layout_engine(
                "none"
            )  # the layout is known now: computing it takes longer than drawing, and it is the same for both
    return rendered


def curves(results: Results, variants: Sequence[Variant], title: str) -> Figure:
    """Loss and accuracy over the epochs.

    With one variant, training and test share the same axes. With several, training and test have a column each. With
    panels, each panel has a column with training loss and test accuracy, and variants without a panel are drawn in all
    of them.
    """
    panels = list(dict.fromkeys(variant.panel for variant in variants if variant.panel))
    if len(variants) == 1:
        figure = _single_variant(results, variants[0])
    elif panels:
        figure = _figure(3.5 * len(panels) + 0.5, 7)
        axes = figure.subplots(2, len(panels), sharex=True, sharey="row", squeeze=False)
        for column, panel in enumerate(panels):
            members = [variant for variant in variants if variant.panel in ("", panel)]
            for ax, field in zip(axes[:, column], ("train_loss", "test_accuracy")):
                _draw(ax, results, members, field)
            axes[0, column].set_title(f"{panel}\n{_TITLES['train_loss']}", fontsize=10)
        _finish(axes, results)
        for ax in axes[1]:
            ax.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    else:
        figure = _figure(9, 6.4)
        axes = figure.subplots(2, 2, sharex=True, sharey="row")
        for ax, field in zip(axes.ravel(), ("train_loss", "test_loss", "train_accuracy", "test_accuracy")):
            _draw(ax, results, variants, field)
        _finish(axes, results)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", fontsize=9)
    figure.suptitle(title)
    return figure


def _single_variant(results: Results, variant: Variant) -> Figure:
    figure = _figure(9, 3.8)
    axes = figure.subplots(1, 2)
    for ax, quantity in zip(axes, ("loss", "accuracy")):
        for part, field in ((palette.TRAINING, f"train_{quantity}"), (palette.TEST, f"test_{quantity}")):
            _line(ax, results.of(variant.name), field, style(part), part)
        ax.set_title(f"{variant.name}: {quantity}", fontsize=10)
    _finish(axes[:, None], results)
    axes[0].set_xlabel(_EPOCH)
    axes[0].legend()
    return figure


def _draw(ax: Axes, results: Results, variants: Sequence[Variant], field: str) -> None:
    for variant in variants:
        _line(ax, results.of(variant.name), field, style_of(variant), short_name(variant))
    ax.set_title(_TITLES[field], fontsize=10)


def _line(ax: Axes, rows: Sequence[Row], field: str, style: palette.Style, label: str) -> None:
    scale = 100 if "accuracy" in field else 1
    ax.plot(
        [row.epoch for row in rows], [scale * getattr(row, field) for row in rows],
        color=style.color, linestyle=style.dash, marker=style.marker, markevery=max(1, round(len(rows) / 8)), markersize=5,
        label=label,
    )  # fmt: skip


def _finish(axes: Any, results: Results) -> None:
    """Adds units, shared limits and the level of chance to axes with a row for the loss and a row for the accuracy."""
    for row, unit, chance in zip(axes, (_LOSS, _ACCURACY), (math.log(results.classes), 100 / results.classes)):
        row[0].set_ylabel(unit)
        drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for ax in row for line in ax.get_lines()])
        visible = drawn[np.isfinite(drawn) & (drawn < (_DIVERGED * chance if unit == _LOSS else 101))]
        low, high = min(visible, default=0.0), max(visible, default=0.0)
        low, high = min(low, chance), max(high, chance)
        pad = 0.05 * (high - low) + 1e-3
        for ax in row:
            ax.axhline(chance, color="0.45", linewidth=0.9, linestyle=(0, (1, 1)), zorder=0, label="chance")
            ax.set_ylim(low - pad, high + pad)
            ax.grid(alpha=0.3)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    for ax in axes[-1]:
        ax.set_xlabel(_EPOCH)


def style_of(variant: Variant) -> palette.Style:
    """The style of a variant in every figure."""
    return style(variant.style or variant.name)


def short_name(variant: Variant) -> str:
    """A variant's name without the part that the panel's title states already."""
    return variant.name.rsplit(", ", 1)[-1] if variant.panel and "," in variant.name else variant.name


def boundaries(names: Sequence[str], columns: int = 4) -> Picture:
    """Draws the regions into which each of these variants divides the plane, and the test points.

    Draws nothing unless the examples are points in the plane.
    """

    def draw(lab: Lab, variants: Mapping[str, Variant], results: Results, trained: Trained) -> Figure | None:
        existing = [name for name in names if name in variants]
        if lab.data.train.x[0].numel() != 2 or not existing:
            return None
        across = min(columns, len(existing))
        down = -(-len(existing) // across)
        figure = _figure(3 * across, 3.15 * down + 0.4)
        axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for ax in axes.ravel()[len(existing) :]:
            ax.set_axis_off()
        for ax, name in zip(axes.ravel(), existing):
            accuracy = results.last(name).test_accuracy
            _boundary(ax, lab, trained(variants[name]).predict, f"{name}\ntest accuracy {accuracy:.1%}")
        for ax in axes[:, 0]:
            ax.set_ylabel("$x_2$ (no unit)")
        for column in range(across):
            last = max(row for row in range(down) if row * across + column < len(existing))
            axes[last, column].set_xlabel("$x_1$ (no unit)")
            axes[last, column].tick_params(labelbottom=True)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
        return figure

    return draw


def _boundary(ax: Axes, lab: Lab, predict: Callable[[torch.Tensor], torch.Tensor], title: str) -> None:
    X, y = lab.data.test.x, lab.data.test.y
    low, high = lab.data.train.x.min(dim=0).values - 0.3, lab.data.train.x.max(dim=0).values + 0.3
    across, up = (torch.linspace(float(a), float(b), GRID) for a, b in zip(low, high))
    grid = torch.cartesian_prod(across, up).to(X)
    predicted = predict(grid)
    labels = predicted.argmax(dim=1) if predicted.ndim == 2 else predicted
    regions = labels.reshape(GRID, GRID).T.cpu().numpy()
    ax.contourf(across.numpy(), up.numpy(), regions, levels=[-0.5, 0.5, 1.5], colors=list(palette.REGIONS))
    if regions.min() != regions.max():
        ax.contour(across.numpy(), up.numpy(), regions, levels=[0.5], colors="black", linewidths=1.2)
    for label, (color, marker) in enumerate(zip(palette.CLASSES, ("o", "^"))):
        points = X[y == label].cpu().numpy()
        ax.scatter(
            points[:, 0], points[:, 1], s=16, c=color, marker=marker, edgecolors="black", linewidths=0.5,
            label=f"class {label}, test",
        )  # fmt: skip
    ax.set_aspect("equal")
    ax.set_title(title, fontsize=10)


def over_C(kernels: Mapping[str, Callable[[str, float], str]], Cs: Sequence[float]) -> Picture:
    """Draws training and test accuracy over C, with a line for each kernel.

    `kernels` maps a kernel's name to a function (name, C) → name of the variant.
    """

    def draw(lab: Lab, variants: Mapping[str, Variant], results: Results, trained: Trained) -> Figure | None:
        figure = _figure(9, 4)
        axes = figure.subplots(1, 2, sharey=True)
        for ax, part in zip(axes, ("train", "test")):
            for name, name_of in kernels.items():
                existing = [C for C in Cs if name_of(name, C) in variants]
                values = [100 * getattr(results.last(name_of(name, C)), f"{part}_accuracy") for C in existing]
                line = style(name)
                ax.plot(existing, values, color=line.color, linestyle=line.dash, marker=line.marker, label=name)
            ax.set(xscale="log", xlabel="C (no unit)", title="training" if part == "train" else "test")
            ax.grid(alpha=0.3)
        axes[0].set_ylabel(_ACCURACY)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", title="kernel, degree")
        return figure

    return draw


def confusion(name: str) -> Picture:
    """Draws the confusion matrix of a variant on the test set, in percent of the true class."""

    def draw(lab: Lab, variants: Mapping[str, Variant], results: Results, trained: Trained) -> Figure | None:
        if name not in variants:
            return None
        learner: Any = trained(variants[name])
        predicted = learner.predict(learner.testing.split.x).argmax(dim=1).cpu().numpy()
        share = 100 * confusion_matrix(
            lab.data.test.y.cpu().numpy(), predicted, labels=range(lab.data.classes), normalize="true"
        )
        figure = _figure(6, 5.2)
        ax = figure.subplots()
        drawn = ax.imshow(share, cmap="Blues", vmin=0, vmax=100)
        for (row, column), value in np.ndenumerate(share):
            if value >= 0.5:
                ax.text(
                    column,
                    row,
                    f"{value:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if value > 60 else "black",
                )
        ax.set(xlabel="predicted class", ylabel="true class", title=f"{name}: test examples of each class")
        ax.set(xticks=range(lab.data.classes), yticks=range(lab.data.classes))
        figure.colorbar(drawn, ax=ax, label="share of the true class (%)", format=PercentFormatter())
        return figure

    return draw


def draws(augmentations: Mapping[str, Callable[[Lab], Transform]], count: int = 6) -> Picture:
    """Draws one image and several random results of each augmentation of it."""

    def draw(lab: Lab, variants: Mapping[str, Variant], results: Results, trained: Trained) -> Figure | None:
        existing = [name for name in augmentations if name in variants]
        if not existing:
            return None
        torch.manual_seed(lab.seed)
        image = lab.data.train.x[:1]
        figure = _figure(1.3 * (count + 1), 1.4 * len(existing) + 0.3)
        axes = figure.subplots(len(existing), count + 1, squeeze=False)
        for row, name in zip(axes, existing):
            augment = augmentations[name](lab)
            _picture(row[0], image[0])
            row[0].set_ylabel(name, fontsize=9)
            for ax in row[1:]:
                _picture(ax, augment(image)[0])
        _column_titles(axes, ["image", *(f"draw {number}" for number in range(1, count + 1))])
        return figure

    return draw


def attention(name: str, count: int = 4) -> Picture:
    """Draws the class token's attention in each head of the last block, for a few test images."""

    def draw(lab: Lab, variants: Mapping[str, Variant], results: Results, trained: Trained) -> Figure | None:
        if name not in variants:
            return None
        learner: Any = trained(variants[name])
        images = lab.data.test.x[:count]
        maps = [each for image in images if (each := class_attention(learner.model, image)) is not None]
        if not maps:
            return None
        heads = len(maps[0])
        figure = _figure(1.6 * (heads + 1) + 0.8, 1.65 * len(images) + 0.5)
        axes = figure.subplots(len(images), heads + 1, squeeze=False)
        highest = max(float(each.max()) for each in maps)
        side = math.isqrt(maps[0].shape[1])
        for row, image, each in zip(axes, images, maps):
            _picture(row[0], image)
            for head, ax in enumerate(row[1:]):
                drawn = ax.imshow(
                    100 * each[head].reshape(side, side).cpu().numpy(), cmap="cividis", vmin=0, vmax=100 * highest
                )
                ax.set(xticks=[], yticks=[])
        _column_titles(axes, ["test image", *(f"head {number}" for number in range(1, heads + 1))])
        figure.colorbar(drawn, ax=axes, label="weight of the patch for the class token (%)", shrink=0.8)
        return figure

    return draw


def _column_titles(axes: Any, titles: Sequence[str]) -> None:
    for ax, title in zip(axes[0], titles):
        ax.set_title(title, fontsize=9)


def _picture(ax: Axes, image: torch.Tensor) -> None:
    picture = image.detach().cpu().clamp(0, 1).permute(1, 2, 0).numpy()
    ax.imshow(picture if picture.shape[2] == 3 else picture[..., 0], cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")
