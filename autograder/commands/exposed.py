"""Tells the teacher what other users of this machine can read or change: all of it in `doctor`, a line elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from autograder.course.catalogue import INSTALLED, CourseError, Project, find_project
from autograder.reports.terminal import counted

if TYPE_CHECKING:
    from autograder.course.exposure.findings import Exposure


class ExposureError(Exception):
    """A folder or group to check does not exist. The message says which."""


@dataclass(frozen=True)
class Report:
    """What was checked, what others can read or change, and the fewest commands that close it."""

    checked: tuple[Path, ...]
    in_clones: tuple[Exposure, ...]
    elsewhere: tuple[Exposure, ...]
    """In the folders that were named, and in the Python that grades."""
    commands: tuple[str, ...]

    @property
    def found(self) -> tuple[Exposure, ...]:
        """Everything, without duplicates."""
        return tuple(dict.fromkeys(self.in_clones + self.elsewhere))

    def lines(self) -> Iterator[str]:
        """The report for a terminal."""
        where = ", ".join(map(str, self.checked))
        if not self.found:
            yield f"other users  can neither read nor change anything in {where}"
            return
        yield f"other users  can read or change what they should not, in {where}:"
        for exposure in sorted(self.found, key=lambda one: not one.everybody):
            yield f"  {'everybody' if exposure.everybody else 'group':9}  {exposure}"
        if len(self.commands) < len(self.found):
            yield "  to close all of it:"
            yield from (f"    {command}" for command in self.commands)
        if not all(exposure.everybody for exposure in self.found):
            yield "  Assistants may be meant to: `autograder doctor --assistants GROUP` leaves a group out."


def teachers_clones() -> tuple[Path, ...]:
    """The teacher's clones at hand: around the working directory, and where this package is installed from."""
    clones = [INSTALLED]
    with suppress(CourseError):
        clones.insert(0, find_project(Path.cwd()).root)
    return tuple(dict.fromkeys(clone.resolve() for clone in clones if Project(clone).has_solutions))


def exposure_of(clones: tuple[Path, ...], folders: tuple[Path, ...] = (), assistants: tuple[str, ...] = ()) -> Report:
    """What others can read or change of these clones and folders, and of the Python that grades.

    ExposureError if a folder or a group does not exist.
    """
    if os.name != "posix":  # without permission bits; the worker does not run there either
        return Report((), (), (), ())
    from autograder.course.exposure.findings import Trusted, commands, exposures
    from autograder.course.exposure.places import places_of_clone, places_of_folder, places_of_python

    groups = _group_ids(assistants)
    in_clones: list[Exposure] = []
    elsewhere: list[Exposure] = []
    closing: list[str] = []
    for clone in clones:
        in_clone = exposures(places_of_clone(Project(clone)), Trusted.of(clone, groups))
        in_clones += in_clone
        closing += commands(in_clone, clone)
    for folder in folders:
        if not folder.exists():
            raise ExposureError(f"{folder} does not exist: give the folder of a course, or of results")
        elsewhere += exposures(places_of_folder(folder), Trusted.of(folder, groups))
    if clones:
        elsewhere += exposures(places_of_python(clones), Trusted.of(clones[0], groups))
    elsewhere = [one for one in elsewhere if not any(one.path == it.path and one.who == it.who for it in in_clones)]
    closing += commands(elsewhere)
    checked = tuple(dict.fromkeys([*clones, *(folder.resolve() for folder in folders)]))
    return Report(checked, tuple(in_clones), tuple(elsewhere), tuple(dict.fromkeys(closing)))


def warn_of_exposure(folder: Path) -> None:
    """Prints a warning to stderr if every user can read this folder, and one if every user can read the teacher's clone."""
    report = exposure_of(teachers_clones(), (folder,) if folder.exists() else ())
    for exposure in report.elsewhere:
        if exposure.everybody:
            typer.echo(f"warning: {exposure}", err=True)
    if open_places := [one for one in report.in_clones if one.everybody]:
        first = next((one for one in open_places if one.path.name == "solutions"), open_places[0])
        more = f" and {counted(len(open_places) - 1, 'other place')}" if len(open_places) > 1 else ""
        typer.echo(
            f"warning: every user of this machine can {first.can} {first.path}{more}; `autograder doctor` says how to "
            "close it",
            err=True,
        )


def _group_ids(names: tuple[str, ...]) -> tuple[int, ...]:
    import grp

    try:
        return tuple(grp.getgrnam(name).gr_gid for name in names)
    except KeyError as error:
        raise ExposureError(f"--assistants: this machine has no group of this name: {error}") from error
