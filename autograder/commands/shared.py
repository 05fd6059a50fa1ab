"""What the commands share: the app, the current project, the way to stop with a message, and common options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from autograder.course.catalogue import CourseError, Project, find_project
from autograder.grading.settings import parse_seed

app = typer.Typer(
    help="Auto-graded deep-learning exercises.", no_args_is_help=True, add_completion=False,
    rich_markup_mode=None,  # as markup, "[default: …]" in a help text would disappear
)  # fmt: skip

Exercises = Annotated[
    list[str] | None, typer.Option("--only", help="An exercise or a practical, such as mlp_nn or p1_mlp; repeatable.")
]
Practicals = Annotated[list[str] | None, typer.Option(help="A practical, such as p1_mlp; repeatable. [default: all]")]
Processes = Annotated[int | None, typer.Option(min=1, help="The number of processes. [default: one per core]")]
RunSeed = Annotated[
    int | None, typer.Option(parser=parse_seed, metavar="N", help="The run seed of an earlier run, to repeat it.")
]
Tier = Annotated[Literal["fast", "full"], typer.Option(help="full: the whole datasets.")]
DataRoot = Annotated[Path | None, typer.Option(help="The folder of local datasets. [default: $AUTOGRADER_DATA]")]


def the_project() -> Project:
    """The project that contains the working directory; if there is none, stops with a message."""
    try:
        return find_project(Path.cwd())
    except CourseError as error:
        stop(str(error))


def stop(message: str, code: int = 2) -> NoReturn:
    """Ends the command with a message and this exit code."""
    typer.echo(message, err=True)
    sys.exit(code)
