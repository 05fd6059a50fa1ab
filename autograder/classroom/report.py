"""A class's results: read from a folder of JSONs, and written as a table for spreadsheets and as one HTML page."""

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
GONE = "there is no such submission any more"
FORMULA_SIGNS = ("=", "+", "-", "@")
BINS = 10
SHOWN_REASONS = 25


class Run(msgspec.Struct, frozen=True):
    """What a class run keeps for the next: its seed, how often it was regraded, results whose submission is gone."""

    seed: int
    round: int = 0
    gone: tuple[str, ...] = ()


def read_result(path: Path) -> SubmissionResult | None:
    """A result; None if there is no such file, or if it is damaged or another submission's."""
    try:
        result = from_json(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return result if result.submission.id == path.stem and result.schema == SCHEMA else None


def read_results(folder: Path) -> tuple[list[SubmissionResult], list[str]]:
    """All results in a folder, by id, and the names of the files that should be one and are damaged."""
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
    """What the last class run left in a folder; None if there was none. ValueError if it is damaged."""
    try:
        data = (folder / RUN_FILE).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(data, type=Run)


def write_report(results: list[SubmissionResult], folder: Path, gone: Iterable[str] = ()) -> None:
    """`summary.csv` and `class.html` in the folder, each whole or not at all."""
    missing = frozenset(gone)
    write_atomically(folder / SUMMARY_FILE, summary_csv(results, missing))
    write_atomically(folder / PAGE_FILE, class_page(results, missing).encode("utf-8", "backslashreplace"))


def summary_csv(results: list[SubmissionResult], gone: frozenset[str] = frozenset()) -> bytes:
    """One line a submission. It begins with a byte order mark: without it Excel takes UTF-8 for the local code page, and
    "Müller" is spoilt; LibreOffice, pandas and Google Sheets read it either way.
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
        problem = " · ".join(part for part in (result.problem, GONE if result.submission.id in gone else "") if part)
        row = [
            result.submission.id, points(result.score), points(result.max_score), points(result.bonus), *cells,
            result.isolation, str(result.seed), result.submission.sha256, problem,
        ]  # fmt: skip
        table.writerow([harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, without control characters. It is text where it had to be changed."""
    formula = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(FORMULA_SIGNS)
    return ("'" if formula else "") + one_line(cell)


def one_line(text: str) -> str:
    """Text that students had a hand in, fit for a line of a table or a terminal."""
    return " ".join(clean(text).split())


def graded_exercises(results: Iterable[SubmissionResult]) -> list[ExerciseId]:
    """The exercises that any result holds."""
    return sorted({exercise.id for result in results for exercise in result.exercises})


def first_reasons(results: Iterable[SubmissionResult]) -> Counter[tuple[str, str]]:
    """How often an exercise came to nothing for the same first reason; what was not begun needs none."""
    reasons: Counter[tuple[str, str]] = Counter()
    for result in results:
        if result.problem:
            reasons["whole submission", one_line(result.problem.partition("\n")[0])] += 1
            continue
        for exercise in result.exercises:
            check = exercise.first_problem
            if check is not None and check.status != "not_started":
                reasons[exercise.id, one_line(headline(check))] += 1
    return reasons


@dataclass(frozen=True)
class Difficulty:
    """How a check did: who passed of those that it could judge, and how well it tells strong submissions from weak ones.

    `discrimination`: the correlation of passing it with the score in all other checks, from -1 to 1; None where nobody
    differs. Around 0 it tells nothing; below 0 the better ones fail it, so look at it first.
    """

    exercise: str
    title: str
    passed: int
    judged: int
    discrimination: float | None

    @property
    def percent(self) -> float:
        return 100 * self.passed / self.judged if self.judged else 0.0


def difficulties(results: list[SubmissionResult]) -> list[Difficulty]:
    """One for each check, in the order of the results. Skipped checks and the grader's own errors judge nobody."""
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
    except StatisticsError:  # fewer than two, or all alike
        return None


@dataclass(frozen=True)
class PassRate:
    """How many passed an exercise, how many began it, and the mean share of its points."""

    exercise: str
    bonus: bool
    passed: int
    begun: int
    submissions: int
    share: float


def pass_rates(results: list[SubmissionResult]) -> list[PassRate]:
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
    """How many submissions have 0 to 10 % of the points, 10 to 20, and so on; all of them belong to the last."""
    counts = [0] * BINS
    for result in results:
        counts[min(int(result.percent * BINS / 100), BINS - 1)] += 1
    return counts


def class_page(results: list[SubmissionResult], gone: frozenset[str] = frozenset()) -> str:
    """One page without scripts or anything loaded from elsewhere; all that students had a hand in is escaped."""
    environment = Environment(loader=PackageLoader("autograder.classroom"), autoescape=True, trim_blocks=True)
    environment.filters.update(points=points, one_line=one_line, link=lambda name: f"./{quote(name, safe='')}.json")
    scores = [result.score for result in results]
    return environment.get_template("class.html").render(
        results=results,
        gone=gone,
        gone_text=GONE,
        exercises=graded_exercises(results),
        rates=pass_rates(results),
        bins=histogram(results),
        difficulties=difficulties(results),
        reasons=first_reasons(results).most_common(SHOWN_REASONS),
        mean=mean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        max_score=max((result.max_score for result in results), default=0.0),
    )
