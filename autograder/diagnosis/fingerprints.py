"""What each known mistake answers where its checks fail, as numbers: made from `solutions/`, of use without it.

`fingerprints/<practical>/<exercise>.json.gz` holds, for each mistake, its title, its hint and, for each check that it
fails under SEED, the end of the trace and the kind of the reason. No code, and nothing that could be turned back into an
answer.
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
from autograder.diagnosis.traces import Mark, Trace, condensed

FOLDER = Path(__file__).resolve().parent / "fingerprints"
FORMAT = 2
SEED = 20
"""Of the inputs on which fingerprints are taken and compared."""
KEPT = 5
"""How many marks are kept as they are, the last of a trace; those before become one."""


@dataclass(frozen=True)
class Symptom:
    """How a mistake shows in one check: the status, the number of exchanges, their marks, the reason's skeleton."""

    status: str
    exchanges: int
    marks: Trace
    reason: str
    random: bool
    """Whether chance had a part, so that another style of the same mistake may answer other numbers."""

    @classmethod
    def of(cls, status: str, trace: Trace, reason: str) -> Symptom:
        return cls(status, len(trace), condensed(trace, KEPT), reason, any(mark.random for mark in trace))


@dataclass(frozen=True)
class Fingerprint:
    """A known mistake: its name, its title and hint, and its symptom in each check that it fails, by the check's id."""

    name: str
    title: str
    hint: str
    symptoms: dict[CheckId, Symptom]
    digest: str = ""
    """Of the code of the mistake when they were taken."""


@dataclass(frozen=True)
class Fingerprints:
    """All of one exercise. `stamp`: of which solution and checks they were taken. `layouts`: how the reference
    arranges the parameters of its networks."""

    stamp: str
    mistakes: tuple[Fingerprint, ...]
    layouts: tuple[Layout, ...] = ()


def path_of(exercise: ExerciseId, folder: Path = FOLDER) -> Path:
    return folder / f"{exercise}.json.gz"


def load_fingerprints(exercise: ExerciseId, folder: Path = FOLDER) -> Fingerprints:
    """Those of an exercise; none where there is no file."""
    path = path_of(exercise, folder)
    if not path.is_file():
        return Fingerprints("", ())
    content = json.loads(gzip.decompress(path.read_bytes()))
    if content.get("format") != FORMAT:
        return Fingerprints("", ())  # of another version: as good as none, and stale by its stamp
    mistakes = tuple(
        Fingerprint(
            name,
            entry["title"],
            entry["hint"],
            {exercise.check(check): _symptom(symptom) for check, symptom in entry["signs"].items()},
            entry.get("digest", ""),
        )
        for name, entry in content["mistakes"].items()
    )
    layouts = tuple(tuple((name, tuple(shape)) for name, shape in layout) for layout in content["layouts"])
    return Fingerprints(content["stamp"], mistakes, layouts)


def save_fingerprints(exercise: ExerciseId, fingerprints: Fingerprints, folder: Path = FOLDER) -> None:
    content = {
        "format": FORMAT,
        "stamp": fingerprints.stamp,
        "layouts": fingerprints.layouts,
        "mistakes": {
            mistake.name: {
                "title": mistake.title,
                "hint": mistake.hint,
                "digest": mistake.digest,
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
    marks = [
        [mark.structure, *(float(f"{number:.8g}") for number in mark.numbers), int(mark.exact), int(mark.random)]
        for mark in symptom.marks
    ]
    return [symptom.status, symptom.exchanges, symptom.reason, int(symptom.random), marks]


def _symptom(plain: list[Any]) -> Symptom:
    status, exchanges, reason, random, marks = plain
    found = tuple(
        Mark(structure, (first, second, size), bool(exact), bool(chance))
        for structure, first, second, size, exact, chance in marks
    )
    return Symptom(status, exchanges, found, reason, bool(random))
