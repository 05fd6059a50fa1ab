"""The files of a finished run: curves.csv, the figures, and finding.md, a page with the findings."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from autograder.atomic_files import write_atomically
from autograder.experiments import figures
from autograder.experiments.findings import Results, Row
from autograder.experiments.running import Run

CURVES, FINDING = "curves.csv", "finding.md"
_COLUMNS = ("variant", "panel", "settings", *Row._fields)
_NOTES = """
Training values are averages over the batches of an epoch, during which the weights change (with dropout or augmentation
if a variant has them). Test values are those of the weights after the epoch. This run used a single seed: a difference of
accuracies counts if it exceeds its margin, twice its standard error on {examples:,} test examples. Results vary more than
that between seeds.
"""


def write(run: Run, results: Results, notes: Sequence[str]) -> list[Path]:
    """Writes all files of a run into its folder, each atomically. Returns their paths, the page first.

    Args:
        notes: sentences for the page, for example on missing pretrained weights.
    """
    folder = run.folder.path
    pictures = _pictures(run, results)
    paths = [folder / FINDING, folder / CURVES]
    for name, figure in pictures.items():
        for suffix, data in figures.files(figure).items():
            write_atomically(folder / f"{name}.{suffix}", data)
            paths.append(folder / f"{name}.{suffix}")
    write_atomically(folder / CURVES, table(run, results).encode())
    write_atomically(folder / FINDING, page(run, results, list(pictures), notes).encode())
    return paths


def _pictures(run: Run, results: Results) -> dict[str, Any]:
    recipe, variants = run.recipe, {variant.name: variant for variant in run.variants}
    drawn = {} if recipe.one_pass else {"curves": figures.curves(results, run.variants, recipe.title)}
    for name, picture in recipe.pictures.items():
        figure = picture(run.lab, variants, results, run.trained)
        if figure is not None:
            drawn[name] = figure
    return drawn


def table(run: Run, results: Results) -> str:
    """The CSV table: a line for each epoch of each variant, with losses in nats, accuracies as fractions, and seconds.

    A missing value is empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for variant in run.variants:
        for row in results.of(variant.name):
            numbers = [_number(value) for value in row[1:-1]]
            writer.writerow([variant.name, variant.panel, variant.settings, row.epoch, *numbers, f"{row.seconds:.3f}"])
    return out.getvalue()


def page(run: Run, results: Results, pictures: Sequence[str], notes: Sequence[str]) -> str:
    """The page with the findings, in Markdown."""
    recipe, lab = run.recipe, run.lab
    epochs = "fitted once" if recipe.one_pass else f"{lab.epochs} epoch{'s' * (lab.epochs != 1)}"
    threads = torch.get_num_threads()
    lines = [
        f"# {recipe.title}",
        "",
        f"{recipe.question} (Course: {recipe.course}.)",
        "",
        f"Data: {lab.data.name}, {len(lab.data.train):,} training and {len(lab.data.test):,} test examples "
        f"({lab.data.source}); {epochs}, seed {lab.seed}, on {lab.device.type}; code from `{lab.code.folder.name}/`.",
        *(f"\n{note}" for note in (*_shortened(run), *notes)),
        "",
        "## Results after the last epoch" if not recipe.one_pass else "## Results",
        "",
        *_results(run, results),
        "",
        "## Reported effects, and whether they are seen here",
        "",
        *_effects(run, results),
        _NOTES.format(examples=len(lab.data.test)),
        *(f"![{name.replace('_', ' ')}]({name}.png)\n" for name in pictures),
        f"All numbers: [{CURVES}]({CURVES}). PyTorch {torch.__version__}, {threads} thread{'s' * (threads != 1)}.",
    ]
    return "\n".join(lines) + "\n"


def _shortened(run: Run) -> list[str]:
    """A warning for a run that is shorter than its recipe."""
    full = run.recipe.datasets[run.lab.data.name]
    if run.lab.epochs >= full:
        return []
    return [
        f"**A short run:** {run.lab.epochs} of the {full} epochs of this experiment on these data. Effects that appear "
        "later, overfitting above all, cannot be seen here, and their absence proves nothing."
    ]


def _results(run: Run, results: Results) -> list[str]:
    panels = any(variant.panel for variant in run.variants)
    if run.recipe.one_pass:
        lines = ["| variant | training accuracy | test accuracy | seconds |", "| --- | --: | --: | --: |"]
        for variant in run.variants:
            row = results.last(variant.name)
            lines.append(f"| {variant.name} | {row.train_accuracy:.1%} | {row.test_accuracy:.1%} | {row.seconds:.2f} |")
        return lines
    lines = [
        f"| variant |{' panel |' * panels} settings | training loss (nats) | training accuracy | test loss (nats) | "
        "test accuracy | best test accuracy (epoch) | seconds per epoch |",
        f"| --- |{' --- |' * panels} --- | --: | --: | --: | --: | --: | --: |",
    ]
    for variant in run.variants:
        rows = results.of(variant.name)
        row, best = rows[-1], max(rows, key=lambda row: row.test_accuracy)
        seconds = sum(row.seconds for row in rows) / len(rows)
        lines.append(
            f"| {variant.name} |{f' {variant.panel} |' * panels} {variant.settings} | {row.train_loss:.4f} | "
            f"{row.train_accuracy:.1%} | {row.test_loss:.4f} | {row.test_accuracy:.1%} | "
            f"{best.test_accuracy:.1%} ({best.epoch}) | {seconds:.2f} |"
        )
    return lines


def _effects(run: Run, results: Results) -> list[str]:
    if not run.recipe.effects:
        return ["The reports give no figures for this experiment."]
    lines = ["| reported | here | numbers | rule |", "| --- | --- | --- | --- |"]
    for effect, (reported, verdict, numbers) in zip(run.recipe.effects, verdicts(run, results)):
        lines.append(f"| {reported} | **{verdict}** | {numbers} | {effect.rule} |")
    return lines


def verdicts(run: Run, results: Results) -> list[tuple[str, str, str]]:
    """For each effect: the reported statement, the verdict on this run, and the numbers behind it."""
    dataset = run.lab.data.name
    return [(effect.reported, *effect.finding(results, dataset)) for effect in run.recipe.effects]


def _number(value: float) -> str:
    """The number with all digits, so that equal files mean equal curves; "" for nan, which means a missing value."""
    return "" if math.isnan(value) else repr(value)
