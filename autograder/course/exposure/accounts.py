"""The users and groups of this machine, as far as the system lists them."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_SHOWN = 3


@dataclass(frozen=True)
class Subject:
    """Somebody whose rights are checked: a user, a member of groups, or anybody (no user and no group)."""

    label: str
    """Who it is, for reports."""
    uid: int | None = None
    gids: frozenset[int] = frozenset()


EVERYBODY = Subject("every user of this machine")


def user_name(uid: int) -> str:
    """The name of a user, or the number if the system lists no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def group_name(gid: int) -> str:
    """The name of a group, or the number if the system lists no name."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"gid {gid}"


def members(gid: int) -> set[int]:
    """The users in a group: those for whom it is the first group, and those that it lists."""
    found = {account.pw_uid for account in _accounts() if account.pw_gid == gid}
    try:
        listed = grp.getgrgid(gid).gr_mem
    except KeyError:
        return found
    for name in listed:
        try:
            found.add(pwd.getpwnam(name).pw_uid)
        except KeyError:  # listed in the group, but without an account
            continue
    return found


def subjects(
    gids: Iterable[int], uids: Iterable[int], trusted_uids: frozenset[int], trusted_gids: frozenset[int]
) -> list[Subject]:
    """Everybody, the listed members of these groups, and these users, without those who are trusted.

    Members of the same groups are one subject. A group with no listed member is one too, since a directory service may not
    list its accounts; the private group of a trusted user is not.
    """
    wanted = frozenset(gids) - trusted_gids
    groups_of: dict[int, set[int]] = {uid: set() for uid in uids}
    unlisted = []
    for gid in wanted:
        others = members(gid) - trusted_uids
        for uid in others:
            groups_of.setdefault(uid, set()).add(gid)
        if not others and not any(_is_private(gid, uid) for uid in trusted_uids):
            unlisted.append(Subject(f"the group {group_name(gid)}", None, frozenset({gid})))
    named = [
        Subject(f"the user {user_name(uid)}", uid, frozenset(groups_of[uid]))
        for uid in sorted(set(uids) - trusted_uids)
    ]
    by_groups: dict[frozenset[int], list[int]] = {}
    for uid, found in groups_of.items():
        if found and uid not in trusted_uids:
            by_groups.setdefault(frozenset(found), []).append(uid)
    members_of = [Subject(_label(found, uids_of), None, found) for found, uids_of in by_groups.items()]
    return [EVERYBODY, *sorted(members_of + unlisted, key=lambda one: one.label), *named]


def _label(gids: frozenset[int], uids: list[int]) -> str:
    names = sorted(user_name(uid) for uid in uids)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    groups = " and ".join(sorted(group_name(gid) for gid in gids))
    return f"the group {groups} ({', '.join(names[:_SHOWN])}{more})"


def _is_private(gid: int, uid: int) -> bool:
    """Whether a group is there for one user only, as most systems create one for each new user."""
    return gid in (0, uid) or group_name(gid) == user_name(uid)


@cache
def _accounts() -> list[pwd.struct_passwd]:
    return pwd.getpwall()
