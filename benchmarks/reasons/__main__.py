"""Grades wrong modules from outside the bank, and counts how many first reasons are true: `python -m benchmarks.reasons`.

Nobody but a reader can say whether a reason is true and leads to the fix. So the protocol is: the module's author writes
down what is wrong; a reader gets that and all reasons, in the order in which a student reads them, and says `true`, `vague`
or `false` of the first one in `judged.csv`. A judgement holds for one text; if the reason changes, it is to be read again.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import re
import sys
from collections import Counter
from pathlib import Path

from autograder.course.catalogue import find_project, select
from autograder.grading.settings import Settings
from autograder.proof.trials import Trial, trials
from autograder.reports.explanation import headline, seen
from autograder.results import CheckResult, ExerciseResult
from benchmarks.reasons.cases import Case, cases_of

ROOT = Path(__file__).resolve().parents[2]
JUDGED = Path(__file__).resolve().parent / "judged.csv"
VERDICTS = ("true", "vague", "false")
ACCEPTED, UNREAD = "accepted", "to be read"
SEED = 1


def reason(check: CheckResult) -> str:
    """What a student reads of a failed check first."""
    return " · ".join(part for part in (headline(check), seen(check)) if part)


def digest(text: str) -> str:
    """A digest of a reason that does not change with its numbers, since they come from random inputs."""
    return hashlib.sha256(re.sub(r"\d+", "0", text).encode()).hexdigest()[:12]


def read_judgements() -> dict[tuple[str, str], tuple[str, str]]:
    """The verdict on each case, and the digest of the reason that was read, by exercise and case."""
    if not JUDGED.is_file():
        return {}
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {(row["exercise"], row["case"]): (row["verdict"], row["reason"]) for row in csv.DictReader(file)}


def verdict_on(case: Case, result: ExerciseResult, judged: dict[tuple[str, str], tuple[str, str]]) -> str:
    if result.status == "passed":
        return ACCEPTED
    first = result.first_problem
    assert first is not None
    verdict, of = judged.get((case.exercise.id, case.name), ("", ""))
    return verdict if verdict in VERDICTS and of == digest(reason(first)) else UNREAD


def show(case: Case, result: ExerciseResult, verdict: str) -> None:
    """One case as the reader gets it."""
    first = result.first_problem
    print(f"\n== {case.exercise.id} {case.name} [{verdict}]{f' {digest(reason(first))}' if first else ''}")
    print(f"   what is wrong: {case.cause}")
    for check in result.checks:
        if check.status != "passed" and not check.waits_for:
            waiting = len(result.waiting_for(check))
            print(
                f"   {check.id.name} ({check.status}): {reason(check)}" + (f" [{waiting} more wait]" if waiting else "")
            )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reasons", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", default=[], help="as in autograder grade")
    parser.add_argument("--unread", action="store_true", help="show only cases whose reason is to be read")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    wanted = set(select(options.only))
    exercises = [exercise for exercise in find_project(ROOT).exercises() if exercise.id in wanted]
    cases = [case for exercise in exercises for case in cases_of(exercise)]
    judged, counts, named = read_judgements(), Counter[str](), 0
    with trials(Settings(seed=SEED), exercises, options.jobs) as ready:
        sources = [Trial(case.exercise, case.name, case.source.encode(), SEED) for case in cases]
        for case, result in zip(cases, ready.results(sources)):
            verdict = verdict_on(case, result, judged)
            counts[verdict] += 1
            named += any(check.mistake for check in result.checks)
            if verdict == UNREAD or not options.unread:
                show(case, result, verdict)
    print(f"\n{len(cases)} wrong modules: " + ", ".join(f"{counts[v]} {v}" for v in (*VERDICTS, UNREAD, ACCEPTED)))
    print(f"named: {named}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
