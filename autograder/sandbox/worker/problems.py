"""Turns an exception from student code into data: its kind, its text, and the lines in the student's own files."""

from __future__ import annotations

import dis
import inspect
import linecache
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from autograder.sandbox.wire.messages import MAX_NAME, Problem, StudentFrame

MAX_TEXT = 2000  # of an error, before a signature is added
MAX_FRAMES = 8


def student_frames(trace: TracebackType | None, files: dict[str, bytes]) -> list[StudentFrame]:
    """The frames of a traceback that lie in the submission, outermost first. The middle of a long recursion is cut."""
    frames = [
        StudentFrame(summary.filename, summary.lineno or 0, summary.name, (summary.line or "").strip()[:200])
        for summary in traceback.extract_tb(trace)
        if summary.filename in files
    ]
    return frames if len(frames) <= MAX_FRAMES else frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]


def describe(error: BaseException, files: dict[str, bytes], function: Callable[..., Any] | None = None) -> Problem:
    """Classifies `error`. `function` is the callable that raised it, None during the module's import."""
    name = type(error).__name__[:MAX_NAME]
    frames = student_frames(error.__traceback__, files)
    if isinstance(error, SyntaxError) and error.filename in files:
        line = error.lineno or 0
        source = (error.text or linecache.getline(str(error.filename), line)).strip()[:200]
        frames = [*frames, StudentFrame(str(error.filename), line, "", source)]
        return Problem("syntax", name, str(error.msg)[:MAX_TEXT], frames)
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return Problem("exited", name, _text(error), frames)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Problem("import", name, error.name[:MAX_TEXT], frames)
    if isinstance(error, NotImplementedError) and _is_raised_by(error, files):
        return Problem("not_started", name, _text(error), frames)
    if isinstance(error, TypeError) and function is not None and not frames:
        return Problem("signature", name, f"{_text(error)}\n{_signature(function)}", frames)
    return Problem("raised", name, _text(error), frames)


def _is_raised_by(error: BaseException, files: dict[str, bytes]) -> bool:
    """Whether a `raise` in the student's files raised the error, as in a stub; torch's own errors come out of a call."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_filename not in files:
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _signature(function: Callable[..., Any]) -> str:
    try:
        return f"{getattr(function, '__name__', 'it')}{inspect.signature(function)}"[:MAX_TEXT]
    except (TypeError, ValueError):
        return ""


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # a student's __str__ may raise anything
        return f"<a {type(error).__name__} whose __str__ raises>"
