"""Finds the pictures that rows name below the folders of the data, and reads them."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.config.data import DataConfig
from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.locations import Location, beside, openable, stamp_of
from adverts.inputs.pixels import ImageLimits

PICTURE_SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"}
OTHER_PICTURE_SUFFIXES = {".avif", ".heic", ".heif", ".jxl", ".svg", ".tif", ".tiff"}
"""Pictures that are not read and must be converted."""
_BETWEEN = re.compile(r"[;,|\n]")
_OUTSIDE = "lies outside the folder of the data; move the picture into it"
_MAX_LIST = 100_000  # characters that name several pictures
_MAX_PATH = 4_096  # characters; the more folders a path names, the longer resolving it takes


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """One picture as a row gives it: either its bytes or the path of its file.

    Attributes:
        name: Name in the source, if it has one.
        data: Encoded bytes, or None.
        path: Existing file, or None; one in a store is only looked up when it is read.
    """

    name: str | None
    data: bytes | None = None
    path: Location | None = None


def image_limits(data: DataConfig) -> ImageLimits:
    """Return the size limits beyond which a picture of a dataset is refused."""
    limits = data.image_limits
    return ImageLimits(max_bytes=limits.max_bytes, max_pixels=limits.max_pixels)


def pictures_of(
    cell: object, *, column: str, folder: Location, folders: Sequence[Location]
) -> tuple[SourcePicture, ...]:
    """Return the pictures that a cell names: a path, bytes, ``{"bytes", "path"}``, or a list.

    A text may name several pictures: as a JSON list, or separated by semicolons, commas, bars or
    line ends if each part has the suffix of a picture.

    Args:
        cell: Value of the image column.
        column: Name of the column, for messages.
        folder: Folder that paths are relative to.
        folders: Folders below one of which a file must lie, after links are followed. A row of a
            file in a store may only name pictures in the same store.

    Raises:
        RowFault: The cell is of another kind, or a file is missing or lies elsewhere.
    """
    if isinstance(cell, str):
        cell = _names_in(cell)
    if isinstance(cell, list):
        return tuple(
            picture
            for item in cell
            for picture in _of_one(item, column=column, folder=folder, folders=folders)
        )
    return _of_one(cell, column=column, folder=folder, folders=folders)


def _names_in(cell: str) -> str | list[object]:
    """Return the list of names that a text holds, or the text itself if it is one name."""
    if cell.startswith("[") and len(cell) <= _MAX_LIST:
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        return found if isinstance(found, list) else cell
    parts = [part.strip() for part in _BETWEEN.split(cell)] if len(cell) <= _MAX_LIST else []
    named = [part for part in parts if part]
    suffixes = {Path(part).suffix.lower() for part in named}
    return list(named) if len(named) > 1 and suffixes <= PICTURE_SUFFIXES else cell


def _of_one(
    cell: object, *, column: str, folder: Location, folders: Sequence[Location]
) -> tuple[SourcePicture, ...]:
    match cell:
        case None | "":
            return ()
        case bytes():
            return (SourcePicture(None, data=cell),)
        case {"bytes": bytes(data), **rest}:
            name = rest.get("path")
            return (SourcePicture(Path(name).name if isinstance(name, str) else None, data=data),)
        case {"path": str(name)} | str(name):
            return (_file(name.strip(), column=column, folder=folder, folders=folders),)
        case float() if cell != cell:  # noqa: PLR0124 - NaN is how tables say "no picture"
            return ()
        case _:
            raise RowFault(column, f"is a {type(cell).__name__}; a path or bytes are wanted")


def source_bytes(picture: SourcePicture, limits: ImageLimits, *, column: str) -> bytes:
    """Return the encoded bytes of a picture as the source holds them.

    Raises:
        RowFault: A file cannot be read, or is larger than ``limits`` allow; then it is not read.
    """
    if picture.data is not None:
        return picture.data
    assert picture.path is not None, "a picture has bytes or a path"
    try:
        size = _size(picture.path)
        if size > limits.max_bytes:
            raise RowFault(column, f"picture has {size} bytes, at most {limits.max_bytes} are read")
        with openable(picture.path).open("rb") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RowFault(column, f"picture cannot be read ({reason})") from None


def _size(path: Location) -> int:
    if isinstance(path, Path):
        return path.stat().st_size
    stamp = stamp_of(path)
    if stamp is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return stamp.size


def _file(
    name: str, *, column: str, folder: Location, folders: Sequence[Location]
) -> SourcePicture:
    if "://" in name:
        raise RowFault(column, "is a web address; download the picture and give its path")
    if isinstance(folder, Path):
        return _local_file(name, column, folder, [one for one in folders if isinstance(one, Path)])
    path = None if len(name) > _MAX_PATH else beside(folder, name, within=folders)
    if path is None:
        raise RowFault(column, _OUTSIDE)
    return SourcePicture(name, path=path)


def _local_file(name: str, column: str, folder: Path, folders: Sequence[Path]) -> SourcePicture:
    try:
        if len(name) > _MAX_PATH:
            raise ValueError
        path = (folder / name).resolve()
        if not any(path.is_relative_to(allowed.resolve()) for allowed in folders):
            raise RowFault(column, _OUTSIDE)
        if not path.is_file():
            raise RowFault(column, "is not a file")
    except (OSError, ValueError):
        raise RowFault(column, "is not a path") from None
    return SourcePicture(Path(name).name if Path(name).is_absolute() else name, path=path)
