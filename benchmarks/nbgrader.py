"""Compares `nbgrader autograde` with our engine and with its own: `python -m benchmarks.nbgrader [--class N]`.

There is one notebook with one exercise, softmax_cross_entropy. Submissions alternate between correct solutions and known
mistakes, and both courses get the same ones. nbgrader's course runs a cell of asserts in a kernel; ours runs our checks
and explains failures. Each time is that of the whole command, including its start; the two are measured in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from autograder.course.catalogue import Exercise, find_project
from autograder.course.mistakes import load_mistakes, submission_source

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EXERCISE = "p1_mlp/softmax_cross_entropy"
PRACTICAL, NAME = EXERCISE.split("/")
TARGET = 5.0
SOURCE = f"""# %%
import torch

# %% exercise="{NAME}"
"""
ASSERTS = """scores = torch.randn(5, 3)
targets = torch.nn.functional.one_hot(torch.tensor([0, 2, 1, 1, 0]), 3).float()
assert torch.allclose(softmax(scores), torch.softmax(scores, 1), atol=1e-6)
assert torch.allclose(softmax(scores * 1e4).sum(1), torch.ones(5))
assert torch.allclose(cross_entropy(scores, targets), torch.nn.functional.cross_entropy(scores, targets), atol=1e-6)
assert torch.isfinite(cross_entropy(scores * 1e4, targets))
leaf = scores.clone().requires_grad_()
torch.nn.functional.cross_entropy(leaf, targets).backward()
assert torch.allclose(cross_entropy_gradient(scores, targets), leaf.grad, atol=1e-6)
"""
STOCK = """c = get_config()
c.CourseDirectory.course_id = "stock"
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", type=int, default=30, dest="size", help="submissions [default: 30]")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    exercise = find_project(ROOT).exercise(EXERCISE)
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder, "ours"), Path(folder, "stock")
        make_courses(Path(folder), ours, stock)
        for course in (ours, stock):
            hand_in(course, exercise, options.size)
        times: dict[Path, list[float]] = {ours: [], stock: []}
        for number in range(options.rounds):
            for course in (ours, stock) if number % 2 == 0 else (stock, ours):
                times[course].append(timed(course))
        perfect = {course: full_marks(course) for course in (ours, stock)}
    each = {course: median(seconds) / options.size for course, seconds in times.items()}
    ratio = median(slow / fast for slow, fast in zip(times[stock], times[ours]))
    print(f"{options.size} submissions of {EXERCISE}, the whole command, {options.rounds} rounds")
    print(f"nbgrader's own engine   {each[stock]:6.2f} s per submission, {perfect[stock]} with full marks")
    print(f"ours                    {each[ours]:6.2f} s per submission, {perfect[ours]} with full marks")
    print(f"ratio                   {ratio:6.1f}, at least {TARGET:g} {'met' if ratio >= TARGET else 'MISSED'}")
    return 0 if ratio >= TARGET else 1


def make_courses(folder: Path, ours: Path, stock: Path) -> None:
    """Creates two courses with one small notebook. In nbgrader's own, asserts replace our checks."""
    project = folder / "project"
    (project / "solutions" / "notebooks").mkdir(parents=True)
    (project / "solutions" / "notebooks" / f"{PRACTICAL}.py").write_text(SOURCE)
    (project / "solutions" / PRACTICAL).mkdir()
    (project / "solutions" / f"{EXERCISE}.py").symlink_to(ROOT / "solutions" / f"{EXERCISE}.py")
    for name in ("autograder", "assignments"):
        (project / name).symlink_to(ROOT / name)
    run(project, "autograder", "course", "init", str(ours), "--exchange", str(folder / "exchange"))
    run(ours, "nbgrader", "generate_assignment", PRACTICAL)
    notebook = json.loads((ours / "source" / PRACTICAL / f"{PRACTICAL}.ipynb").read_text())
    cells(notebook)[f"checks-{NAME}"]["source"] = ASSERTS
    (stock / "source" / PRACTICAL).mkdir(parents=True)
    (stock / "source" / PRACTICAL / f"{PRACTICAL}.ipynb").write_text(json.dumps(notebook))
    (stock / "nbgrader_config.py").write_text(STOCK)
    run(stock, "nbgrader", "generate_assignment", PRACTICAL)


def cells(notebook: dict[str, Any]) -> dict[str, Any]:
    return {cell["metadata"].get("nbgrader", {}).get("grade_id", ""): cell for cell in notebook["cells"]}


def hand_in(course: Path, exercise: Exercise, size: int) -> None:
    released = (course / "release" / PRACTICAL / f"{PRACTICAL}.ipynb").read_text()
    for number, source in zip(range(size), answers(exercise)):
        notebook = json.loads(released)
        cells(notebook)[f"answer-{NAME}"]["source"] = f"# exercise: {NAME}\n{source}"
        place = course / "submitted" / f"s{number:03d}" / PRACTICAL
        place.mkdir(parents=True)
        (place / f"{PRACTICAL}.ipynb").write_text(json.dumps(notebook))


def answers(exercise: Exercise) -> Iterator[str]:
    """Yields the solution and a known mistake in turn, without end."""
    solution, mistakes = exercise.solution.read_text(encoding="utf-8"), load_mistakes(exercise)
    while True:
        for mistake in mistakes:
            yield solution
            yield submission_source(solution, mistake)


def timed(course: Path) -> float:
    shutil.rmtree(course / "autograded", ignore_errors=True)
    start = time.monotonic()
    run(course, "nbgrader", "autograde", PRACTICAL)
    return time.monotonic() - start


def full_marks(course: Path) -> int:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        return sum(found.score == found.max_score for found in book.assignment_submissions(PRACTICAL))


def run(folder: Path, program: str, *arguments: str) -> None:
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [str(BIN / program), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{program} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
