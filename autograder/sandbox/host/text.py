"""Cleans text from a worker for display: escapes control characters and limits the length.

A worker's text is cleaned once, when it arrives: a reply here, printed text in `workers`, strings in a value by the decoder.
"""

from __future__ import annotations

from msgspec.structs import replace

from autograder.sandbox.host.errors_in_words import in_words
from autograder.sandbox.wire.messages import Problem, Reply, StudentFrame
from autograder.sandbox.wire.plain_text import visible

MAX_SHOWN = 1500
MAX_NAME = 80
MAX_FRAMES = 16


def clean(text: str, limit: int = MAX_SHOWN) -> str:
    """Makes terminal escapes visible and cuts the middle of a text that is too long.

    The cut comes first: a worker may send far more than anybody reads.
    """
    if len(text) > 2 * limit:
        text = f"{text[:limit]} … {text[-limit:]}"
    shown = visible(text.replace("\r", "\n"), kept="\n\t")
    if len(shown) > limit:
        shown = f"{shown[: limit // 2]} … {shown[-limit // 2 :]}"
    return shown.strip("\n")


def name(text: str, limit: int = MAX_NAME, kept: str = "") -> str:
    """A name, of a class or a file, or a line of code, in one line. `kept`: characters that are left in it, such as tabs."""
    return clean(visible(text[: 2 * limit + 1], kept), limit)


def arrived(reply: Reply) -> Reply:
    """A reply whose text can be shown as it is, whatever the worker has sent."""
    return replace(
        reply,
        problem=_problem(reply.problem) if reply.problem is not None else None,
        changed=[name(argument) for argument in reply.changed],
        forbidden=[name(used, 120) for used in reply.forbidden],
    )


def _problem(problem: Problem) -> Problem:
    frames = [
        StudentFrame(name(frame.file, 120), frame.line, name(frame.function), name(frame.source, 200, kept="\t"))
        for frame in problem.frames[:MAX_FRAMES]
    ]
    return Problem(problem.kind, name(problem.type_name), clean(problem.text), frames)


def traceback_lines(frames: list[StudentFrame]) -> str:
    """The student's own lines of a traceback, innermost last."""
    lines = []
    for frame in frames:
        where = f" in {frame.function}" if frame.function and frame.function != "<module>" else ""
        lines.append(f"  {frame.file}:{frame.line}{where}")
        if frame.source:
            lines.append(f"    {frame.source}")
    return "\n".join(lines)


def raised(what: str, problem: Problem) -> str:
    """Describes an exception: what was called, what it raised, what that means, and where it was raised."""
    first, _, more = problem.text.partition("\n")
    parts = [f"{what} raised {problem.type_name}", first.rstrip(".: "), in_words(problem.text)]
    text = "\n".join(part for part in (": ".join(part for part in parts if part), more) if part)
    trace = traceback_lines(problem.frames)
    return f"{text}\n{trace}" if trace else text
