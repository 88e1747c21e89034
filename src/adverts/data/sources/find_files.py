"""Finds the files of a source: by name, by pattern, or all that a folder holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.data.sources.locations import (
    Location,
    in_one_line,
    is_address,
    locate,
    parts_below,
    remote_stamp,
    stamp_of,
)
from adverts.data.sources.parts import Stamp
from adverts.errors import InputError

if TYPE_CHECKING:
    from upath import UPath

_WILDCARDS = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a source.

    Attributes:
        name: Its name in the source: the path or address that was given, or one that matches.
        place: Where it is.
        stamp: Its stamp; None if there is no such file.
    """

    name: str
    place: Location
    stamp: Stamp | None


def find_file(root: Location, name: str) -> FoundFile:
    """Return the file of exactly a given name, which need not exist.

    Args:
        root: Folder that a relative name is below.
        name: Path or address.

    Raises:
        InputError: The store cannot be reached.
    """
    place = locate(root, name)
    return FoundFile(name, place, stamp_of(place))


def find_files(root: Location, name: str) -> list[FoundFile]:
    """Return the files that a name means, sorted by name.

    A file of exactly that name is meant first, also if the name holds brackets. Otherwise ``*``,
    ``?``, ``[a-z]`` and ``**`` are wildcards. They match no hidden file; ``**`` follows no link.

    Args:
        root: Folder that a relative name is below.
        name: Path or address.

    Returns:
        The files; one that need not exist if the name holds no wildcard.

    Raises:
        InputError: No file matches a pattern, one that does is a link out of its folder, the
            pattern is wrong, or the store cannot be reached.
    """
    exact = find_file(root, name)
    if exact.stamp is not None or not _WILDCARDS.search(name):
        return [exact]
    place = exact.place
    found = _local(root, name, place) if isinstance(place, Path) else _remote(root, name, place)
    if not any(_is_hidden(part) for part in name.split("/")):
        found = [one for one in found if not any(map(_is_hidden, one.name.split("/")))]
    if not found:
        raise InputError(f"data.source.paths: no file matches {place}")
    if isinstance(place, Path):
        _refuse_links_out(place, [one.place for one in found if isinstance(one.place, Path)])
    return sorted(found, key=lambda one: one.name)


def would_match(root: Location, name: str, place: Location) -> bool:
    """Return whether a name would mean a file that is not there yet, see :func:`find_files`.

    Args:
        root: Folder that a relative name is below.
        name: Path or address, or a pattern of such.
        place: Where the file will be.
    """
    fixed = folder = locate(root, name)
    while _WILDCARDS.search(str(folder)) and folder != folder.parent:
        folder = folder.parent
    pattern = parts_below(folder, fixed)
    inner = parts_below(folder, place)
    assert pattern is not None, "a pattern lies below its first folders"
    if inner is None or (any(map(_is_hidden, inner)) and not any(map(_is_hidden, name.split("/")))):
        return False
    return _matches(inner, (*pattern, "*") if pattern[-1:] == ("**",) else pattern)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not parts or not pattern:
        return not parts and not pattern
    if pattern[0] == "**":
        return any(_matches(parts[start:], pattern[1:]) for start in range(len(parts)))
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part not in (".", "..")


def _local(root: Location, name: str, place: Path) -> list[FoundFile]:
    is_relative = isinstance(root, Path) and not is_address(name) and not name.startswith("/")
    above = root if isinstance(root, Path) and is_relative else Path(place.anchor)
    pattern = str(place.relative_to(above))
    if Path(pattern).name == "**":  # which would match folders alone
        pattern += "/*"
    try:
        found = [(path, stamp_of(path)) for path in above.glob(pattern)]
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"data.source.paths: {name!r} is no pattern ({error})") from None
    files = [(path, stamp) for path, stamp in found if stamp is not None]
    return [
        FoundFile(str(path.relative_to(above) if is_relative else path), path, stamp)
        for path, stamp in files
    ]


def _refuse_links_out(pattern: Path, found: Iterable[Path]) -> None:
    """Refuse links that lead out of the folder before the first wildcard: nobody named them."""
    folder = next(one for one in pattern.parents if not _WILDCARDS.search(str(one)))
    inside = folder.resolve()
    for path in found:
        if not path.resolve().is_relative_to(inside):
            raise InputError(
                f"data.source.paths: {path} is a link that leads out of {folder}; name it itself, "
                "or copy the file into the folder"
            )


def _remote(root: Location, name: str, place: UPath) -> list[FoundFile]:
    with in_one_line(place):
        place.fs.invalidate_cache()
        listed = place.fs.glob(place.path, detail=True)
    above = "" if is_address(name) or isinstance(root, Path) else root.path.rstrip("/") + "/"
    found = []
    for path, about in listed.items():
        if about.get("type") != "directory":
            file = locate(root, place.fs.unstrip_protocol(path))
            inner = path.removeprefix(above) if above else str(file)
            found.append(FoundFile(inner, file, remote_stamp(place, path, about)))
    return found


def list_files(folder: Location) -> list[tuple[str, Stamp]]:
    """Return the path below a folder and the stamp of every file in it, sorted by its parts.

    Raises:
        FileNotFoundError: There is no such folder.
        InputError: The store cannot be reached.
    """
    if isinstance(folder, Path):
        if not folder.is_dir():
            raise NotADirectoryError(str(folder))
        found = ((path, stamp_of(path)) for path in sorted(folder.rglob("*")))
        return [(str(path.relative_to(folder)), stamp) for path, stamp in found if stamp]
    above = folder.path.rstrip("/") + "/"
    with in_one_line(folder):
        listed = folder.fs.find(folder.path, detail=True)
    files = [
        (path.removeprefix(above), remote_stamp(folder, path, about))
        for path, about in listed.items()
    ]
    if not files:
        raise FileNotFoundError(str(folder))
    return sorted(files, key=lambda one: one[0].split("/"))
