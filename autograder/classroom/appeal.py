"""An appeal: finds a result and the files that it belongs to, runs one check again, and reports what happened."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from autograder.atomic_files import write_atomically
from autograder.checks.grader import GraderError
from autograder.classroom.graders_digest import graders_digest
from autograder.classroom.intake import file_names
from autograder.classroom.report import read_run
from autograder.classroom.results_folder import ClassroomError
from autograder.data.dataset import DataError
from autograder.data.roots import data_roots
from autograder.grading.appeal import appeal, settings_of
from autograder.grading.engine import Engine
from autograder.grading.recorder import MAX_INPUT_BYTES, Arrays, Recorder
from autograder.reports.appeal.choice import UnknownCheck, choose_check, list_failed
from autograder.reports.appeal.page import write_appeal
from autograder.reports.appeal.record import Appeal
from autograder.reports.appeal.text import appeal_text
from autograder.reports.terminal import counted
from autograder.results import SCHEMA, CheckResult, SubmissionResult, from_json
from autograder.sandbox.host.errors import IsolationUnavailable, SandboxError
from autograder.sandbox.host.text import clean
from autograder.submissions.entries import Entry, find_submissions, read_entry
from autograder.submissions.folders import read_file
from autograder.submissions.members import Unusable, printable
from autograder.submissions.submission import Submission, SubmissionError

MAX_RESULT_BYTES = 64 << 20


@dataclass(frozen=True)
class Request:
    """The arguments of `autograder explain`."""

    result: Path
    check: str | None = None
    submission: Path | None = None
    """Where the submission's files are; None for the place that is recorded."""
    html: Path | None = None
    save: Path | None = None
    """The file for the inputs of the calls."""
    isolation: str | None = None
    """None for that of the result."""
    data_root: Path | None = None
    color: bool = False


def explain(request: Request) -> tuple[str, int]:
    """The report as text, and the exit code: 0 if the check has the recorded verdict, 1 if it has another.

    ClassroomError if the result, the check or the submission cannot be found or used.
    """
    result = _read_result(request.result)
    if request.check is None:
        return f"{clean(result.submission.id, 200)}: {list_failed(result)}", 0
    try:
        recorded = choose_check(result, request.check)
        roots = data_roots(request.data_root)
        entry = _given(request.submission, result) if request.submission else _recorded(request.result, result)
        submission = _read_submission(entry, result)
    except (UnknownCheck, DataError) as error:
        raise ClassroomError(str(error)) from error
    recorder = Recorder(keep_inputs=request.save is not None)
    found = _run(request, result, submission, recorded, recorder)
    digest = graders_digest([exercise.id for exercise in result.exercises], roots)
    if result.graders and result.graders != digest:
        found = replace(found, remarks=(*found.remarks, "the graders, or what they rest on, have changed since"))
    lines = [
        appeal_text(found, color=request.color),
        f"files: {', '.join(printable(str(path)) for path in entry.paths)}",
    ]
    return "\n".join([*lines, *_write(request, found, recorder)]), 0 if found.confirmed else 1


def _read_result(path: Path) -> SubmissionResult:
    remedy = "give the JSON file of one submission, from `autograder grade` or `pytest autograder --report-json FILE`"
    if path.is_dir():
        raise ClassroomError(f"{path} is a folder: {remedy}, such as {path / 'NAME.json'}")
    try:
        result = from_json(read_file(path.resolve(), MAX_RESULT_BYTES))
    except Unusable as problem:
        raise ClassroomError(f"{path} {problem}: {remedy}") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
        raise ClassroomError(f"{path} is not a result ({clean(str(error), 200)}): {remedy}") from None
    if result.schema != SCHEMA or result.tier not in ("fast", "full") or result.seed < 0:
        raise ClassroomError(f"{path} is not a result that this version can read: {remedy}")
    return result


def _given(path: Path, result: SubmissionResult) -> Entry:
    """The submission at a path that the teacher gives. It may be a link; links inside are never followed."""
    try:
        return Entry(result.submission.id, path.resolve(strict=True))
    except OSError as error:
        remedy = "say where the submission is with --submission PATH"
        raise ClassroomError(f"{printable(str(path))} cannot be reached ({error.strerror}): {remedy}") from None


def _recorded(path: Path, result: SubmissionResult) -> Entry:
    """The submission where the run record of the class, or the result itself, says that it is."""
    remedy = "say where the submission is with --submission PATH (a folder, a zip or a notebook)"
    for folder in path.resolve().parents[:3]:
        try:
            run = read_run(folder)
        except ValueError as error:
            raise ClassroomError(
                f"the run record in {folder} is damaged ({clean(str(error), 200)}): {remedy}"
            ) from None
        if run is not None and run.submissions:
            return _entry(Path(run.submissions), result, remedy)
    if result.submission.path:
        return _given(Path(result.submission.path), result)
    raise ClassroomError(f"{path} does not say where its submission is: {remedy}")


def _entry(folder: Path, result: SubmissionResult, remedy: str) -> Entry:
    name = clean(result.submission.id, 200)
    try:
        entries = find_submissions(folder)
    except SubmissionError as error:
        raise ClassroomError(f"the submissions were in {folder}, but {error}; or {remedy}") from None
    files = result.hand_in.files if result.hand_in is not None else None
    found = next((e for e in entries if (file_names(e) == files if files else e.id == result.submission.id)), None)
    if found is None:
        raise ClassroomError(f"{folder} has no submission {name!r} any more: {remedy}")
    return replace(found, id=result.submission.id)


def _read_submission(entry: Entry, result: SubmissionResult) -> Submission:
    try:
        return read_entry(entry)
    except SubmissionError as error:
        same = ", as when it was graded" if result.problem == str(error) else ""
        raise ClassroomError(f"the submission cannot be read{same}: {error}") from None


def _run(
    request: Request, result: SubmissionResult, submission: Submission, recorded: CheckResult, recorder: Recorder
) -> Appeal:
    settings = replace(settings_of(result), data_root=request.data_root)
    if request.isolation is not None:
        settings = replace(settings, isolation=request.isolation)
    engine = Engine(settings)
    try:
        engine.confirm()
        return appeal(engine, submission, result, recorded, recorder)
    except IsolationUnavailable as error:
        raise ClassroomError(str(error)) from error
    except (GraderError, LookupError) as error:
        raise ClassroomError(f"{recorded.id} cannot be run: {error}") from error
    except SandboxError as error:
        raise ClassroomError(
            f"student code cannot be run: {error}; `autograder doctor` shows what is missing"
        ) from error
    finally:
        engine.close()


def _write(request: Request, found: Appeal, recorder: Recorder) -> list[str]:
    """Writes the page and the inputs that were asked for, and returns a line for each."""
    lines = []
    path = request.html
    try:
        if path is not None:
            write_appeal(found, path)
            lines.append(f"page: {path}")
        path = request.save
        if path is not None:
            inputs = recorder.inputs()
            write_atomically(path, _npz(inputs))
            lines.append(
                f"inputs: {counted(len(inputs), 'array')} in {path}; read them with numpy.load"
                + (f"; {counted(recorder.inputs_too_large, 'array')} left out, above {MAX_INPUT_BYTES >> 20} MiB in all"
                   if recorder.inputs_too_large else "")
            )  # fmt: skip
    except OSError as error:
        raise ClassroomError(f"{path} cannot be written ({error.strerror}): give another file") from error
    return lines


def _npz(arrays: Arrays) -> bytes:
    """The arrays as an .npz file, without pickles."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # no name is that of its option allow_pickle
    return out.getvalue()
