"""Grades a class: new and changed submissions, in several processes, into a folder that survives interruptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from msgspec import structs

from autograder.checks.grader import GraderError, load_grader
from autograder.classroom.attempts import BEFORE_DEADLINE, LAST
from autograder.classroom.audit import new_grading
from autograder.classroom.class_list import (
    decide_attempts,
    earlier_senders,
    in_place,
    read_record,
    read_rows,
    record_of,
)
from autograder.classroom.cores import usable_cores
from autograder.classroom.environment import libraries, variables
from autograder.classroom.graders_digest import graders_digest
from autograder.classroom.gradings import Grading, next_number, recorded
from autograder.classroom.intake import ClassList, Policy, Row, take_in
from autograder.classroom.report import ATTEMPTS, PAGE_FILE, SUMMARY_FILE, read_results, read_run, write_report
from autograder.classroom.results_folder import ClassroomError, ResultsFolder, Stamp
from autograder.classroom.roster import RosterError, read_roster
from autograder.classroom.story import Chapter, read_story, write_changes
from autograder.classroom.story_text import page_values, report_lines, run_lines
from autograder.classroom.terminal import ClassTerminal
from autograder.course.catalogue import CatalogueError, ExerciseId, select
from autograder.data.dataset import DataError
from autograder.data.roots import data_roots
from autograder.reports.terminal import counted
from autograder.results import SubmissionResult
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.host.launch import Zygote, choose_isolation
from autograder.submissions.entries import Entry, read_entry
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
    roster: Path | None = None
    deadline: datetime | None = None
    attempts: str = LAST


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
        class_list = _class_list(options)
    except (SubmissionError, DataError, RosterError) as error:
        raise ClassroomError(str(error)) from error
    folder = ResultsFolder(options.results)
    try:
        _confirm_roster(options)
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
        class_list = in_place(class_list, options.results)
        folder.record_class(record_of(class_list, stamp.exercises, options.roster is not None))
        students = {row.about.student for row in class_list.rows if row.is_decided}
        earlier = read_results(options.results)[0]
        removed = tuple(sorted({result.submission.id for result in earlier} - students))
        if removed != run.removed:
            folder.record(structs.replace(run, removed=removed))
        todo = [row for row in class_list.rows if not _has_result(folder, row, stamp)]
        total = len(class_list.rows)
        terminal = ClassTerminal(exercises, total=total, kept=total - len(todo))
        grading = None
        interrupted = False
        try:
            if todo:
                grading = new_grading(
                    options.results, earlier, stamp, roots, regrade=options.regrade, jobs=min(jobs, len(todo)),
                    kept=total - len(todo), removed=removed,
                )  # fmt: skip
                _grade(todo, folder, stamp, options, grading, terminal)
            else:
                terminal.nothing_to_do()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            terminal.close()
        decide_attempts(folder, class_list, grading.number if grading else next_number(options.results, earlier))
        rows, damaged = read_rows(options.results)
        chapters = _write_reports(rows, options.results, removed)
    finally:
        folder.close()
    here = [row for row in rows if row.submission.id not in removed]
    terminal.summary(here, removed, damaged, options.results)
    if grading is not None:
        terminal.lines(run_lines(chapters, grading.number))
    if interrupted:
        terminal.interrupted(total - terminal.left, total)
        return INTERRUPTED
    return 1 if any(row.has("grader_error") for row in here) else 0


def _class_list(options: Options) -> ClassList:
    if options.attempts == BEFORE_DEADLINE and options.deadline is None:
        raise ClassroomError(f"--attempts {BEFORE_DEADLINE} needs the deadline: add --deadline")
    roster = read_roster(options.roster) if options.roster is not None else None
    policy = Policy(options.attempts, options.deadline)
    return take_in(options.submissions, roster, policy, options.roster, earlier_senders(options.results))


def _confirm_roster(options: Options) -> None:
    """Refuses a run without the roster of the earlier ones, since every student would get a second id."""
    record = read_record(options.results)
    if record is not None and record.has_roster and options.roster is None:
        raise ClassroomError(
            f"{options.results} was graded with a roster, from which the students' ids are: add --roster again, or give "
            "another folder with --to DIR"
        )


def _grade(
    todo: list[Row],
    folder: ResultsFolder,
    stamp: Stamp,
    options: Options,
    grading: Grading,
    terminal: ClassTerminal,
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
            follow_through=options.follow_through, own_inputs=True,
        )  # fmt: skip
        Engine(settings, granted).confirm()
        pool = WorkerPool(Work(settings, list(stamp.exercises)), grading.command.jobs, granted)
        terminal.begin(stamp.seed, options.isolation, grading.command.jobs)
        grading.libraries, grading.variables = libraries(), variables()
        rows = {row.entry.id: row for row in todo}
        with recorded(folder.path, grading) as graded:
            for outcome in pool.grade([row.entry for row in todo], terminal.tick):
                row, result = rows[outcome.entry.id], outcome.result
                result.round, result.graders, result.hand_in = stamp.round, stamp.graders, row.about
                result.grading, result.digests = grading.number, grading.code.digests
                folder.write(row.result, result)
                graded.append(result)
                terminal.finished(result, outcome.seconds)
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
    """Writes the reports again from the files in a folder, and returns lines: what was written, and what changed last.

    ClassroomError if the folder has no results or cannot be written to.
    """
    if not results.is_dir():
        raise ClassroomError(f"there is no folder {results}: give the one that `autograder grade` wrote to")
    found, damaged = read_rows(results)
    if not found:
        raise ClassroomError(f"{results} contains no result: give the folder that `autograder grade` wrote to")
    try:
        run = read_run(results)
        removed = run.removed if run else ()
    except ValueError:
        removed = ()
    chapters = _write_reports(found, results, removed)
    left_out = f"; damaged and left out: {', '.join(damaged)}" if damaged else ""
    line = f"{counted(len(found), 'row')} in {results / SUMMARY_FILE} and {results / PAGE_FILE}{left_out}"
    return "\n".join([line, *report_lines(chapters)])


def _check_places(submissions: Path, results: Path) -> None:
    inner, outer = results.resolve(), submissions.resolve()
    if not submissions.is_dir():
        raise ClassroomError(f"there is no folder {submissions}: give the one with the submissions")
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise ClassroomError(
            f"one of {results} and {submissions} contains the other, so results could be taken for submissions: "
            "give another folder with --to DIR"
        )


def _has_result(folder: ResultsFolder, row: Row, stamp: Stamp) -> bool:
    """Whether there is the result that grading the entry now would give.

    The only attempt of a student becomes the first of several: its result is then copied, and not made again.
    """
    if _is_up_to_date(folder.read(row.result), row.entry, stamp):
        return True
    result = folder.read(row.about.student) if row.result.startswith(f"{ATTEMPTS}/") else None
    if result is None or result.hand_in is None or result.hand_in.files != row.about.files:
        return False
    if not _is_up_to_date(result, row.entry, stamp):
        return False
    result.submission = structs.replace(result.submission, id=row.entry.id)
    result.hand_in = row.about
    folder.update(row.result, result)
    return True


def _is_up_to_date(result: SubmissionResult | None, entry: Entry, stamp: Stamp) -> bool:
    """Whether grading the submission now would give this result."""
    if result is None or not stamp.fits(result) or result.has("grader_error"):
        return False
    try:
        submission = read_entry(entry)
    except SubmissionError as error:
        return result.problem == str(error)
    return not result.problem and result.submission.sha256 == submission.sha256


def _write_reports(results: list[SubmissionResult], folder: Path, removed: Iterable[str]) -> list[Chapter]:
    """Writes the reports, and returns the story of the folder that they tell."""
    try:
        chapters = read_story(folder)
        write_changes(chapters, folder)
        write_report(results, folder, removed, page_values(chapters))
    except OSError as error:
        raise ClassroomError(
            f"the reports in {folder} cannot be written ({error}): free some space, then run "
            f"`autograder report {folder}`; the results themselves are kept",
            code=1,
        ) from error
    return chapters
