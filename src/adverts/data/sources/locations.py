"""Opens files by path or address, on this machine or in a store that fsspec knows.

A local file is a plain ``Path``; fsspec is imported only for an address such as ``s3://``.
"""

from __future__ import annotations

import contextlib
import io
import os
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
    with in_one_line(address):
        path = UPath(address)
        _ = path.fs  # opens the store here, where its faults are caught
    return path


def parts_below(folder: Location, place: Location) -> tuple[str, ...] | None:
    """Return the parts of the path of a place below a folder; None if it is not below it.

    Neither need exist. Links of this machine are followed; stores are the same if fsspec says so.
    """
    if isinstance(folder, Path) and isinstance(place, Path):
        real, root = place.resolve(), folder.resolve()
        return real.relative_to(root).parts if real.is_relative_to(root) else None
    if isinstance(folder, Path) or isinstance(place, Path) or folder.fs != place.fs:
        return None
    parts, above = (_parts(one.path) for one in (place, folder))
    return parts[len(above) :] if parts[: len(above)] == above else None


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in posixpath.normpath(f"/{path}").split("/") if part)


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
def in_one_line(address: object) -> Iterator[None]:
    """Turn what a store raises into one line; ``FileNotFoundError`` remains what it is.

    Raises:
        InputError: Something else was raised.
    """
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
        with in_one_line(self.path):
            raw = cast(io.RawIOBase, self.path.open(mode))
        return io.BufferedReader(_RemoteStream(raw, str(self.path)), _BUFFER_BYTES)

    def __str__(self) -> str:
        return str(self.path)


class _RemoteStream(io.RawIOBase):
    """The bytes of a file in a store; what goes wrong while they are read is one line."""

    def __init__(self, raw: io.RawIOBase, name: str) -> None:
        self._raw, self._name = raw, name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with in_one_line(self._name):
            return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        with in_one_line(self._name):
            return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


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
        with in_one_line(location):
            location.fs.invalidate_cache(location.parent.path)  # it may have changed since
            about = location.fs.info(location.path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (
        None if about.get("type") == "directory" else remote_stamp(location, location.path, about)
    )


def remote_stamp(store: UPath, path: str, about: Mapping[str, Any]) -> Stamp:
    """Return the stamp of a file in a store.

    Args:
        store: Any place in the same store.
        path: Path of the file in the store.
        about: What the store says of the file, under names that differ from store to store.
    """
    known = {str(name).lower().replace("-", "_"): value for name, value in about.items()}
    version = next((str(known[name]) for name in _VERSIONS if known.get(name)), None)
    time = next((known[name] for name in _TIMES if known.get(name)), None)
    if time is None and version is None:
        with contextlib.suppress(Exception):  # few stores know it
            time = store.fs.modified(path)
    return Stamp(int(about.get("size") or 0), _nanoseconds(time), version)


def _nanoseconds(time: object) -> int | None:
    match time:
        case datetime():
            return round(time.timestamp() * 1_000_000) * 1_000
        case int() | float():
            return round(time * 1_000_000) * 1_000
        case _:
            return None
