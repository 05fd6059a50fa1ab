"""What a teacher sees while a class is graded: a line for each submission, how far it is, and a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from autograder.classroom.report import PAGE_FILE, SUMMARY_FILE, first_reasons, one_line
from autograder.course.catalogue import ExerciseId
from autograder.reports.terminal import COLORS, points
from autograder.results import SubmissionResult

LETTERS = {
    "passed": "P",
    "failed": "F",
    "not_started": "n",
    "error": "E",
    "timeout": "T",
    "refused": "R",
    "blocked": "B",
    "grader_error": "G",
    "skipped": "s",
}
SHOWN_REASONS = 3
ID_WIDTH = 28


class _Rate(ProgressColumn):
    """Submissions a minute since the start."""

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("– a minute")
        return Text(f"{60 * task.completed / task.elapsed:.1f} a minute")


class ClassTerminal:
    """Lines go to standard output. The bar is drawn where a terminal is, and by hand: a thread could not be forked."""

    def __init__(self, exercises: list[ExerciseId], total: int, kept: int) -> None:
        self._exercises = exercises
        self.total = total
        self.left = total - kept
        self._kept = kept
        self._out = Console(highlight=False, soft_wrap=True)
        bar = self._out if self._out.is_terminal else Console(stderr=True)
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), _Rate(), TextColumn("left"), TimeRemainingColumn(),
            console=bar, auto_refresh=False, transient=True, disable=not bar.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task("grading", total=self.left, start=False)

    def begin(self, seed: int, isolation: str, jobs: int) -> None:
        kept = f", {self._kept} graded before" if self._kept else ""
        self._out.print(
            f"grading {self.left} of {self.total} submissions{kept} · {jobs} at a time · isolation: {isolation} · "
            f"seed: {seed}",
            markup=False,
        )
        legend = "  ".join(f"{letter} {status.replace('_', ' ')}" for status, letter in LETTERS.items())
        names = " ".join(exercise.name for exercise in self._exercises)
        self._out.print(f"a letter for each of: {names}\n{legend}", markup=False, style="dim")
        self._progress.start_task(self._task)  # its clock, which shall not count the start of torch
        self._progress.start()

    def finished(self, result: SubmissionResult, seconds: float) -> None:
        """One line: id, points, bonus, a letter for each exercise, seconds; and why, where nothing could be graded."""
        self.left -= 1
        number = f"{self.total - self.left:>{len(str(self.total))}}/{self.total}"
        earned = f"{points(result.score)}/{points(result.max_score)}"
        bonus = f" +{points(result.bonus)}" if result.bonus else ""
        line = Text(f"{number}  {one_line(result.submission.id):<{ID_WIDTH}} {earned + bonus:>9}  ")
        for exercise in result.exercises:
            line.append(LETTERS[exercise.status], style=COLORS.get(exercise.status, "red"))
        line.append(f" {seconds:8.2f} s", style="dim")
        if result.problem:
            line.append(f"  {_cut(one_line(result.problem.partition(chr(10))[0]))}", style="red")
        self._out.print(line)
        self._out.file.flush()  # into a pipe too, a line is there when its submission is done
        self._progress.update(self._task, advance=1)
        self._progress.refresh()

    def nothing_to_do(self) -> None:
        self._out.print(f"nothing is new or changed: all {self.total} submissions were graded before", markup=False)

    def tick(self) -> None:
        """Time goes on where nothing else does."""
        self._progress.refresh()

    def close(self) -> None:
        self._progress.stop()

    def summary(
        self, results: list[SubmissionResult], gone: Iterable[str], damaged: Iterable[str], folder: Path
    ) -> None:
        """Mean and median, what went wrong, the most frequent reasons, and where the files are."""
        lines = [""]
        if results:
            scores, most = [result.score for result in results], max(result.max_score for result in results)
            lines.append(
                f"{len(results)} submissions: mean {points(round(mean(scores), 2))}, median {points(median(scores))} of "
                f"{points(most)} points"
            )
            counts = {
                "unreadable": sum(bool(result.problem) and not result.has("grader_error") for result in results),
                "with a timeout": sum(result.has("timeout") for result in results),
                "with a grader error": sum(result.has("grader_error") for result in results),
            }
            lines.append(", ".join(f"{count} {what}" for what, count in counts.items()))
            for (exercise, reason), count in first_reasons(results).most_common(SHOWN_REASONS):
                lines.append(f"{count:>4} × {exercise}: {_cut(reason)}")
            if counts["with a grader error"]:
                lines.append(
                    "grader errors are not the students' fault: look at those results; a rerun tries them again"
                )
        if left := ", ".join(one_line(name) for name in gone):
            lines.append(f"no submission any more, their results are kept: {left}")
        if left := ", ".join(one_line(name) for name in damaged):
            lines.append(f"damaged, and of no submission that is there: {left}")
        lines.append(f"results: {folder}/*.json · {folder / SUMMARY_FILE} · {folder / PAGE_FILE}")
        self._out.print("\n".join(lines), markup=False)

    def interrupted(self, done: int, total: int) -> None:
        print(f"stopped: {done} of {total} submissions are graded and kept; the same command goes on", file=sys.stderr)


def _cut(text: str, limit: int = 140) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
