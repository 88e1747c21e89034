"""Opens the source of rows that the configuration names, with one reader for each kind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.config.data import (
    DataConfig,
    FileSource,
    HubSource,
    ImageFolderSource,
    ListedTasks,
    OneTask,
)
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.pictures import PICTURE_SUFFIXES
from adverts.data.sources.raw_rows import RawRow, Source, open_files
from adverts.errors import InputError

_OTHER_PICTURES = {".avif", ".heic", ".heif", ".jxl", ".svg", ".tif", ".tiff"}
FOLDER_ID, FOLDER_IMAGE = "file", "image"  # columns that a folder of pictures has


def open_source(config: DataConfig) -> Source:
    """Open the source that ``config.source`` names.

    A synthetic corpus is opened from the files that it was written to.

    Raises:
        InputError: A file is missing, empty or of another format, or a dataset is out of reach.
    """
    root = (config.root or Path()).absolute()
    if not root.is_dir():
        raise InputError(f"data.root: {root} is not a folder; set data.root or $ADVERTS_DATA")
    match config.source:
        case FileSource() as files:
            return open_files(root, files, max_row_bytes=config.row_limits.max_bytes)
        case ImageFolderSource(path=name):
            return _open_image_folder(root, name, label_column=_folder_column(config))
        case HubSource():
            from adverts.data.sources.hub import open_hub

            return open_hub(root, config.source, max_row_bytes=config.row_limits.max_bytes)
        case _:
            raise InputError(
                "data.source.kind=synthetic cannot be read here; only adverts prepare reads it"
            )


def _folder_column(config: DataConfig) -> str:
    """Return the name of the column that holds the labels given by the folders."""
    task = getattr(config.source, "task", "")
    if isinstance(config.tasks, OneTask) and config.tasks.name == task:
        return config.tasks.column
    for listed in config.tasks.tasks if isinstance(config.tasks, ListedTasks) else ():
        if listed.name == task and listed.kind == "single":
            return listed.column
    raise InputError(f"data.source.task={task!r} is not a single task of data.tasks")


def _open_image_folder(root: Path, name: str, *, label_column: str) -> Source:
    folder = root / name
    if not folder.is_dir():
        raise InputError(f"data.source.path: {folder} is not a folder")
    files = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES | _OTHER_PICTURES
    ]
    if not any(_folder_fault(relative) is None for relative in files):
        raise InputError(
            f"{folder} holds no picture; it needs one folder of pictures for each label"
        )

    def read(_: Sequence[str]) -> Iterator[RawRow | BadRow]:
        for number, relative in enumerate(files, start=1):
            if (fault := _folder_fault(relative)) is not None:
                yield BadRow(f"{name}/{relative}", number, "", fault)
                continue
            values: dict[str, object] = {
                FOLDER_ID: str(relative),
                FOLDER_IMAGE: str(relative),
                label_column: relative.parts[0],
            }
            yield RawRow(f"{name}/{relative}", number, values, folder)

    listing = "\n".join(map(str, files))
    return Source(
        columns=(FOLDER_ID, FOLDER_IMAGE, label_column),
        fingerprint={name: hashlib.sha256(os.fsencode(listing)).hexdigest()},
        num_bytes=0,
        folders=(folder,),
        pictures_are_files=True,
        read=read,
    )


def _folder_fault(relative: Path) -> str | None:
    """Return why a file in a folder of pictures is no row; None for a labelled picture."""
    if relative.suffix.lower() in _OTHER_PICTURES:
        return f"is a {relative.suffix} picture; convert it to PNG or JPEG"
    if len(relative.parts) < 2:
        return "is not in the folder of a label; move it into one"
    return None
