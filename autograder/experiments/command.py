"""The command line: names, options, messages, exit codes."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table

from autograder.course.catalogue import CatalogueError, find_project
from autograder.data.dataset import DataError, DataUnavailable
from autograder.data.roots import data_roots
from autograder.experiments import report
from autograder.experiments.checkpoints import DifferentRun, Folder
from autograder.experiments.code import Code, MissingCode
from autograder.experiments.data import DATASETS, load
from autograder.experiments.recipe import Lab, Recipe
from autograder.experiments.recipes import RECIPES
from autograder.experiments.running import Run
from autograder.experiments.watching import Bars

INTERRUPTED = 130
app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Weights(str, enum.Enum):
    """The initial weights of a ready-made model."""

    auto = "auto"
    pretrained = "pretrained"
    random = "random"


class Refused(Exception):
    """An invalid option. The message gives the valid values."""


@app.command()
def experiments(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="One or more experiments, or: list.")],
    source: Annotated[
        str,
        typer.Option("--from", metavar="FOLDER", help="The code: exercises, solutions, or a folder with this layout."),
    ] = "exercises",
    dataset: Annotated[
        str | None, typer.Option(help=f"{', '.join(DATASETS)}. [default: the experiment's first]", show_default=False)
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder searched for data files before AUTOGRADER_DATA.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training set. [default: see list]")] = None,
    subset: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of training and of test examples. [default: all]")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A variant, by its name; may be repeated. [default: all]")
    ] = None,
    weights: Annotated[
        Weights, typer.Option(help="Weights of ready-made models; auto: pretrained if they are available.")
    ] = Weights.auto,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps; auto: an accelerator if there is one.")] = "auto",
    seed: Annotated[int, typer.Option(help="The seed of the weights and of the order of the examples.")] = 0,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Files are written to DIR/NAME-DATASET/.")] = Path("runs"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace the run that is in the folder.")] = False,
) -> None:
    """Run the course's experiments with your own code: curves, a table, and whether the reported effects are seen.

    Each epoch is saved. After Ctrl-C or a crash, the same command continues the run, with the same curves. With more
    --epochs it continues a finished run. The code runs in this process, as in a notebook, so use only code you trust.
    """
    console = Console(stderr=True)
    if names == ["list"]:
        Console().print(listing())
        return
    try:
        for name in names:
            options = (source, dataset, data_root, epochs, subset, only or [], weights, device, seed, to, fresh)
            _run(_recipe(name), *options, console=console)
    except (Refused, MissingCode, DifferentRun, DataUnavailable, DataError, CatalogueError) as error:
        typer.echo(f"experiments: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        typer.echo("\nStopped. Finished epochs are saved; run the same command to continue.", err=True)
        raise typer.Exit(INTERRUPTED) from None


def listing() -> Table:
    """All experiments, with their datasets and epochs."""
    table = Table(title="python -m autograder.experiments NAME", box=None, padding=(0, 2, 0, 0))
    for column in ("name", "question", "datasets (epochs)"):
        table.add_column(column, overflow="fold")
    for recipe in RECIPES.values():
        datasets = ", ".join(f"{name} ({epochs})" for name, epochs in recipe.datasets.items())
        table.add_row(recipe.name, f"{recipe.question} ({recipe.course})", datasets)
    return table


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise Refused(f"there is no experiment {name!r}; the experiments are: {', '.join(RECIPES)}")
    return RECIPES[name]


def _run(
    recipe: Recipe,
    source: str,
    dataset: str | None,
    data_root: Path | None,
    epochs: int | None,
    subset: int | None,
    only: list[str],
    weights: Weights,
    device_name: str,
    seed: int,
    to: Path,
    fresh: bool,
    console: Console,
) -> None:
    dataset = dataset or next(iter(recipe.datasets))
    if dataset not in recipe.datasets:
        raise Refused(f"{recipe.name} takes --dataset {' or '.join(recipe.datasets)}, not {dataset!r}")
    code = Code(_folder(source))
    code.require(recipe.needs)
    for exercise in recipe.needs:
        code[exercise]
    device = torch.device("cpu") if recipe.on_cpu else _device(device_name)
    data = load(dataset, data_roots(data_root), subset).to(device)
    folder = Folder(to / f"{recipe.name}-{dataset}")
    existing = {} if fresh else folder.settings()
    pretrained, notes = _pretrained(recipe, code, data.classes, weights, existing, console)
    settings = {
        "experiment": recipe.name,
        "dataset": dataset,
        "training examples": len(data.train),
        "test examples": len(data.test),
        "data": data.source,
        "device": device.type,
        "seed": seed,
        "pretrained": pretrained,
        "code": code.fingerprint(),
    }
    folder.open(settings, fresh)
    count = 1 if recipe.one_pass else epochs or recipe.datasets[dataset]
    with Bars(console, recipe.name) as bars:
        lab = Lab(code, data, count, device, seed, pretrained, bars.tick)
        run = Run(recipe, lab, folder, _variants(recipe, lab, only))
        try:
            results = run.results(bars)
        except NotImplementedError as error:
            if (missing := code.unwritten(error)) is None:
                raise
            raise missing from error
    paths = report.write(run, results, notes)
    for reported, verdict, numbers in report.verdicts(run, results):
        console.print(f"{verdict:>16}: {reported} ({numbers})", highlight=False, markup=False, soft_wrap=True)
    typer.echo(paths[0])


def _folder(source: str) -> Path:
    """The folder of `--from`: `exercises` and `solutions` are those of the current project, anything else is a path."""
    return find_project(Path.cwd()).root / source if source in ("exercises", "solutions") else Path(source)


def _device(name: str) -> torch.device:
    accelerators = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((kind for kind, available in accelerators.items() if available), "cpu"))
    if name != "cpu" and not accelerators.get(name, False):
        devices = ["cpu", *(kind for kind, available in accelerators.items() if available)]
        raise Refused(f"--device {name} is not available here; use one of: {', '.join(devices)}")
    return torch.device(name)


def _pretrained(
    recipe: Recipe, code: Code, classes: int, weights: Weights, existing: dict[str, Any], console: Console
) -> tuple[bool, list[str]]:
    """Whether pretrained weights are used, and the notes on them for the page."""
    if recipe.pretrained is None:
        return False, []
    random = "The initial weights are random, so frozen layers have learned nothing."
    if weights is Weights.random or (weights is Weights.auto and existing.get("pretrained") is False):
        return False, [random]
    console.print("looking for pretrained weights; without a network this takes up to a minute", highlight=False)
    try:
        recipe.pretrained(code, classes)
    except Exception as error:  # many types: no network, a missing file, no write permission for the cache
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if weights is Weights.pretrained:
            raise Refused(f"pretrained weights are not available ({reason}); use --weights random") from error
        return False, [f"Pretrained weights are not available ({reason}). {random}"]
    return True, ["The initial weights are timm's pretrained weights."]


def _variants(recipe: Recipe, lab: Lab, only: list[str]) -> tuple[Any, ...]:
    variants = tuple(recipe.variants(lab))
    names = [variant.name for variant in variants]
    if unknown := [name for name in only if name not in names]:
        raise Refused(f"{recipe.name} has no variant {unknown[0]!r}; its variants are: {'; '.join(names)}")
    return tuple(variant for variant in variants if variant.name in only or not only)
