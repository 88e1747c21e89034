"""A folder, here or in an object store, in which a file appears whole or not at all, and once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from adverts.errors import InputError, MissingExtraError
from adverts.files.staging import is_disk_full, open_private

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ASIDE = ".aside"


class Place(Protocol):
    """A folder of files that never change once they are there; names may hold one slash.

    Several processes may write to it at once. Of two that create the same name, one succeeds.
    """

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size in bytes of each file in one of its folders; empty if it is missing."""

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            FileNotFoundError: There is no such file.
        """

    def open_aside(self) -> Path:
        """Return an empty private folder on this machine, to write files in that are then moved."""

    def create(self, name: str, written: Path) -> bool:
        """Let a finished file appear under a name, and return whether it was not there before.

        Raises:
            InputError: The place cannot be written, or is full.
        """

    def replace(self, name: str, content: bytes) -> None:
        """Let a file have this content, whether it was there or not.

        Raises:
            InputError: The place cannot be written, or is full.
        """

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def sweep(self) -> None:
        """Remove what killed processes left aside; no process may be writing then."""


def open_place(path: str) -> Place:
    """Return the folder that a path or an address such as ``s3://bucket/scores`` names.

    Raises:
        InputError: The address cannot be used, or a package for it is not installed.
    """
    if "://" not in path:
        return LocalPlace(Path(path).absolute())
    if path.startswith("file://"):
        return LocalPlace(Path(path.removeprefix("file://")).absolute())
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtraError("fsspec", "scale") from None
    try:
        system, root = url_to_fs(path)
    except ImportError as error:
        raise InputError(f"{path}: {error}") from None
    except ValueError as error:
        raise InputError(f"{path} is not an address that can be written ({error})") from None
    return RemotePlace(system, root, path)


@contextmanager
def aside(place: Place) -> Iterator[Path]:
    """Yield a private folder for files that are not finished; it is removed afterwards."""
    folder = place.open_aside()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class LocalPlace:
    """A folder of this machine or of a network share; only its owner can read it."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is created when a file is."""
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """See :class:`Place`."""
        try:
            with os.scandir(self.root / folder) as entries:
                return {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def read(self, name: str) -> bytes:
        """See :class:`Place`."""
        return (self.root / name).read_bytes()

    def open_aside(self) -> Path:
        """See :class:`Place`."""
        with self._refusing():
            self._folder(_ASIDE)
            return Path(tempfile.mkdtemp(dir=self.root / _ASIDE))

    def create(self, name: str, written: Path) -> bool:
        """See :class:`Place`; the file must lie in a folder of :meth:`open_aside`."""
        target = self.root / name
        with self._refusing():
            _flush(written)
            self._folder(target.parent.name if target.parent != self.root else "")
            try:
                os.link(written, target)
            except FileExistsError:
                return False
            _flush(target.parent)
        return True

    def replace(self, name: str, content: bytes) -> None:
        """See :class:`Place`."""
        with self._refusing(), aside(self) as folder:
            with open_private(folder / "file") as file:
                file.write(content)
            _flush(folder / "file")
            (folder / "file").replace(self.root / name)

    def remove(self, name: str) -> None:
        """See :class:`Place`."""
        with self._refusing():
            (self.root / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """See :class:`Place`."""
        shutil.rmtree(self.root / _ASIDE, ignore_errors=True)

    def _folder(self, name: str) -> None:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.root, self.root / name):
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if is_disk_full(error):
                raise InputError(
                    f"{self.root}: the disk is full; free some space and run the same command "
                    "again: what is done is kept"
                ) from None
            if isinstance(error, NotADirectoryError | FileExistsError):
                raise InputError(f"{self.root} is a file; choose a folder") from None
            if isinstance(error, PermissionError) or error.strerror == "Read-only file system":
                raise InputError(
                    f"{self.root} cannot be written ({error.strerror}); choose another folder"
                ) from None
            raise


class RemotePlace:
    """A folder of an object store, in which a file appears by a single PUT."""

    def __init__(self, system: AbstractFileSystem, root: str, address: str) -> None:
        """Join a file system of fsspec to the folder of it that ``address`` names."""
        self._system, self._root, self._address = system, root.rstrip("/"), address

    def __str__(self) -> str:
        return self._address

    def sizes(self, folder: str) -> Mapping[str, int]:
        """See :class:`Place`."""
        self._system.invalidate_cache()
        try:
            found = self._system.ls(f"{self._root}/{folder}", detail=True)
        except FileNotFoundError:
            return {}
        return {
            str(one["name"]).rsplit("/", 1)[-1]: int(one["size"])
            for one in found
            if one["type"] == "file"
        }

    def read(self, name: str) -> bytes:
        """See :class:`Place`."""
        return bytes(self._system.cat_file(f"{self._root}/{name}"))

    def open_aside(self) -> Path:
        """See :class:`Place`."""
        return Path(tempfile.mkdtemp(prefix="adverts-"))

    def create(self, name: str, written: Path) -> bool:
        """See :class:`Place`."""
        path = f"{self._root}/{name}"
        with self._refusing():
            if self._system.exists(path):
                return False
            try:
                self._system.pipe_file(path, written.read_bytes(), mode="create")
            except FileExistsError:
                return False
        return True

    def replace(self, name: str, content: bytes) -> None:
        """See :class:`Place`."""
        with self._refusing():
            self._system.pipe_file(f"{self._root}/{name}", content)

    def remove(self, name: str) -> None:
        """See :class:`Place`."""
        with self._refusing(), suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{name}")

    def sweep(self) -> None:
        """See :class:`Place`; nothing lies aside in an object store."""

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise
        except (OSError, PermissionError) as error:
            raise InputError(f"{self._address} cannot be written ({error})") from None


def _flush(path: Path) -> None:
    """Let the content of a file or a folder reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
