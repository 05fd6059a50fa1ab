"""What becomes of files that are not graded: each is named with the reason, and a submission of nothing else is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.course.catalogue import ExerciseId
from autograder.submissions.members import Listing, Member, printable

MAX_NAMES = 3
"""As many names are written out in one line; the others are counted."""
MAX_LINES = 20
ITSELF = "hand in the notebook (.ipynb) or the Python files (.py) themselves"
PACK_AGAIN = "pack the folder as .zip and hand it in again"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is not graded: "report.pdf is a PDF". `remedy`: what to hand in instead."""

    what: str
    remedy: str
    endings: tuple[str, ...]


def _archive(what: str, *endings: str) -> Kind:
    return Kind(f"{what}, which is not opened", PACK_AGAIN, endings)


DATA = Kind("data or text", ITSELF, ())
"""All other files: data, pictures, text. They belong beside an exercise, so they are reported in one line."""
PICTURE = Kind(
    "a picture", ITSELF, (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".svg", ".webp", ".heic")
)
KINDS = (  # in the order in which they explain that there is nothing to grade
    _archive("a RAR archive", ".rar"),
    _archive("a 7-Zip archive", ".7z"),
    _archive("an archive", ".tar.zst", ".tar.z", ".tar.lz", ".tar.lzma", ".lzh", ".cab", ".iso", ".dmg", ".ace", ".arj"),
    _archive("a compressed file", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".z"),
    _archive("a package", ".whl", ".egg", ".jar", ".deb", ".rpm"),
    Kind("an unfinished download", "hand in the finished file", (".crdownload", ".part", ".partial", ".download")),
    Kind(
        "a shortcut", "hand in the file that it points to",
        (".lnk", ".url", ".webloc", ".desktop", ".gdoc", ".gsheet", ".gslides", ".alias"),
    ),
    Kind("compiled code", "hand in the Python file (.py) that it was made from", (".pyc", ".pyo", ".pyd", ".so")),
    Kind("a web page", ITSELF, (".html", ".htm", ".mhtml", ".xhtml")),
    Kind("a PDF", ITSELF, (".pdf",)),
    Kind(
        "an office document", ITSELF,
        (".doc", ".docx", ".odt", ".rtf", ".pages", ".ppt", ".pptx", ".odp", ".key", ".xls", ".xlsx", ".ods", ".numbers"),
    ),
    PICTURE,
    Kind("a backup of a file", "hand in the file itself", (".bak", ".orig", ".old", ".swp", "~", ".tmp", ".save")),
    DATA,
)  # fmt: skip
ORDINARY = (PICTURE, KINDS[-2], DATA)
"""Kinds that lie beside most work."""


def kind_of_other(member: Member) -> Kind:
    """The kind of a file that is not graded, by its name."""
    name = member.parts[-1].casefold()
    return next((kind for kind in KINDS if kind.endings and name.endswith(kind.endings)), DATA)


def lines(others: Iterable[Member]) -> list[str]:
    """What is said about these files beside work that is graded: a line for each kind, and one for all ordinary files."""
    grouped = _grouped(others)
    ordinary = sorted((member for kind in ORDINARY for member in grouped.pop(kind, [])), key=lambda m: m.path)
    result = []
    for kind, members in grouped.items():
        verb, reason = _were(members), f"it is {kind.what}" if len(members) == 1 else f"each is {kind.what}"
        result.append(f"{named(members)} {verb} left aside: {reason}")
    if ordinary:
        result.append(f"{named(ordinary)} {_were(ordinary)} left aside: only notebooks and Python files are graded")
    return result


def named(members: Sequence[Member]) -> str:
    """The first names, and the number of the others: "a.csv, b.csv, c.csv and 4 more"."""
    return listed([printable(member.path, 80) for member in members])


def listed(names: Sequence[str]) -> str:
    """Some of these names, and the number of the others."""
    if len(names) > MAX_NAMES:
        return f"{', '.join(names[:MAX_NAMES])} and {len(names) - MAX_NAMES} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def capped(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts without repetitions; of too many, the first and the number of the others."""
    unique = list(dict.fromkeys(texts))
    more = len(unique) - MAX_LINES
    return tuple(unique) if more <= 0 else (*unique[:MAX_LINES], f"and {more} more")


def nothing_to_grade(name: str, exercise: ExerciseId, listing: Listing, unreadable: Sequence[str]) -> str:
    """Why a submission without any exercise cannot be graded, with what was found in it, and what to do.

    `name`: the submission; `exercise`: an example; `unreadable`: its parts that cannot be read, each with the reason.
    """
    if unreadable:
        more = f" (and {len(unreadable) - 1} more such parts)" if len(unreadable) > 1 else ""
        return f"{unreadable[0] if unreadable[0].startswith(name) else f'{name} cannot be read: {unreadable[0]}'}{more}"
    unused = sorted([*listing.notebooks, *listing.scripts], key=lambda member: member.path)
    if listing.archives and not unused:
        return f"{name} holds {named(listing.archives)}: hand in a single archive, or the files themselves"
    others = [*listing.others, *listing.archives]
    grouped = _grouped(others)
    found = [f"{named(members)} ({kind.what})" for kind, members in grouped.items() if kind is not DATA]
    found += [named(members) for kind, members in grouped.items() if kind is DATA]
    if unused:
        found.insert(0, named(unused))
        remedy = f"name each file after its exercise, as {exercise.path}, or hand in the notebook that you were given"
        return f"{name} holds no exercise, only {', '.join(found)}: {remedy}"
    if not found:
        return f"{name} is empty: hand in your notebook (.ipynb) or your Python files (.py)"
    return f"{name} holds only {', '.join(found)}: {next(iter(grouped)).remedy}"


def _grouped(members: Iterable[Member]) -> dict[Kind, list[Member]]:
    """The members of each kind, sorted by path; the kinds in the order of KINDS."""
    found = sorted(members, key=lambda member: (KINDS.index(kind_of_other(member)), member.path))
    grouped: dict[Kind, list[Member]] = {}
    for member in found:
        grouped.setdefault(kind_of_other(member), []).append(member)
    return grouped


def _were(members: Sequence[Member]) -> str:
    return "was" if len(members) == 1 else "were"
