"""The report on a class: reads the result files in a folder and writes `summary.csv` and `class.html`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import StatisticsError, correlation, mean, median
from types import MappingProxyType
from urllib.parse import quote

import msgspec
from jinja2 import Environment, PackageLoader

from autograder.atomic_files import write_atomically
from autograder.course.catalogue import ExerciseId, in_course_order
from autograder.reports.explanation import headline
from autograder.reports.terminal import points
from autograder.results import SCHEMA, SKIPPED, SubmissionResult, from_json
from autograder.sandbox.host.text import clean

SUMMARY_FILE = "summary.csv"
PAGE_FILE = "class.html"
RUN_FILE = ".run.json"
ATTEMPTS = "attempts"
"""The folder for the results of attempts, in the folder of results. The one that counts is copied out of it."""
NO_SUBMISSION = "there is no such submission any more"
UNREADABLE = "could not be read"
UNCERTAIN = "it is not certain whose it is"
NOT_ON_ROSTER = "not on the roster"
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


def write_report(
    results: list[SubmissionResult],
    folder: Path,
    removed: Iterable[str] = (),
    story: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Writes `summary.csv` and `class.html` into the folder. OSError if that fails.

    `results`: all rows, also those of attempts that do not count and of students who handed in nothing. `removed`: the ids
    of results whose submission is not there any more. `story`: what the page says of earlier gradings.
    """
    ids = frozenset(removed)
    write_atomically(folder / SUMMARY_FILE, summary_csv(results, ids))
    write_atomically(folder / PAGE_FILE, class_page(results, ids, story).encode("utf-8", "backslashreplace"))


def summary_csv(results: list[SubmissionResult], removed: frozenset[str] = frozenset()) -> bytes:
    """A CSV table with one row per submission, and one for each student who handed in nothing.

    It starts with a byte order mark. Without it Excel reads UTF-8 in the local code page and garbles "Müller"; LibreOffice,
    pandas and Google Sheets accept it. The seed is in hexadecimal: a spreadsheet would round a number of 128 bits.
    """
    exercises = graded_exercises(results)
    people = [part for part in ("name", "email", "section") if any(getattr(r.hand_in, part, "") for r in results)]
    most = _most_points(results)
    out = io.StringIO(newline="")
    table = csv.writer(out)
    pairs = [f"{exercise} {part}" for exercise in exercises for part in ("score", "status")]
    table.writerow([
        "id", *people, "score", "max_score", "bonus", *pairs, "late", "handed_in", "attempt", "counts",
        "isolation", "seed", "sha256", "problem", "notes",
    ])  # fmt: skip
    for result in results:
        found = {exercise.id: exercise for exercise in result.exercises}
        cells: list[str] = []
        for exercise_id in exercises:
            exercise = found.get(exercise_id)
            cells += [points(exercise.score), exercise.status] if exercise else ["", ""]
        row = [
            result.student, *(getattr(result.hand_in, part, "") for part in people), points(result.score),
            points(most if is_empty(result) else result.max_score), points(result.bonus), *cells,
            late_text(result), result.hand_in.time if result.hand_in else "", attempt_text(result), counts_text(result),
            result.isolation, "" if is_empty(result) else hex(result.seed), result.submission.sha256,
            " · ".join(problems_of(result, removed)), " · ".join(notes_of(result)),
        ]  # fmt: skip
        table.writerow([harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def is_empty(result: SubmissionResult) -> bool:
    """Whether the row has no result: nothing was handed in, or it is not graded yet."""
    return result.hand_in is not None and bool(result.hand_in.state)


def problems_of(result: SubmissionResult, removed: Container[str] = ()) -> list[str]:
    """All that kept a submission, or a part of it, from being graded."""
    gone = [NO_SUBMISSION] if result.submission.id in removed else []
    return list(dict.fromkeys(text for text in (result.problem, *result.unreadable, *gone) if text))


def notes_of(result: SubmissionResult) -> list[str]:
    """What was left aside, and other remarks for the teacher."""
    about = result.hand_in.notes if result.hand_in is not None else ()
    looks = [f"to be looked at: {found}" for found in result.to_look_at]
    return list(dict.fromkeys((*about, *looks, *result.left_aside, *result.notes)))


def late_text(result: SubmissionResult) -> str:
    """Whether it was late, and what says so; "" if that was not asked."""
    about = result.hand_in
    if about is None or about.late is None:
        return ""
    return f"late (by {about.time_from})" if about.late else "no"


def attempt_text(result: SubmissionResult) -> str:
    about = result.hand_in
    return f"{about.attempt} of {about.attempts}" if about is not None and about.attempts > 1 else ""


def counts_text(result: SubmissionResult) -> str:
    """Whether the row counts, and why, unless it is the only attempt of its student."""
    about = result.hand_in
    reason = about.why if about is not None and about.state != "missing" else ""
    return f"{'yes' if result.counts else 'no'}{f': {reason}' if reason else ''}"


def tallies(results: Iterable[SubmissionResult], removed: Container[str] = ()) -> list[tuple[int, str]]:
    """How many rows have something that a teacher should know, each with the words for it; only those above 0."""
    rows = [result for result in results if result.submission.id not in removed]
    handed_in = [row for row in rows if not is_empty(row)]
    counts = [
        (sum(is_unreadable(row) for row in handed_in), UNREADABLE),
        (sum(is_uncertain(row) for row in handed_in), "not certain whose it is"),
        (sum(not row.problem and bool(row.unreadable) for row in handed_in), "could not be read in part"),
        (sum(bool(row.left_aside) for row in handed_in), "with files left aside"),
        (sum(bool(row.to_look_at) for row in handed_in), "to be looked at"),
        (sum(row.hand_in is not None and row.hand_in.state == "missing" for row in rows), "handed in nothing"),
        (sum(row.hand_in is not None and row.hand_in.state == "pending" for row in rows), "not graded yet"),
        (sum(row.hand_in is not None and row.hand_in.late is True for row in handed_in), "late"),
        (sum(not row.counts for row in handed_in), "that do not count"),
        (sum(row.hand_in is not None and NOT_ON_ROSTER in row.hand_in.notes for row in handed_in), NOT_ON_ROSTER),
    ]
    return [(count, words) for count, words in counts if count]


def is_unreadable(result: SubmissionResult) -> bool:
    """Whether nothing could be graded, for a reason that is not the grader's."""
    other_reason = is_empty(result) or is_uncertain(result) or result.has("grader_error")
    return bool(result.problem) and not other_reason


def is_uncertain(result: SubmissionResult) -> bool:
    """Whether it is not certain which student on the roster handed it in."""
    return result.hand_in is not None and result.hand_in.why == UNCERTAIN


def _link(result: SubmissionResult) -> str:
    """The address of a result from the page."""
    folder = "" if result.submission.id == result.student else f"{ATTEMPTS}/"
    return f"./{folder}{quote(result.submission.id, safe='')}.json"


def _most_points(results: Iterable[SubmissionResult]) -> float:
    return max((result.max_score for result in results), default=0.0)


def harmless(cell: str) -> str:
    """The text of a cell without control characters, with an apostrophe before it if a spreadsheet would run a formula."""
    formula = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(FORMULA_SIGNS)
    return ("'" if formula else "") + one_line(cell)


def one_line(text: str) -> str:
    """Text that may come from students as one line without control characters."""
    return " ".join(clean(text).split())


def graded_exercises(results: Iterable[SubmissionResult]) -> list[ExerciseId]:
    """The exercises that occur in any result, in the order of the course."""
    return in_course_order({exercise.id for result in results for exercise in result.exercises})


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


def class_page(
    results: list[SubmissionResult],
    removed: frozenset[str] = frozenset(),
    story: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """A self-contained HTML page without scripts. Everything that may come from students is escaped."""
    environment = Environment(loader=PackageLoader("autograder.classroom"), autoescape=True, trim_blocks=True)
    environment.filters.update(points=points, one_line=one_line, link=_link)
    environment.filters.update(student_problems=lambda result: problems_of(result, removed), notes=notes_of)
    environment.filters.update(late=late_text, attempt=attempt_text, counts=counts_text)
    counted = [result for result in results if result.counts]
    scores = [result.score for result in counted]
    people = [part for part in ("name", "email", "section") if any(getattr(r.hand_in, part, "") for r in results)]
    return environment.get_template("class.html").render(
        rows=results,
        results=counted,
        people=people,
        shows_late=any(late_text(result) for result in results),
        shows_attempts=any(attempt_text(result) for result in results),
        tallies=tallies(results, removed),
        is_empty=is_empty,
        exercises=graded_exercises(results),
        rates=pass_rates(counted),
        bins=histogram(counted),
        difficulties=difficulties(counted),
        explanations=count_explanations(counted).most_common(SHOWN_EXPLANATIONS),
        mean=mean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        max_score=_most_points(results),
        **story,
    )
