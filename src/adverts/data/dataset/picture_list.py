"""List of the pictures in a spool, in units, by which other processes and machines read them."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.dataset.spool_journal import Kept
from adverts.errors import InputError, IntegrityError

LIST, UNFINISHED, PICTURES = "to_read", "to_read.unfinished", "pictures"
"""Names in the folder of a spool: the list, one that is being written, and the pictures."""
UNIT_PICTURES = 50
"""Pictures in a unit: with text, half a minute of one core."""
_KEY = 64  # hex digits
_HEADER = 2 * (_KEY + 1)
_RECORD = struct.Struct(">QQ32s")


@dataclass(frozen=True, slots=True)
class ListedPicture:
    """Position of a picture in the file of pictures.

    Attributes:
        start: Offset of its first byte.
        length: Number of its bytes.
        sha256: Hash of these bytes.
    """

    start: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PictureList:
    """Pictures that wait in the folder of a spool; any number of processes may read them at once.

    Attributes:
        folder: Folder of the spool.
        made_for: Hash of the configuration, reader and source that the pictures are for.
        reader: Key of the reader that reads them.
        count: Number of pictures.
    """

    folder: Path
    made_for: str
    reader: str
    count: int

    @property
    def units(self) -> range:
        """Numbers of the units."""
        return range(-(-self.count // UNIT_PICTURES))

    def pictures(self, unit: int) -> list[ListedPicture]:
        """Return the pictures of a unit, in their order.

        Raises:
            InputError: The list is gone, or this machine does not reach it.
        """
        size = _RECORD.size * UNIT_PICTURES
        records = self._bytes(LIST, _HEADER + unit * size, size)
        found = _RECORD.iter_unpack(records[: len(records) // _RECORD.size * _RECORD.size])
        return [ListedPicture(start, length, sha256.hex()) for start, length, sha256 in found]

    def read(self, picture: ListedPicture) -> bytes:
        """Return a picture.

        Raises:
            InputError: The pictures are gone, or this machine does not reach them.
            IntegrityError: The picture was changed on disk.
        """
        data = self._bytes(PICTURES, picture.start, picture.length)
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            raise IntegrityError(
                f"{self.folder / PICTURES} was changed after it was listed; run adverts prepare "
                "again, which makes damaged pictures anew"
            )
        return data

    def _bytes(self, name: str, start: int, length: int) -> bytes:
        try:
            descriptor = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                return os.pread(descriptor, length, start)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise InputError(
                f"{self.folder / name} cannot be read ({error.strerror}): either the dataset was "
                "written meanwhile, or prepared= is not a folder that every machine reaches; what "
                "was read on pictures is kept"
            ) from None


def write_list(
    folder: Path, pictures: Sequence[Kept], *, made_for: str, reader: str
) -> PictureList:
    """Write the list of a spool as a whole, in place of an earlier one, and return it.

    Args:
        folder: Folder of the spool.
        pictures: Positions of the pictures, in the order in which they are read.
        made_for: See :class:`PictureList`.
        reader: See :class:`PictureList`.

    Raises:
        OSError: It cannot be written.
    """
    assert len(made_for) == len(reader) == _KEY, "both are hex digests"
    unfinished = folder / UNFINISHED
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(f"{made_for} {reader}\n".encode())
        for one in pictures:
            file.write(_RECORD.pack(one.start, one.length, one.sha256))
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(folder / LIST)
    return PictureList(folder, made_for, reader, len(pictures))


def read_list(folder: Path) -> PictureList | None:
    """Return the list in the folder of a spool; None if there is none that is whole."""
    try:
        with (folder / LIST).open("rb") as file:
            header = file.read(_HEADER)
            count, rest = divmod(os.fstat(file.fileno()).st_size - _HEADER, _RECORD.size)
    except OSError:
        return None
    keys = header.decode(errors="replace").split()
    if count < 0 or rest or len(keys) != 2:
        return None
    made_for, reader = keys
    return PictureList(folder, made_for, reader, count)
