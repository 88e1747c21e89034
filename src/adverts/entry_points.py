"""Verbs of other packages, found by the entry-point group ``adverts.verbs``.

A package names them in its ``pyproject.toml``, as this one names those of ``adverts_findings``::

    [project.entry-points."adverts.verbs"]
    digest = "my_package.digest:main"

``adverts digest …`` then calls ``main()``, most easily one that :func:`adverts.command.command`
made. Nothing of the package is imported before its verb is typed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from adverts.errors import InputError

GROUP = "adverts.verbs"
OURS = "adverts"
"""Name of the distribution whose verbs come first."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_PLACE = re.compile(f"{_DOTTED}:{_DOTTED}")
"""What a verb may be called, and how the function of a module is named."""


@dataclass(frozen=True, slots=True)
class FoundVerb:
    """A verb that an installed package brings.

    Attributes:
        name: What is typed.
        package: Name of the distribution that brings it.
    """

    name: str
    package: str
    _entry: EntryPoint

    @property
    def about(self) -> str:
        """What it does, from the first line of its module, which is read and not imported."""
        try:
            found = _source(self._entry.module)
            text = None if found is None else ast.get_docstring(ast.parse(found.read_bytes()))
        except (OSError, SyntaxError, ValueError):
            text = None
        line = (text or "").partition("\n")[0].removeprefix("VERB: ").rstrip(".")
        return line if line.isprintable() else ""

    def load(self) -> Callable[[], object]:
        """Return its function, after its module was imported.

        Raises:
            InputError: There is no such module or function, or the package lacks another one.
            ModuleNotFoundError: One of our own verbs lacks a package.
        """
        try:
            return cast("Callable[[], object]", self._entry.load())
        except ModuleNotFoundError as error:
            if self.package == OURS:
                raise
            raise InputError(
                f"{self.package} needs {error.name}, which is not installed; install it again"
            ) from None
        except AttributeError as error:
            raise InputError(
                f"{self.package} names {self._entry.value}, which is not there ({error}); install "
                "it again"
            ) from None


def found_verbs(taken: Collection[str]) -> dict[str, FoundVerb]:
    """Return the verbs of installed packages by their names, our own before those of others.

    Args:
        taken: Names of verbs that are built in, which no package can take.

    Raises:
        InputError: Two other packages bring a verb of the same name.
    """
    found: dict[str, FoundVerb] = {}
    entries = [
        FoundVerb(one.name, "" if one.dist is None else one.dist.name, one)
        for one in entry_points(group=GROUP)
    ]
    for one in sorted(entries, key=lambda one: (one.package != OURS, one.name, one.package)):
        is_whole = _NAME.fullmatch(one.name) and _PLACE.fullmatch(one._entry.value)
        if one.name in taken or not is_whole:
            continue
        before = found.setdefault(one.name, one)
        if before.package not in (OURS, one.package):
            raise InputError(
                f"{before.package} and {one.package} both bring the verb {one.name}; uninstall one"
            )
    return found


def _source(module: str) -> Path | None:
    """Return the file of a module, found without importing the packages that it is in."""
    top, *inner = module.split(".")
    found, name = find_spec(top), top
    for part in inner:
        places = None if found is None else found.submodule_search_locations
        name = f"{name}.{part}"
        found = None if places is None else PathFinder.find_spec(name, list(places))
    return None if found is None or not found.has_location else Path(str(found.origin))
