"""All attacks by name, and the table of them in docs/security.md: `python -m tests.attacks.table` writes it there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.forging import FORGING
from tests.attacks.harming import HARMING
from tests.attacks.stealing import STEALING

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"
MODULES: dict[str, Attack] = {
    f"{attack.family}: {name}": attack for room in (FORGING, STEALING, HARMING) for name, attack in room.items()
}
"""Modules that a student could hand in."""


def table() -> str:
    """The table in Markdown: a row for each family and each mechanism that stops attacks of it."""
    rows = [
        "| family | attacks | number | what stops them | as root | as an ordinary user |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {family} | {'; '.join(names)} | {len(names)} | {stopped_by} | {root} | {user} |"
        for (family, stopped_by), names, root, user in _rows()
    ]
    return "\n".join([*rows, f"| all | | {sum(len(names) for _, names, _, _ in _rows())} | | | |", ""])


def _rows() -> Iterable[tuple[tuple[str, str], list[str], str, str]]:
    from tests.attacks.files import FILES, INJECTED_BY, INJECTING
    from tests.attacks.markdown import LOADING, LOADING_STOPPED_BY, NEEDS_NO_HELP

    names: dict[tuple[str, str], list[str]] = {}
    for name, attack in MODULES.items():
        names.setdefault((attack.family, attack.stopped_by), []).append(name.partition(": ")[2])
    tried_twice = len(names)
    for name, file_attack in FILES.items():
        names.setdefault((file_attack.family, file_attack.stopped_by), []).append(name)
    names["injecting", INJECTED_BY] = list(INJECTING)
    names["injecting", LOADING_STOPPED_BY] = [name for name in LOADING if name not in NEEDS_NO_HELP]
    for number, (row, found) in enumerate(names.items()):
        yield row, found, "nothing gained", "nothing gained" if number < tried_twice else "does not depend on the user"


def text_with_table(text: str) -> str:
    """The document with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(text_with_table(DOCUMENT.read_text()))
