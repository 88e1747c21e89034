"""A folder, here or in an object store, in which a file appears whole or not at all, and once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from adverts.errors import AdvertsError, InputError, MissingExtraError, first_line, printable
from adverts.files.bounded_reading import open_plain, refuse_special
from adverts.files.staging import is_disk_full, open_private

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ASIDE = ".aside"
MOST_BYTES = 1 << 33
"""Most bytes of a file of a unit."""


class Place(Protocol):
    """A folder of files that never change once they are there; names may hold one slash.

    Several processes may write to it at once. Of two that create the same name, one succeeds.
    Nothing outside it is read, written or removed: every name is that of a file in it or in one of
    its folders, and no link in it is followed. What would be is refused as ``InputError``.
    """

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size in bytes of each file in one of its folders; empty if it is missing."""

    def read(self, name: str, *, most: int = MOST_BYTES) -> bytes:
        """Return the content of a file of at most so many bytes.

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
        return LocalPlace(Path(path).expanduser().absolute())
    for local in ("file://", "local://"):
        if path.startswith(local):
            return LocalPlace(Path(path.removeprefix(local)).absolute())
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
        found = {}
        try:
            with self._opened(folder) as descriptor, os.scandir(descriptor) as entries:
                for entry in entries:
                    if folder or not entry.is_dir(follow_symlinks=False):
                        about = entry.stat(follow_symlinks=False)
                        refuse_special(about, self.root / folder / entry.name)
                        found[entry.name] = about.st_size
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return found

    def read(self, name: str, *, most: int = MOST_BYTES) -> bytes:
        """See :class:`Place`."""
        folder, file = _split(self, name)
        shown = str(self.root / name)
        with (
            self._opened(folder) as inside,
            os.fdopen(open_plain(file, os.O_NOFOLLOW, folder=inside, shown=shown), "rb") as stream,
        ):
            return _bounded(self, name, stream.read(most + 1), most)

    def open_aside(self) -> Path:
        """See :class:`Place`."""
        with self._refusing(), self._made(_ASIDE):
            return Path(tempfile.mkdtemp(dir=self.root / _ASIDE))

    def create(self, name: str, written: Path) -> bool:
        """See :class:`Place`; the file must lie in a folder of :meth:`open_aside`."""
        folder, file = _split(self, name)
        with self._refusing(), self._made(folder) as inside:
            _flush(written)
            try:
                os.link(written, file, dst_dir_fd=inside)
            except FileExistsError:
                return False
            os.fsync(inside)
        return True

    def replace(self, name: str, content: bytes) -> None:
        """See :class:`Place`."""
        folder, file = _split(self, name)
        with self._refusing(), aside(self) as made, self._made(folder) as inside:
            with open_private(made / "file") as stream:
                stream.write(content)
            _flush(made / "file")
            os.replace(made / "file", file, dst_dir_fd=inside)

    def remove(self, name: str) -> None:
        """See :class:`Place`."""
        folder, file = _split(self, name)
        with self._refusing(), suppress(FileNotFoundError), self._opened(folder) as inside:
            os.unlink(file, dir_fd=inside)

    def sweep(self) -> None:
        """See :class:`Place`."""
        shutil.rmtree(self.root / _ASIDE, ignore_errors=True)  # it follows no link

    @contextmanager
    def _opened(self, folder: str) -> Iterator[int]:
        """Yield a descriptor of one of its folders, so that no link leads out of it meanwhile."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:  # the folder itself may be reached by a link, those inside may not
            descriptor = os.open(self.root / folder, flags | (os.O_NOFOLLOW if folder else 0))
        except NotADirectoryError:
            if folder and (self.root / folder).is_symlink():
                raise InputError(
                    f"{self.root / folder} is a link, not a folder, and is not followed; put the "
                    "folder itself there"
                ) from None
            raise
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _made(self, folder: str) -> Iterator[int]:
        """Yield a descriptor of one of its folders, which is made if it is missing."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        for one in (self.root, self.root / folder):
            with suppress(FileExistsError):
                one.mkdir(mode=0o700)
        with self._opened(folder) as descriptor:
            yield descriptor

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
            with self._asking("read"):
                found = self._system.ls(f"{self._root}/{folder}".rstrip("/"), detail=True)
        except FileNotFoundError:
            return {}
        return {
            str(one["name"]).rsplit("/", 1)[-1]: int(one["size"])
            for one in found
            if one["type"] == "file"
        }

    def read(self, name: str, *, most: int = MOST_BYTES) -> bytes:
        """See :class:`Place`."""
        with self._asking("read"):
            return _bounded(self, name, bytes(self._system.cat_file(self._key(name))), most)

    def open_aside(self) -> Path:
        """See :class:`Place`."""
        return Path(tempfile.mkdtemp(prefix="adverts-"))

    def create(self, name: str, written: Path) -> bool:
        """See :class:`Place`."""
        path = self._key(name)
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
            self._system.pipe_file(self._key(name), content)

    def remove(self, name: str) -> None:
        """See :class:`Place`."""
        with self._refusing(), suppress(FileNotFoundError):
            self._system.rm_file(self._key(name))

    def sweep(self) -> None:
        """See :class:`Place`; nothing lies aside in an object store."""

    def _key(self, name: str) -> str:
        folder, file = _split(self, name)
        return "/".join(filter(None, (self._root, folder, file)))

    def _refusing(self) -> AbstractContextManager[None]:
        return self._asking("written")

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Say in one line that the store cannot be used, whatever its library raises."""
        try:
            yield
        except (AdvertsError, FileExistsError):
            raise
        except Exception as error:
            if what == "read" and isinstance(error, FileNotFoundError):
                raise
            raise InputError(
                f"{self._address} cannot be {what} ({type(error).__name__}: {first_line(error)}); "
                "check the address, and the credentials of its store"
            ) from None


def _split(place: Place, name: str) -> tuple[str, str]:
    """Return the folder, which may be the place itself, and the name in it that a name states.

    Raises:
        InputError: It leads elsewhere, or is no name of a file.
    """
    folder, slash, file = name.rpartition("/")
    parts = (folder, file) if slash else (file,)
    if "\0" in name or "/" in folder or not {"", ".", ".."}.isdisjoint(parts):
        raise InputError(f"{place}: {printable(repr(name))} is no name of a file in this folder")
    return folder, file


def _bounded(place: Place, name: str, content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise InputError(f"{place}/{name} has more than {most:,} bytes; it was not written here")
    return content


def _flush(path: Path) -> None:
    """Let the content of a file or a folder reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
