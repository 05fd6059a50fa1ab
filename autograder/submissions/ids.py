"""Names of folders and zips made into ids: safe as file names on every system, readable, one for each student."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import quote

MAX_BYTES = 120
# What a file system, a shell, a spreadsheet or an id itself gives a meaning, and signs that look like a slash.
UNSAFE = set('/\\:*?"<>|%~') | set("∕⁄⧸／＼∖⧵﹨⟋⟍")
UNSAFE_FIRST = set(".-=+@ ")
UNSAFE_LAST = set(". ")
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)  # in Windows


def safe_id(name: str) -> str:
    """A name with what is unsafe in it percent-encoded, byte by byte; "müller" stays as it is.

    Two names can come to one id: by NFC and NFD. `distinct` gives each its own.
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
    return "".join(kept).rstrip(". ") + _mark(name)


def distinct(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Ids for pairs of a file name and the student's name in it; the result goes from file name to id.

    Where several ids would be one on some file system (letter case, forms of Unicode), each gets a mark that is made from
    its own file name, so that it is the same in every order, and whoever else hands in.
    """
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file_name, name in names:
        alike[_folded(safe_id(name))].append((file_name, safe_id(name)))
    return {
        file_name: identity + _mark(file_name) if len(group) > 1 else identity
        for group in alike.values()
        for file_name, identity in group
    }


def _encode(character: str) -> str:
    """Also of a character for which quote() would see no need."""
    plain = character.encode("utf-8", "surrogateescape")
    return quote(plain, safe="") if len(plain) > 1 else f"%{plain[0]:02X}"


def _mark(name: str) -> str:
    """Begins with a sign that no other part of an id has."""
    return f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:10]}"


def _folded(identity: str) -> str:
    """Equal for all spellings that some file system takes for one (Unicode's canonical caseless matching)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", identity).casefold())
