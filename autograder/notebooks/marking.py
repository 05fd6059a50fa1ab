"""What one submission's notebook earns, cell by cell: exercises by the engine, answers as literals, text by hand.

Knows the tags of our cells and nothing of nbgrader. The engine, and with it the process that has imported torch, stays
alive from one submission to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.catalogue import Project
from autograder.grading.catalogue import exercise_ids
from autograder.grading.engine import Engine, Settings
from autograder.grading.folders import read_file
from autograder.grading.ingest import Entry, read_entry
from autograder.grading.jobs import Work, ungraded
from autograder.grading.members import Unusable
from autograder.grading.results import SKIPPED, ExerciseResult, SubmissionResult
from autograder.grading.submission import SubmissionError
from autograder.notebooks.answers import answers_of, judge
from autograder.notebooks.cells import CHECKS, MAX_BYTES, QUESTION, Cell, NotebookError, read_cells
from autograder.notebooks.shown import SIGNS, show_result
from autograder.notebooks.sources import Question, read_source
from autograder.reports.terminal import worth


@dataclass(frozen=True)
class Mark:
    """What one cell earns. `score` None: somebody has to mark it; `by_hand`: somebody has to look at it."""

    score: float | None
    text: str = ""
    by_hand: bool = False


class Marker:
    """Marks one notebook after the other. `project`: where solutions/notebooks/ with the expected answers is."""

    def __init__(self, settings: Settings, project: Project) -> None:
        self._settings = settings
        self._project = project
        self._engine: Engine | None = None
        self._questions: dict[str, dict[str, Question]] = {}

    def marks(self, entry: Entry, notebook: str, points: Mapping[str, float]) -> dict[str, Mark]:
        """What each graded code cell of a notebook earns.

        Args:
            entry: the folder that was handed in.
            notebook: its name without ".ipynb", which is that of its practical.
            points: by tag, "checks-mlp_by_hand" or "checks-q08"; a tag that is neither is marked by hand.
        """
        names = {tag: tag.removeprefix(CHECKS) for tag in points if tag.startswith(CHECKS)}
        exercises = {exercise.split("/")[1]: exercise for exercise in exercise_ids()}
        graded = [exercises[name] for name in names.values() if name in exercises]
        results, notes = self._grade(entry, graded)
        cells = _read(entry, notebook)
        marks = {}
        for tag, worth_ in points.items():
            name = names.get(tag, "")
            if name in exercises:
                marks[tag] = _exercise_mark(results[exercises[name]], worth_, notes)
                notes = ()  # they are of the whole notebook: once is enough
            elif QUESTION.fullmatch(name):
                marks[tag] = self._question_mark(notebook, name, cells, worth_)
            else:
                marks[tag] = Mark(None, "This cell is none of the autograder's: it is marked by hand.", by_hand=True)
        return marks

    def close(self) -> None:
        """Ends the engine and its processes; the next notebook starts a new one."""
        if self._engine is not None:
            self._engine.close()
        self._engine = None

    def _grade(self, entry: Entry, exercises: list[str]) -> tuple[dict[str, ExerciseResult], tuple[str, ...]]:
        """A fault of ours is tried once more with a fresh engine: that of a long-lived server may have lost its zygote."""
        if not exercises:
            return {}, ()
        result = self._graded(entry, exercises)
        if any(check.status == "grader_error" for each in result.exercises for check in each.checks):
            self.close()
            result = self._graded(entry, exercises)
        return {each.id: each for each in result.exercises}, result.notes

    def _graded(self, entry: Entry, exercises: list[str]) -> SubmissionResult:
        if self._engine is None:
            self._engine = Engine(self._settings)
        engine = self._engine
        engine.confirm()
        try:
            return engine.grade(read_entry(entry), exercises)
        except SubmissionError as error:
            chosen = (engine.isolation, None, engine.isolation_reason)
            return ungraded(entry, Work(engine.settings, exercises), chosen, "error", str(error))

    def _question_mark(self, notebook: str, name: str, cells: list[Cell] | str, points: float) -> Mark:
        if notebook not in self._questions:
            path = self._project.root / "solutions" / "notebooks" / f"{notebook}.py"
            known = read_source(self._project, path).questions if path.is_file() else ()
            self._questions[notebook] = {question.id: question for question in known}
        question = self._questions[notebook].get(name)
        if question is None or not question.expected:
            text = f"What is expected of {name} is not known (solutions/notebooks/{notebook}.py): it is marked by hand."
            return Mark(None, text, by_hand=True)
        if isinstance(cells, str):
            return Mark(0, f"{name}: 0 of {worth(points)}\n\n✗ {cells}")
        judged = judge(answers_of(cells, name, list(question.expected)), question.expected, question.tolerance)
        score = points * sum(one.status == "passed" for one in judged) / len(judged)
        lines = [f"{SIGNS.get(one.status, '✗')} {one.message}" for one in judged]
        return Mark(score, "\n".join([f"{name}: {score:g} of {worth(points)}", "", *lines]))


def _read(entry: Entry, notebook: str) -> list[Cell] | str:
    """The notebook's cells, or why there are none."""
    name = f"{notebook}.ipynb"
    try:
        return read_cells(read_file(entry.path / name, MAX_BYTES))
    except (Unusable, NotebookError) as problem:
        return f"{name} {problem}"


def _exercise_mark(result: ExerciseResult, points: float, notes: tuple[str, ...]) -> Mark:
    """The exercise's score. Where a check could not do its work, nobody is to lose points by it unseen."""
    text = show_result(result, notes).text
    ours = [check for check in result.checks if check.status in (SKIPPED, "grader_error")]
    total = sum(check.max_score for check in result.checks)
    score = result.score
    if abs(total - points) > 1e-9:  # graders that changed after the notebook was built: the share counts
        score *= points / total if total else 0
        text += (
            f"\nnote: the checks are now worth {worth(total)} and this cell {worth(points)}; the same share was given"
        )
    if ours:
        text += f"\nnote: {len(ours)} checks could not be made, so somebody will look at this by hand"
    return Mark(score, text, by_hand=bool(ours))
