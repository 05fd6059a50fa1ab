"""What commands share: the app, the project that they are run in, how they stop, and options of several."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from autograder.course.catalogue import CourseError, Project, find_project

app = typer.Typer(
    help="Auto-graded deep-learning exercises.", no_args_is_help=True, add_completion=False,
    rich_markup_mode=None,  # or "[default: …]" in a help text is taken for markup, and gone
)  # fmt: skip

Exercises = Annotated[
    list[str] | None, typer.Option("--only", help="An exercise or a practical, as mlp_nn or p1_mlp; repeatable.")
]
Practicals = Annotated[list[str] | None, typer.Option(help="A practical, as p1_mlp; repeatable. [default: all]")]
Processes = Annotated[int | None, typer.Option(min=1, help="Processes. [default: one a core]")]
RunSeed = Annotated[int | None, typer.Option(help="The run seed, to repeat a run.")]
Tier = Annotated[Literal["fast", "full"], typer.Option(help="full: whole datasets.")]
DataRoot = Annotated[Path | None, typer.Option(help="Where local datasets lie. [default: $AUTOGRADER_DATA]")]


def the_project() -> Project:
    try:
        return find_project(Path.cwd())
    except CourseError as error:
        stop(str(error))


def stop(message: str, code: int = 2) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(code)
