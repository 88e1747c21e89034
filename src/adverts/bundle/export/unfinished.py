"""A file beside a bundle says that the export which wrote it was killed before its end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adverts.errors import InputError
from adverts.files.file_lock import exclusive


@contextmanager
def unfinished(folders: Sequence[Path], asked: str) -> Iterator[bool]:
    """Mark an export as unfinished until the block has ended well, and keep others out meanwhile.

    A bundle appears in one move, and its record and its entry at the tracking server come after
    it. Where a process died in between, the same command does all of it again: the same checkpoint
    gives the same bytes.

    Args:
        folders: Of the bundles that it writes; the mark is beside the last one.
        asked: The config of the export as text; another one must not replace the bundles.

    Yields:
        Whether a command of this config was interrupted here, whose bundles may be replaced.

    Raises:
        InputError: A folder is taken, or another process exports into it.
    """
    folder = folders[-1]
    mark, digest = _mark(folder), hashlib.sha256(asked.encode()).hexdigest()
    if not is_begun(folder):
        _refuse_taken(folders)
    folder.parent.mkdir(parents=True, exist_ok=True)
    busy = f"{folder} is being written by another process; wait for it or choose another folder"
    with exclusive(mark, busy=busy) as descriptor:
        interrupted = os.pread(descriptor, len(digest), 0) == digest.encode()
        try:
            if not interrupted:
                _refuse_taken(folders)
                os.truncate(descriptor, 0)
                os.pwrite(descriptor, digest.encode(), 0)
            yield interrupted
            mark.unlink()
        finally:
            if not any(map(is_taken, folders)) or os.fstat(descriptor).st_size == 0:
                mark.unlink(missing_ok=True)


def is_begun(folder: Path) -> bool:
    """Was an export into this folder interrupted?"""
    return _mark(folder).is_file()


def is_taken(folder: Path) -> bool:
    """Does anything stand at the place of a bundle?"""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def taken(folder: Path) -> str:
    """Return the message for whoever wants to write a bundle there."""
    begun = is_begun(folder)
    hint = "; an interrupted export of another config wrote it, whose command finishes it"
    return f"{folder} is taken; give bundle_dir a new folder{hint if begun else ''}"


def _mark(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.unfinished")


def _refuse_taken(folders: Sequence[Path]) -> None:
    for folder in folders:
        if is_taken(folder):
            raise InputError(taken(folder))
