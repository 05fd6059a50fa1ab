"""Grades a class: what is new or changed, by several processes, into a folder that survives any interruption."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.checks.grader import GraderError, load_grader
from autograder.classroom.report import Run, read_results, read_run, write_report
from autograder.classroom.results_folder import ClassroomError, ResultsFolder, Stamp, graders_digest
from autograder.classroom.terminal import ClassTerminal
from autograder.course.catalogue import CatalogueError, ExerciseId, select
from autograder.data.dataset import DataError
from autograder.data.roots import data_roots
from autograder.results import SubmissionResult
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.host.launch import Zygote, choose_isolation
from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.submission import SubmissionError

INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """What the command line asks for. `jobs` None: one for each core that we may use; `seed` None: the class's own."""

    submissions: Path
    results: Path
    jobs: int | None = None
    seed: int | None = None
    tier: str = "fast"
    isolation: str = "strict"
    data_root: Path | None = None
    only: tuple[str, ...] = ()
    regrade: bool = False
    follow_through: bool = False


def grade_class(options: Options) -> int:
    """Grades what is not graded yet and writes the reports; returns the exit code.

    0: every submission has a verdict; 1: for some the grader failed; 130: Ctrl-C. ClassroomError for the rest.
    """
    jobs = options.jobs if options.jobs is not None else usable_cores()
    if jobs < 1:
        raise ClassroomError(
            f"--jobs is {jobs}: give 1 or more, or leave it out for one a core ({usable_cores()} here)"
        )
    try:
        exercises = select(options.only)
    except CatalogueError as error:
        raise ClassroomError(str(error)) from error
    _check_places(options.submissions, options.results)
    try:
        roots = data_roots(options.data_root)
        entries = find_submissions(options.submissions)
    except (SubmissionError, DataError) as error:
        raise ClassroomError(str(error)) from error
    if not entries:
        raise ClassroomError(
            f"{options.submissions} holds no submission: it should hold a folder, a zip or a notebook for each student"
        )
    folder = ResultsFolder(options.results)
    try:
        run = folder.begin(options.seed, options.regrade)
        stamp = Stamp(
            run.seed,
            run.round,
            options.tier,
            options.isolation,
            tuple(exercises),
            graders_digest(exercises, roots),
            options.follow_through,
        )
        ids = {entry.id for entry in entries}
        gone = tuple(sorted(r.submission.id for r in read_results(options.results)[0] if r.submission.id not in ids))
        if gone != run.gone:
            folder.record(Run(run.seed, run.round, gone))
        todo = [entry for entry in entries if not _holds(folder.read(entry.id), entry, stamp)]
        terminal = ClassTerminal(exercises, total=len(entries), kept=len(entries) - len(todo))
        interrupted = False
        try:
            if todo:
                _grade(todo, folder, stamp, options, jobs, terminal)
            else:
                terminal.nothing_to_do()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            terminal.close()
        results, damaged = read_results(options.results)
        _write_reports(results, options.results, gone)
    finally:
        folder.close()
    here = [result for result in results if result.submission.id in ids]
    terminal.summary(here, gone, damaged, options.results)
    if interrupted:
        terminal.interrupted(len(entries) - terminal.left, len(entries))
        return INTERRUPTED
    return 1 if any(r.has("grader_error") for r in here) else 0


def _grade(
    todo: list[Entry], folder: ResultsFolder, stamp: Stamp, options: Options, jobs: int, terminal: ClassTerminal
) -> None:
    """Grades these and writes each as it comes."""
    launcher = None
    pool = None
    try:
        granted = choose_isolation(options.isolation)
        launcher = granted.launcher
        if launcher is not None:
            launcher.start()
        # Imported while the zygote imports torch too. A run that finds nothing to do needs neither.
        from autograder.classroom.worker_pool import Work, WorkerPool
        from autograder.grading.engine import Engine
        from autograder.grading.settings import Settings

        for exercise in stamp.exercises:
            _load(exercise)  # once, before the forks
        settings = Settings(
            seed=stamp.seed, tier=options.tier, isolation=options.isolation, data_root=options.data_root,
            follow_through=options.follow_through,
        )  # fmt: skip
        Engine(settings, granted).confirm()
        pool = WorkerPool(Work(settings, list(stamp.exercises)), min(jobs, len(todo)), granted)
        terminal.begin(stamp.seed, options.isolation, min(jobs, len(todo)))
        for outcome in pool.grade(todo, terminal.tick):
            outcome.result.round, outcome.result.graders = stamp.round, stamp.graders
            folder.write(outcome.entry.id, outcome.result)
            terminal.finished(outcome.result, outcome.seconds)
    except IsolationUnavailable as error:
        raise ClassroomError(str(error)) from error
    except SandboxError as error:
        raise ClassroomError(
            f"student code cannot be run: {error}; `autograder doctor` may say more", code=1
        ) from error
    finally:
        if pool is not None:
            pool.close()
        if isinstance(launcher, Zygote):
            launcher.close()


def _load(exercise: ExerciseId) -> None:
    try:
        load_grader(exercise)
    except GraderError as error:
        raise ClassroomError(
            f"the grader of {exercise} cannot be used. {error} Or name the other exercises by --only", code=1
        ) from error


def report_class(results: Path) -> str:
    """Writes summary.csv and class.html again from the JSONs in a folder; says what it did."""
    if not results.is_dir():
        raise ClassroomError(f"there is no folder {results}: give the one that `autograder grade` wrote to")
    found, damaged = read_results(results)
    if not found:
        raise ClassroomError(f"{results} holds no result: give the folder that `autograder grade` wrote to")
    try:
        run = read_run(results)
        gone = run.gone if run else ()
    except ValueError:
        gone = ()
    _write_reports(found, results, gone)
    left_out = f", without {len(damaged)} damaged: {', '.join(damaged)}" if damaged else ""
    return f"{len(found)} results in {results / 'summary.csv'} and {results / 'class.html'}{left_out}"


def usable_cores() -> int:
    """Those that this process may run on, where the system tells; else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_places(submissions: Path, results: Path) -> None:
    inner, outer = results.resolve(), submissions.resolve()
    if not submissions.is_dir():
        raise ClassroomError(f"there is no folder {submissions}: give the one that holds the submissions")
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise ClassroomError(
            f"{results} and {submissions} lie within each other, and results would be taken for submissions: "
            "give another folder as --to DIR"
        )


def _holds(result: SubmissionResult | None, entry: Entry, stamp: Stamp) -> bool:
    """Whether a result is what grading the submission now would give."""
    if result is None or result.submission.id != entry.id or not stamp.fits(result) or result.has("grader_error"):
        return False
    try:
        submission = read_entry(entry)
    except SubmissionError as error:
        return result.problem == str(error)
    return not result.problem and result.submission.sha256 == submission.sha256


def _write_reports(results: list[SubmissionResult], folder: Path, gone: Iterable[str]) -> None:
    try:
        write_report(results, folder, gone)
    except OSError as error:
        raise ClassroomError(
            f"the reports in {folder} cannot be written ({error}): make room, and then `autograder report {folder}`; the "
            "results themselves are kept",
            code=1,
        ) from error
