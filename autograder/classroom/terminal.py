"""The terminal output of `autograder grade`: a line per submission, a progress bar, and a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from autograder.classroom.report import (
    PAGE_FILE,
    SUMMARY_FILE,
    UNREADABLE,
    attempt_text,
    count_explanations,
    one_line,
    tallies,
)
from autograder.classroom.story_text import LOUD
from autograder.course.catalogue import ExerciseId
from autograder.reports.terminal import COLORS, counted, points
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
SHOWN_EXPLANATIONS = 3
ID_WIDTH = 28


class _Rate(ProgressColumn):
    """A column with the submissions graded per minute since the start."""

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("– per minute")
        return Text(f"{60 * task.completed / task.elapsed:.1f} per minute")


class _TimeLeft(ProgressColumn):
    """A column with the time left, from the mean time per submission since the start.

    rich's own column looks at the last seconds only, and stands still while a slow submission is graded.
    """

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed or task.remaining is None:
            return Text("-:--:--")
        seconds = round(task.remaining * task.elapsed / task.completed)
        return Text(f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}")


class ClassTerminal:
    """Writes lines to standard output, and a progress bar if there is a terminal.

    The bar is redrawn by calls and not by a thread, because this process forks.
    """

    def __init__(self, exercises: list[ExerciseId], total: int, kept: int) -> None:
        self._exercises = exercises
        self.total = total
        self.left = total - kept
        self._kept = kept
        self._out = Console(highlight=False, soft_wrap=True)
        bar = self._out if self._out.is_terminal else Console(stderr=True)
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), _Rate(), TextColumn("left"), _TimeLeft(),
            console=bar, auto_refresh=False, transient=True, disable=not bar.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task("grading", total=self.left, start=False)

    def begin(self, seed: int, isolation: str, jobs: int) -> None:
        """Writes the settings of the run and the legend, and starts the progress bar."""
        kept = f", {self._kept} graded before" if self._kept else ""
        self._out.print(
            f"grading {self.left} of {counted(self.total, 'submission')}{kept} · {jobs} at a time · isolation: {isolation} · "
            f"seed: {seed}",
            markup=False,
        )
        legend = "  ".join(f"{letter} {status.replace('_', ' ')}" for status, letter in LETTERS.items())
        names = " ".join(exercise.name for exercise in self._exercises)
        self._out.print(f"one letter per exercise: {names}\n{legend}", markup=False, style="dim")
        self._progress.start_task(self._task)  # starts its clock, now that torch is imported
        self._progress.start()

    def finished(self, result: SubmissionResult, seconds: float) -> None:
        """Writes one line: id, points, bonus, a letter per exercise, seconds, and why if nothing could be graded."""
        self.left -= 1
        number = f"{self.total - self.left:>{len(str(self.total))}}/{self.total}"
        earned = f"{points(result.score)}/{points(result.max_score)}"
        bonus = f" +{points(result.bonus)}" if result.bonus else ""
        which = f" ({attempt})" if (attempt := attempt_text(result)) else ""
        line = Text(f"{number}  {one_line(result.student) + which:<{ID_WIDTH}} {earned + bonus:>9}  ")
        for exercise in result.exercises:
            line.append(LETTERS[exercise.status], style=COLORS.get(exercise.status, "red"))
        line.append(f" {seconds:8.2f} s", style="dim")
        if result.problem:
            line.append(f"  {_cut(one_line(result.problem.partition(chr(10))[0]))}", style="red")
        self._out.print(line)
        self._out.file.flush()  # a pipe would buffer it
        self._progress.update(self._task, advance=1)
        self._progress.refresh()

    def nothing_to_do(self) -> None:
        kept = "the only submission was" if self.total == 1 else f"all {self.total} submissions were"
        self._out.print(f"nothing is new or changed: {kept} graded before", markup=False)

    def tick(self) -> None:
        """Redraws the progress bar, whose clock goes on."""
        self._progress.refresh()

    def close(self) -> None:
        self._progress.stop()

    def summary(
        self, results: list[SubmissionResult], removed: Iterable[str], damaged: Iterable[str], folder: Path
    ) -> None:
        """Writes mean and median, how many had problems, the most frequent explanations, and where the files are.

        `results`: all rows. Only those that count are in the mean and the median.
        """
        lines, rows = [""], results
        results = [result for result in rows if result.counts]
        if results:
            scores, most = [result.score for result in results], max(result.max_score for result in results)
            lines.append(
                f"{counted(len(results), 'submission')}: mean {points(round(mean(scores), 2))}, "
                f"median {points(median(scores))} of {points(most)} points"
            )
            for (exercise, explanation), count in count_explanations(results).most_common(SHOWN_EXPLANATIONS):
                lines.append(f"{count:>4} × {exercise}: {_cut(explanation)}")
        counts = tallies(rows, ())
        counts += [
            (sum(row.has("timeout") for row in rows), "with a timeout"),
            (sum(row.has("grader_error") for row in rows), "with a grader error"),
        ]
        if not any(words == UNREADABLE for _, words in counts):
            counts.insert(0, (0, UNREADABLE))
        lines.insert(2 if results else 1, ", ".join(f"{count} {words}" for count, words in counts))
        if counts[-1][0]:
            lines.append("grader errors are not the students' fault: look at these results; a rerun grades them again")
        if left := ", ".join(one_line(name) for name in removed):
            lines.append(f"submission removed, result kept: {left}")
        if left := ", ".join(one_line(name) for name in damaged):
            lines.append(f"damaged results without a submission: {left}")
        lines.append(f"results: {folder}/*.json · {folder / SUMMARY_FILE} · {folder / PAGE_FILE}")
        self._out.print("\n".join(lines), markup=False)

    def lines(self, lines: Iterable[str]) -> None:
        """Writes further lines; those that report a defect in red."""
        for line in lines:
            self._out.print(line, markup=False, style="bold red" if line.startswith(LOUD) else None)

    def interrupted(self, done: int, total: int) -> None:
        """Says after Ctrl-C how much is done."""
        print(f"stopped: {done} of {total} submissions are graded; run the same command to continue", file=sys.stderr)


def _cut(text: str, limit: int = 140) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
