"""One cause, one reason: a check that fails because another one fails waits for that one, and does not explain itself."""

from __future__ import annotations

from collections.abc import Callable, Container

from autograder.checks.grader import Check
from autograder.course.catalogue import CheckId
from autograder.results import CheckResult

FAILURES = ("failed", "error", "timeout", "refused")


class Waits(Exception):
    """A check waits for another one of its exercise."""

    status = "blocked"

    def __init__(self, message: str, waits_for: CheckId) -> None:
        super().__init__(message)
        self.message = message
        self.waits_for = waits_for


def waiting(check: Check, cause: Check) -> CheckResult:
    """The result of a check that waits for another one."""
    points, message = check.spec.points, _message(cause)
    return CheckResult(check.id, check.title, Waits.status, 0, points, message, waits_for=cause.id)


def _message(cause: Check) -> str:
    return f"first make this check pass: {cause.title}"


class Causes:
    """Finds the check to look at first.

    Args:
        checks: all checks of the exercise, by id.
        outcome: gives what a check found by itself, and runs it if it has not run yet. So the points of a check do not depend
            on which others are selected, or on their order.
        out_of_time: the checks that have run out of time so far.
    """

    def __init__(
        self, checks: dict[CheckId, Check], outcome: Callable[[Check], CheckResult], out_of_time: Container[CheckId]
    ) -> None:
        self._checks = checks
        self._outcome = outcome
        self._out_of_time = out_of_time
        self._first_with: dict[tuple[str, str], Check] = {}
        """The first check that failed with this status and message. An equal message of another check is the same cause,
        such as a file that cannot be imported."""

    def confirm(self, check: Check) -> None:
        """Raises Waits if another check explains why this one fails, or if it is worth nothing by itself."""
        if self.timed_out(check) or self._outcome(check).status in FAILURES:
            cause = self._behind(check) or self._same_before(check)
            if cause is not None:
                raise Waits(_message(cause), cause.id)
        elif self._outcome(check).status == "passed":
            for name in check.counts_with:
                cause = self._of(self._checks[name])
                if cause is not None:
                    raise Waits(
                        f"this holds, but any constant does that; it counts with this check: {cause.title}", cause.id
                    )

    def timed_out(self, check: Check) -> bool:
        """Whether a check that this one needs has run out of time; then this one would, too, and is not run."""
        return any(name in self._out_of_time or self.timed_out(self._checks[name]) for name in check.needs)

    def _of(self, check: Check) -> Check | None:
        """The check to look at first if this one fails; None if it does not fail."""
        if self.timed_out(check) or self._outcome(check).status in FAILURES:
            return self._behind(check) or check
        return None

    def _behind(self, check: Check) -> Check | None:
        """The failing check that explains this one, if there is one: the first of those that it needs."""
        causes = (self._of(self._checks[name]) for name in check.needs)
        return next((cause for cause in causes if cause is not None), None)

    def _same_before(self, check: Check) -> Check | None:
        """The check that failed before for the same reason, if there is one."""
        found = self._outcome(check)
        first = self._first_with.setdefault((found.status, found.message), check)
        return None if first == check else first
