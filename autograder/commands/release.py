"""Commands that hand something out: release, leaks, course init."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.shared import Practicals, app, stop, the_project
from autograder.course.catalogue import CourseError
from autograder.reports.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.course.outgoing import Course


@app.command()
def release(
    to: Annotated[
        Path, typer.Option("--to", help="The folder to create; a zip of the same name is created beside it.")
    ],
    practical: Practicals = None,
    force: Annotated[bool, typer.Option(help="Replace an earlier release even if files in it were edited.")] = False,
) -> None:
    """Create the students' folder and a zip of it, after a leak scan."""
    from autograder.course.release import release as make_release

    try:
        made = make_release(the_project(), to, tuple(practical or ()), force=force, also=(_student_notebooks,))
    except CourseError as error:
        stop(str(error))
    exercises, files = counted(made.exercises, "exercise"), counted(made.files, "file")
    typer.echo(f"{made.folder}: {exercises} of {', '.join(made.practicals)}, {files}")
    typer.echo(f"{made.archive}: the same as a zip")
    allowed = counted(made.allowed, "overlap")
    typer.echo(f"leak scan: nothing found; {allowed} allowed by solutions/allowed_overlaps.toml")


def _student_notebooks(course: Course) -> Iterator[tuple[str, bytes]]:
    """The notebook of each practical that has one, without the answers."""
    for practical in course.practicals:
        path = course.root / "solutions" / "notebooks" / f"{practical}.py"
        if path.is_file():
            from autograder.notebooks.build import instructor_notebook, student_notebook, to_text
            from autograder.notebooks.sources import read_source

            notebook = student_notebook(instructor_notebook(read_source(course, path)))
            yield f"notebooks/{practical}.ipynb", to_text(notebook).encode()


@app.command()
def leaks(path: Annotated[Path, typer.Argument(help="A file or folder that you want to hand out.")]) -> None:
    """Look for secrets in a file or folder. Secrets are solutions, variants, known mistakes and mark schemes.

    The exit code is 1 if anything is found.
    """
    from autograder.course.release import scanner_of

    try:
        findings = scanner_of(the_project()).scan_path(path)
    except (CourseError, OSError) as error:
        stop(str(error))
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{counted(len(findings), 'finding')} in {path}")
    if findings:
        raise typer.Exit(1)


course = typer.Typer(help="Courses for nbgrader.", no_args_is_help=True)
app.add_typer(course, name="course")


@course.command("init")
def course_init(
    to: Annotated[Path, typer.Argument(help="The folder of the course; an existing one keeps its config.")],
    course_id: Annotated[str, typer.Option(help="The name of the course in the exchange.")] = "vision",
    exchange: Annotated[
        Path | None, typer.Option(help="The folder that your account shares with the students'.")
    ] = None,
    practical: Practicals = None,
) -> None:
    """Create a course folder for nbgrader's commands and formgrader that grades with this engine."""
    from autograder.notebooks.nbgrader.course_folder import EXCHANGE, Course, init

    try:
        for line in init(the_project(), Course(to, course_id, exchange or EXCHANGE, tuple(practical or ()))):
            typer.echo(line)
    except CourseError as error:
        stop(str(error))
