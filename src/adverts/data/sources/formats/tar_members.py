"""Walks through the members of a tar archive as a stream; nothing is ever extracted.

``tarfile`` itself is used for single headers only: it holds extended headers of any size in memory,
and takes an archive that ends between two members for a whole one.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from adverts.data.sources.formats.unpacking import UnpackError

_BLOCK = 512
_MAX_EXTENDED_BYTES = 1_000_000  # of a long name, or of the attributes of a member
_MAX_DIGITS = 19
_SKIPPED_AT_ONCE = 65_536
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_ATTRIBUTES = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_WITHOUT_CONTENT = (*_LINKS, *_DEVICES, tarfile.DIRTYPE)
_FAULTS = {
    **dict.fromkeys((*_REGULAR, tarfile.DIRTYPE), ""),
    **dict.fromkeys(_LINKS, "has a member that is a link; store the file itself"),
    **dict.fromkeys(_DEVICES, "has a member that is a device; leave it out"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: Its name, without ``./`` at the beginning.
        start: Offset of its first header in bytes.
        size: Size of its content in bytes.
        is_folder: Whether it is a folder.
        fault: Why its content is not read; empty for an ordinary file.
    """

    name: str
    start: int
    size: int
    is_folder: bool
    fault: str


class TarWalk:
    """Goes through the members of an archive or a part of it; the content of each may be read.

    Attributes:
        end: Offset after the last member that was seen, in bytes.
    """

    def __init__(self, stream: BinaryIO, *, start: int = 0, stop: int | None = None) -> None:
        """Start to walk.

        Args:
            stream: The open archive.
            start: Offset of the first header.
            stop: Offset of the first header that is not read; None reads to the end.
        """
        self._stream, self._stop = stream, stop
        self._size = None
        if stream.seekable():
            self._size = stream.seek(0, os.SEEK_END)
            stream.seek(start)
        self._at = self._next = self.end = start
        self._left = 0

    def members(self) -> Iterator[Member]:
        """Yield each member; its content may be read until the next one is asked for.

        Raises:
            UnpackError: The archive is cut off or damaged.
        """
        while self._stop is None or self._next < self._stop:
            self._skip_to(self._next)
            member = self._member()
            if member is None:
                self._refuse_more()
                return
            self.end = self._next
            yield member

    def content(self) -> bytes:
        """Return the content of the current member, at most once.

        Raises:
            UnpackError: The archive is cut off.
        """
        data = self._read(self._left)
        if len(data) < self._left:
            raise UnpackError("is cut off")
        self._left = 0
        return data

    def _member(self) -> Member | None:
        """Read the headers of the next member; None at the end of the archive."""
        start, long_name, attributes = self._at, b"", dict[str, bytes]()
        while (header := self._header()) is not None:
            match header.type:
                case tarfile.GNUTYPE_LONGNAME:
                    long_name = self._extended(header).partition(b"\0")[0]
                case tarfile.GNUTYPE_LONGLINK | tarfile.XGLTYPE:
                    self._extended(header)  # of no use here
                case kind if kind in _ATTRIBUTES:
                    attributes |= _records(self._extended(header))
                case _:
                    return self._described(header, start, long_name, attributes)
        if self._at - start > _BLOCK:
            _refuse("damaged")  # a long name without a member
        return None

    def _header(self) -> tarfile.TarInfo | None:
        block = self._read(_BLOCK)
        if len(block) < _BLOCK:
            raise UnpackError("is cut off")
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            if not block.strip(b"\0"):
                return None
            _refuse("damaged or no tar archive")
        if header.size < 0:
            _refuse("damaged")
        return header

    def _extended(self, header: tarfile.TarInfo) -> bytes:
        if header.size > _MAX_EXTENDED_BYTES:
            _refuse(f"damaged: a member has a name or attributes of {header.size:,} bytes")
        data = self._read(_padded(header.size))
        if len(data) < _padded(header.size):
            raise UnpackError("is cut off")
        return data[: header.size]

    def _described(
        self, header: tarfile.TarInfo, start: int, long_name: bytes, attributes: dict[str, bytes]
    ) -> Member:
        size = _number(attributes["size"]) if "size" in attributes else header.size
        self._left = 0 if header.type in _WITHOUT_CONTENT else size
        self._next = self._at + _padded(self._left)
        raw = attributes.get("path") or long_name
        name = raw.decode("utf-8", "surrogateescape") if raw else header.name
        while name.startswith("./"):
            name = name[2:]
        is_sparse = header.type == tarfile.GNUTYPE_SPARSE or any(
            one.startswith("GNU.sparse.") for one in attributes
        )
        fault = _fault(name, header.type, is_sparse=is_sparse)
        return Member(name, start, self._left, header.type == tarfile.DIRTYPE, fault)

    def _refuse_more(self) -> None:
        """Refuse what follows the end of the archive, such as a second archive."""
        while block := self._read(_SKIPPED_AT_ONCE):
            if block.count(0) != len(block):
                raise UnpackError("goes on after the end of the archive", "divide it into archives")

    def _skip_to(self, place: int) -> None:
        if self._size is not None:
            if place > self._size:
                raise UnpackError("is cut off")
            self._at = self._stream.seek(place)
            return
        while self._at < place:
            if not self._read(min(place - self._at, _SKIPPED_AT_ONCE)):
                raise UnpackError("is cut off")

    def _read(self, count: int) -> bytes:
        data = self._stream.read(count)
        self._at += len(data)
        return data


def _refuse(what: str) -> NoReturn:
    raise UnpackError(f"is {what}") from None


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _number(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > _MAX_DIGITS:
        _refuse("damaged")
    return int(digits)


def _records(data: bytes) -> dict[str, bytes]:
    """Return the attributes in an extended header of the POSIX standard, by name."""
    found = dict[str, bytes]()
    at = 0
    while at < len(data) and data[at]:
        digits, space, _ = data[at : at + _MAX_DIGITS + 1].partition(b" ")
        length = _number(digits)
        name, equals, value = data[at + len(digits) + 1 : at + length].partition(b"=")
        if not space or not equals or not value.endswith(b"\n") or at + length > len(data):
            _refuse("damaged")
        found[name.decode("utf-8", "replace")] = value[:-1]
        at += length
    return found


def _fault(name: str, kind: bytes, *, is_sparse: bool) -> str:
    """Return why the content of a member is not read; empty for an ordinary file."""
    if name.startswith("/") or ".." in name.split("/"):
        return "has a member whose name leads out of the archive; name it by its place inside"
    if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
        return "has a member whose name is not UTF-8; rename it"
    if is_sparse:
        return "has a sparse member; store it whole"
    return _FAULTS.get(kind, "has a member of a kind that is not read; store an ordinary file")
