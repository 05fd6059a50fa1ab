"""The command line: build, check, doctor."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from autograder import __version__
from autograder.course.build import build as build_course
from autograder.course.catalogue import CourseError, Project, find_project

app = typer.Typer(help="Auto-graded deep-learning exercises.", no_args_is_help=True, add_completion=False)


@app.command()
def build(
    force: Annotated[bool, typer.Option(help="Overwrite stubs that were edited, and keep a copy beside them.")] = False,
) -> None:
    """Generate exercises/ from solutions/."""
    try:
        report = build_course(_project(), force=force)
    except CourseError as error:
        _stop(str(error))
    for file in report.files:
        typer.echo(f"{file.status:10} {file.path}" + (f": {file.message}" if file.message else ""))
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def check(
    seed: Annotated[int | None, typer.Option(help="The run seed, to repeat a check.")] = None,
) -> None:
    """Prove the content: stubs unsolved, solutions and variants right, every known mistake noticed, nothing stale."""
    project = _project()
    from autograder.grading.content import prove, stale_files
    from autograder.grading.engine import Engine, Settings

    engine = Engine(Settings() if seed is None else Settings(seed=seed))
    engine.warm_up()
    try:
        problems = stale_files(project)
        for line in problems:
            typer.echo(f"stale      {line}")
        total = bonus = 0.0
        for proof in prove(project, engine):
            sign = "FAILED" if proof.problems else "ok"
            typer.echo(
                f"{sign:10} {proof.id}: {proof.points:g} points{' (bonus)' if proof.bonus else ''} in {proof.checks} "
                f"checks, {proof.variants} variants, {proof.mistakes} mistakes"
            )
            for problem in proof.problems:
                typer.echo(f"           {problem}")
            problems += proof.problems
            total, bonus = total + proof.points * (not proof.bonus), bonus + proof.points * proof.bonus
    except CourseError as error:
        _stop(str(error))
    finally:
        engine.close()
    typer.echo(f"{total:g} points and {bonus:g} bonus, {len(problems)} problems (seed {engine.settings.seed})")
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


def _project() -> Project:
    try:
        return find_project(Path.cwd())
    except CourseError as error:
        _stop(str(error))


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(2)
