"""Thousands of hostile messages, in both directions; `python -m benchmarks.wire` sends a million."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sandbox.hostile_messages import Messages, replies, requests
from tests.sandbox.receivers import Host, Receiver

COUNT = 4000


def test_the_grader_has_a_verdict_on_every_answer() -> None:
    host, messages = Host(), Messages(20, replies())
    ends = Counter(host.read(messages.draw()) for _ in range(COUNT))
    assert ends.total() == COUNT
    assert set(ends) == {"value", "Refused", "Raised", "ended"}
    assert ends["value"] > COUNT / 50  # the changes are not all so large that nothing of a message is read


def test_a_worker_refuses_every_request_that_is_none() -> None:
    receiver, messages = Receiver(), Messages(21, requests())
    ends = Counter(receiver.read(messages.draw()) for _ in range(COUNT))
    assert ends.total() == COUNT
    assert {"value", "ProtocolError", "ended"} <= ends.keys()


@pytest.mark.parametrize("frames", [replies(), requests()], ids=["replies", "requests"])
def test_messages_are_the_same_for_a_seed(frames) -> None:
    first, second = (Messages(3, frames) for _ in range(2))
    assert [first.draw() for _ in range(50)] == [second.draw() for _ in range(50)]
