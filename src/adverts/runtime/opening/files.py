"""Read the files of a bundle from a folder or a zip archive, bounded and never unpacked to disk."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from adverts.errors import InputError, IntegrityError, first_line
from adverts.runtime.manifest import MANIFEST_NAME, MODEL_NAME, TOKENIZER_NAME

MAX_FILES = 64
MAX_MODEL_BYTES = 2_000_000_000
MAX_TOKENIZER_BYTES = 40_000_000
MAX_FILE_BYTES = 16_000_000
MAX_MANIFEST_BYTES = 4_000_000
MAX_TOTAL_BYTES = 96_000_000
"""Most bytes of all files but the model, which are held in memory."""
MAX_RATIO = 200
"""Largest size of a file of an archive, as a multiple of its packed size."""
MAX_TOTAL_RATIO, FREE_TOTAL_BYTES = 8, 300_000_000
"""Largest unpacked size of an archive, as a multiple of its own size; and one always allowed."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_NEVER_A_BOMB_BYTES = 100_000
_END_OF_DIRECTORY, _END_BYTES, _MAX_COMMENT_BYTES = b"PK\x05\x06", 22, 65_535
_LARGE_ARCHIVE, _LARGE_BYTES = b"PK\x06\x07", 20
_HEADER_BYTES = 30  # of each file, before its name
_MAX_DIRECTORY_BYTES = 64_000
_ENCRYPTED = 0x1
_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NO_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)


class BundleFiles(Protocol):
    """The source of the files of a bundle."""

    @property
    def path(self) -> Path:
        """Path of the folder or the archive, for messages."""

    def sizes(self) -> Mapping[str, int]:
        """Return the size of each file in bytes, by name.

        Raises:
            IntegrityError: A file is not ordinary, has no plain name, or is too large.
        """

    def read(self, name: str) -> bytes:
        """Return the bytes of one file.

        Raises:
            IntegrityError: The file is missing, not ordinary, or too large.
        """


def open_files(path: Path) -> BundleFiles:
    """Return the files of a bundle.

    Raises:
        InputError: There is neither a folder nor a zip archive at ``path``.
    """
    if path.is_dir():
        inner = path / "bundle"
        if not (path / MANIFEST_NAME).is_file() and (inner / MANIFEST_NAME).is_file():
            raise InputError(f"{path} is not a bundle, but contains one: give {inner}")
        if not (path / MANIFEST_NAME).is_file() and (path / "run.json").is_file():
            raise InputError(
                f"{path} is a run of training, not a bundle; adverts export checkpoint={path} "
                "prepared=… writes its bundle"
            )
        return FolderFiles(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; give the folder or the .zip of a bundle")
    if not path.is_file():
        raise InputError(f"{path} is not a bundle: wanted a folder or a .zip")
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise InputError(f"{path} is not a bundle: it is neither a folder nor a zip archive")
    return ZipFiles(path)


def is_plain(name: str) -> bool:
    """Return whether a name is not a path, and has only letters that every system reads alike."""
    return _PLAIN_NAME.fullmatch(name) is not None


def largest(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    return {
        MANIFEST_NAME: MAX_MANIFEST_BYTES,
        MODEL_NAME: MAX_MODEL_BYTES,
        TOKENIZER_NAME: MAX_TOKENIZER_BYTES,
    }.get(name, MAX_FILE_BYTES)


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder, which holds nothing but ordinary files."""

    path: Path

    def sizes(self) -> Mapping[str, int]:
        """Return the size of each file, see :meth:`BundleFiles.sizes`."""
        found: dict[str, int] = {}
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    raise IntegrityError(
                        f"{self.path}: {entry.name!r} is a link, a folder or a device; a bundle "
                        "holds files only"
                    )
                found[entry.name] = entry.stat(follow_symlinks=False).st_size
                _check_count(self.path, len(found))
        _check_names(self.path, found)
        for name, size in sorted(found.items()):
            _check_size(self.path, name, size)
        _check_total(self.path, found)
        return found

    def read(self, name: str) -> bytes:
        """Return a file, see :meth:`BundleFiles.read`; it is checked again once it is open."""
        most = largest(name)
        try:
            with open(self.path / name, "rb", opener=_open_file) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise IntegrityError(f"{self.path}: {name} is not an ordinary file")
                _check_size(self.path, name, status.st_size)
                data = file.read(min(status.st_size, most) + 1)
        except OSError as error:
            raise IntegrityError(
                f"{self.path}: {name} cannot be read ({error.strerror}); copy the bundle again"
            ) from None
        _check_size(self.path, name, len(data))
        return data


@dataclass(frozen=True, slots=True)
class ZipFiles:
    """The files of a zip archive; each is unpacked into memory when it is asked for."""

    path: Path

    def sizes(self) -> Mapping[str, int]:
        """Return the size of each file, see :meth:`BundleFiles.sizes`."""
        with self._archive() as archive:
            entries = archive.infolist()
            _check_count(self.path, len(entries))
            names = [entry.orig_filename for entry in entries]
            _check_names(self.path, names)
            for entry in entries:
                self._check_entry(entry)
            self._check_packed(entries, archive.start_dir)
            sizes = {entry.filename: entry.file_size for entry in entries}
        _check_total(self.path, sizes)
        return sizes

    def read(self, name: str) -> bytes:
        """Return a file, see :meth:`BundleFiles.read`; unpack no more than the archive declares."""
        with self._archive() as archive:
            try:
                entry = archive.getinfo(name)
            except KeyError:
                raise IntegrityError(
                    f"{self.path}: {name} is missing; copy the bundle again"
                ) from None
            self._check_entry(entry)
            with archive.open(entry) as file:
                data = file.read(entry.file_size)
        if len(data) != entry.file_size:
            raise IntegrityError(
                f"{self.path}: {name} has {len(data)} bytes, but the archive declares "
                f"{entry.file_size}; copy the bundle again"
            )
        return data

    def _check_packed(self, entries: list[zipfile.ZipInfo], end: int) -> None:
        """Refuse entries that share their bytes, or that unpack to too much in all."""
        for entry in sorted(entries, key=lambda one: one.header_offset, reverse=True):
            start = entry.header_offset
            if start + _HEADER_BYTES + len(entry.orig_filename) + entry.compress_size > end:
                raise IntegrityError(
                    f"{self.path}: {entry.filename} overlaps another file of the archive, or its "
                    "end; create the archive again"
                )
            end = start
        total, own = sum(entry.file_size for entry in entries), self.path.stat().st_size
        allowed = max(FREE_TOTAL_BYTES, MAX_TOTAL_RATIO * own)
        if total > allowed:
            raise IntegrityError(
                f"{self.path} unpacks to {total} bytes from {own}, wanted at most {allowed}; store "
                "the files instead"
            )

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            with self.path.open("rb") as file:
                _check_directory(self.path, file)
                with zipfile.ZipFile(file) as archive:
                    yield archive
        except IntegrityError:
            raise
        except _NO_ARCHIVE as error:
            told = first_line(error)[:200]  # it may quote much of the archive
            raise IntegrityError(
                f"{self.path} is a damaged archive ({told}); copy the bundle again"
            ) from None

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        place, kind = f"{self.path}: {entry.filename}", stat.S_IFMT(entry.external_attr >> 16)
        if kind not in {0, stat.S_IFREG} or entry.is_dir():
            raise IntegrityError(f"{place} is a link, a folder or a device; wanted files only")
        if entry.flag_bits & _ENCRYPTED:
            raise IntegrityError(f"{place} is encrypted; decrypt the archive first")
        if entry.compress_type not in _PACKING:
            raise IntegrityError(
                f"{place} is neither stored nor deflated; create the archive again"
            )
        _check_size(self.path, entry.filename, entry.file_size)
        allowed = max(_NEVER_A_BOMB_BYTES, MAX_RATIO * entry.compress_size)
        if entry.file_size > allowed:
            raise IntegrityError(
                f"{place} unpacks to {entry.file_size} bytes from {entry.compress_size}, wanted at "
                f"most {MAX_RATIO} times as many; store it instead"
            )


def _open_file(path: str, flags: int) -> int:
    """Open a file that is not a link, without waiting for one that blocks, such as a pipe."""
    more = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK"))
    return os.open(path, flags | sum(more))


def _check_directory(path: Path, file: BinaryIO) -> None:
    """Refuse too long a list of entries before it is read as a whole."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LARGE_BYTES - _END_BYTES - _MAX_COMMENT_BYTES))
    tail = file.read()
    place = tail.rfind(_END_OF_DIRECTORY)
    end = tail[place:]
    if len(end) < _END_BYTES or not end.startswith(_END_OF_DIRECTORY):
        raise IntegrityError(f"{path} is a damaged archive (no end); copy the bundle again")
    if tail[max(0, place - _LARGE_BYTES) : place].startswith(_LARGE_ARCHIVE):
        raise IntegrityError(  # it states the size of its list of files again elsewhere
            f"{path} is a large archive (zip64), which no bundle needs; create the archive again"
        )
    *_, entries, directory_bytes, _ = struct.unpack_from("<4HII", end, 4)
    _check_count(path, entries)
    if directory_bytes > _MAX_DIRECTORY_BYTES:
        raise IntegrityError(
            f"{path}: its list of files has {directory_bytes} bytes, but at most "
            f"{_MAX_DIRECTORY_BYTES} are read; remove what does not belong to a bundle"
        )


def _check_count(path: Path, count: int) -> None:
    if count > MAX_FILES:
        raise IntegrityError(
            f"{path} contains {count} files or more, but a bundle has at most {MAX_FILES}; "
            "remove the others"
        )


def _check_names(path: Path, names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not is_plain(name):
            raise IntegrityError(
                f"{path}: {name[:100]!r} is not a plain file name; a bundle has no folders and no "
                "paths"
            )
        if name.lower() in seen:
            raise IntegrityError(
                f"{path}: {seen[name.lower()]} and {name} are the same name on some systems; "
                "remove one of them"
            )
        seen[name.lower()] = name


def _check_total(path: Path, sizes: Mapping[str, int]) -> None:
    total = sum(size for name, size in sizes.items() if name != MODEL_NAME)
    if total > MAX_TOTAL_BYTES:
        raise IntegrityError(
            f"{path}: its files without {MODEL_NAME} have {total} bytes, but at most "
            f"{MAX_TOTAL_BYTES} are read; remove what does not belong to a bundle"
        )


def _check_size(path: Path, name: str, size: int) -> None:
    if size > largest(name):
        raise IntegrityError(
            f"{path}: {name} has {size} bytes or more, but at most {largest(name)} are read; "
            "it does not belong to a bundle"
        )
