"""Opens the source of rows that the configuration names, with one reader for each kind."""

from __future__ import annotations

from pathlib import Path

from adverts.config.data import (
    DataConfig,
    FileSource,
    HubSource,
    ImageFolderSource,
    ListedTasks,
    OneTask,
)
from adverts.data.sources.image_folder import open_image_folder
from adverts.data.sources.locations import Location, locate
from adverts.data.sources.open_files import open_files
from adverts.data.sources.parts import Part
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError


def open_source(config: DataConfig, part: Part | None = None) -> Source:
    """Open the source that ``config.source`` names.

    A synthetic corpus is opened from the files that it was written to.

    Args:
        config: Configuration of the dataset.
        part: A part of this source that alone will be read. Of several files only the one of the
            part is then opened, as the part says, so a process that reads one part does not look at
            the others. ``columns`` are those of this file.

    Raises:
        InputError: A file is missing, empty or of another format, or a dataset is out of reach.
    """
    root = root_of(config)
    match config.source:
        case FileSource() as files:
            return open_files(root, files, max_row_bytes=config.row_limits.max_bytes, part=part)
        case ImageFolderSource(path=name):
            return open_image_folder(root, name, label_column=_folder_column(config))
        case HubSource():
            if not isinstance(root, Path):
                raise InputError(f"data.root: {root} is not a folder of this machine")
            from adverts.data.sources.hub import open_hub

            return open_hub(root, config.source, max_row_bytes=config.row_limits.max_bytes)
        case _:
            raise InputError(
                "data.source.kind=synthetic cannot be read here; only adverts prepare reads it"
            )


def root_of(config: DataConfig) -> Location:
    """Return the folder that the names of a source are relative to.

    Raises:
        InputError: It is an address that cannot be used, or no folder.
    """
    if isinstance(config.root, str):
        root = locate(Path(), config.root)
        if not isinstance(root, Path):
            return root  # a store may have no folders: its files say whether it is right
    else:
        root = (config.root or Path()).absolute()
    if not root.is_dir():
        raise InputError(f"data.root: {root} is not a folder; set data.root or $ADVERTS_DATA")
    return root


def _folder_column(config: DataConfig) -> str:
    """Return the name of the column that holds the labels given by the folders."""
    task = getattr(config.source, "task", "")
    if isinstance(config.tasks, OneTask) and config.tasks.name == task:
        return config.tasks.column
    for listed in config.tasks.tasks if isinstance(config.tasks, ListedTasks) else ():
        if listed.name == task and listed.kind == "single":
            return listed.column
    raise InputError(f"data.source.task={task!r} is not a single task of data.tasks")
