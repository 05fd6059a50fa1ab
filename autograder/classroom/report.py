"""The report on a class: reads the result files in a folder and writes `summary.csv` and `class.html`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import StatisticsError, correlation, mean, median
from urllib.parse import quote

import msgspec
from jinja2 import Environment, PackageLoader

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import ExerciseId
from autograder.reports.explanation import headline
from autograder.reports.terminal import points
from autograder.results import SCHEMA, SKIPPED, SubmissionResult, from_json
from autograder.sandbox.host.text import clean

SUMMARY_FILE = "summary.csv"
PAGE_FILE = "class.html"
RUN_FILE = ".run.json"
NO_SUBMISSION = "there is no such submission any more"
FORMULA_SIGNS = ("=", "+", "-", "@")
BINS = 10
SHOWN_EXPLANATIONS = 25


class Run(msgspec.Struct, frozen=True):
    """What a class run records for the next one."""

    seed: int
    round: int = 0
    """How often the class was regraded."""
    removed: tuple[str, ...] = msgspec.field(default=(), name="gone")  # named as in the records of earlier versions
    """The ids of results whose submission was removed."""
    submissions: str = ""
    """The folder of all submissions. It is not part of the results, which students may get to see."""


def read_result(path: Path) -> SubmissionResult | None:
    """A result from its file; None if the file is missing, damaged, or the result of another submission."""
    try:
        result = from_json(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return result if result.submission.id == path.stem and result.schema == SCHEMA else None


def read_results(folder: Path) -> tuple[list[SubmissionResult], list[str]]:
    """All results in a folder, sorted by file name, and the names of damaged files."""
    results, damaged = [], []
    for path in sorted(folder.glob("*.json")):
        if path.name.startswith("."):
            continue
        result = read_result(path)
        if result is None:
            damaged.append(path.name)
        else:
            results.append(result)
    return results, damaged


def read_run(folder: Path) -> Run | None:
    """The record of the last class run in a folder; None if there was none. ValueError if it is damaged."""
    try:
        data = (folder / RUN_FILE).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(data, type=Run)


def write_report(results: list[SubmissionResult], folder: Path, removed: Iterable[str] = ()) -> None:
    """Writes `summary.csv` and `class.html` into the folder. OSError if that fails.

    `removed`: the ids of results whose submission is not there any more.
    """
    ids = frozenset(removed)
    write_atomically(folder / SUMMARY_FILE, summary_csv(results, ids))
    write_atomically(folder / PAGE_FILE, class_page(results, ids).encode("utf-8", "backslashreplace"))


def summary_csv(results: list[SubmissionResult], removed: frozenset[str] = frozenset()) -> bytes:
    """A CSV table with one row per submission.

    It starts with a byte order mark. Without it Excel reads UTF-8 in the local code page and garbles "Müller"; LibreOffice,
    pandas and Google Sheets accept it. The seed is in hexadecimal: a spreadsheet would round a number of 128 bits.
    """
    exercises = graded_exercises(results)
    out = io.StringIO(newline="")
    table = csv.writer(out)
    pairs = [f"{exercise} {part}" for exercise in exercises for part in ("score", "status")]
    table.writerow(["id", "score", "max_score", "bonus", *pairs, "isolation", "seed", "sha256", "problem"])
    for result in results:
        found = {exercise.id: exercise for exercise in result.exercises}
        cells: list[str] = []
        for exercise_id in exercises:
            exercise = found.get(exercise_id)
            cells += [points(exercise.score), exercise.status] if exercise else ["", ""]
        note = NO_SUBMISSION if result.submission.id in removed else ""
        problem = " · ".join(part for part in (result.problem, note) if part)
        row = [
            result.submission.id, points(result.score), points(result.max_score), points(result.bonus), *cells,
            result.isolation, hex(result.seed), result.submission.sha256, problem,
        ]  # fmt: skip
        table.writerow([harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def harmless(cell: str) -> str:
    """The text of a cell without control characters, with an apostrophe before it if a spreadsheet would run a formula."""
    formula = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(FORMULA_SIGNS)
    return ("'" if formula else "") + one_line(cell)


def one_line(text: str) -> str:
    """Text that may come from students as one line without control characters."""
    return " ".join(clean(text).split())


def graded_exercises(results: Iterable[SubmissionResult]) -> list[ExerciseId]:
    """The exercises that occur in any result, sorted."""
    return sorted({exercise.id for result in results for exercise in result.exercises})


def count_explanations(results: Iterable[SubmissionResult]) -> Counter[tuple[str, str]]:
    """How often each exercise has each headline as its first explanation, by (exercise, headline).

    Exercises that are not started are not counted.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        if result.problem:
            counts["whole submission", one_line(result.problem.partition("\n")[0])] += 1
            continue
        for exercise in result.exercises:
            check = exercise.first_problem
            if check is not None and check.status != "not_started":
                counts[exercise.id, one_line(headline(check))] += 1
    return counts


@dataclass(frozen=True)
class Difficulty:
    """How difficult a check is, and how well it separates strong from weak submissions."""

    exercise: str
    title: str
    passed: int
    judged: int
    """How many submissions have a result for it, passed or not."""
    discrimination: float | None
    """The correlation of passing this check with the score in all others, from -1 to 1; None if it is undefined.

    A check near 0 says nothing about the rest. One below 0 is passed by weaker submissions and should be looked at.
    """

    @property
    def percent(self) -> float:
        return 100 * self.passed / self.judged if self.judged else 0.0


def difficulties(results: list[SubmissionResult]) -> list[Difficulty]:
    """The difficulty of each check, in the order of the results. Skipped checks and grader errors are not counted."""
    found: dict[str, list[tuple[bool, float]]] = {}
    checks: dict[str, tuple[str, str]] = {}
    for result in results:
        total = result.score + result.bonus
        for exercise in result.exercises:
            for check in exercise.checks:
                checks.setdefault(check.id, (exercise.id, check.title))
                judged = found.setdefault(check.id, [])
                if check.status not in (SKIPPED, "grader_error"):
                    judged.append((check.status == "passed", total - check.score))
    return [
        Difficulty(*checks[name], sum(passed for passed, _ in judged), len(judged), _discrimination(judged))
        for name, judged in found.items()
    ]


def _discrimination(judged: list[tuple[bool, float]]) -> float | None:
    try:
        return correlation([float(passed) for passed, _ in judged], [rest for _, rest in judged])
    except StatisticsError:  # fewer than two submissions, or all equal
        return None


@dataclass(frozen=True)
class PassRate:
    """How a class did in an exercise, in numbers of submissions."""

    exercise: str
    bonus: bool
    passed: int
    attempted: int
    submissions: int
    share: float
    """The mean share of the points, in percent."""


def pass_rates(results: list[SubmissionResult]) -> list[PassRate]:
    """The pass rate of each exercise, sorted by id."""
    rates = []
    for name in graded_exercises(results):
        found = [exercise for result in results for exercise in result.exercises if exercise.id == name]
        shares = [exercise.score / exercise.max_score for exercise in found if exercise.max_score]
        rates.append(
            PassRate(
                name,
                found[0].bonus,
                sum(exercise.status == "passed" for exercise in found),
                sum(exercise.status != "not_started" for exercise in found),
                len(found),
                100 * mean(shares) if shares else 0.0,
            )
        )
    return rates


def histogram(results: list[SubmissionResult]) -> list[int]:
    """How many submissions have 0 to 10% of the points, 10 to 20%, and so on; 100% counts in the last bin."""
    counts = [0] * BINS
    for result in results:
        counts[min(int(result.percent * BINS / 100), BINS - 1)] += 1
    return counts


def class_page(results: list[SubmissionResult], removed: frozenset[str] = frozenset()) -> str:
    """A self-contained HTML page without scripts. Everything that may come from students is escaped."""
    environment = Environment(loader=PackageLoader("autograder.classroom"), autoescape=True, trim_blocks=True)
    environment.filters.update(points=points, one_line=one_line, link=lambda name: f"./{quote(name, safe='')}.json")
    scores = [result.score for result in results]
    return environment.get_template("class.html").render(
        results=results,
        removed=removed,
        removed_text=NO_SUBMISSION,
        exercises=graded_exercises(results),
        rates=pass_rates(results),
        bins=histogram(results),
        difficulties=difficulties(results),
        explanations=count_explanations(results).most_common(SHOWN_EXPLANATIONS),
        mean=mean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        max_score=max((result.max_score for result in results), default=0.0),
    )
