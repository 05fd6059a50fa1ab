"""The cost of naming the mistake: seconds for a wrong submission, and the share of the time to grade a correct one.

    python -m benchmarks.diagnosis [--only p1_mlp/mlp_nn] [--each 4]

Known mistakes, `--each` of them per exercise, are graded as submissions in a strict worker. The time of
`Engine.explain`, which names the mistake, is measured separately, by replay and by fingerprints. The first mistake of an
exercise is named twice, and only the second time counts: once per process, replay imports what the exercise uses (timm,
torch's compiler behind optimizers and hooks) and reads the bank. That time is printed as "the first".
"""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from pathlib import Path
from statistics import mean

from autograder.checks.grader import load_grader
from autograder.course.catalogue import Exercise, find_project
from autograder.course.mistakes import load_mistakes, submission_source
from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.proof.thresholds import checks_by_value
from autograder.proof.trials import with_siblings


def seconds(engine: Engine, exercise: Exercise, source: bytes) -> tuple[float, float]:
    """The times to grade a source, without its accuracy checks, and to name its mistake."""
    grader = load_grader(exercise.id)
    with closing(engine.run(with_siblings(exercise, source, "benchmark"), grader)) as run:
        begin = time.perf_counter()
        for _ in run.results(checks_by_value(grader)):
            pass
        graded = time.perf_counter()
        run.explain()
        return graded - begin, time.perf_counter() - graded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", help="an exercise; repeatable")
    parser.add_argument("--each", type=int, default=4, help="mistakes per exercise")
    options = parser.parse_args()
    project = find_project(Path(__file__))
    exercises = project.select(options.only or ())
    for replay in (True, False):
        engine = Engine(Settings(seed=1, replay=replay))
        engine.warm_up()
        worst, shares = [], []
        for exercise in exercises:
            solution = exercise.solution.read_text(encoding="utf-8")
            mistakes = load_mistakes(exercise)
            some = mistakes[:: max(1, len(mistakes) // options.each)][: options.each]
            grading, naming = seconds(engine, exercise, solution.encode())
            shares.append(naming / grading)
            first, *added = [
                seconds(engine, exercise, submission_source(solution, one).encode())[1] for one in (some[0], *some)
            ]
            worst.append(max(added))
            print(
                f"{exercise.id}: a wrong submission {mean(added):.2f} s, at most {max(added):.2f} s; the first {first:.2f} s",
                flush=True,
            )
        engine.close()
        way = "replay" if replay else "fingerprints"
        print(
            f"by {way}: at most {max(worst):.2f} s for a wrong submission, {max(shares):.2%} of the time of a correct one",
            flush=True,
        )


if __name__ == "__main__":
    main()
