"""Rows of a folder that holds one folder of pictures for each label."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.find_files import list_files
from adverts.data.sources.locations import Location, locate
from adverts.data.sources.parts import Part, Stamp, cut_places, refuse_beyond, stamp_of_files
from adverts.data.sources.pictures import OTHER_PICTURE_SUFFIXES, PICTURE_SUFFIXES
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import InputError

FOLDER_ID, FOLDER_IMAGE = "file", "image"  # columns that a folder of pictures has


def open_image_folder(root: Location, name: str, *, label_column: str) -> Source:
    """Open a folder of pictures, whose rows are its files, sorted by folder and name.

    Args:
        root: Folder that the name is relative to.
        name: Name of the folder.
        label_column: Name of the column for the folder that a picture is in.

    Raises:
        InputError: There is no such folder, or it holds no picture in a folder of a label.
    """
    folder = locate(root, name)
    files = [
        (PurePosixPath(inner), stamp)
        for inner, stamp in _listed(folder)
        if _suffix(inner) in PICTURE_SUFFIXES | OTHER_PICTURE_SUFFIXES
    ]
    if not any(_fault(relative) is None for relative, _ in files):
        raise InputError(
            f"{folder} holds no picture; it needs one folder of pictures for each label"
        )

    def rows(_: Sequence[str], part: Part | None) -> Iterator[RawRow | BadRow]:
        start, stop = (0, len(files)) if part is None else (part.start, part.stop)
        refuse_beyond(stop, len(files), name)
        for number, (relative, _stamp) in enumerate(files[start:stop], start=start + 1):
            if (fault := _fault(relative)) is not None:
                yield BadRow(f"{name}/{relative}", number, "", fault)
                continue
            values: dict[str, object] = {
                FOLDER_ID: str(relative),
                FOLDER_IMAGE: str(relative),
                label_column: relative.parts[0],
            }
            yield RawRow(f"{name}/{relative}", number, values, folder)

    listing = "\n".join(str(relative) for relative, _ in files)
    return Source(
        columns=(FOLDER_ID, FOLDER_IMAGE, label_column),
        stamps={name: stamp_of_files((str(relative), stamp) for relative, stamp in files)},
        hashes=lambda: {name: hashlib.sha256(os.fsencode(listing)).hexdigest()},
        num_bytes=0,
        folders=(folder,),
        pictures_are_files=True,
        rows=rows,
        cut=lambda rows: cut_places(name, len(files), rows),
    )


def _listed(folder: Location) -> list[tuple[str, Stamp]]:
    try:
        return list_files(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"data.source.path: {folder} is not a folder") from None


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _fault(relative: PurePosixPath) -> str | None:
    """Return why a file in a folder of pictures is no row; None for a labelled picture."""
    if relative.suffix.lower() in OTHER_PICTURE_SUFFIXES:
        return f"is a {relative.suffix} picture; convert it to PNG or JPEG"
    if len(relative.parts) < 2:
        return "is not in the folder of a label; move it into one"
    return None
