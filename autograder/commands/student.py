"""Commands for students: watch, doctor."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder import __version__
from autograder.commands.shared import DataRoot, app, stop


@app.command()
def watch(
    exercise: Annotated[
        str | None, typer.Argument(help="An exercise or a practical, such as mlp_nn or p1_mlp. [default: all]")
    ] = None,
    submission: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder to watch. [default: exercises/]")
    ] = None,
    data_root: DataRoot = None,
    isolation: Annotated[
        Literal["strict", "process", "none"] | None, typer.Option(help="[default: the strictest that works here]")
    ] = None,
    hints: Annotated[
        int, typer.Option(min=1, max=3, help="1 says what is wrong, 2 also shows where to look, 3 also gives the idea.")
    ] = 1,
) -> None:
    """Grade each exercise a moment after it is saved. Keep this open while you work; h shows a hint, Ctrl-C stops."""
    try:
        from autograder.watching.file_changes import WatchError
        from autograder.watching.watch import watch as watch_folder

        watch_folder(exercise, submission, data_root, isolation, hints)
    except KeyboardInterrupt:
        return
    except WatchError as error:
        stop(str(error))


@app.command()
def doctor() -> None:
    """Show library versions and the isolation that works here."""
    from importlib.metadata import PackageNotFoundError, version

    from autograder.grading.engine import Engine
    from autograder.grading.settings import Settings

    typer.echo(f"autograder {__version__} on Python {platform.python_version()}, {platform.platform()}")
    for package in ("torch", "torchvision", "timm", "numpy", "pytest", "nbgrader"):
        try:
            typer.echo(f"{package:12} {version(package)}")
        except PackageNotFoundError:
            typer.echo(f"{package:12} not installed: pip install {package}")
    engine = Engine(Settings())
    try:
        engine.confirm()
        typer.echo(
            f"isolation    {engine.isolation.level}"
            + (f": {engine.isolation.reason}" if engine.isolation.reason else "")
        )
    finally:
        engine.close()
