"""Which adverts were erased from a bank, known by hashes alone, so that they never come back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from adverts.data.dataset.tombstones import FILE_NAME, Tombstones, read_tombstones
from adverts.errors import InputError, IntegrityError
from adverts.files.durable import sync

ERASED = FILE_NAME


def read_erased(folder: Path) -> Tombstones:
    """Return the adverts that were erased from a bank; none where it has no such file.

    Raises:
        IntegrityError: The file is damaged or was changed.
    """
    try:
        return read_tombstones(folder)
    except IntegrityError:
        raise IntegrityError(
            f"{folder / ERASED} is damaged: it keeps erased adverts from coming back; bring it "
            "back from a backup"
        ) from None


def add_erased(folder: Path, ids: Iterable[str]) -> Tombstones:
    """Record adverts as erased and return all that are; it is on disk on return.

    Raises:
        InputError: It cannot be written.
        IntegrityError: What was recorded before is damaged.
    """
    known = read_erased(folder)
    after = known.and_of(ids)
    beside = folder / f"{ERASED}.new"
    try:
        beside.unlink(missing_ok=True)
        after.write(beside)
        sync(beside)
        os.replace(beside, folder / ERASED)
        sync(folder)
    except OSError as error:
        raise InputError(f"{folder / ERASED} cannot be written ({error.strerror})") from None
    return after
