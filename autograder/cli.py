"""The command line: build, check, mutants, watch, grade, regrade, report, release, leaks, course, gradebook, doctor."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from autograder import __version__
from autograder.course.build import build as build_course
from autograder.course.catalogue import CourseError, Exercise, Project, find_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.course.outgoing import Course
    from autograder.grading.trials import Trials

_Exercises = Annotated[list[str] | None, typer.Option("--only", help="An exercise, as p1_mlp/mlp_nn; may be repeated.")]

app = typer.Typer(
    help="Auto-graded deep-learning exercises.", no_args_is_help=True, add_completion=False,
    rich_markup_mode=None,  # or "[default: …]" in a help text is taken for markup, and gone
)  # fmt: skip


@app.command()
def build(
    force: Annotated[bool, typer.Option(help="Overwrite stubs that were edited, and keep a copy beside them.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes. [default: one a core]")] = None,
) -> None:
    """Generate exercises/, the notebooks in assignments/, and the fingerprints of known mistakes from solutions/."""
    project = _project()
    try:
        report = build_course(project, force=force, also=_notebooks(project))
    except CourseError as error:
        _stop(str(error))
    for file in report.files:
        typer.echo(f"{file.status:10} {file.path}" + (f": {file.message}" if file.message else ""))
    _build_fingerprints(project, jobs)
    if not report.ok:
        raise typer.Exit(1)


def _build_fingerprints(project: Project, jobs: int | None) -> None:
    """Takes those that are stale, which grades each known mistake once."""
    from autograder.grading.classroom import usable_cores
    from autograder.grading.engine import Settings
    from autograder.grading.fingerprinting import stale_fingerprints, take_fingerprints
    from autograder.grading.trials import trials

    exercises = stale_fingerprints(project.exercises())
    if not exercises:
        return
    with trials(Settings(), exercises, jobs or usable_cores()) as ready:
        for exercise in exercises:
            start = time.monotonic()
            count = take_fingerprints(exercise, ready)
            typer.echo(f"written    fingerprints of {exercise.id}: {count} mistakes, {time.monotonic() - start:.0f} s")


@app.command()
def check(
    seed: Annotated[int | None, typer.Option(help="The run seed, to repeat a check.")] = None,
    only: _Exercises = None,
    repeat: Annotated[int, typer.Option(help="Grade only the solutions, under this many seeds from 0 on.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes. [default: one a core]")] = None,
) -> None:
    """Prove the content: stubs unsolved, solutions and variants right, every known mistake caught and named, nothing
    stale."""
    project = _project()
    from autograder.grading.classroom import usable_cores
    from autograder.grading.engine import Settings
    from autograder.grading.trials import trials

    settings = Settings() if seed is None else Settings(seed=seed)
    try:
        exercises = [project.exercise(name) for name in only] if only else list(project.exercises())
        with trials(settings, exercises, jobs or usable_cores()) as ready:
            problems = _repeat(exercises, ready, repeat) if repeat else _prove(project, exercises, ready, settings.seed)
    except CourseError as error:
        _stop(str(error))
    if problems:
        raise typer.Exit(1)


def _prove(project: Project, exercises: list[Exercise], ready: Trials, seed: int) -> int:
    """The number of problems, each a line."""
    from autograder.course.build import stale
    from autograder.grading.content import Named, named_text, prove
    from autograder.grading.fingerprinting import stale_fingerprints

    start, named = time.monotonic(), Named()
    problems = stale(project, _notebooks(project))
    problems += [
        f"the fingerprints of {exercise.id} were taken of something else; run: autograder build"
        for exercise in stale_fingerprints(exercises)
    ]
    for text in problems:
        typer.echo(f"stale      {text}")
    total = bonus = 0.0
    for proof in prove(exercises, ready, seed):
        sign = "FAILED" if proof.problems else "ok"
        typer.echo(
            f"{sign:10} {proof.id}: {proof.points:g} points{' (bonus)' if proof.bonus else ''} in {proof.checks} "
            f"checks, {proof.variants} variants, {proof.mistakes} mistakes"
        )
        named.update(proof.named)
        for text in proof.problems + proof.notes:
            typer.echo(f"           {text}")
        problems += proof.problems
        total, bonus = total + proof.points * (not proof.bonus), bonus + proof.points * proof.bonus
    seconds = time.monotonic() - start
    typer.echo(named_text(named))
    typer.echo(f"{total:g} points and {bonus:g} bonus, {len(problems)} problems (seed {seed}, {seconds:.0f} s)")
    return len(problems)


def _repeat(exercises: list[Exercise], ready: Trials, times: int) -> int:
    """The number of failed gradings of the solutions, each a line."""
    from autograder.grading.content import first_reason, repeat

    failed = 0
    for exercise in exercises:
        failed_before, start = failed, time.monotonic()
        for seed, result in repeat(exercise, ready, range(times)):
            if result.status != "passed":
                failed += 1
                typer.echo(f"FAILED     {exercise.id} under seed {seed}: {first_reason(result)}")
        seconds = (time.monotonic() - start) / times
        typer.echo(f"{exercise.id}: {times} gradings, {failed - failed_before} failed, {seconds:.2f} s each")
    return failed


@app.command()
def mutants(
    only: _Exercises = None,
    seed: Annotated[int | None, typer.Option(help="The run seed, to repeat a run.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes. [default: one a core]")] = None,
) -> None:
    """Change each solution mechanically, and list the changes that no check notices. Takes long."""
    project = _project()
    from autograder.grading.classroom import usable_cores
    from autograder.grading.engine import Settings
    from autograder.grading.mutation import mutate
    from autograder.grading.trials import trials

    settings = Settings() if seed is None else Settings(seed=seed)
    start, made, killed, equivalent, survivors, problems = time.monotonic(), 0, 0, 0, 0, 0
    try:
        exercises = [project.exercise(name) for name in only] if only else list(project.exercises())
        with trials(settings, exercises, jobs or usable_cores()) as ready:
            for found in mutate(exercises, ready, settings.seed):
                typer.echo(
                    f"{'FAILED' if found.problems else 'ok':10} {found.id}: {found.made} mutants, {found.killed} killed, "
                    f"{found.equivalent} equivalent, {len(found.survivors)} survivors"
                )
                for mutant in found.survivors:
                    typer.echo(f"survivor   solutions/{found.id}.py:{mutant.key}")
                for text in found.stale:
                    typer.echo(f"stale      {text}")
                for text in found.defects:
                    typer.echo(f"defect     {text}")
                made, killed, equivalent = made + found.made, killed + found.killed, equivalent + found.equivalent
                survivors, problems = survivors + len(found.survivors), problems + found.problems
    except CourseError as error:
        _stop(str(error))
    typer.echo(
        f"{made} mutants, {killed} killed, {equivalent} equivalent, {survivors} survivors, {problems} problems "
        f"(seed {settings.seed}, {time.monotonic() - start:.0f} s)"
    )
    if problems:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what this machine can do: versions, isolation, data."""
    from importlib.metadata import PackageNotFoundError, version

    from autograder.grading.engine import Engine, Settings

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
            f"isolation    {engine.isolation}" + (f": {engine.isolation_reason}" if engine.isolation_reason else "")
        )
    finally:
        engine.close()


@app.command()
def watch(
    exercise: Annotated[
        str | None, typer.Argument(help="An exercise or a practical, as mlp_nn or p1_mlp. [default: all]")
    ] = None,
    submission: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder to watch. [default: exercises/]")
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Where local datasets lie. [default: $AUTOGRADER_DATA]")
    ] = None,
    isolation: Annotated[
        Literal["strict", "process", "none"] | None, typer.Option(help="[default: the strictest that works here]")
    ] = None,
) -> None:
    """Keep this open while you work: a moment after each save, what is wrong and why. Ctrl-C ends."""
    try:
        from autograder.grading.saves import WatchError
        from autograder.grading.watch import watch as watch_folder

        watch_folder(exercise, submission, data_root, isolation)
    except KeyboardInterrupt:
        return
    except WatchError as error:
        _stop(str(error))


_Submissions = Annotated[Path, typer.Argument(help="A folder with a folder or zip for each student.")]
_To = Annotated[Path, typer.Option("--to", help="Where results go: a JSON each, summary.csv, class.html.")]
_Jobs = Annotated[int | None, typer.Option(help="How many to grade at a time. [default: one for each core]")]
_Seed = Annotated[int | None, typer.Option(help="The seed of the class. [default: drawn at the first run, then kept]")]
_Only = Annotated[
    list[str] | None, typer.Option(help="A practical or exercise, as p1_mlp or p1_mlp/mlp_nn; repeatable.")
]
_Tier = Annotated[Literal["fast", "full"], typer.Option(help="full: whole datasets.")]
_Level = Annotated[
    Literal["strict", "process"], typer.Option(help="process: a weaker wall, where strict cannot be had.")
]
_FollowThrough = Annotated[
    bool,
    typer.Option("--follow-through", help="Grade what is blocked once more, with the reference in place of the cause."),
]
_DataRoot = Annotated[Path | None, typer.Option(help="Where local datasets lie. [default: $AUTOGRADER_DATA]")]


@app.command()
def grade(
    submissions: _Submissions,
    to: _To,
    jobs: _Jobs = None,
    seed: _Seed = None,
    tier: _Tier = "fast",
    isolation: _Level = "strict",
    data_root: _DataRoot = None,
    only: _Only = None,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade everything again, with the same seed.")] = False,
    follow_through: _FollowThrough = False,
) -> None:
    """Grade a class. A rerun grades what is new or changed, and goes on where the last one was stopped."""
    # Before NumPy and torch are imported: their threads would take the cores from the jobs, and do not survive a fork.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    from autograder.grading.classroom import Options, grade_class
    from autograder.grading.results_folder import ClassroomError

    options = Options(
        submissions, to, jobs, seed, tier, isolation, data_root, tuple(only or ()), regrade, follow_through
    )
    try:
        code = grade_class(options)
    except ClassroomError as error:
        _stop(str(error), error.code)
    except KeyboardInterrupt:
        _stop("stopped; the same command goes on", 130)
    raise typer.Exit(code)


@app.command()
def regrade(
    submissions: _Submissions,
    to: _To,
    jobs: _Jobs = None,
    seed: _Seed = None,
    tier: _Tier = "fast",
    isolation: _Level = "strict",
    data_root: _DataRoot = None,
    only: _Only = None,
    follow_through: _FollowThrough = False,
) -> None:
    """Grade a whole class again, with the seed that it had. If it is stopped, `autograder grade` goes on."""
    grade(submissions, to, jobs, seed, tier, isolation, data_root, only, regrade=True, follow_through=follow_through)


@app.command()
def report(results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")]) -> None:
    """Write summary.csv and class.html again, from the JSONs alone."""
    from autograder.grading.classroom import report_class
    from autograder.grading.results_folder import ClassroomError

    try:
        typer.echo(report_class(results))
    except ClassroomError as error:
        _stop(str(error), error.code)


@app.command()
def measure(
    only: _Exercises = None,
    seeds: Annotated[int, typer.Option(help="Attempts of the reference.")] = 200,
    other_seeds: Annotated[int, typer.Option(help="Attempts of each variant and known mistake.")] = 10,
    tier: _Tier = "fast",
    data_root: _DataRoot = None,
    detach: Annotated[bool, typer.Option("--detach", help="Go on in the background, and log to a file.")] = False,
) -> None:
    """Measure what the accuracy checks reach, for thresholds. Takes long; if it is stopped, it goes on next time."""
    project = _project()
    if detach:
        log = project.root / "measure.log"
        arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "autograder", *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        typer.echo(f"measuring as process {process.pid}, which logs to {log}; `kill {process.pid}` stops it")
        return
    from autograder.data.roots import data_roots
    from autograder.grading.engine import Engine, Settings
    from autograder.grading.measure import measure as measure_exercise

    if tier == "fast" and data_roots(data_root):
        _stop("the thresholds of the fast tier rest on the data that comes with the package: give no data root")

    engine = Engine(Settings(tier=tier, data_root=data_root))
    engine.warm_up()
    try:
        for name in only or [exercise.id for exercise in project.exercises()]:
            for text in measure_exercise(project.exercise(name), engine, seeds, other_seeds):
                typer.echo(text)
    except CourseError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("stopped; the same command goes on", 130)
    finally:
        engine.close()


@app.command()
def release(
    to: Annotated[Path, typer.Option("--to", help="The folder to make; DIR.zip is made beside it.")],
    practical: Annotated[
        list[str] | None, typer.Option(help="A practical, as p1_mlp; repeatable. [default: all]")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace an earlier release that somebody worked in.")] = False,
) -> None:
    """Make what students get, as a folder and a zip, after a leak scan."""
    from autograder.course.release import release as make_release

    try:
        made = make_release(_project(), to, tuple(practical or ()), force=force, also=(_student_notebooks,))
    except CourseError as error:
        _stop(str(error))
    typer.echo(f"{made.folder}: {made.exercises} exercises of {', '.join(made.practicals)}, {made.files} files")
    typer.echo(f"{made.archive}: the same, packed")
    typer.echo(f"leak scan: nothing hidden; {made.allowed} overlaps allowed by solutions/allowed_overlaps.toml")


def _student_notebooks(course: Course) -> Iterator[tuple[str, bytes]]:
    """A notebook for each practical that has one, without its answers."""
    for practical in course.practicals:
        path = course.root / "solutions" / "notebooks" / f"{practical}.py"
        if path.is_file():
            from autograder.notebooks.build import instructor_notebook, student_notebook, to_text
            from autograder.notebooks.sources import read_source

            notebook = student_notebook(instructor_notebook(read_source(course, path)))
            yield f"notebooks/{practical}.ipynb", to_text(notebook).encode()


@app.command()
def leaks(path: Annotated[Path, typer.Argument(help="A file or folder that is to go out.")]) -> None:
    """Compare a file or folder, archives included, with all that is hidden. Exit code 1 where something is found."""
    from autograder.course.release import scanner_of

    try:
        findings = scanner_of(_project()).scan_path(path)
    except (CourseError, OSError) as error:
        _stop(str(error))
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{len(findings)} findings in {path}")
    if findings:
        raise typer.Exit(1)


course = typer.Typer(help="Courses for nbgrader.", no_args_is_help=True)
app.add_typer(course, name="course")


@course.command("init")
def course_init(
    to: Annotated[Path, typer.Argument(help="The folder of the course; one that is there keeps its config.")],
    course_id: Annotated[str, typer.Option(help="The name of the course in the exchange.")] = "vision",
    exchange: Annotated[Path | None, typer.Option(help="The folder that students' accounts share with yours.")] = None,
    practical: Annotated[
        list[str] | None, typer.Option(help="A practical, as p1_mlp; repeatable. [default: all]")
    ] = None,
) -> None:
    """Make a folder in which nbgrader's commands and its formgrader work, on this engine."""
    from autograder.notebooks.course_folder import EXCHANGE, Course, init

    try:
        for line in init(_project(), Course(to, course_id, exchange or EXCHANGE, tuple(practical or ()))):
            typer.echo(line)
    except CourseError as error:
        _stop(str(error))


@app.command()
def gradebook(
    results: Annotated[Path, typer.Argument(help="The folder that `autograder grade` wrote to.")],
    to: Annotated[Path, typer.Option("--course", help="The folder of the course.")] = Path("."),
) -> None:
    """Write the scores of a class into nbgrader's gradebook."""
    from autograder.notebooks.gradebook import import_results

    try:
        for line in import_results(results, to):
            typer.echo(line)
    except CourseError as error:
        _stop(str(error))


def _notebooks(project: Project) -> list[tuple[Path, str]]:
    """The generated files of assignments/; none, and a word on it, where what reads their sources is not installed."""
    if not (project.root / "solutions" / "notebooks").is_dir():
        return []
    from autograder.notebooks.build import generated
    from autograder.notebooks.sources import MissingTool

    try:
        return list(generated(project))
    except MissingTool as missing:
        typer.echo(f"the notebooks are left as they are: {missing}", err=True)
        return []


def _project() -> Project:
    try:
        return find_project(Path.cwd())
    except CourseError as error:
        _stop(str(error))


def _stop(message: str, code: int = 2) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(code)
