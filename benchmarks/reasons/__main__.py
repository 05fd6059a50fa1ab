"""Grades wrong modules from outside the bank, and counts how many reasons are true: `python -m benchmarks.reasons`.

Only a reader can say whether a reason is true and leads to the fix. So the protocol is: the module's author, who has not
read the grader, writes down what is wrong; a reader gets that and all reasons, in the order in which a student reads them.
In `judged.csv` the reader says of the first reason whether it is

- `true`: all of it is true of this module, and it leads to the fix;
- `vague`: nothing in it is false, but many other causes would give it too;
- `false`: a statement in it is not so, or it leads to code that is right;

and of the later reasons how many are false. A judgement holds for one text: if the first reason changes, all are to be read
again.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.cores import usable_cores
from autograder.course.catalogue import find_project, select
from autograder.grading.settings import Settings
from autograder.proof.trials import Trial, trials
from autograder.reports.explanation import headline, seen
from autograder.results import CheckResult, ExerciseResult
from benchmarks.reasons.cases import Case, cases_of

ROOT = Path(__file__).resolve().parents[2]
JUDGED = Path(__file__).resolve().parent / "judged.csv"
VERDICTS = ("true", "vague", "false")
ACCEPTED, UNREAD, RIGHT, REFUSED = "accepted", "to be read", "right code accepted", "right code refused"
SEED = 1


def reason(check: CheckResult) -> str:
    """What a student reads of a failed check first."""
    return " · ".join(part for part in (headline(check), seen(check)) if part)


def digest(text: str) -> str:
    """A digest of a reason that does not change with its numbers, since they come from random inputs."""
    return hashlib.sha256(re.sub(r"\d+", "0", text).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Judgement:
    """What a reader said of a case: of the first reason, whose digest is `reason`, and how many later ones are false."""

    verdict: str
    reason: str
    later_false: int


def read_judgements() -> dict[tuple[str, str], Judgement]:
    """The judgements, by exercise and case."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {
            (row["exercise"], row["case"]): Judgement(row["verdict"], row["reason"], int(row["later_false"]))
            for row in csv.DictReader(file)
        }


def reasons_of(result: ExerciseResult) -> list[CheckResult]:
    """The failed checks whose reasons a student reads, the first one first; those that wait for another are left out."""
    first = result.first_problem
    rest = [check for check in result.checks if check.status != "passed" and not check.waits_for and check is not first]
    return [first, *rest] if first is not None else []


def verdict_on(case: Case, result: ExerciseResult, judged: dict[tuple[str, str], Judgement]) -> tuple[str, int]:
    """What was said of the first reason, and how many of the later ones are false."""
    if result.status == "passed":
        return (RIGHT if case.right else ACCEPTED), 0
    if case.right:
        return REFUSED, 0
    found = judged.get((case.exercise.id, case.name))
    if found is None or found.reason != digest(reason(reasons_of(result)[0])):
        return UNREAD, 0
    return found.verdict, found.later_false


def show(case: Case, result: ExerciseResult, verdict: str) -> None:
    """One case as the reader gets it."""
    reasons = reasons_of(result)
    print(f"\n== {case.exercise.id} {case.name} [{verdict}]{f' {digest(reason(reasons[0]))}' if reasons else ''}")
    print(f"   what is wrong: {case.cause}")
    for check in reasons:
        waiting = len(result.waiting_for(check))
        named = ", named" if check.mistake else ""
        print(
            f"   {check.id.name} ({check.status}{named}): {reason(check)}"
            + (f" [{waiting} more wait]" if waiting else "")
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reasons", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", default=[], help="as in autograder grade")
    parser.add_argument("--unread", action="store_true", help="show only cases whose reason is to be read")
    parser.add_argument("--jobs", type=int, default=usable_cores())
    options = parser.parse_args()
    wanted = set(select(options.only))
    exercises = [exercise for exercise in find_project(ROOT).exercises() if exercise.id in wanted]
    cases = [case for exercise in exercises for case in cases_of(exercise)]
    judged, counts, later, named = read_judgements(), Counter[str](), Counter[str](), 0
    with trials(Settings(seed=SEED), exercises, options.jobs) as ready:
        sources = [Trial(case.exercise, case.name, case.source.encode(), SEED) for case in cases]
        for case, result in zip(cases, ready.results(sources)):
            verdict, later_false = verdict_on(case, result, judged)
            counts[verdict] += 1
            if verdict in VERDICTS:
                later.update(all=len(reasons_of(result)) - 1, false=later_false)
            named += any(check.mistake for check in result.checks)
            if verdict == UNREAD or not options.unread:
                show(case, result, verdict)
    wrong = len(cases) - counts[RIGHT] - counts[REFUSED]
    print(f"\n{wrong} wrong modules: " + ", ".join(f"{counts[v]} {v}" for v in (*VERDICTS, UNREAD, ACCEPTED)))
    print(f"later reasons of those that were read: {later['all']}, {later['false']} of them false")
    print(f"named: {named}")
    print(f"right code in unusual styles: {counts[RIGHT]} accepted, {counts[REFUSED]} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
