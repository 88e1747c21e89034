"""Files that are on disk on return: replaced as a whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from adverts.files.staging import open_private

_ASIDE = ".new"


def replace_file(path: Path, data: bytes) -> None:
    """Replace a private file as a whole or not at all; it is on disk on return.

    Only one process at a time may do so.
    """
    aside = path.with_name(path.name + _ASIDE)
    aside.unlink(missing_ok=True)
    try:
        with open_private(aside) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names of the files in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
