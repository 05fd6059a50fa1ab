"""What the files of an exercise may import: an allow-list, since no list of what is harmful is ever complete."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from autograder.checks.grader import Grader
from autograder.sandbox.host.source import MAX_BYTES, Source
from autograder.sandbox.wire.messages import ForbiddenRules

REACHING = frozenset(("ctypes", "multiprocessing", "subprocess", "socket"))
"""Parts of Python's library with which code can leave the process that it runs in."""
EVERYWHERE = frozenset(
    {"torch", "numpy", "einops", "matplotlib", "tqdm", "typing_extensions", "__future__"}
    | {name for name in sys.stdlib_module_names if name[0] != "_" and name not in REACHING}
)
"""Packages that any exercise may use, if it does not forbid a part of them."""

WITHOUT_RULES = ("scipy", "sklearn", "torchvision", "timm", "PIL", "pandas", "skimage", "cv2")
"""What an exercise that forbids nothing allows besides."""
MAX_LOOKS = 20


def not_allowed(files: dict[str, bytes], grader: Grader) -> str:
    """What the exercise's file imports, itself or through other files of the submission, and the exercise does not allow.

    Args:
        files: all files of the submission, by path.
        grader: the grader of the exercise.

    Returns:
        A message with the line and what may be imported; empty if all is allowed.
    """
    path, spec = grader.id.path, grader.spec
    if path not in files:
        return ""
    forbids = spec.forbidden != ForbiddenRules()
    more = spec.imports if spec.imports is not None else () if forbids else WITHOUT_RULES
    allowed = EVERYWHERE | set(more)
    own = {part.removesuffix(".py") for other in files for part in other.split("/")} - {*WITHOUT_RULES}
    for name, source in reached(path, files, spec.public):
        if source.too_large:
            return f"{name} has {len(files[name]):,} bytes of code, and up to {MAX_BYTES:,} are graded: keep data out of it"
        for found in source.imports:
            package = found.name.partition(".")[0]
            if package not in allowed and package not in own:
                return (
                    f"{name}:{found.line} imports {found.name}, which this exercise does not use. It may use "
                    f"{', '.join(('torch', 'numpy', 'einops', *more))}, and Python's own library. Code that only plots or "
                    'tries something may import more below if __name__ == "__main__":'
                )
    return ""


def reached(path: str, files: dict[str, bytes], public: tuple[str, ...]) -> Iterator[tuple[str, Source]]:
    """The files whose code can run when a file's public functions are called: the file, and what it imports of the others."""
    waiting: list[tuple[str, tuple[str, ...] | None]] = [(path, public)]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        source = Source(files[name], wanted)
        yield name, source
        for level, module, names in source.modules:
            for other in _candidates(name, level, module):
                if other in files and (other, names) not in seen:
                    seen.add((other, names))
                    waiting.append((other, names))


def _candidates(importing: str, level: int, module: str) -> list[str]:
    """The paths that a module may have in a submission. Modules of the same folder can also be imported without dots."""
    path = f"{module.replace('.', '/')}.py"
    folders = PurePosixPath(importing).parents
    if level:
        return [str(folders[level - 1] / path)] if level <= len(folders) else []
    return [path, str(folders[0] / path)]


def to_look_at(files: dict[str, bytes], graders: Iterable[Grader]) -> list[str]:
    """Names that a teacher should see in the files of these exercises, each with its place; at most MAX_LOOKS."""
    found = {
        f"{name}:{one.line} {one.name}": None
        for grader in graders
        if grader.id.path in files
        for name, source in reached(grader.id.path, files, grader.spec.public)
        for one in source.to_look_at
    }
    return list(found)[:MAX_LOOKS]
