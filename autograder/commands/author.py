"""Commands for authors: new, drop, build, check, mutants, measure."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.shared import DataRoot, Exercises, Processes, RunSeed, Tier, app, stop, the_project
from autograder.course.build import build as build_course
from autograder.course.catalogue import CourseError, Exercise, Project
from autograder.reports.terminal import counted, worth

if TYPE_CHECKING:
    from autograder.grading.settings import Settings
    from autograder.proof.content import Proof
    from autograder.proof.proved import Proved
    from autograder.proof.trials import Trials


_Id = Annotated[str, typer.Argument(metavar="EXERCISE", help="The practical and the name, such as p2_cnn/pooling.")]


@app.command()
def new(exercise: _Id) -> None:
    """Create every file of a new exercise, as a small working example. A new practical needs nothing else."""
    from autograder.proof.layout import PLACEHOLDER
    from autograder.proof.new_exercise import new_exercise

    project = the_project()
    try:
        written = new_exercise(project, exercise)
    except CourseError as error:
        stop(str(error))
    for path in written:
        typer.echo(f"written    {path.relative_to(project.root)}")
    name = exercise.partition("/")[2]
    steps = {
        f"autograder check --layout --only {name}": "shows in a second what is missing",
        f"autograder build --only {name}": "makes the stub, the notebook and the fingerprints",
        f"pytest autograder --exercise {name}": "shows what a student sees",
        f"autograder check --only {name}": "proves the solution, the variants and the mistakes",
    }
    typer.echo(
        "\nThis is a working exercise with one function and one check. Replace it with yours: "
        f"{PLACEHOLDER} marks what to write.\nautograder/graders/README.md shows what a grader can use. Then run:\n"
    )
    for command, purpose in steps.items():
        typer.echo(f"  {command:{max(map(len, steps))}}  {purpose}")


@app.command()
def drop(
    exercise: _Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this, only show what would be done.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="Move the files there instead of deleting them.")] = None,
) -> None:
    """Remove an exercise from the course: its files, and its cells in the notebook's source."""
    from autograder.proof.drop_exercise import drop as drop_exercise
    from autograder.proof.drop_exercise import planned

    project = the_project()
    try:
        plan = planned(project, exercise)
    except CourseError as error:
        stop(str(error))
    if yes:
        drop_exercise(plan, to)
    planned_verb, done_verb = ("move", "moved") if to else ("delete", "deleted")
    for path in plan.files:
        typer.echo(f"{done_verb if yes else planned_verb:10} {path.relative_to(project.root)}")
    if plan.notebook is not None:
        typer.echo(f"{'changed' if yes else 'change':10} {plan.notebook.relative_to(project.root)}")
    for place in plan.mentions:
        typer.echo(f"mention    {place}: change it by hand")
    typer.echo("Next: autograder build" if yes else f"To do it: autograder drop {exercise} --yes")


@app.command()
def build(
    force: Annotated[bool, typer.Option(help="Overwrite edited files; a copy of each is kept.")] = False,
    only: Exercises = None,
    jobs: Processes = None,
) -> None:
    """Generate stubs, notebooks and fingerprints from solutions/. With --only, fingerprints are taken only for these
    exercises; this is the slow part."""
    project = the_project()
    try:
        exercises = project.select(only or ())
        report = build_course(project, force=force, also=_notebooks(project))
    except CourseError as error:
        stop(str(error))
    for file in report.files:
        typer.echo(f"{file.status:10} {file.path}" + (f": {file.message}" if file.message else ""))
    _build_fingerprints(exercises, jobs)
    if not report.ok:
        raise typer.Exit(1)


def _build_fingerprints(exercises: list[Exercise], jobs: int | None) -> None:
    """Updates stale fingerprints. Runs only mistakes that have changed."""
    from autograder.classroom.cores import usable_cores
    from autograder.grading.settings import Settings
    from autograder.proof.fingerprinting import stale_fingerprints, update_fingerprints
    from autograder.proof.trials import trials

    stale = stale_fingerprints(exercises)
    to_run = [outdated for outdated in stale if outdated.runs]
    for outdated in stale:
        if not outdated.runs:
            update_fingerprints(outdated, None)
            typer.echo(f"written    fingerprints of {outdated.exercise.id}: only texts have changed")
    if not to_run:
        return
    with trials(Settings(), [outdated.exercise for outdated in to_run], jobs or usable_cores()) as ready:
        for outdated in to_run:
            start = time.monotonic()
            update_fingerprints(outdated, ready)
            typer.echo(
                f"written    fingerprints of {outdated.exercise.id}: {outdated.runs} of "
                f"{counted(len(outdated.mistakes), 'mistake')} run, {time.monotonic() - start:.0f} s"
            )


@app.command()
def check(
    seed: RunSeed = None,
    only: Exercises = None,
    everything: Annotated[bool, typer.Option("--all", help="Also prove exercises that were proved before.")] = False,
    repeat: Annotated[int, typer.Option(help="Only grade the solutions, with the seeds 0 to N-1.")] = 0,
    kernels: Annotated[bool, typer.Option(help="Only grade correct code, with other rounding errors.")] = False,
    jobs: Processes = None,
    layout: Annotated[bool, typer.Option("--layout", help="Only check the layout, which takes a second.")] = False,
) -> None:
    """Prove that the graders are right. Stubs must be unsolved, solutions and variants must pass, known mistakes must
    be caught and named, and nothing generated may be stale. The layout is checked first: files, names, points, places.

    Exercises that were proved before and have not changed are skipped, unless a seed is given.
    """
    project = the_project()
    unfinished = _check_layout(project, only)
    if layout:
        raise typer.Exit(1 if unfinished else 0)
    from autograder.classroom.cores import usable_cores
    from autograder.grading.settings import Settings
    from autograder.proof.trials import trials

    settings = Settings() if seed is None else Settings(seed=seed)
    try:
        exercises = project.select(only or ())
        if kernels:
            seeds = list(range(repeat)) or [settings.seed]
            problems = _grade_everywhere(exercises, seeds, jobs or usable_cores())
        elif repeat:
            with trials(settings, exercises, jobs or usable_cores()) as ready:
                problems = _repeat(exercises, ready, repeat)
        else:
            problems = _prove(project, exercises, settings, jobs or usable_cores(), everything or seed is not None)
    except CourseError as error:
        stop(str(error))
    if unfinished:
        typer.echo(f"{counted(unfinished, 'part')} still to be written: see the lines marked unfinished")
    if problems or unfinished:
        raise typer.Exit(1)


def _check_layout(project: Project, only: list[str] | None) -> int:
    """Prints the problems of the layout; returns the number of parts still to be written, or stops at real defects."""
    from autograder.proof.layout import Unfinished, layout_problems
    from autograder.reports.terminal import counted

    start = time.monotonic()
    try:
        problems = layout_problems(project, project.select(only) if only else None)
    except CourseError as error:
        stop(str(error))
    wrong = sum(not isinstance(problem, Unfinished) for problem in problems)
    for problem in problems:
        typer.echo(f"{'unfinished' if isinstance(problem, Unfinished) else 'layout':10} {problem}")
    unfinished = counted(len(problems) - wrong, "part")
    found = f"{counted(wrong, 'problem')}, {unfinished} still to be written" if problems else "no problems"
    typer.echo(f"layout: {found} ({time.monotonic() - start:.1f} s)")
    if wrong:
        raise typer.Exit(1)
    return len(problems)


def _prove(project: Project, exercises: list[Exercise], settings: Settings, jobs: int, everything: bool) -> int:
    """Prints the proof of each exercise, and returns the number of problems."""
    from autograder.course.build import stale
    from autograder.proof.content import Named, named_text
    from autograder.proof.fingerprinting import stale_fingerprints
    from autograder.proof.proved import prove_and_record, proved_before

    start, named = time.monotonic(), Named()
    problems = stale(project, _notebooks(project))
    problems += [
        f"the fingerprints of {outdated.exercise.id} are out of date; run: autograder build"
        for outdated in stale_fingerprints(exercises)
    ]
    for text in problems:
        typer.echo(f"stale      {text}")
    known = {} if everything else proved_before(exercises)
    for id, record in known.items():
        typer.echo(f"proved before: {id}: {_contents(record)} (seed {record.seed})")
    proofs = []
    for proof in prove_and_record([it for it in exercises if it.id not in known], settings, jobs):
        typer.echo(f"{'FAILED' if proof.problems else 'ok':10} {proof.id}: {_contents(proof)}")
        for text in proof.problems + proof.notes:
            typer.echo(f"           {text}")
        named.update(proof.named)
        problems += proof.problems
        proofs.append(proof)
    found: list[Proof | Proved] = [*known.values(), *proofs]
    total, bonus = (sum(it.points for it in found if it.bonus is bonus) for bonus in (False, True))
    if proofs:
        typer.echo(named_text(named))
    seed = f"seed {settings.seed}, " if proofs else ""
    seconds = time.monotonic() - start
    typer.echo(f"{worth(total)} and {bonus:g} bonus, {counted(len(problems), 'problem')} ({seed}{seconds:.0f} s)")
    return len(problems)


def _contents(found: Proof | Proved) -> str:
    return (
        f"{worth(found.points)}{' (bonus)' if found.bonus else ''} in {counted(found.checks, 'check')}, "
        f"{counted(found.variants, 'variant')}, {counted(found.mistakes, 'mistake')}"
    )


def _repeat(exercises: list[Exercise], ready: Trials, times: int) -> int:
    """Prints each failed grading of a solution, and returns their number."""
    from autograder.proof.content import first_reason, repeat

    failed = 0
    for exercise in exercises:
        failed_before, start = failed, time.monotonic()
        for seed, result in repeat(exercise, ready, range(times)):
            if result.status != "passed":
                failed += 1
                typer.echo(f"FAILED     {exercise.id} under seed {seed}: {first_reason(result)}")
        seconds = (time.monotonic() - start) / times
        gradings = counted(times, "grading")
        typer.echo(f"{exercise.id}: {gradings}, {failed - failed_before} failed, {seconds:.2f} s each")
    return failed


def _grade_everywhere(exercises: list[Exercise], seeds: list[int], jobs: int) -> int:
    """Prints a line per setting and per failed grading, and returns the number of failed gradings."""
    from autograder.proof.kernels import grade_everywhere, settings

    failed = 0
    for outcome in grade_everywhere(settings(), exercises, seeds, jobs):
        sign = "FAILED" if outcome.failures else "ok"
        typer.echo(
            f"{sign:10} {outcome.setting.name}: {counted(outcome.gradings, 'grading')}, "
            f"{len(outcome.failures)} failed, {outcome.seconds:.0f} s"
        )
        for text in outcome.failures:
            typer.echo(f"           {text}")
        failed += len(outcome.failures)
    typer.echo(f"{failed} failed" + (f" (seed {seeds[0]})" if len(seeds) == 1 else f" (seeds 0 to {len(seeds) - 1})"))
    return failed


@app.command()
def mutants(
    only: Exercises = None,
    seed: RunSeed = None,
    jobs: Processes = None,
) -> None:
    """List changes to the solutions that no check notices. This takes a long time."""
    project = the_project()
    from autograder.classroom.cores import usable_cores
    from autograder.grading.settings import Settings
    from autograder.proof.mutation import mutate
    from autograder.proof.trials import trials

    settings = Settings() if seed is None else Settings(seed=seed)
    start, made, killed, equivalent, survivors, problems = time.monotonic(), 0, 0, 0, 0, 0
    try:
        exercises = project.select(only or ())
        with trials(settings, exercises, jobs or usable_cores()) as ready:
            for found in mutate(exercises, ready, settings.seed):
                typer.echo(
                    f"{'FAILED' if found.problems else 'ok':10} {found.id}: {counted(found.made, 'mutant')}, "
                    f"{found.killed} killed, {found.equivalent} equivalent, {counted(len(found.survivors), 'survivor')}"
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
        stop(str(error))
    typer.echo(
        f"{counted(made, 'mutant')}, {killed} killed, {equivalent} equivalent, {counted(survivors, 'survivor')}, "
        f"{counted(problems, 'problem')} (seed {settings.seed}, {time.monotonic() - start:.0f} s)"
    )
    if problems:
        raise typer.Exit(1)


@app.command()
def measure(
    only: Exercises = None,
    seeds: Annotated[int, typer.Option(help="The number of attempts of the reference.")] = 200,
    other_seeds: Annotated[int, typer.Option(help="The number of attempts of each variant and known mistake.")] = 10,
    tier: Tier = "fast",
    data_root: DataRoot = None,
    detach: Annotated[bool, typer.Option("--detach", help="Run in the background and log to a file.")] = False,
) -> None:
    """Measure the accuracies that thresholds are based on. This takes a long time; to continue a stopped run, repeat it."""
    project = the_project()
    if detach:
        log = project.root / "measure.log"
        arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "autograder", *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        typer.echo(f"measuring in process {process.pid}, which logs to {log}; to stop it: kill {process.pid}")
        return
    from autograder.data.roots import data_roots
    from autograder.grading.engine import Engine
    from autograder.grading.settings import Settings
    from autograder.proof.thresholds import measure as measure_exercise

    if tier == "fast" and data_roots(data_root):
        stop(
            "the fast tier is measured on the data that comes with the package: "
            "leave out --data-root and unset AUTOGRADER_DATA"
        )

    engine = Engine(Settings(tier=tier, data_root=data_root))
    engine.warm_up()
    try:
        for exercise in project.select(only or ()):
            for text in measure_exercise(exercise, engine, seeds, other_seeds):
                typer.echo(text)
    except CourseError as error:
        stop(str(error))
    except KeyboardInterrupt:
        stop("stopped; run the same command to continue", 130)
    finally:
        engine.close()


def _notebooks(project: Project) -> list[tuple[Path, str]]:
    """The generated files of assignments/. If the tools that read their sources are missing, prints so and returns none."""
    if not (project.root / "solutions" / "notebooks").is_dir():
        return []
    from autograder.notebooks.build import generated
    from autograder.notebooks.sources import MissingTool

    try:
        return list(generated(project))
    except MissingTool as missing:
        typer.echo(f"the notebooks are not built: {missing}", err=True)
        return []
