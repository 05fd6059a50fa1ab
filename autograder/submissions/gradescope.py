"""Reads `submission_metadata.yml`, which lies in Gradescope's export beside a folder for each submission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from autograder.submissions.folders import read_file
from autograder.submissions.lms_names import GRADESCOPE, Sender
from autograder.submissions.members import SubmissionError, Unusable, printable

METADATA_FILE = "submission_metadata.yml"
MAX_BYTES = 64 << 20
MAX_TEXT = 200


def read_metadata(path: Path) -> dict[str, list[Sender]]:
    """The students of each submission, by the name of its folder. The members of a group share one folder.

    Raises SubmissionError if the file cannot be read.
    """
    try:
        loaded = _load(read_file(path, MAX_BYTES))
        if not isinstance(loaded, dict):
            raise ValueError("it has no submissions by name")
        return {str(folder): _senders(about) for folder, about in loaded.items() if _is_name(str(folder))}
    except Unusable as problem:
        reason = str(problem).partition(":")[0]
    except Exception as error:  # PyYAML raises various types on malformed files
        reason = f"cannot be read ({printable(' '.join(str(error).split()) or type(error).__name__)})"
    raise SubmissionError(f"{printable(str(path))} {reason}: download the submissions from Gradescope again")


def _is_name(folder: str) -> bool:
    """Whether this is the name of one folder, and no path to another place."""
    return folder not in ("", ".", "..") and not set("/\\\0") & set(folder)


def _load(data: bytes) -> Any:
    """The data in a YAML file. Tags of Ruby's own classes are ignored, and nothing but plain data is made."""
    import yaml  # only a class from Gradescope needs it

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        pass

    def plain(loader: Any, _: str, node: Any) -> Any:
        construct: Callable[..., Any] = {
            yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
            yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        }.get(type(node), loader.construct_scalar)
        return construct(node)

    Loader.add_multi_constructor("!", plain)
    return yaml.load(data, Loader)  # a safe loader


def _senders(about: Any) -> list[Sender]:
    if not isinstance(about, dict):
        return []
    people = _get(about, "submitters")
    history = _get(about, "history")
    attempt = len(history) + 1 if isinstance(history, list) else None
    time = _time(_get(about, "created_at"))
    return [
        Sender(
            _text(_get(person, "name")),
            _text(_get(person, "sid")),
            email=_text(_get(person, "email")),
            time=time,
            attempt=attempt,
            kind=GRADESCOPE,
        )
        for person in (people if isinstance(people, list) else [])
        if isinstance(person, dict)
    ]


def _get(mapping: dict[Any, Any], name: str) -> Any:
    """The value of a key, which is a symbol of Ruby (`:name`) in Gradescope's files."""
    return mapping.get(f":{name}", mapping.get(name))


def _text(value: Any) -> str:
    """A name or a number as text. Anything else is ignored: written out, a list that contains itself often is endless."""
    return str(value).strip()[:MAX_TEXT] if isinstance(value, (str, int)) else ""


def _time(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    return None
