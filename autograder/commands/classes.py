"""Commands for grading a class: grade, regrade, report, gradebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from autograder.commands.shared import DataRoot, Exercises, Tier, app, stop
from autograder.course.catalogue import CourseError
from autograder.grading.settings import parse_seed
from autograder.sandbox.host.environment import ONE_THREAD

_Submissions = Annotated[Path, typer.Argument(help="A folder with a folder, a zip or a notebook per student.")]
_To = Annotated[Path, typer.Option("--to", help="The folder for results: a JSON per student, summary.csv, class.html.")]
_Jobs = Annotated[int | None, typer.Option(help="How many submissions to grade at a time. [default: one per core]")]
_Seed = Annotated[
    int | None,
    typer.Option(parser=parse_seed, metavar="N", help="The run seed. [default: drawn at the first run, then kept]"),
]
_Level = Annotated[
    Literal["strict", "process"], typer.Option(help="process: weaker isolation, if strict does not work here.")
]
_FollowThrough = Annotated[
    bool,
    typer.Option("--follow-through", help="Grade blocked exercises again, with the reference in place of the cause."),
]


@app.command()
def grade(
    submissions: _Submissions,
    to: _To,
    jobs: _Jobs = None,
    seed: _Seed = None,
    tier: Tier = "fast",
    isolation: _Level = "strict",
    data_root: DataRoot = None,
    only: Exercises = None,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade everything again, with the same seed.")] = False,
    follow_through: _FollowThrough = False,
) -> None:
    """Grade a class. A rerun grades what is new or changed, and continues a run that was stopped."""
    # Set before NumPy and torch are imported: their threads would take cores from the jobs, and do not survive a fork.
    os.environ.update(ONE_THREAD)
    from autograder.classroom.results_folder import ClassroomError
    from autograder.classroom.run import Options, grade_class

    options = Options(
        submissions, to, jobs, seed, tier, isolation, data_root, tuple(only or ()), regrade, follow_through
    )
    try:
        code = grade_class(options)
    except ClassroomError as error:
        stop(str(error), error.code)
    except KeyboardInterrupt:
        stop("stopped; run the same command to continue", 130)
    raise typer.Exit(code)


@app.command()
def regrade(
    submissions: _Submissions,
    to: _To,
    jobs: _Jobs = None,
    seed: _Seed = None,
    tier: Tier = "fast",
    isolation: _Level = "strict",
    data_root: DataRoot = None,
    only: Exercises = None,
    follow_through: _FollowThrough = False,
) -> None:
    """Grade a whole class again with the same seed. If it is stopped, `autograder grade` continues."""
    grade(submissions, to, jobs, seed, tier, isolation, data_root, only, regrade=True, follow_through=follow_through)


@app.command()
def report(results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")]) -> None:
    """Write summary.csv and class.html again, without grading."""
    from autograder.classroom.results_folder import ClassroomError
    from autograder.classroom.run import report_class

    try:
        typer.echo(report_class(results))
    except ClassroomError as error:
        stop(str(error), error.code)


@app.command()
def gradebook(
    results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")],
    to: Annotated[Path, typer.Option("--course", help="The folder of the course.")] = Path("."),
) -> None:
    """Write the scores of a class into nbgrader's gradebook."""
    from autograder.notebooks.nbgrader.gradebook import import_results

    try:
        for line in import_results(results, to):
            typer.echo(line)
    except CourseError as error:
        stop(str(error))
