"""Opens files of rows as one source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.find_files import FoundFile, find_file, find_files
from adverts.data.sources.locations import Location, openable
from adverts.data.sources.open_file import OpenFile, open_file
from adverts.data.sources.parts import Part, Stamp
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.errors import InputError
from adverts.files.file_hash import file_sha256


def open_files(
    root: Location, config: FileSource, *, max_row_bytes: int, part: Part | None = None
) -> Source:
    """Open files of one kind, to be read one after the other.

    The column ``source_file`` names the file that a row is from, so that files can be splits or
    groups. It is not added if the file already has such a column.

    Args:
        root: Folder that the names are relative to.
        config: Kind and names of the files, and how they are written.
        max_row_bytes: Largest size of a row; a longer one is a bad row, and is not held in memory.
        part: A part of this source: only its file is opened, and no other one is looked at; None
            opens all.

    Raises:
        InputError: A file is missing, empty or of another format, or the header is wrong.
    """
    found = _found(root, config.paths) if part is None else [find_file(root, part.file)]
    stamps = {one.name: _existing(one) for one in found}
    files = {
        one.name: open_file(one, config, max_row_bytes=max_row_bytes, part=part) for one in found
    }

    def rows(wanted: Sequence[str], part: Part | None) -> Iterator[RawRow | BadRow]:
        for name in files if part is None else [part.file]:
            yield from files[name].rows(wanted, part)

    def cut(rows: int) -> Iterator[Part]:
        for file in files.values():
            yield from file.parts(rows)

    return Source(
        columns=_common_columns([file.columns for file in files.values()]),
        stamps=stamps,
        hashes=lambda: {one.name: file_sha256(openable(one.place)) for one in found},
        num_bytes=sum(stamp.size for stamp in stamps.values()),
        folders=(root, *dict.fromkeys(one.place.parent for one in found)),
        pictures_are_files=True,
        rows=rows,
        cut=cut,
        told=tuple(_told(files)),
        delimiter=next(iter(files.values())).delimiter,
    )


def _told(files: Mapping[str, OpenFile]) -> Iterator[str]:
    """Yield how files are read that are read in an unusual way, one line for all that are alike."""
    alike = dict[str, list[str]]()
    for name, file in files.items():
        if file.told:
            alike.setdefault(file.told, []).append(name)
    for told, names in alike.items():
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        yield f"{names[0]}{more}: {told}"


def _found(root: Location, names: Sequence[str]) -> list[FoundFile]:
    """Return the files that the names mean, in the order of the names.

    Raises:
        InputError: A pattern matches no file, or two names mean the same file.
    """
    found = [one for name in names for one in find_files(root, name)]
    twice = [name for name, times in Counter(one.name for one in found).items() if times > 1]
    if twice:
        raise InputError(f"data.source.paths names {twice[0]} twice; name each file once")
    return found


def _existing(file: FoundFile) -> Stamp:
    if file.stamp is None:
        near = _files_like(file.place) if isinstance(file.place, Path) else []
        hint = f"; the folder holds {', '.join(near[:5])}" if near else ""
        raise InputError(f"data.source.paths: {file.place} is not a file{hint}")
    if file.stamp.size == 0:
        raise InputError(f"{file.place} is empty")
    return file.stamp


def _files_like(path: Path) -> list[str]:
    """Return the names of files of the same kind in the same folder."""
    if not path.suffix or not path.parent.is_dir():
        return []
    return sorted(one.name for one in path.parent.iterdir() if one.suffix == path.suffix)


def _common_columns(of_files: Sequence[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """Return the columns that every file has, in the order of the first, plus ``source_file``."""
    known = [names for names in of_files if names is not None]
    if not known:
        return None
    common = set.intersection(*map(set, known))
    return tuple(dict.fromkeys([*(name for name in known[0] if name in common), SOURCE_FILE]))
