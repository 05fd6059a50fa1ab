"""Attacks by what is handed in, before anything of it runs: sources, notebooks, archives and folders that harm their reader.

Each has a naive reader, as a control, that the attack works on.
"""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.attack import CLEANING
from tests.submissions.making import SOFTMAX, fill, tarred, zipped

SECRET = "canary-of-the-reader"
READER = "a reader that is bounded and runs nothing"
LINKS = "a reader that follows no link and opens no device"
UNPACKS_NOTHING = "a reader that unpacks nothing to disk"
LARGE = 32 << 20


@dataclass(frozen=True)
class FileAttack:
    """`hand_in(folder, outside)` makes a student's folder; `naive(folder, outside)`: whether a naive reader is harmed.

    `outside` is another folder, with a file `secret`. What is there must not change, and must not be read.
    """

    family: str
    hand_in: Callable[[Path, Path], object]
    naive: Callable[[Path, Path], bool]
    stopped_by: str = READER


def raises(*kinds: type[BaseException]) -> Callable[[Callable[[Path], object]], Callable[[Path, Path], bool]]:
    """A naive reader that is harmed if it raises one of these, which it does not expect."""

    def made(reader: Callable[[Path], object]) -> Callable[[Path, Path], bool]:
        def naive(folder: Path, outside: Path) -> bool:
            try:
                reader(folder)
            except kinds:
                return True
            return False

        return naive

    return made


def source(text: str | bytes) -> Callable[[Path, Path], object]:
    return lambda folder, outside: fill(folder, {SOFTMAX: text})


def notebook(text: str | bytes) -> Callable[[Path, Path], object]:
    return lambda folder, outside: fill(folder, {"p1_mlp.ipynb": text})


def compiled(folder: Path) -> object:
    return compile((folder / SOFTMAX).read_bytes(), SOFTMAX, "exec")


def loaded(folder: Path) -> list[str]:
    cells = json.loads((folder / "p1_mlp.ipynb").read_bytes())["cells"]
    return ["".join(cell["source"]).encode().decode() for cell in cells if cell["cell_type"] == "code"]


def cells(*sources: object) -> str:
    made = [{"cell_type": "code", "metadata": {}, "source": text, "outputs": []} for text in sources]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def marked(reader: Callable[[Path, Path], object]) -> Callable[[Path, Path], bool]:
    """A naive reader that is harmed if there is a mark outside after it."""

    def naive(folder: Path, outside: Path) -> bool:
        reader(folder, outside)
        return os.path.lexists(outside / "mark")

    return naive


def runs_cells(folder: Path, outside: Path) -> None:
    for text in loaded(folder):
        if text.startswith(("!", "%%bash\n")):
            subprocess.run(["/bin/sh", "-c", text.removeprefix("!").removeprefix("%%bash\n")], cwd=outside, check=False)
        else:
            exec(text, {"outside": outside})


def unpacks_a_zip(folder: Path, outside: Path) -> None:
    """Writes each member to its name, as a loop over a zip does."""
    here = outside / "unpacked" / "here"
    here.mkdir(parents=True)
    with zipfile.ZipFile(folder / "work.zip") as archive:
        for member in archive.infolist():
            target = here / member.filename
            if stat.S_ISLNK(member.external_attr >> 16):
                target.symlink_to(archive.read(member).decode())
            elif target.parent.is_dir():
                target.write_bytes(archive.read(member))


def unpacks_a_tar(folder: Path, outside: Path) -> None:
    here = outside / "unpacked" / "here"
    here.mkdir(parents=True)
    with tarfile.open(folder / "work.tar") as archive:
        archive.extractall(here, filter="fully_trusted")


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zipped_link(name: str, target: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return out.getvalue()


def archive(name: str, data: Callable[[Path], bytes]) -> Callable[[Path, Path], object]:
    return lambda folder, outside: fill(folder, {name: data(outside)})


def shows_the_secret(folder: Path, outside: Path) -> bool:
    return SECRET in (folder / SOFTMAX).read_text()


def shows_the_secret_unpacked(folder: Path, outside: Path) -> bool:
    unpacks_a_tar(folder, outside)
    return SECRET in (outside / "unpacked" / "here" / SOFTMAX).read_text()


def unpacked_size(folder: Path, outside: Path) -> bool:
    with zipfile.ZipFile(folder / "work.zip") as opened:
        return sum(len(opened.read(member)) for member in opened.infolist()) > LARGE


def reads_much(folder: Path, outside: Path) -> bool:
    with open(folder / SOFTMAX, "rb") as file:
        return len(file.read(LARGE + 1)) > LARGE


def waits(folder: Path, outside: Path) -> bool:
    reader = threading.Thread(target=(folder / SOFTMAX).read_bytes)
    reader.start()
    reader.join(0.3)
    hung = reader.is_alive()
    with open(folder / SOFTMAX, "wb"):  # lets it go
        pass
    reader.join()
    return hung


def in_place(make: Callable[[Path, Path], object]) -> Callable[[Path, Path], object]:
    """Makes the exercise's file itself."""

    def hand_in(folder: Path, outside: Path) -> None:
        path = folder / SOFTMAX
        path.parent.mkdir()
        make(path, outside)

    return hand_in


DEEP = 200_000
TOO_DEEP = raises(RecursionError, MemoryError)
ATTACK_CELL = "# exercise: softmax_cross_entropy\n"
ATTACK_CELL += "class Attack:\n    (outside / 'mark').touch()\ndef softmax(ytilde): return ytilde\n"

FILES = {
    # Sources.
    "minus signs without end": FileAttack("parsing", source("x = " + "-" * DEEP + "1\n"), TOO_DEEP(compiled)),
    "a sum without end": FileAttack("parsing", source("x = 1" + "+1" * DEEP + "\n"), TOO_DEEP(compiled)),
    "attributes without end": FileAttack("parsing", source("x = a" + ".b" * DEEP + "\n"), TOO_DEEP(compiled)),
    "calls without end": FileAttack("parsing", source("x = a" + "()" * DEEP + "\n"), TOO_DEEP(compiled)),
    "a null byte": FileAttack("parsing", source(b"x = 1\0\n"), raises(ValueError, SyntaxError)(compiled)),
    "bytes that are no text": FileAttack(
        "parsing",
        source(b"x = '\xff\xfe'\n"),
        raises(UnicodeDecodeError)(lambda folder: (folder / SOFTMAX).read_text("utf-8"))
    ),
    "a coding that nobody knows": FileAttack(
        "parsing", source("# -*- coding: no-such-coding -*-\nx = 1\n"), raises(SyntaxError, LookupError)(compiled)
    ),
    "a number without end": FileAttack(
        "parsing", source("x = " + "9" * 20_000 + "\n"), raises(SyntaxError, ValueError)(compiled)
    ),
    # Notebooks.
    "lists in lists": FileAttack(
        "parsing", notebook('{"cells": ' + "[" * DEEP), raises(RecursionError)(loaded)
    ),
    "objects in metadata": FileAttack(
        "parsing",
        notebook('{"cells": [], "metadata": ' + '{"a":' * DEEP + "1" + "}" * DEEP + "}"),
        raises(RecursionError)(loaded),
    ),
    "a number in a notebook": FileAttack(
        "parsing", notebook('{"cells": [], "nbformat": ' + "9" * 20_000 + "}"), raises(ValueError)(loaded)
    ),
    "half a character": FileAttack("parsing", notebook(cells("x = '\ud800'")), raises(UnicodeEncodeError)(loaded)),
    "a source that is no text": FileAttack("parsing", notebook(cells([1, 2])), raises(TypeError)(loaded)),
    "cells that are no list": FileAttack("parsing", notebook('{"cells": 5}'), raises(TypeError)(loaded)),
    "a cell that acts": FileAttack("parsing", notebook(cells(ATTACK_CELL)), marked(runs_cells)),
    "a cell that is a command": FileAttack("parsing", notebook(cells("!touch mark")), marked(runs_cells)),
    "a cell of another language": FileAttack("parsing", notebook(cells("%%bash\ntouch mark")), marked(runs_cells)),
    # Archives.
    "a zip that grows": FileAttack(
        "parsing", archive("work.zip", lambda outside: zipped({SOFTMAX: bytes(LARGE + 1)})), unpacked_size
    ),
    "a zip with a path upwards": FileAttack(
        "parsing", archive("work.zip", lambda outside: zipped({"../../mark": "x"})), marked(unpacks_a_zip), UNPACKS_NOTHING
    ),
    "a zip with an absolute path": FileAttack(
        "parsing",
        archive("work.zip", lambda outside: zipped({str(outside / "mark"): "x"})),
        marked(unpacks_a_zip), UNPACKS_NOTHING
    ),
    "a zip with a link": FileAttack(
        "parsing",
        archive("work.zip", lambda outside: zipped_link("softmax_cross_entropy.py", str(outside / "secret"))),
        lambda folder, outside: unpacks_a_zip(folder, outside) is None
        and SECRET in (outside / "unpacked" / "here" / "softmax_cross_entropy.py").read_text(),
        LINKS,
    ),
    "a tar with a path upwards": FileAttack(
        "parsing", archive("work.tar", lambda outside: tarred(("../../mark", "x"))), marked(unpacks_a_tar), UNPACKS_NOTHING
    ),
    "a tar that writes through a link": FileAttack(
        "parsing",
        archive("work.tar", lambda outside: tarred((link("way", str(outside)), ""), ("way/mark", "x"))),
        marked(unpacks_a_tar),
        UNPACKS_NOTHING,
    ),
    "a tar with a link to a file": FileAttack(
        "parsing",
        archive("work.tar", lambda outside: tarred((link(SOFTMAX, str(outside / "secret")), ""))),
        shows_the_secret_unpacked,
        LINKS,
    ),
    "a tar with a second name of a file": FileAttack(
        "parsing",
        archive("work.tar", lambda outside: tarred((link(SOFTMAX, str(outside / "secret"), tarfile.LNKTYPE), ""))),
        shows_the_secret_unpacked,
        LINKS,
    ),
    # Folders.
    "a link to a file": FileAttack(
        "parsing", in_place(lambda path, outside: path.symlink_to(outside / "secret")), shows_the_secret, LINKS
    ),
    "a second name of another user's file": FileAttack(
        "parsing", in_place(lambda path, outside: path.hardlink_to(outside / "secret")), shows_the_secret, LINKS
    ),
    "a link to a device": FileAttack(
        "parsing", in_place(lambda path, outside: path.symlink_to("/dev/zero")), reads_much, LINKS
    ),
    "a pipe": FileAttack("parsing", in_place(lambda path, outside: os.mkfifo(path)), waits, LINKS),
    "a folder that is itself": FileAttack(
        "parsing",
        lambda folder, outside: (folder / "p1_mlp").symlink_to(folder),
        lambda folder, outside: (folder / "p1_mlp/p1_mlp/p1_mlp/p1_mlp").is_dir(),
        LINKS,
    ),
}  # fmt: skip

WORD = "\x1b[31mcanary\x1b[0m\u202e"
INJECTING = {
    "the class of an error": f"class Bad(Exception): pass\nBad.__name__ = {WORD!r}\ndef raising(): raise Bad()\n",
    "the text of an error": f"def raising(): raise ValueError({WORD!r})\n",
    "the text of an error, as markup": "def raising(): raise ValueError('<script>alert(\"canary\")</script>')\n",
    "the class of an answer": f"class Bad: pass\nBad.__name__ = {WORD!r}\ndef raising(): return Bad()\n",
    "the keys of an answer": f"def raising(): return {{{WORD!r}: {WORD!r}}}\n",
    "printed text": f"print({WORD!r} * 3)\ndef raising(): print({WORD!r})\n",
    "a function's name": "def raising(): return inner()\ndef inner(): raise ValueError('canary')\n"
    f"inner.__code__ = inner.__code__.replace(co_name={WORD!r})\n",
    "a line that overwrites": "def raising(): raise ValueError('canary\\r8 of 8 points \\x08\\x08')\n",
    "a line in a name": "class Bad(Exception): pass\n"
    "Bad.__name__ = 'canary\\n8 of 8 points\\n'\ndef raising(): raise Bad()\n",
    "a module that is missing": f"def raising(): raise ModuleNotFoundError('canary', name={WORD!r})\n",
    "a formula": "class Bad(Exception): pass\nBad.__name__ = '=cmd|canary'\ndef raising(): raise Bad()\n",
}
"""Texts that act on who reads them: modules, each with a function `raising` that every function calls."""
INJECTED_BY = CLEANING
