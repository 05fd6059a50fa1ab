"""What the name of a handed-in file says: its kind, and its plain name, without what a browser or a system added to it.

Students' files arrive under other names: a browser writes `mlp_nn (1).py` when it downloads twice, Windows hides the
ending in `p1_mlp.ipynb.txt`, Jupyter writes `p1_mlp-Copy1.ipynb`, a Mac `mlp_nn 2.py`. A stem that is a Python
identifier is never changed, since other files may import it by this name: `layers_1.py` stays as it is.
"""

from __future__ import annotations

import re

SCRIPT, NOTEBOOK, ARCHIVE, OTHER = "script", "notebook", "archive", "other"
PY, IPYNB = ".py", ".ipynb"
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz")
ARCHIVES = (".zip", *TARS)
"""The endings of archives that are read."""
MAX_LENGTH = 255

_ADDED_ENDING = re.compile(r"(.+)\.(?:txt|text|json)", re.I | re.S)
_COPY = "copy|kopie|kopi|kopia|kopio|copie|copia|cópia|копия|副本|コピー"
_MARKS = [
    re.compile(pattern, re.I | re.S)
    for pattern in (
        r"(.+?)\s*[(\uff08]\d{1,3}[)\uff09]",  # mlp_nn (1)
        rf"(.+?)\s*\((?:another |\d{{1,2}}(?:st|nd|rd|th) )?(?:{_COPY})(?: \d{{1,3}})?\)",  # mlp_nn (copy)
        rf"(.+?)(?:\s*[-\u2013]\s*|\s+)(?:{_COPY})\s?\d{{0,3}}",  # mlp_nn - Copy, mlp_nn Kopie 2, p1_mlp-Copy1
        rf"(?:{_COPY}) (?:of|von|de|di|van|av|af) (.+)",  # Copy of p1_mlp
        r"(.+?)(?:-|\s)\d{1,2}",  # mlp_nn-1, mlp_nn 2
    )
]


def kind_of(name: str) -> str:
    """Whether a file counts as a SCRIPT, a NOTEBOOK or an ARCHIVE that is read, or is some OTHER file.

    >>> kind_of("p1_mlp.ipynb.txt"), kind_of("work.tar.gz"), kind_of("work.rar"), kind_of("notes.txt")
    ('notebook', 'archive', 'other', 'other')
    """
    name = plain_name(name).casefold()
    if name.endswith(PY):
        return SCRIPT
    if name.endswith(IPYNB):
        return NOTEBOOK
    return ARCHIVE if name.endswith(ARCHIVES) else OTHER


def plain_name(name: str) -> str:
    """The name that the student's editor gave the file. It is `name` itself if nothing was added.

    >>> [plain_name(name) for name in ("mlp_nn (1).py", "p1_mlp.ipynb (2).json", "mlp_nn_1.py", "notes (1).txt")]
    ['mlp_nn.py', 'p1_mlp.ipynb', 'mlp_nn_1.py', 'notes (1).txt']
    """
    if len(name) > MAX_LENGTH or name.isidentifier():
        return name
    inner = _added_ending_removed(name.strip())
    for ending in (PY, IPYNB):
        if inner.casefold().endswith(ending):
            stem = inner[: -len(ending)]
            if stem.casefold().endswith(ending):  # mlp_nn.py.py, where Windows hides the ending
                stem = stem[: -len(ending)]
            return plain_stem(stem) + inner[-len(ending) :]
    return name


def plain_stem(stem: str) -> str:
    """The name of a folder, or of a file without its ending, without the marks of a copy.

    >>> [plain_stem(stem) for stem in ("p1_mlp (1)", "Kopie von p1_mlp", "mlp_nn - Copy (2)", "layers_1", "week 3")]
    ['p1_mlp', 'p1_mlp', 'mlp_nn', 'layers_1', 'week']
    """
    if len(stem) > MAX_LENGTH:
        return stem
    for _ in range(4):
        stem = stem.strip()
        if stem.isidentifier():
            break
        match = next((match for mark in _MARKS if (match := mark.fullmatch(stem))), None)
        if match is None:
            break
        stem = match[1]
    return stem


def _added_ending_removed(name: str) -> str:
    """`p1_mlp.ipynb.txt` and `mlp_nn.py (1)` without the last part; any other name as it is."""
    match = _ADDED_ENDING.fullmatch(name)
    inner = plain_stem(match[1] if match else name)
    return inner if inner.casefold().endswith((PY, IPYNB)) else name
