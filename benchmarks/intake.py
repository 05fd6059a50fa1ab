"""Grades a class that hands in everything in every way: `python -m benchmarks.intake [--submissions N] [--kills N]`.

Each simulated student hands in work of a known kind (right, a known mistake, broken) in a way that is drawn too: folders,
archives, notebooks, files of each LMS with several attempts, and what cannot be graded, such as a PDF, a damaged archive or
a text typed into the LMS. A roster lists them all, and some who hand in nothing. The real command grades the folder and is
killed at random moments. Then every row must be there once, and say what is expected.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.cores import usable_cores
from autograder.course.catalogue import Exercise, find_project, select
from autograder.submissions.notebooks.cells import marker
from benchmarks.classroom import BROKEN, HOSTILE, MISTAKE, RIGHT, ROOT, SEED, Made, make_class

MISSING_SHARE = 0.02
NAMESAKES = 4
"""How many students share a full name with another one. Nothing but a number or an id tells the two apart."""
Files = dict[str, str]


@dataclass
class Student:
    """A student of the class, and what the result has to be. `problem`: part of the row's problem if nothing is graded."""

    number: int
    made: Made
    way: str = ""
    problem: str = ""
    attempts: int = 1
    rows: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"st{self.number:04}"

    @property
    def given(self) -> str:
        return f"Given{self.number - self.number % 2 if self.number < NAMESAKES else self.number}"

    @property
    def family(self) -> str:
        return f"Fämily{self.number - self.number % 2 if self.number < NAMESAKES else self.number}"

    @property
    def moodle(self) -> str:
        return str(500_000 + self.number)

    @property
    def canvas(self) -> str:
        return str(70_000 + self.number)


class HandIn:
    """Writes what students hand in into a folder. The method `way_…` of a way returns the problem that is expected, or ""."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self._folder = folder
        self._draw = draw
        self._upload = 9_000_000
        self._gradescope: list[str] = []

    def hand_in(self, student: Student, way: str) -> None:
        student.way = way
        student.problem = getattr(self, f"way_{way}")(student, student.made.files) or ""

    def finish(self) -> None:
        if self._gradescope:
            (self._folder / "submission_metadata.yml").write_text("---\n" + "".join(self._gradescope), encoding="utf-8")

    # what is graded

    def way_folder(self, student: Student, files: Files) -> None:
        self._write(self._folder / student.id, files)

    def way_folder_with_exercises(self, student: Student, files: Files) -> None:
        self._write(self._folder / student.id / "course" / "exercises", files)
        (self._folder / student.id / "report.pdf").write_bytes(b"%PDF-1.4\n")

    def way_zip(self, student: Student, files: Files) -> None:
        (self._folder / f"{student.id}.zip").write_bytes(zipped({f"work/{path}": text for path, text in files.items()}))

    def way_tar_gz(self, student: Student, files: Files) -> None:
        (self._folder / f"{student.id}.tar.gz").write_bytes(tarred(files, "gz"))

    def way_tar_xz(self, student: Student, files: Files) -> None:
        (self._folder / f"{student.id}.tar.xz").write_bytes(tarred(files, "xz"))

    def way_zip_in_folder(self, student: Student, files: Files) -> None:
        (self._folder / student.id).mkdir()
        (self._folder / student.id / "abgabe.zip").write_bytes(zipped(files))
        (self._folder / student.id / "readme.txt").write_text("see the zip")

    def way_loose_copies(self, student: Student, files: Files) -> None:
        """Files as a browser names a second download."""
        self._write(
            self._folder / student.id,
            {path.rpartition("/")[2].replace(".py", " (1).py"): text for path, text in files.items()},
        )

    def way_older_copies(self, student: Student, files: Files) -> None:
        """An older copy beside the file of the right name."""
        old = {path.replace(".py", " - Copy.py"): "raise RuntimeError('an old version')\n" for path in files}
        self._write(self._folder / student.id, files | old)

    def way_text_suffix(self, student: Student, files: Files) -> None:
        self._write(self._folder / student.id, {f"{path}.txt": text for path, text in files.items()})

    def way_moodle_folder(self, student: Student, files: Files) -> None:
        self._write(self._folder / self._moodle(student, "file_"), files)

    def way_moodle_zip(self, student: Student, files: Files) -> None:
        folder = self._folder / self._moodle(student, "file_")
        folder.mkdir()
        (folder / "work.zip").write_bytes(zipped(files))
        text = self._folder / self._moodle(student, "onlinetext_")
        text.mkdir()
        (text / "onlinetext.html").write_text("<p>my work is in the zip</p>")

    def way_canvas(self, student: Student, files: Files) -> None:
        for path, text in files.items():
            self._canvas(student, path.rpartition("/")[2], text)

    def way_canvas_again(self, student: Student, files: Files) -> None:
        """Files that were uploaded twice; Canvas renames the second one."""
        for path, text in files.items():
            name = path.rpartition("/")[2]
            self._canvas(student, name, "raise RuntimeError('an old version')\n")
            self._canvas(student, name.replace(".py", "-1.py"), text)

    def way_canvas_late(self, student: Student, files: Files) -> None:
        for path, text in files.items():
            self._canvas(student, path.rpartition("/")[2], text, late="LATE_")

    def way_gradescope(self, student: Student, files: Files) -> None:
        name = f"submission_{3_000_000 + student.number}"
        self._write(self._folder / name, files)
        self._gradescope.append(
            f"{name}:\n  :submitters:\n  - :name: {student.given} {student.family}\n    :sid: {student.id}\n"
            f"    :email: {student.id}@example.org\n  :created_at: 2026-11-0{1 + student.number % 9} 12:00:00 Z\n"
        )

    def way_blackboard_attempts(self, student: Student, files: Files) -> None:
        """Two attempts, of which the later one counts."""
        student.attempts = 2
        broken = dict.fromkeys(files, "raise RuntimeError('the first attempt')\n")
        for day, content in ((3, broken), (5, files)):
            name = f"Practical 1_{student.id}_attempt_2026-11-0{day}-10-00-00_work.zip"
            (self._folder / name).write_bytes(zipped(content))

    def way_notebook(self, student: Student, files: Files) -> None:
        (self._folder / f"{student.id}.ipynb").write_text(notebook(files))

    def way_notebook_text(self, student: Student, files: Files) -> None:
        (self._folder / f"{student.id}.ipynb.txt").write_text(notebook(files))

    def way_two_notebooks(self, student: Student, files: Files) -> None:
        """An older copy beside the notebook of the right name; alphabetically it comes first."""
        old = dict.fromkeys(files, "raise RuntimeError('an old version')\n")
        self._write(self._folder / student.id, {"p1_mlp-Copy1.ipynb": notebook(old), "p1_mlp.ipynb": notebook(files)})

    # what is not graded, with a part of what the row has to say

    def way_rar(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(64))
        return "RAR"

    def way_seven_zip(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(64))
        return "7z"

    def way_pdf(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.pdf").write_bytes(b"%PDF-1.4\n")
        return "PDF"

    def way_rar_in_folder(self, student: Student, files: Files) -> str:
        (self._folder / student.id).mkdir()
        (self._folder / student.id / "work.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(64))
        return "RAR"

    def way_empty_folder(self, student: Student, files: Files) -> str:
        (self._folder / student.id).mkdir()
        return "empty"

    def way_damaged_zip(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.zip").write_bytes(zipped(files)[:-40])
        return "damaged"

    def way_truncated_notebook(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.ipynb").write_text(notebook(files)[:-60])
        return "notebook"

    def way_large_notebook(self, student: Student, files: Files) -> str:
        (self._folder / f"{student.id}.ipynb").write_bytes(b'{"cells": ["' + b"x" * (21 << 20))
        return "notebook"

    def way_online_text(self, student: Student, files: Files) -> str:
        folder = self._folder / self._moodle(student, "onlinetext_")
        folder.mkdir()
        (folder / "onlinetext.html").write_text("<p>def softmax(x): return x</p>")
        return "text"

    def way_link(self, student: Student, files: Files) -> str:
        (self._folder / student.id).symlink_to("/etc", target_is_directory=True)
        return "link"

    def way_pipe(self, student: Student, files: Files) -> str:
        (self._folder / student.id).mkdir()
        os.mkfifo(self._folder / student.id / "softmax_cross_entropy.py")
        return "pipe"

    def _moodle(self, student: Student, part: str) -> str:
        return f"{student.given} {student.family}_{student.moodle}_assignsubmission_{part}"

    def _canvas(self, student: Student, name: str, text: str, late: str = "") -> None:
        self._upload += 1
        who = f"{student.family}{student.given}".lower()
        (self._folder / f"{who}_{late}{student.canvas}_{self._upload}_{name}").write_text(text, encoding="utf-8")

    def _write(self, folder: Path, files: Files) -> None:
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def tarred(files: Files, compression: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for path, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def notebook(files: Files) -> str:
    """A notebook with an answer cell per exercise, without metadata, as a validator leaves it."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "source": f"{marker(Path(path).stem)}\n{text}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for path, text in files.items()
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


WAYS = sorted(name.removeprefix("way_") for name in vars(HandIn) if name.startswith("way_"))
NOTEBOOKS = [way for way in WAYS if "notebook" in way]


def hand_in_class(folder: Path, exercises: list[Exercise], count: int) -> tuple[list[Student], list[Student], Path]:
    """Writes a class into `folder` and its roster beside it. Returns those who handed in, the others, and the roster."""
    draw = random.Random(SEED)
    folder.mkdir(parents=True)
    writer = HandIn(folder, draw)
    there, missing = [], []
    for number, made in enumerate(make_class(exercises, count, SEED)):
        student = Student(number, made)
        if number >= NAMESAKES and draw.random() < MISSING_SHARE:
            missing.append(student)
            continue
        # A notebook's module has no statements but definitions, so code that breaks out at import does not run there.
        ways = WAYS if made.kind.startswith((RIGHT, MISTAKE)) else [way for way in WAYS if way not in NOTEBOOKS]
        if not made.files:  # half of one exercise
            ways = ["empty_folder"]
        writer.hand_in(student, "moodle_folder" if number < NAMESAKES else draw.choice(ways))
        there.append(student)
    writer.finish()
    roster = folder.parent / "roster.csv"
    with roster.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "name", "email", "section", "moodle", "canvas"])
        for student in [*there, *missing]:
            email = f"{student.id}@example.org"
            table.writerow(
                [student.id, f"{student.given} {student.family}", email, "A", student.moodle, student.canvas]
            )
    return there, missing, roster


def grade(folder: Path, roster: Path, results: Path, only: list[str], jobs: int, kills: int) -> tuple[int, float]:
    """Runs the real command to its end, after killing it `kills` times at random moments. The exit code and the seconds."""
    draw = random.Random(SEED)
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--to", str(results), "--roster", str(roster)]
    command += ["--jobs", str(jobs), "--seed", str(SEED), *(part for name in only for part in ("--only", name))]
    start = time.perf_counter()
    for _ in range(kills):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=draw.uniform(0.5, 20.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    print(done.stdout[-1500:], done.stderr[-1500:], sep="\n")
    return done.returncode, time.perf_counter() - start


def check_rows(there: list[Student], missing: list[Student], results: Path) -> list[str]:
    """What is wrong with the rows of summary.csv and with the results."""
    with (results / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    problems = []
    expected = sum(student.attempts for student in there) + len(missing)
    if len(rows) != expected:
        problems.append(f"there are {len(rows)} rows, not {expected}")
    by_id: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_id.setdefault(row["id"], []).append(row)
    for student in there:
        problems += [
            f"{student.id} ({student.way}, {student.made.kind}): {text}" for text in _wrong(student, by_id, results)
        ]
    for student in missing:
        found = by_id.get(student.id, [])
        if len(found) != 1 or "nothing was handed in" not in found[0]["problem"]:
            problems.append(f"{student.id} handed in nothing, but the rows are {found}")
    strangers = by_id.keys() - {student.id for student in [*there, *missing]}
    if strangers:
        problems.append(f"rows of nobody on the roster: {sorted(strangers)[:5]}")
    return problems


def _wrong(student: Student, rows: dict[str, list[dict[str, str]]], results: Path) -> list[str]:
    found = rows.get(student.id, [])
    if len(found) != student.attempts:
        return [f"{len(found)} rows, not {student.attempts}"]
    path = results / f"{student.id}.json"
    if not path.is_file():
        return ["there is no result"]
    result = json.loads(path.read_text(encoding="utf-8"))
    if student.problem:
        problem = found[0]["problem"]
        if result["score"] or student.problem.casefold() not in problem.casefold():
            return [f"{result['score']} points, problem {problem!r}, not {student.problem!r}"]
        return []
    if result["problem"]:
        return [f"not graded: {result['problem']}"]
    exercises = {exercise["id"]: exercise for exercise in result["exercises"]}
    if any(exercise["status"] == "grader_error" for exercise in exercises.values()):
        return ["a grader error"]
    if student.made.target is None:
        return [f"{name} is {e['status']}" for name, e in exercises.items() if e["status"] != "passed"]
    target = exercises[student.made.target]
    worthless = student.made.kind.startswith((BROKEN, HOSTILE))
    if target["status"] == "passed" or (worthless and target["score"]) or target["score"] == target["max_score"]:
        return [f"{target['score']} of {target['max_score']} points for {student.made.target}"]
    return []


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.intake", description="Grade a class that hands in everything."
    )
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=usable_cores())
    parser.add_argument("--kills", type=int, default=12, help="how often to kill the command (default: 12)")
    parser.add_argument(
        "--only", action="append", default=[], help="as in autograder grade (default: softmax_cross_entropy)"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="the folder to keep submissions/ and results/ in")
    options = parser.parse_args()
    names = options.only or ["softmax_cross_entropy"]
    wanted = set(select(names))
    exercises = [exercise for exercise in find_project(ROOT).exercises() if exercise.id in wanted]
    with tempfile.TemporaryDirectory() as temporary:
        base = options.keep or Path(temporary)
        there, missing, roster = hand_in_class(base / "submissions", exercises, options.submissions)
        code, seconds = grade(base / "submissions", roster, base / "results", names, options.jobs, options.kills)
        problems = check_rows(there, missing, base / "results")
    attempts = sum(student.attempts for student in there)
    print(
        f"{attempts} entries of {len(there)} students, {len(missing)} handed in nothing, {options.kills} kills, "
        f"{seconds:.0f} s"
    )
    for way, number in sorted(Counter(student.way for student in there).items()):
        print(f"{number:>5}  {way.replace('_', ' ')}")
    if code not in (0, 1):
        problems.append(f"the command ended with {code}")
    print(f"\n{len(problems)} problems")
    print("".join(f"  {problem}\n" for problem in problems[:40]), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
