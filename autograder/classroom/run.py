"""Grades a class: new and changed submissions, in several processes, into a folder that survives interruptions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from autograder.checks.grader import GraderError, load_grader
from autograder.classroom.report import PAGE_FILE, SUMMARY_FILE, read_results, read_run, write_report
from autograder.classroom.results_folder import ClassroomError, ResultsFolder, Stamp, graders_digest
from autograder.classroom.terminal import ClassTerminal
from autograder.course.catalogue import CatalogueError, ExerciseId, select
from autograder.data.dataset import DataError
from autograder.data.roots import data_roots
from autograder.reports.terminal import counted
from autograder.results import SubmissionResult
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.host.launch import Zygote, choose_isolation
from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.submission import SubmissionError

INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """The options of `autograder grade`."""

    submissions: Path
    results: Path
    jobs: int | None = None
    """The number of grading processes; None for one per usable core."""
    seed: int | None = None
    """None for the seed of the class, which is drawn at its first run."""
    tier: str = "fast"
    isolation: str = "strict"
    data_root: Path | None = None
    only: tuple[str, ...] = ()
    """Names of exercises or practicals; empty for all."""
    regrade: bool = False
    follow_through: bool = False


def grade_class(options: Options) -> int:
    """Grades what is not up to date, writes the reports, and returns the exit code.

    The exit code is 0 if all submissions were graded, 1 if any has a grader error, and 130 after Ctrl-C. ClassroomError if
    the class cannot be graded.
    """
    jobs = options.jobs if options.jobs is not None else usable_cores()
    if jobs < 1:
        raise ClassroomError(
            f"--jobs is {jobs}: give 1 or more, or leave it out for one per core ({usable_cores()} here)"
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
            f"{options.submissions} contains no submission: it should contain a folder, a zip or a notebook per student"
        )
    folder = ResultsFolder(options.results)
    try:
        run = folder.begin(options.seed, options.regrade, options.submissions)
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
        removed = tuple(sorted(r.submission.id for r in read_results(options.results)[0] if r.submission.id not in ids))
        if removed != run.removed:
            folder.record(structs.replace(run, removed=removed))
        todo = [entry for entry in entries if not _is_up_to_date(folder.read(entry.id), entry, stamp)]
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
        _write_reports(results, options.results, removed)
    finally:
        folder.close()
    here = [result for result in results if result.submission.id in ids]
    terminal.summary(here, removed, damaged, options.results)
    if interrupted:
        terminal.interrupted(len(entries) - terminal.left, len(entries))
        return INTERRUPTED
    return 1 if any(r.has("grader_error") for r in here) else 0


def _grade(
    todo: list[Entry], folder: ResultsFolder, stamp: Stamp, options: Options, jobs: int, terminal: ClassTerminal
) -> None:
    """Grades these submissions and writes each result as soon as it is there."""
    launcher = None
    pool = None
    try:
        granted = choose_isolation(options.isolation)
        launcher = granted.launcher
        if launcher is not None:
            launcher.start()
        # Imported here, so that the zygote imports torch at the same time, and a run with nothing to do skips both.
        from autograder.classroom.worker_pool import Work, WorkerPool
        from autograder.grading.engine import Engine
        from autograder.grading.settings import Settings

        for exercise in stamp.exercises:
            _load(exercise)  # before the forks, which share it
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
            f"student code cannot be run: {error}; run `autograder doctor` to see what is missing", code=1
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
            f"the grader of {exercise} cannot be used. {error} Or select other exercises with --only", code=1
        ) from error


def report_class(results: Path) -> str:
    """Writes summary.csv and class.html from the JSON files in a folder, and returns a line that says what was written.

    ClassroomError if the folder has no results or cannot be written to.
    """
    if not results.is_dir():
        raise ClassroomError(f"there is no folder {results}: give the one that `autograder grade` wrote to")
    found, damaged = read_results(results)
    if not found:
        raise ClassroomError(f"{results} contains no result: give the folder that `autograder grade` wrote to")
    try:
        run = read_run(results)
        removed = run.removed if run else ()
    except ValueError:
        removed = ()
    _write_reports(found, results, removed)
    left_out = f"; damaged and left out: {', '.join(damaged)}" if damaged else ""
    return f"{counted(len(found), 'result')} in {results / SUMMARY_FILE} and {results / PAGE_FILE}{left_out}"


def usable_cores() -> int:
    """The number of cores that this process may use; all cores if the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_places(submissions: Path, results: Path) -> None:
    inner, outer = results.resolve(), submissions.resolve()
    if not submissions.is_dir():
        raise ClassroomError(f"there is no folder {submissions}: give the one with the submissions")
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise ClassroomError(
            f"one of {results} and {submissions} contains the other, so results could be taken for submissions: "
            "give another folder with --to DIR"
        )


def _is_up_to_date(result: SubmissionResult | None, entry: Entry, stamp: Stamp) -> bool:
    """Whether grading the submission now would give this result."""
    if result is None or result.submission.id != entry.id or not stamp.fits(result) or result.has("grader_error"):
        return False
    try:
        submission = read_entry(entry)
    except SubmissionError as error:
        return result.problem == str(error)
    return not result.problem and result.submission.sha256 == submission.sha256


def _write_reports(results: list[SubmissionResult], folder: Path, removed: Iterable[str]) -> None:
    try:
        write_report(results, folder, removed)
    except OSError as error:
        raise ClassroomError(
            f"the reports in {folder} cannot be written ({error}): free some space, then run "
            f"`autograder report {folder}`; the results themselves are kept",
            code=1,
        ) from error
