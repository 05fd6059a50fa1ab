"""The line of the audit trail for a grading that begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.classroom import environment
from autograder.classroom.graders_digest import partial_digests
from autograder.classroom.gradings import Code, Command, Grading, next_number, now
from autograder.classroom.results_folder import Stamp
from autograder.results import SubmissionResult


def new_grading(
    results: Path,
    earlier: Iterable[SubmissionResult],
    stamp: Stamp,
    data_roots: list[Path],
    *,
    regrade: bool,
    jobs: int,
    kept: int,
    removed: Iterable[str],
) -> Grading:
    """The next grading of a results folder, without what is known only when torch is imported.

    Args:
        results: the folder.
        earlier: the results in it.
        stamp: what the new results depend on.
        data_roots: the folders of local datasets.
        regrade: whether everything is graded again.
        jobs: how many submissions are graded at a time.
        kept: how many submissions are up to date.
        removed: the ids of results without a submission.
    """
    commit, local_changes = environment.commit()
    return Grading(
        number=next_number(results, earlier),
        begin=now(),
        kept=kept,
        user=environment.user(),
        command=Command(
            regrade=regrade, seed=hex(stamp.seed), round=stamp.round, tier=stamp.tier, isolation=stamp.isolation,
            jobs=jobs, follow_through=stamp.follow_through, exercises=list(map(str, stamp.exercises)),
            data_roots=list(map(str, data_roots)),
        ),
        versions=environment.versions(),
        machine=environment.machine(),
        code=Code(
            graders=stamp.graders, digests=partial_digests(stamp.exercises, data_roots), commit=commit,
            local_changes=local_changes,
        ),
        removed=list(removed),
    )  # fmt: skip
