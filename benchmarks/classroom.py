"""Grades a simulated class as a teacher would: `python -m benchmarks.classroom [--submissions N] [--jobs N] [--kills N]`.

The submissions are made from the course's own solutions, variants and known mistakes, and from broken and hostile
sources. All are drawn from a seed, so the right result of each is known. The real command grades them and is killed in
between. Then every result is checked, a sample is graded again one by one, and time and memory are compared with simpler
ways to grade.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from autograder.classroom.cores import usable_cores
from autograder.course.catalogue import Exercise, ExerciseId, find_project, select
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.results import to_json
from autograder.submissions.entries import Entry, find_submissions, read_entry

ROOT = Path(__file__).resolve().parents[1]
SEED = 1
SAMPLE_SECONDS = 0.25
PYTEST_RUNS = 3
GONE_SECONDS = 30.0
OF_ONE: dict[str, object] = {"round": 0, "graders": "", "grading": 0, "digests": {}}
"""The fields of a result that do not depend on the class run."""

RIGHT, MISTAKE, BROKEN, HOSTILE = "right", "mistake", "broken", "hostile"
SHARES = {RIGHT: 35, MISTAKE: 45, BROKEN: 12, HOSTILE: 8}

# Each is put in front of a solution and runs first, so that no points can be earned after it.
HOSTILE_SOURCES = {
    "exit": "import os\nos._exit(0)\n",
    "loop": "while True:\n    pass\n",
    "memory": "bombs = []\nwhile True:\n    bombs.append(bytearray(64 << 20))\n",
    "forged": "import os\nos.write(3, b'AGW1' + bytes(8) + b'\\1' + bytes(11) + b'\\x80')\nos._exit(0)\n",
    "fork": "import os\nfor _ in range(50):\n    os.fork()\nos._exit(0)\n",
    "parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)\n",
}


@dataclass(frozen=True)
class Made:
    """A simulated student. `target`: the exercise that must not get all its points; None if all must pass."""

    id: str
    kind: str
    target: str | None
    files: dict[str, str]


def make_class(exercises: list[Exercise], count: int, seed: int) -> list[Made]:
    """The students of a class. A seed gives the same class on every machine."""
    draw = random.Random(seed)
    mistakes = {exercise.id: load_mistakes(exercise) for exercise in exercises}
    made = []
    for number in range(count):
        kind = draw.choices(list(SHARES), weights=list(SHARES.values()))[0]
        files = {
            f"{exercise.id}.py": draw.choice([exercise.solution, *exercise.variants]).read_text(encoding="utf-8")
            for exercise in exercises
        }
        target = draw.choice(exercises)
        path, solution = f"{target.id}.py", target.solution.read_text(encoding="utf-8")
        if kind == MISTAKE:
            files[path] = submission_source(solution, draw.choice(mistakes[target.id]))
        elif kind == BROKEN:
            how = draw.choice(("syntax", "stub", "half", "package"))
            if how == "half":
                for left_out in {path, *draw.sample(sorted(files), len(files) // 2)}:
                    del files[left_out]
            else:
                files[path] = {
                    "syntax": solution + "\ndef unfinished(:\n",
                    "stub": target.stub.read_text(encoding="utf-8"),
                    "package": f"import no_such_package_here\n{solution}",
                }[how]
            kind = f"{kind}-{how}"
        elif kind == HOSTILE:
            how = draw.choice(sorted(HOSTILE_SOURCES))
            files[path] = HOSTILE_SOURCES[how] + solution
            kind = f"{kind}-{how}"
        made.append(Made(f"s{number:04}-{kind}", kind, None if kind == RIGHT else target.id, files))
    return made


def hand_in(made: Iterable[Made], folder: Path) -> None:
    """Writes every second submission as a folder and the others as zips, half of which contain a top folder."""
    for number, student in enumerate(made):
        if number % 2:
            with zipfile.ZipFile(folder / f"{student.id}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for path, source in student.files.items():
                    archive.writestr(f"work/{path}" if number % 4 == 1 else path, source)
        else:
            (folder / student.id).mkdir()
            for path, source in student.files.items():
                target = folder / student.id / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(source, encoding="utf-8")


class Memory(threading.Thread):
    """Samples the memory of a process and its descendants: together (PSS, which counts shared pages once), and by role."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._main = psutil.Process(pid)
        self._ended = threading.Event()
        self.together = 0
        self.each: dict[str, int] = {}
        self.own_processes = 0

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            with suppress(psutil.Error):
                self._sample()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _sample(self) -> None:
        children = self._main.children()
        found = [("main", self._main)]
        for child in children:
            is_zygote = any("zygote.py" in part for part in child.cmdline())
            found.append(("zygote" if is_zygote else "job", child))
            found += [("worker", grandchild) for grandchild in child.children(recursive=True)]
        self.own_processes = max(self.own_processes, sum(role != "worker" for role, _ in found))
        self.together = max(self.together, sum(_pss(process.pid) for _, process in found))
        for role, process in found:
            with suppress(psutil.Error):
                self.each[role] = max(self.each.get(role, 0), process.memory_info().rss)


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # the process has ended
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found[1]) * 1024 if found else 0


@dataclass
class ClassRun:
    """The result of all starts of the command. `seconds`: the time of each submission, as the command prints it."""

    wall: float
    seconds: dict[str, float]
    graded: Counter[str]
    memory: list[Memory]
    problems: list[str]


def run_command(
    submissions: Path, results: Path, only: list[ExerciseId], jobs: int, count: int, kills: int
) -> ClassRun:
    """Runs the real command; kills it `kills` times at regular intervals and restarts it each time."""
    command = [sys.executable, "-m", "autograder", "grade", str(submissions), "--to", str(results)]
    command += ["--jobs", str(jobs), "--seed", str(SEED), *(part for name in only for part in ("--only", name))]
    run = ClassRun(0.0, {}, Counter(), [], [])
    for number in range(kills + 1):
        kill_at = (number + 1) * count // (kills + 1) if number < kills else None
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            memory = Memory(process.pid)
            memory.start()
            for name, seconds in _lines(process):
                run.seconds[name] = seconds
                run.graded[name] += 1
                if kill_at is not None and len(run.seconds) >= kill_at:
                    _kill(process, run.problems)
                    break
            process.wait()
            memory.stop()
        run.wall += time.perf_counter() - start
        run.memory.append(memory)
        if kill_at is None and process.returncode:
            run.problems.append(f"the command ended with {process.returncode}")
    return run


def _lines(process: subprocess.Popen[str]) -> Iterator[tuple[str, float]]:
    """The id and the seconds of each submission, from the lines that the command prints."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.match(r"\s*\d+/\d+\s+(\S+).*?(\d+\.\d\d) s(?:\s|$)", line)
        if found:
            yield found[1], float(found[2])


def _kill(process: subprocess.Popen[str], problems: list[str]) -> None:
    """Kills the command with SIGKILL. Any of its processes that survives is a problem."""
    main = psutil.Process(process.pid)
    everyone = [main, *main.children(recursive=True)]
    process.kill()
    process.wait()
    _, left = psutil.wait_procs(everyone, timeout=GONE_SECONDS)
    if left:
        problems.append(f"{len(left)} processes outlived a killed run: {left}")


def check_results(made: list[Made], results: Path) -> list[str]:
    """The results that are missing or wrong."""
    problems = []
    for student in made:
        result = json.loads((results / f"{student.id}.json").read_text(encoding="utf-8"))
        exercises = {exercise["id"]: exercise for exercise in result["exercises"]}
        if student.target is None:
            wrong = [f"{name} {found['status']}" for name, found in exercises.items() if found["status"] != "passed"]
            if wrong:
                problems.append(f"{student.id} is right, but gets {', '.join(wrong)}")
        else:
            found = exercises[student.target]
            highest = 0.0 if student.kind.startswith((BROKEN, HOSTILE)) else found["max_score"]
            if found["status"] == "passed" or found["score"] > highest or found["score"] == found["max_score"]:
                problems.append(f"{student.id} gets {found['score']} of {found['max_score']} for {student.target}")
        if any(found["status"] == "grader_error" for found in exercises.values()):
            problems.append(f"{student.id} has a grader error")
    return problems


def compare_one_by_one(entries: list[Entry], results: Path, only: list[ExerciseId]) -> list[str]:
    """The results of the class run that differ from grading in one process."""
    problems = []
    with closing(Engine(Settings(seed=SEED, isolation="strict"))) as engine:
        for entry in entries:
            expected = json.loads(json.dumps(to_json(engine.grade(read_entry(entry), only))))
            found = json.loads((results / f"{entry.id}.json").read_text(encoding="utf-8"))
            if {**found, **OF_ONE} != expected:
                problems.append(
                    f"{entry.id}: {found['score']} in the class, {expected['score']} by itself, or other texts"
                )
    return problems


def in_one_process(entries: list[Entry], only: list[ExerciseId]) -> list[float]:
    """The seconds for each of these correct submissions without a worker, in a warm process."""
    for name in ("functions", "modules"):
        importlib.import_module(f"autograder.probes.{name}")
    with closing(Engine(Settings(seed=SEED, isolation="none"))) as engine:
        engine.grade(read_entry(entries[0]), only)
        seconds = []
        for entry in entries:
            submission = read_entry(entry)
            start = time.perf_counter()
            engine.grade(submission, only)
            seconds.append(time.perf_counter() - start)
    return seconds


def one_pytest_each(made: list[Made], only: list[ExerciseId]) -> list[float]:
    """The seconds for each of these correct submissions in its own pytest process."""
    graders = [f"autograder/graders/{name.practical}/test_{name.name}.py" for name in only]
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for student in made:
            for path, source in student.files.items():
                target = Path(folder, student.id, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(source, encoding="utf-8")
            command = [sys.executable, "-m", "pytest", *graders, f"--submission={folder}/{student.id}", "-q"]
            start = time.perf_counter()
            done = subprocess.run([*command, "-p", "no:cacheprovider"], cwd=ROOT, capture_output=True, text=True)
            seconds.append(time.perf_counter() - start)
            if done.returncode:
                raise RuntimeError(f"{student.id} does not pass under pytest:\n{done.stdout[-2000:]}")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.classroom", description="Grade and measure a simulated class."
    )
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=usable_cores())
    parser.add_argument("--kills", type=int, default=0, help="how often to kill and restart the command (default: 0)")
    parser.add_argument("--only", action="append", default=[], help="as in autograder grade")
    parser.add_argument(
        "--compare", type=int, default=20, help="how many submissions to grade again one by one; 0: all"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="the folder to keep submissions/ and results/ in")
    options = parser.parse_args()
    wanted = set(select(options.only))
    there = [exercise for exercise in find_project(ROOT).exercises() if exercise.id in wanted]
    exercises = [e for e in there if all(path.is_file() for path in (e.solution, e.grader, e.mistakes, e.stub))]
    only = [exercise.id for exercise in exercises]
    made = make_class(exercises, options.submissions, SEED)
    kinds = Counter(student.kind.split("-")[0] for student in made)
    print(
        f"{len(made)} submissions of {len(only)} exercises: {', '.join(f'{n} {kind}' for kind, n in kinds.items())} · "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs"
    )
    with tempfile.TemporaryDirectory() as temporary:
        base = options.keep or Path(temporary)
        submissions, results = base / "submissions", base / "results"
        submissions.mkdir(parents=True)
        hand_in(made, submissions)
        run = run_command(submissions, results, only, options.jobs, len(made), options.kills)
        entries = find_submissions(submissions)
        sample = random.Random(SEED).sample(entries, min(options.compare or len(entries), len(entries)))
        again = sum(times - 1 for times in run.graded.values())
        problems = [
            *run.problems,
            *check_results(made, results),
            *compare_one_by_one(sample, results, only),
            *([f"{again} submissions were graded twice"] if again > options.kills * options.jobs else []),
        ]
        _print_run(run, len(made), options.jobs, options.kills)
        _print_ratios(run, made, entries, only)
    print(f"\n{len(problems)} problems; {len(sample)} results compared with grading one by one")
    print("".join(f"  {problem}\n" for problem in problems), end="")
    return 1 if problems else 0


def _print_run(run: ClassRun, count: int, jobs: int, kills: int) -> None:
    print(f"\nautograder grade, {jobs} jobs, {kills} kills: {run.wall:.1f} s, {run.wall / count:.2f} s per submission")
    together = max(memory.together for memory in run.memory)
    each: dict[str, int] = {}
    for memory in run.memory:
        for role, size in memory.each.items():
            each[role] = max(each.get(role, 0), size)
    shown = ", ".join(f"{role} {size >> 20} MiB" for role, size in each.items())
    processes = max(memory.own_processes for memory in run.memory)
    print(f"peak memory: {together >> 20} MiB together (PSS); the largest of each (RSS): {shown}")
    print(f"processes of our own: {processes} (at most {jobs + 2}: jobs, zygote, main)")


def _print_ratios(run: ClassRun, made: list[Made], entries: list[Entry], only: list[ExerciseId]) -> None:
    """Compares the times of correct submissions only: the time of a wrong one depends on its mistake."""
    right = [student for student in made if student.target is None and student.id in run.seconds]
    if not right:
        print("there is no correct submission to measure")
        return
    names = {student.id for student in right}
    seconds = {
        "autograder grade, in one of its jobs": [run.seconds[name] for name in names],
        "the checks alone, one warm process": in_one_process([e for e in entries if e.id in names][:20], only),
        "one pytest process each": one_pytest_each(right[:PYTEST_RUNS], only),
    }
    base = median(next(iter(seconds.values())))
    print(f"\n{'a correct submission':<40}{'median':>10}{'of them':>9}{'ratio':>9}")
    for what, found in seconds.items():
        print(f"{what:<40}{median(found):>8.2f} s{len(found):>9}{base / median(found):>9.2f}")


if __name__ == "__main__":
    sys.exit(main())
