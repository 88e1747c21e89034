"""Pictures of adverts: found, checked, turned upright, stripped, and kept on disk until written."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.bad_rows import RowFault
from adverts.data.records import StoredImage
from adverts.data.staging import require_disk
from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits, reencode

_DISK_STEP = 256_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as a row names it: either its bytes or the file that holds them.

    Attributes:
        name: Name in the source, if it has one.
        data: Encoded bytes, or None.
        path: Existing file, or None.
    """

    name: str | None
    data: bytes | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class SpooledImage:
    """A checked picture in the spool, by the sha256 of its bytes."""

    sha256: str
    name: str | None


class ImageSpool:
    """Checked pictures in a file without a name, which vanishes with the process.

    Equal pictures are kept once.
    """

    def __init__(self, folder: Path) -> None:
        """Keep pictures on the disk of ``folder``."""
        self._folder = folder
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - __exit__ closes it
        self._places: dict[str, tuple[int, int]] = {}
        self._end = self._checked = 0

    def __len__(self) -> int:
        return len(self._places)

    def __enter__(self) -> ImageSpool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, data: bytes, name: str | None) -> SpooledImage:
        """Keep one picture.

        Raises:
            InputError: The disk would not hold the pictures twice, here and in the shards.
        """
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._places:
            if self._end >= self._checked:
                require_disk(self._folder, self._end + 2 * _DISK_STEP)
                self._checked = self._end + _DISK_STEP
            self._file.seek(self._end)
            self._file.write(data)
            self._places[digest] = (self._end, len(data))
            self._end += len(data)
        return SpooledImage(digest, name)

    def read(self, sha256: str) -> bytes:
        """Return a picture by its hash."""
        start, length = self._places[sha256]
        self._file.seek(start)
        return self._file.read(length)

    def stored(self, images: Sequence[SpooledImage]) -> tuple[StoredImage, ...]:
        """Return pictures as they stand in a shard."""
        return tuple(StoredImage(self.read(image.sha256), image.name) for image in images)


def pictures_of(
    cell: object, *, column: str, folder: Path, folders: Sequence[Path]
) -> tuple[Picture, ...]:
    """Return the pictures that a cell names: a path, bytes, ``{"bytes", "path"}``, or a list.

    Args:
        cell: Value of the image column.
        column: Its name, for messages.
        folder: Folder that paths are relative to.
        folders: A file must lie below one of these, links followed.

    Raises:
        RowFault: The cell is of another kind, or a file is missing or lies elsewhere.
    """
    match cell:
        case None | "":
            return ()
        case list():
            return tuple(
                picture
                for item in cell
                for picture in pictures_of(item, column=column, folder=folder, folders=folders)
            )
        case bytes():
            return (Picture(None, data=cell),)
        case {"bytes": bytes(data), **rest}:
            name = rest.get("path")
            return (Picture(Path(name).name if isinstance(name, str) else None, data=data),)
        case {"path": str(name)} | str(name):
            return (_file(name.strip(), column=column, folder=folder, folders=folders),)
        case float() if cell != cell:  # noqa: PLR0124 - NaN is how tables say "no picture"
            return ()
        case _:
            raise RowFault(column, f"is a {type(cell).__name__}; a path or bytes are wanted")


def checked_bytes(picture: Picture, limits: ImageLimits, *, column: str) -> bytes:
    """Return the picture's file upright and without metadata.

    Raises:
        RowFault: It is too large, damaged, or no picture.
    """
    try:
        if picture.data is not None:
            return reencode(picture.data, limits)
        assert picture.path is not None, "a picture has bytes or a path"
        size = picture.path.stat().st_size
        if size > limits.max_bytes:
            raise RowFault(column, f"picture has {size} bytes, at most {limits.max_bytes} are read")
        return reencode(picture.path.read_bytes(), limits)
    except InputError as error:
        raise RowFault(column, str(error)) from None
    except OSError as error:
        raise RowFault(column, f"picture cannot be read ({error.strerror})") from None


def _file(name: str, *, column: str, folder: Path, folders: Sequence[Path]) -> Picture:
    if "://" in name:
        raise RowFault(column, "is a web address; download the picture and give its path")
    try:
        path = (folder / name).resolve()
        if not any(path.is_relative_to(allowed.resolve()) for allowed in folders):
            raise RowFault(column, "lies outside the folder of the data; move the picture into it")
        if not path.is_file():
            raise RowFault(column, "is not a file")
    except (OSError, ValueError):
        raise RowFault(column, "is not a path") from None
    return Picture(Path(name).name if Path(name).is_absolute() else name, path=path)
