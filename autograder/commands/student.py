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
def doctor(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Teachers: courses and results to check for what others can read.")
    ] = None,
    assistants: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Teachers: a group that may read everything; repeatable.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Teachers: exit with 1 if anybody else can read or change a secret.")
    ] = False,
) -> None:
    """Show library versions and the isolation that works here. In the teacher's clone, also show what others can read."""
    from importlib.metadata import PackageNotFoundError, version

    from autograder.grading.engine import Engine
    from autograder.grading.settings import Settings
    from autograder.sandbox.host.errors import SandboxError

    typer.echo(f"autograder {__version__} on Python {platform.python_version()}, {platform.platform()}")
    for package in ("torch", "torchvision", "timm", "numpy", "pytest", "nbgrader"):
        try:
            typer.echo(f"{package:12} {version(package)}")
        except PackageNotFoundError:
            typer.echo(f"{package:12} not installed: pip install {package}")
    engine, works = Engine(Settings()), True
    try:
        engine.confirm()
        typer.echo(
            f"isolation    {engine.isolation.level}"
            + (f": {engine.isolation.reason}" if engine.isolation.reason else "")
        )
    except SandboxError as error:
        typer.echo(f"isolation    student code cannot be run: {error}")
        works = False
    finally:
        engine.close()
    _check_exposure(tuple(folders or ()), tuple(assistants or ()), strict)
    if not works:
        raise typer.Exit(1)


def _check_exposure(folders: tuple[Path, ...], assistants: tuple[str, ...], strict: bool) -> None:
    """Prints what others can read or change. A student's copy has no secrets, and nothing is printed there."""
    from autograder.commands.exposed import ExposureError, exposure_of, teachers_clones
    from autograder.sandbox.host.text import clean

    clones = teachers_clones()
    if not clones and not folders:
        return
    try:
        report = exposure_of(clones, folders, assistants)
    except ExposureError as error:
        stop(str(error))
    for line in report.lines():
        typer.echo(clean(line))  # a folder may contain files that others named
    if strict and report.found:
        raise typer.Exit(1)
