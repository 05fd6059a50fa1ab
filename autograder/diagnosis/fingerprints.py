"""Fingerprints: how each known mistake shows in the checks that it fails, as numbers.

They are taken from `solutions/` and used in releases, which have none. The file
`fingerprints/<practical>/<exercise>.json.gz` holds the title and hint of each mistake and, for each check that it fails
under SEED, the end of its trace and the pattern of the message. It holds no code, and no answer can be recovered from it.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import CheckId, ExerciseId
from autograder.diagnosis.layouts import Layout
from autograder.diagnosis.traces import AnswerDigest, Trace, condensed

FOLDER = Path(__file__).resolve().parent / "fingerprints"
FORMAT = 2
SEED = 20
"""The run seed of the inputs on which fingerprints are taken and compared."""
KEPT = 5
"""How many answers at the end of a trace are kept one by one; the earlier ones become a single digest."""


@dataclass(frozen=True)
class Symptom:
    """How a mistake shows in one check."""

    status: str
    exchanges: int
    """How many exchanges with the student's code the check had."""
    trace: Trace
    """The answers, condensed."""
    message_pattern: str
    random: bool
    """Whether any answer was random, so that the same mistake in another style may give other numbers."""

    @classmethod
    def of(cls, status: str, trace: Trace, message_pattern: str) -> Symptom:
        """The symptom for a whole trace."""
        return cls(status, len(trace), condensed(trace, KEPT), message_pattern, any(a.random for a in trace))


@dataclass(frozen=True)
class Fingerprint:
    """A known mistake as a release has it: name, title, hint, the public name that it replaces, and its symptom in each
    check that it fails."""

    name: str
    title: str
    hint: str
    symptoms: dict[CheckId, Symptom]
    digest: str = ""
    """The digest of the mistake's code when the fingerprint was taken."""
    replaces: str = ""


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints of one exercise."""

    stamp: str
    """A digest of the code that they were taken from."""
    mistakes: tuple[Fingerprint, ...]
    layouts: tuple[Layout, ...] = ()
    """How the reference arranges the parameters of its networks."""


def path_of(exercise: ExerciseId, folder: Path = FOLDER) -> Path:
    """The file that holds the fingerprints of an exercise."""
    return folder / f"{exercise}.json.gz"


def load_fingerprints(exercise: ExerciseId, folder: Path = FOLDER) -> Fingerprints:
    """The fingerprints of an exercise; empty if there is no file."""
    path = path_of(exercise, folder)
    if not path.is_file():
        return Fingerprints("", ())
    content = json.loads(gzip.decompress(path.read_bytes()))
    if content.get("format") != FORMAT:
        return Fingerprints("", ())  # an older format; the empty stamp makes it stale
    mistakes = tuple(
        Fingerprint(
            name,
            entry["title"],
            entry["hint"],
            {exercise.check(check): _symptom(symptom) for check, symptom in entry["signs"].items()},
            entry.get("digest", ""),
            entry.get("replaces", ""),
        )
        for name, entry in content["mistakes"].items()
    )
    layouts = tuple(tuple((name, tuple(shape)) for name, shape in layout) for layout in content["layouts"])
    return Fingerprints(content["stamp"], mistakes, layouts)


def save_fingerprints(exercise: ExerciseId, fingerprints: Fingerprints, folder: Path = FOLDER) -> None:
    """Writes the file of an exercise; equal fingerprints give equal bytes."""
    content = {
        "format": FORMAT,
        "stamp": fingerprints.stamp,
        "layouts": fingerprints.layouts,
        "mistakes": {
            mistake.name: {
                "title": mistake.title,
                "hint": mistake.hint,
                "digest": mistake.digest,
                "replaces": mistake.replaces,
                "signs": {check.name: _plain(symptom) for check, symptom in mistake.symptoms.items()},
            }
            for mistake in fingerprints.mistakes
        },
    }
    data = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    path = path_of(exercise, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, gzip.compress(data, mtime=0))


def _plain(symptom: Symptom) -> list[Any]:
    answers = [
        [
            answer.structure,
            *(float(f"{number:.8g}") for number in answer.numbers),
            int(answer.exact),
            int(answer.random),
        ]
        for answer in symptom.trace
    ]
    return [symptom.status, symptom.exchanges, symptom.message_pattern, int(symptom.random), answers]


def _symptom(plain: list[Any]) -> Symptom:
    status, exchanges, message_pattern, random, answers = plain
    trace = tuple(
        AnswerDigest(structure, (first, second, size), bool(exact), bool(drawn))
        for structure, first, second, size, exact, drawn in answers
    )
    return Symptom(status, exchanges, trace, message_pattern, bool(random))
