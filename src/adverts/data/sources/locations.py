"""Finds files by path or address, with wildcards, on this machine or in a store that fsspec knows.

A local file is a plain ``Path``; fsspec is imported only for an address such as ``s3://``.
"""

from __future__ import annotations

import contextlib
import io
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, cast
from urllib.parse import unquote, urlsplit

from adverts.data.sources.parts import Stamp
from adverts.errors import AdvertsError, InputError, MissingExtraError, first_line
from adverts.files.bounded_reading import Openable

if TYPE_CHECKING:
    from upath import UPath

Location: TypeAlias = "Path | UPath"
"""A file or folder: a path of this machine, or an address in a store."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_WILDCARDS = re.compile(r"[*?\[]")
_BUFFER_BYTES = 1_000_000
_VERSIONS = ("etag", "versionid", "version_id", "generation", "content_md5", "md5hash", "sha256")
_TIMES = ("mtime", "lastmodified", "last_modified", "updated", "modified")


def is_address(name: str) -> bool:
    """Return whether a name is an address such as ``s3://bucket/posts.csv``."""
    return _ADDRESS.match(name) is not None


def locate(root: Location, name: str) -> Location:
    """Return where a file or folder is.

    Args:
        root: Folder that a relative name is below.
        name: Path, or address; ``file://`` is a path of this machine.

    Raises:
        InputError: The address is of a kind that is not known, or needs a package.
        MissingExtraError: The packages that open addresses are not installed.
    """
    if is_address(name):
        return _of_address(name)
    if name.startswith("/"):
        return Path(name)
    return root / name


def _of_address(address: str) -> Location:
    if address.lower().startswith("file://"):
        return Path(unquote(urlsplit(address).path))
    try:
        from upath import UPath
    except ModuleNotFoundError:
        raise MissingExtraError("universal-pathlib", "scale") from None
    with _one_line(address):
        path = UPath(address)
        assert path.fs is not None, "the file system is opened here, where its faults are caught"
    return path


def beside(folder: UPath, name: str, *, within: Sequence[Location]) -> UPath | None:
    """Return the file that a row of a file in a store names.

    Args:
        folder: Folder of the file with the row.
        name: Path that the row gives.
        within: Folders below one of which the file must lie; those in other stores do not count.

    Returns:
        The file, which need not exist; None if it would lie elsewhere.
    """
    place = posixpath.normpath(posixpath.join(folder.path, name))
    for one in within:
        if isinstance(one, Path) or one.protocol != folder.protocol:
            continue
        above = posixpath.normpath(one.path).rstrip("/") + "/"
        if place.startswith(above) and "\0" not in place:
            return one / place.removeprefix(above)
    return None


@contextmanager
def _one_line(address: object) -> Iterator[None]:
    """Turn what a store raises into one line; a file that is not there remains what it is."""
    try:
        yield
    except (AdvertsError, FileNotFoundError, NotADirectoryError, MemoryError):
        raise
    except ImportError as error:
        raise InputError(f"{address}: {first_line(error)}{_install(str(address))}") from None
    except ValueError as error:
        raise InputError(
            f"{address}: {first_line(error)}; wanted a path, or an address such as "
            "s3://bucket/folder or file:///folder"
        ) from None
    except Exception as error:  # stores raise exceptions of their own, and of their network
        raise InputError(
            f"{address} cannot be reached ({type(error).__name__}: {first_line(error)[:200]}); "
            "check the address, your access and the network"
        ) from None


def _install(address: str) -> str:
    """Return which package opens an address, as the end of a sentence."""
    from fsspec.registry import known_implementations

    about = known_implementations.get(address.partition("://")[0].lower(), {})
    package = str(about.get("class", "")).partition(".")[0]
    return f"; run: pip install {package}" if package not in ("", "fsspec") else ""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store, which is read in blocks."""

    path: UPath

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Return its bytes as a stream that can be sought.

        Raises:
            InputError: The store cannot be reached.
        """
        with _one_line(self.path):
            raw = cast(io.RawIOBase, self.path.open(mode))
        return io.BufferedReader(raw, _BUFFER_BYTES)

    def __str__(self) -> str:
        return str(self.path)


def openable(location: Location) -> Openable:
    """Return the file at a location, which may be opened several times."""
    return location if isinstance(location, Path) else RemoteFile(location)


def stamp_of(location: Location) -> Stamp | None:
    """Return the stamp of a file without reading it; None if there is no such file.

    Raises:
        InputError: The store cannot be reached.
    """
    if isinstance(location, Path):
        if not location.is_file():
            return None
        status = location.stat()
        return Stamp(status.st_size, status.st_mtime_ns)
    try:
        with _one_line(location):
            about = location.fs.info(location.path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if about.get("type") == "directory" else _remote_stamp(location, about)


def _remote_stamp(location: UPath, about: Mapping[str, Any]) -> Stamp:
    known = {str(name).lower().replace("-", "_"): value for name, value in about.items()}
    version = next((str(known[name]) for name in _VERSIONS if known.get(name)), None)
    time = next((known[name] for name in _TIMES if known.get(name)), None)
    if time is None and version is None:
        with contextlib.suppress(Exception):  # few stores know it
            time = location.fs.modified(location.path)
    return Stamp(int(about.get("size") or 0), _nanoseconds(time), version)


def _nanoseconds(time: object) -> int | None:
    match time:
        case datetime():
            return round(time.timestamp() * 1_000_000) * 1_000
        case int() | float():
            return round(time * 1_000_000) * 1_000
        case _:
            return None


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
    with _one_line(folder):
        listed = folder.fs.find(folder.path, detail=True)
    files = [
        (path.removeprefix(above), _remote_stamp(folder, about)) for path, about in listed.items()
    ]
    if not files:
        raise FileNotFoundError(str(folder))
    return sorted(files, key=lambda one: one[0].split("/"))


def find_files(root: Location, name: str) -> list[tuple[str, Location]]:
    """Return the files that a name means, sorted by name, each with its name in the source.

    A file of exactly that name is meant first, also if the name holds brackets. Otherwise ``*``,
    ``?``, ``[a-z]`` and ``**`` are wildcards. They match no hidden file, and ``**`` no link.

    Args:
        root: Folder that a relative name is below.
        name: Path or address.

    Raises:
        InputError: No file matches a pattern, the pattern is wrong, or the store cannot be reached.
    """
    place = locate(root, name)
    if stamp_of(place) is not None or not _WILDCARDS.search(name):
        return [(name, place)]
    found = _local(root, name) if isinstance(place, Path) else _remote(root, name, place)
    if not found:
        raise InputError(f"data.source.paths: no file matches {place}")
    return sorted(found, key=lambda one: one[0])


def _local(root: Location, name: str) -> list[tuple[str, Location]]:
    place = locate(root, name)
    assert isinstance(place, Path), "a pattern of this machine"
    is_relative = not is_address(name) and not name.startswith("/")
    above = root if is_relative and isinstance(root, Path) else Path(place.anchor)
    pattern = str(place.relative_to(above))
    hidden = any(one.startswith(".") for one in Path(pattern).parts if one != "..")
    try:
        found = [path for path in above.glob(f"{pattern}/*" if pattern[-2:] == "**" else pattern)]
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"data.source.paths: {name!r} is no pattern ({error})") from None
    names = [(str(path.relative_to(above) if is_relative else path), path) for path in found]
    return [
        (one, path) for one, path in names if path.is_file() and (hidden or not _is_hidden(one))
    ]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in Path(name).parts)


def _remote(root: Location, name: str, place: UPath) -> list[tuple[str, Location]]:
    with _one_line(place):
        listed = place.fs.glob(place.path, detail=True)
    above = "" if is_address(name) or isinstance(root, Path) else root.path.rstrip("/") + "/"
    found: list[tuple[str, Location]] = []
    for path, about in listed.items():
        if about.get("type") == "directory" or _is_hidden(path):
            continue
        file = _of_address(place.fs.unstrip_protocol(path))
        inner = path.removeprefix(above) if above else str(file)
        found.append((inner, file))
    return found
