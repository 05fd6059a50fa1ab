"""nbgrader's Submit, which looks before it copies: nbgrader follows links, so that one to "/" would fill a disk.

It runs as the student, where nbgrader reads the course's config, as on a shared server. What others hand in is safe for
collect and autograde all the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeSubmit

from autograder.notebooks.nbgrader.set_aside import not_own_files
from autograder.submissions.members import printable

MAX_NAMED = 5


class SafeSubmit(ExchangeSubmit):  # type: ignore[misc]
    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copies the student's folder; fails, before anything is copied, if it holds links, pipes or devices."""
        folder = Path(src)
        found = [f"{_inside(folder, path)} {reason}" for path, reason in not_own_files(folder)]
        if found:
            more = f", and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
            self.fail(
                f"{printable(src)} cannot be handed in, since not all of it is yours to copy: {'; '.join(found[:MAX_NAMED])}"
                f"{more}. Remove these, or put copies of the files in their place, and submit again."
            )
        super().do_copy(src, dest, log)


def _inside(folder: Path, path: Path) -> str:
    return printable(str(path.relative_to(folder)) if path != folder else path.name)
