"""Turns names of folders and zips into ids: readable, safe as file names on every system, unique for each student."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import quote

MAX_BYTES = 120
# Characters with a meaning to a file system, a shell, a spreadsheet or an id itself, and those that look like a slash.
UNSAFE = set('/\\:*?"<>|%~') | set("∕⁄⧸／＼∖⧵﹨⟋⟍")
UNSAFE_FIRST = set(".-=+@ ")
UNSAFE_LAST = set(". ")
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)  # in Windows


def safe_id(name: str) -> str:
    """The name with unsafe characters percent-encoded, byte by byte; "müller" stays as it is.

    Two names can get the same id, for example in NFC and in NFD. `distinct_ids` makes ids unique.
    """
    name = unicodedata.normalize("NFC", name)
    characters = [_encode(c) if c in UNSAFE or not c.isprintable() else c for c in name]
    if name and (name[0] in UNSAFE_FIRST or RESERVED.fullmatch(name)):
        characters[0] = _encode(name[0])
    if name and name[-1] in UNSAFE_LAST:
        characters[-1] = _encode(name[-1])
    whole = "".join(characters)
    if len(whole.encode()) <= MAX_BYTES:
        return whole or "unnamed"
    kept, length = [], 0
    for character in characters:
        length += len(character.encode())
        if length > MAX_BYTES - 11:
            break
        kept.append(character)
    return "".join(kept).rstrip(". ") + mark(name)


def distinct_ids(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Maps file names to unique ids, given pairs of a file name and the student's name in it.

    Ids that some file system would treat as equal (letter case, forms of Unicode) each get a suffix that depends only on
    their own file name. So an id does not depend on the order, or on who else hands in.
    """
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file_name, name in names:
        alike[same_file(safe_id(name))].append((file_name, safe_id(name)))
    return {
        file_name: identity + mark(file_name) if len(group) > 1 else identity
        for group in alike.values()
        for file_name, identity in group
    }


def _encode(character: str) -> str:
    """The percent-encoding of a character, even of one that quote() would leave unencoded."""
    plain = character.encode("utf-8", "surrogateescape")
    return quote(plain, safe="") if len(plain) > 1 else f"%{plain[0]:02X}"


def mark(name: str) -> str:
    """A suffix for ids, made from a name. It starts with a character that occurs nowhere else in an id."""
    return f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:10]}"


def same_file(identity: str) -> str:
    """A form that is equal for all ids that some file system treats as equal (Unicode's canonical caseless matching)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", identity).casefold())
