"""What several tests of the sandbox start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox.host.launch import Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    zygote.start()
    yield zygote
    zygote.close()
