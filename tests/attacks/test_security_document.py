"""docs/security.md promises what is tested."""

from __future__ import annotations

from tests.attacks.table import DOCUMENT, MODULES, table, text_with_table
from tests.zoo import PROJECT

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_table_is_that_of_the_tests() -> None:
    assert text_with_table(TEXT) == TEXT, "run python -m tests.attacks.table"


def test_a_changed_table_is_noticed() -> None:
    assert text_with_table(TEXT.replace("nothing gained", "something", 1)) != TEXT.replace(
        "nothing gained", "something", 1
    )


def test_every_family_is_there() -> None:
    assert len(MODULES) >= 80
    for family in ("forging", "stealing", "harming", "parsing", "injecting"):
        assert f"| {family} |" in table()


def test_files_that_the_document_names_exist() -> None:
    for path in ("assignments/SERVERS.md", "tests/sandbox/lockdown_attacks.py", "tests/notebooks/nbgrader/hostile.py"):
        assert path in TEXT
        assert (PROJECT / path).exists()
    assert "docs/security.md" in (PROJECT / "README.md").read_text(encoding="utf-8")
