"""The story of a results folder in lines: for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from autograder.classroom.changes import StudentChange, Total
from autograder.classroom.gradings import GRADINGS_FILE, Grading
from autograder.classroom.report import one_line
from autograder.classroom.story import CHANGES_FILE, Chapter, between, read_story
from autograder.reports.terminal import counted, points

SHOWN = 12
SHOWN_NAMES = 6
SHOWN_CHECKS = 4
ID_WIDTH = 60
REASONS_WIDTH = 120
SHOWN_VERSIONS = ("autograder", "torch", "numpy", "python")
LOUD = "NOT DETERMINISTIC"
"""The first words of a line that reports a defect."""
STAMP = "%Y-%m-%dT%H:%M:%SZ"


def chapter_lines(chapter: Chapter, shown: int = SHOWN) -> list[str]:
    """What changed: a headline, a line per student, and what is new or removed. Text of students is one line each."""
    changed = chapter.changed
    lines = [headline(chapter) + (":" if changed else "")] if chapter.replaced else []
    lines += [f"  {student_line(student)}" for student in changed[:shown]]
    if len(changed) > shown:
        lines.append(f"  and {len(changed) - shown} more in {CHANGES_FILE}")
    lines += remarks(chapter)
    if defect := defect_line(chapter):
        lines.append(defect)
    return lines


def remarks(chapter: Chapter) -> list[str]:
    """What changed besides the results of students: exercises, new results, removed submissions."""
    by_reason: dict[str, list[str]] = {}
    for exercise, reason in chapter.exercises.items():
        by_reason.setdefault(reason, []).append(exercise)
    lines = [f"{reason}: {', '.join(sorted(exercises))}" for reason, exercises in by_reason.items()]
    if chapter.new:
        lines.append(f"{counted(len(chapter.new), 'new result')}: {names(chapter.new)}")
    if chapter.removed:
        lines.append(f"{counted(len(chapter.removed), 'submission')} removed: {names(chapter.removed)}")
    return lines


def run_lines(chapters: list[Chapter], grading: int) -> list[str]:
    """What this grading changed, and its line; nothing if it was stopped before it began."""
    if not chapters or chapters[-1].gradings[-1].number != grading:
        return []
    return [*chapter_lines(chapters[-1]), grading_line(chapters[-1].gradings[-1])]


def report_lines(chapters: list[Chapter]) -> list[str]:
    """What the last grading that changed something changed, and the line of the last grading."""
    chapter = _last_change(chapters)
    last = [grading_line(chapters[-1].gradings[-1])] if chapters else []
    if chapter is None or chapter is chapters[-1]:
        return [*(chapter_lines(chapter) if chapter else ()), *last]
    return [grading_line(chapter.gradings[-1]), *chapter_lines(chapter), *last]


def last_changes(results: Path) -> list[str]:
    """All lines of the last change in a results folder. LookupError if no grading has a line."""
    chapters = read_story(results)
    if not chapters:
        raise LookupError(f"{results} has no {GRADINGS_FILE}: give a folder that `autograder grade` wrote to")
    chapter = _last_change(chapters)
    if chapter is None:
        return ["no result changed since the first grading", *map(grading_line, chapters[-1].gradings)]
    return [*map(grading_line, chapter.gradings), *chapter_lines(chapter, len(chapter.students))]


def changes_between(results: Path, first: int, last: int) -> list[str]:
    """All lines of what changed between two gradings. LookupError if one is missing."""
    chapter = between(results, first, last)
    lines = chapter_lines(chapter, len(chapter.students)) or ["no result was replaced"]
    return [f"from grading {first} to grading {last}", *lines]


def _last_change(chapters: list[Chapter]) -> Chapter | None:
    """The last chapter in which results changed; if there is none, the last with new or removed ones."""
    told = [chapter for chapter in chapters if chapter.changed] or [
        chapter for chapter in chapters if chapter.new or chapter.removed or chapter.exercises
    ]
    return told[-1] if told else None


def headline(chapter: Chapter) -> str:
    """How many results were replaced, and how many students changed."""
    replaced = f"{counted(chapter.replaced, 'result')} replaced"
    if chapter.changed:
        return f"{replaced}; {counted(len(chapter.changed), 'student')} changed"
    same = "all checks in common have" if chapter.exercises else "all checks have"
    return f"{replaced}; no student changed: {same} the same status and points as before"


def student_line(student: StudentChange) -> str:
    """One student: points before and after, and why."""
    checks = counted(sum(bool(check.check) for check in student.checks), "check")
    if student.before is None:
        earned = f"? → {total(student.after)}"
    elif student.before == student.after:
        earned = f"{total(student.after)} as before, {checks} changed"
    else:
        same = (student.before.max_score, student.before.bonus) == (student.after.max_score, student.after.bonus)
        before = points(student.before.score) if same else total(student.before)
        earned = f"{before} → {total(student.after)}"
    return f"{_cut(one_line(student.id), ID_WIDTH)}: {earned} ({_cut('; '.join(student.reasons), REASONS_WIDTH)})"


def page_values(chapters: list[Chapter]) -> dict[str, object]:
    """What the page of a class shows: the last grading in one line, and the last chapter that changed something."""
    if not chapters:
        return {}
    values: dict[str, object] = {"grading_line": grading_line(chapters[-1].gradings[-1])}
    chapter = _last_change(chapters)
    if chapter is not None:
        last = chapter.gradings[-1]
        values["changes"] = {
            "grading_line": grading_line(last) if chapter is not chapters[-1] else "",
            "lines": [*([headline(chapter)] if chapter.replaced else []), *remarks(chapter)],
            "defect": defect_line(chapter),
            "students": [page_row(student) for student in chapter.changed[:SHOWN]],
            "more": max(0, len(chapter.changed) - SHOWN),
        }
    return values


def page_row(student: StudentChange) -> dict[str, str]:
    """One student in the table of the page."""
    checks = [
        f"{check.exercise}::{check.check} {check.before.status if check.before else 'new'} → "
        f"{check.after.status if check.after else 'removed'}"
        for check in student.checks
        if check.check
    ]
    return {
        "id": one_line(student.id),
        "points": f"{_short(student.before)} → {_short(student.after)}",
        "checks": _listed(checks, SHOWN_CHECKS) if checks else "",
        "why": "; ".join(student.reasons),
    }


def _short(found: Total | None) -> str:
    """The points of a submission, "5/8" or "5/8 +1"."""
    if found is None:
        return "?"
    return f"{points(found.score)}/{points(found.max_score)}" + (f" +{points(found.bonus)}" if found.bonus else "")


def total(found: Total) -> str:
    """The points of a submission, "5 of 8 points" or "5 of 8 points and 1 bonus"."""
    bonus = f" and {points(found.bonus)} bonus" if found.bonus else ""
    return f"{points(found.score)} of {points(found.max_score)} points{bonus}"


def defect_line(chapter: Chapter) -> str:
    """The warning about checks that are not deterministic; empty if there are none."""
    found = chapter.not_deterministic
    if not found:
        return ""
    where = [f"{check.exercise}::{check.check} ({one_line(student.id)})" for student, check in found]
    return (
        f"{LOUD}: {counted(len(found), 'check')} gave another result for the same submission, seed, graders, "
        f"data and environment: {_listed(where, 3)}. Unless the student's code is itself "
        "random or depends on time, this is a defect of the grader: report it to its maintainers"
    )


def names(ids: Iterable[str]) -> str:
    """The first ids, and how many more there are."""
    return _listed([_cut(one_line(name), ID_WIDTH) for name in ids], SHOWN_NAMES)


def grading_line(grading: Grading) -> str:
    """A grading in one line: when, who, where, how many, with what."""
    counts = "running or killed"
    if grading.graded is not None:
        parts = [f"{grading.graded} graded", f"{grading.kept} kept"]
        parts += [f"{grading.problems} unreadable"] if grading.problems else []
        parts += [counted(grading.grader_errors, "grader error")] if grading.grader_errors else []
        counts = ", ".join(parts) + ("" if grading.finished else ", not finished")
    versions = ", ".join(f"{name} {grading.versions[name]}" for name in SHOWN_VERSIONS if name in grading.versions)
    commit = f"commit {grading.code.commit[:10]}" if grading.code.commit else ""
    commit += " with local changes" if grading.code.local_changes else ""
    place = f"{grading.user} on {grading.machine.get('host', '')}".removesuffix(" on ")
    parts = [f"grading {grading.number}", _date(grading), place, counts, versions, commit]
    return one_line(" · ".join(part for part in parts if part))


def _date(grading: Grading) -> str:
    date = grading.begin.replace("T", " ").replace("Z", " UTC")
    try:
        seconds = (datetime.strptime(grading.end, STAMP) - datetime.strptime(grading.begin, STAMP)).total_seconds()
    except ValueError:  # not ended
        return date
    return f"{date}, {seconds:.0f} s"


def _listed(texts: list[str], limit: int) -> str:
    more = [f"{len(texts) - limit} more"] if len(texts) > limit else []
    shown = texts[:limit] + more
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
