"""Cleans text from a worker for display: escapes control characters and limits the length."""

from __future__ import annotations

from autograder.sandbox.host.errors_in_words import in_words
from autograder.sandbox.wire.messages import Problem, StudentFrame

MAX_SHOWN = 1500


def clean(text: str, limit: int = MAX_SHOWN) -> str:
    """Makes terminal escapes visible and cuts the middle of a text that is too long.

    The cut comes first: a worker may send far more than anybody reads.
    """
    if len(text) > 2 * limit:
        text = f"{text[:limit]} … {text[-limit:]}"
    shown = "".join(c if c in "\n\t" or c.isprintable() else repr(c)[1:-1] for c in text.replace("\r", "\n"))
    if len(shown) > limit:
        shown = f"{shown[: limit // 2]} … {shown[-limit // 2 :]}"
    return shown.strip("\n")


def traceback_lines(frames: list[StudentFrame]) -> str:
    """The student's own lines of a traceback, innermost last."""
    lines = []
    for frame in frames[:16]:
        where = f" in {clean(frame.function, 80)}" if frame.function and frame.function != "<module>" else ""
        lines.append(f"  {clean(frame.file, 120)}:{frame.line}{where}")
        if frame.source:
            lines.append(f"    {clean(frame.source, 200)}")
    return "\n".join(lines)


def raised(what: str, problem: Problem) -> str:
    """Describes an exception: what was called, what it raised, what that means, and where it was raised."""
    first, _, more = clean(problem.text).partition("\n")
    parts = [f"{what} raised {clean(problem.type_name, 80)}", first.rstrip(".: "), in_words(clean(problem.text))]
    text = "\n".join(part for part in (": ".join(part for part in parts if part), more) if part)
    trace = traceback_lines(problem.frames)
    return f"{text}\n{trace}" if trace else text
