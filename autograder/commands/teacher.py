"""Commands for teachers: release, leaks, guard, course init, grade, regrade, report, changes, explain, gradebook."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autograder.commands.exposed import warn_of_exposure
from autograder.commands.shared import DataRoot, Exercises, Practicals, Tier, app, stop, the_project
from autograder.course.catalogue import CourseError
from autograder.grading.settings import parse_seed
from autograder.reports.terminal import counted
from autograder.sandbox.host.environment import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.course.outgoing import Course

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
_Roster = Annotated[
    Path | None,
    typer.Option(
        help="A CSV with the students: id, name, email, section; or an export of Moodle, Canvas or Gradescope."
    ),
]
_Deadline = Annotated[
    str | None, typer.Option(metavar="TIME", help='For example "2026-11-20 23:59", in local time or with an offset.')
]
_Attempts = Annotated[
    Literal["last", "best", "before-deadline"], typer.Option(help="Which of a student's attempts counts.")
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
    roster: _Roster = None,
    deadline: _Deadline = None,
    attempts: _Attempts = "last",
) -> None:
    """Grade a class. A rerun grades what is new or changed, and continues a run that was stopped."""
    # Set before NumPy and torch are imported: their threads would take cores from the jobs, and do not survive a fork.
    os.environ.update(ONE_THREAD)
    from autograder.classroom.attempts import parse_deadline
    from autograder.classroom.results_folder import ClassroomError
    from autograder.classroom.run import Options, grade_class

    try:
        due = parse_deadline(deadline) if deadline is not None else None
    except ValueError as error:
        stop(f"--deadline: {error}")
    warn_of_exposure(to)
    options = Options(
        submissions, to, jobs, seed, tier, isolation, data_root, tuple(only or ()), regrade, follow_through,
        roster, due, attempts,
    )  # fmt: skip
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
    roster: _Roster = None,
    deadline: _Deadline = None,
    attempts: _Attempts = "last",
) -> None:
    """Grade a whole class again with the same seed. If it is stopped, `autograder grade` continues."""
    grade(
        submissions, to, jobs, seed, tier, isolation, data_root, only, regrade=True, follow_through=follow_through,
        roster=roster, deadline=deadline, attempts=attempts,
    )  # fmt: skip


@app.command()
def report(results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")]) -> None:
    """Write summary.csv, changes.csv and class.html again, without grading, and show what changed last."""
    from autograder.classroom.results_folder import ClassroomError
    from autograder.classroom.run import report_class

    try:
        typer.echo(report_class(results))
    except ClassroomError as error:
        stop(str(error), error.code)


@app.command()
def changes(
    results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")],
    gradings: Annotated[
        tuple[int, int] | None,
        typer.Option("--between", metavar="A B", help="Two gradings. [default: the last that changed something]"),
    ] = None,
) -> None:
    """Show which students' results changed between two gradings, and why. The gradings are in gradings.jsonl."""
    from autograder.classroom.results_folder import ClassroomError
    from autograder.classroom.story_text import changes_between, last_changes

    try:
        lines = last_changes(results) if gradings is None else changes_between(results, *gradings)
    except (LookupError, ClassroomError) as error:
        stop(str(error))
    for line in lines:
        typer.echo(line)


@app.command()
def explain(
    result: Annotated[Path, typer.Argument(help="The JSON of one submission, such as RESULTS/durand.json.")],
    check: Annotated[
        str | None, typer.Argument(help="A check's id or a part of it. [default: list the checks that did not pass]")
    ] = None,
    submission: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The submission's folder, zip or notebook. [default: as recorded]"),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a page.")] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the inputs of the calls into an .npz file.")
    ] = None,
    isolation: Annotated[
        Literal["strict", "process"] | None, typer.Option(help="[default: that of the result]")
    ] = None,
    data_root: DataRoot = None,
) -> None:
    """Run one check of one submission again, with its seed, and show the inputs, the expected answers and those it got.

    For teachers: it shows expected answers. The exit code is 0 if the verdict is confirmed, 1 if it differs.
    """
    os.environ.update(ONE_THREAD)  # as `grade`
    from autograder.classroom.appeal import Request
    from autograder.classroom.appeal import explain as run_again
    from autograder.classroom.results_folder import ClassroomError

    request = Request(result, check, submission, html, save, isolation, data_root, color=sys.stdout.isatty())
    try:
        text, code = run_again(request)
    except ClassroomError as error:
        stop(str(error))
    typer.echo(text)
    raise typer.Exit(code)


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
def leaks(
    path: Annotated[Path, typer.Argument(help="A file, a folder or a git repository that you want to hand out.")],
    history: Annotated[
        bool, typer.Option(help="Also scan what the git repositories in it contain: all versions of all files.")
    ] = True,
) -> None:
    """Look for secrets in a file or folder. Secrets are solutions, variants, known mistakes and mark schemes.

    The exit code is 1 if anything is found.
    """
    from autograder.course.leaks.command import scan_everything

    try:
        found = 0
        for line in scan_everything(the_project(), path, history):
            typer.echo(line.text, err=not line.is_finding)
            found += line.is_finding
    except (CourseError, OSError) as error:
        stop(str(error))
    typer.echo(f"{counted(found, 'finding')} in {path}")
    if found:
        raise typer.Exit(1)


@app.command()
def guard(
    repository: Annotated[
        Path | None, typer.Argument(help="The repository, such as one of a release. [default: this clone]")
    ] = None,
) -> None:
    """Install a git hook that refuses to push a secret to a remote that is not declared private."""
    from autograder.course.leaks.guard import install
    from autograder.course.leaks.pushing import PRIVATE

    project = the_project()
    try:
        hook = install(project, repository or project.root)
    except CourseError as error:
        stop(str(error), 1)
    typer.echo(f"installed  {hook}")
    typer.echo(f"A remote counts as public, until you declare it private: git config --add {PRIVATE} URL")


@app.command("guard-push", hidden=True)
def guard_push(repository: Path, remote: str, url: str) -> None:
    """What the hook runs: it reads from stdin what is pushed."""
    from autograder.course.leaks.command import push_refusal

    if refusal := push_refusal(the_project(), repository, remote, url, sys.stdin.read()):
        stop(refusal, 1)


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
    roster: Annotated[
        Path | None,
        typer.Option(help="A CSV of the class: its ids are used on every route, and the gradebook gets it."),
    ] = None,
) -> None:
    """Create a course folder for nbgrader's commands and formgrader that grades with this engine."""
    from autograder.notebooks.nbgrader.course_folder import EXCHANGE, Course, init

    try:
        for line in init(the_project(), Course(to, course_id, exchange or EXCHANGE, tuple(practical or ()), roster)):
            typer.echo(line)
    except CourseError as error:
        stop(str(error))
    warn_of_exposure(to)
