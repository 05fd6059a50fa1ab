"""Which check of a result is meant: by its id, a part of it, or words of its title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from autograder.reports.explanation import headline
from autograder.reports.terminal import counted
from autograder.results import SKIPPED, CheckResult, SubmissionResult
from autograder.sandbox.host.text import clean

MAX_LISTED = 40


class UnknownCheck(LookupError):
    """No check of the result, or more than one, is meant. The message lists those that may be."""


def choose_check(result: SubmissionResult, name: str) -> CheckResult:
    """The check that `name` means. UnknownCheck if there is none, or if several fit.

    `name` is the id ("p1_mlp/svm::predictions"), a part of it ("svm/predictions", "predictions"), the path that pytest
    shows, or words of the title. A whole name counts more than a part of one.
    """
    checks = [check for exercise in result.exercises for check in exercise.checks]
    wanted = _parts(name)
    for fits in (
        [check for check in checks if wanted and _parts(check.id)[-len(wanted) :] == wanted],
        [check for check in checks if wanted and "/".join(wanted) in "/".join(_parts(check.id))],
        [check for check in checks if name.strip() and name.casefold() in check.title.casefold()],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise UnknownCheck(
                f"{clean(name, 80)!r} fits {len(fits)} checks of this result: give more of the name\n{_list(fits)}"
            )
    raise UnknownCheck(_nothing_fits(result, checks, name))


def list_failed(result: SubmissionResult) -> str:
    """The checks that did not pass, each with its id, status and first reason; an exercise not started in one line."""
    failed, lines = 0, []
    for exercise in result.exercises:
        checks = [check for check in exercise.checks if check.status not in ("passed", SKIPPED)]
        failed += len(checks)
        if exercise.status == "not_started" and checks:
            lines.append(f"  {clean(exercise.id, 120)}  not started: {counted(len(checks), 'check')}")
        elif checks:
            lines.append(_list(checks))
    return "\n".join([f"{counted(failed, 'check')} did not pass:", *lines]) if failed else "all checks passed"


def _nothing_fits(result: SubmissionResult, checks: list[CheckResult], name: str) -> str:
    names = {"/".join(_parts(check.id)): check for check in checks} | {_parts(check.id)[-1]: check for check in checks}
    close = [names[found] for found in get_close_matches("/".join(_parts(name)), names, n=3, cutoff=0.5)]
    unique = list({check.id: check for check in close}.values())
    meant = f"\nDid you mean:\n{_list(unique)}" if unique else ""
    return f"no check of this result is called {clean(name, 80)!r}{meant}\n{list_failed(result)}"


def _parts(name: str) -> list[str]:
    """The parts of an id or a path of pytest, without the prefixes of files and functions.

    >>> _parts("autograder/graders/p1_mlp/test_svm.py::test_predictions")
    ['p1_mlp', 'svm', 'predictions']
    """
    parts = [part for part in re.split(r"::|/", name.strip().casefold()) if part not in ("", "autograder", "graders")]
    return [part.removesuffix(".py").removeprefix("test_") for part in parts]


def _list(checks: Iterable[CheckResult]) -> str:
    checks = list(checks)
    lines = [
        f"  {clean(check.id, 120)}  {clean(check.status, 20)}" + (f": {_cut(headline(check))}" if check.message else "")
        for check in checks[:MAX_LISTED]
    ]
    return "\n".join(lines + ([f"  … and {len(checks) - MAX_LISTED} more"] if len(checks) > MAX_LISTED else []))


def _cut(text: str) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= 100 else text[:99] + "…"
