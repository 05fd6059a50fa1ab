"""Records one run of a check for an appeal: the calls of the student's code, what was compared, and the inputs."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.checks.comparisons import Attempt, Comparison
from autograder.reports.appeal.record import Record, ShownAttempt, ShownCall, show_comparison
from autograder.reports.appeal.values import as_array, parts_of, show_value
from autograder.sandbox.host.exchanges import Event, SeededGenerator
from autograder.sandbox.host.text import clean

FIRST_CALLS, LAST_CALLS = 10, 40
"""How many calls are kept from the start of a check, and from its end, where it failed."""
MAX_COMPARISONS = 60
"""How many comparisons are kept after each call."""
MAX_INPUT_BYTES = 64 << 20

Arrays = dict[str, "np.ndarray[Any, Any]"]


class Recorder:
    """Keeps what it sees as text, since the grader may change its tensors after a call.

    `keep_inputs`: whether to copy the arrays among the arguments, too.
    """

    def __init__(self, *, keep_inputs: bool = False) -> None:
        self._keep_inputs = keep_inputs
        self.begin()

    def begin(self) -> None:
        """Forgets everything: the check starts, or starts again."""
        self._first: list[ShownCall] = []
        self._last: deque[ShownCall] = deque(maxlen=LAST_CALLS)
        self._total = 0
        self._attempts: list[ShownAttempt] = []
        self._seeds: list[int] = []
        self._call_seed: int | None = None
        self._inputs: dict[int, Arrays] = {}
        self._input_bytes = 0
        self.inputs_too_large = 0
        """How many arrays were not kept because there were too many bytes."""

    def exchange(self, event: Event) -> None:
        """Adds a call."""
        self._total += 1
        kind, _, name = event.target.partition(":")
        function = event.what.partition("(")[0] if kind == "handle" else name
        arguments = list(_labelled(event))
        raised = event.problem is not None
        call = ShownCall(
            number=self._total,
            function=clean(function, 120),
            probe=kind == "probe",
            arguments=[part for label, value in arguments for part in show_value(label, value)],
            answer=[] if raised else show_value("returned", event.value),
            problem=event.problem.message if event.problem is not None else "",
            changed=event.changed,
            seed=event.seed,
        )
        if len(self._first) < FIRST_CALLS:
            self._first.append(call)
        else:
            if len(self._last) == LAST_CALLS:
                self._drop_inputs(self._last[0].number)
            self._last.append(call)
        self._seeds += [value.seed for _, value in arguments if isinstance(value, SeededGenerator)]
        if self._call_seed is None and not call.probe:
            self._call_seed = event.seed
        if self._keep_inputs:
            self._copy_inputs(call.number, arguments)

    def compared(self, compared: Comparison | Attempt) -> None:
        """Adds a comparison to the last call, or a training of an accuracy check."""
        if isinstance(compared, Attempt):
            seeds = tuple(self._seeds) or ((self._call_seed,) if self._call_seed is not None else ())
            number = len(self._attempts) + 1
            self._attempts.append(ShownAttempt(number, compared.accuracy, compared.minimum, seeds, self._total))
            self._seeds, self._call_seed = [], None
            return
        calls = self._last or self._first
        if not calls:
            return
        shown = show_comparison(compared.what, compared.got, compared.expected, compared.rtol)
        comparisons = calls[-1].comparisons
        if len(comparisons) == MAX_COMPARISONS:
            # The last one is kept in any case: it may be the one that fails the check.
            comparisons.pop()
            calls[-1].comparisons_left_out += 1
        comparisons.append(shown)

    def record(self) -> Record:
        """What was seen so far."""
        return Record([*self._first, *self._last], self._total, list(self._attempts))

    def inputs(self) -> Arrays:
        """The arrays and numbers among the arguments of the calls in the record, by call and argument."""
        return {name: array for arrays in self._inputs.values() for name, array in arrays.items()}

    def _copy_inputs(self, number: int, arguments: list[tuple[str, Any]]) -> None:
        kept = self._inputs[number] = {}
        for label, value in arguments:
            for name, part in parts_of(label, value):
                array = as_array(part)
                if array is None:
                    continue
                if self._input_bytes + array.nbytes > MAX_INPUT_BYTES:
                    self.inputs_too_large += 1
                    continue
                self._input_bytes += array.nbytes
                kept[_file_name(number, name, kept)] = array.copy()

    def _drop_inputs(self, number: int) -> None:
        self._input_bytes -= sum(array.nbytes for array in self._inputs.pop(number, {}).values())


def _labelled(event: Event) -> Iterator[tuple[str, Any]]:
    for number, value in enumerate(event.args, start=1):
        yield f"argument {number}", value
    yield from event.kwargs.items()


def _file_name(number: int, label: str, taken: Arrays) -> str:
    """A name of letters, digits, dots and underscores, since keys of dicts may be the student's."""
    parts = re.findall(r"\w+", label.replace("argument ", "argument"), re.ASCII)
    name = wanted = f"call{number}." + ".".join(parts)[:80]
    count = 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    return name
