"""A restricted folder that appears whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from adverts.errors import InputError

_LOCK = ".lock"


def open_private(path: Path) -> BinaryIO:
    """Create a file that only its owner can read, open for writing bytes."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return cast(BinaryIO, os.fdopen(descriptor, "wb"))


def file_sha256(path: Path) -> str:
    """Return the hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_disk(folder: Path, num_bytes: int) -> None:
    """Refuse to start what the disk below ``folder`` cannot hold.

    Raises:
        InputError: Less than ``num_bytes`` is free.
    """
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < num_bytes:
        raise InputError(
            f"{folder}: about {_megabytes(num_bytes)} are needed and {_megabytes(free)} are free; "
            "free some space or choose another folder"
        )


@contextmanager
def staging(folder: Path, *, marker: str) -> Iterator[Path]:
    """Yield a private folder that takes the place of ``folder`` once the block has ended well.

    What stood there before is replaced only then, and only if it holds a file called ``marker``;
    after an error it stands unchanged and nothing half-written is left.

    Raises:
        InputError: ``folder`` holds something else, another process is writing it, or the disk
            is full.
    """
    folder = folder.absolute()
    recover(folder, marker=marker)
    refuse_foreign(folder, marker=marker)
    partial = folder.with_name(folder.name + ".partial")
    lock = _claim(partial)
    try:
        yield partial
        (partial / _LOCK).unlink()
        _swap(partial, folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(f"{folder}: the disk is full; nothing was written") from error
        raise
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        lock.close()


def refuse_foreign(folder: Path, *, marker: str) -> None:
    """Refuse a path whose content we did not make.

    Raises:
        InputError: It is a file, or a folder with content but without ``marker``.
    """
    if folder.is_dir():
        foreign = any(folder.iterdir()) and not (folder / marker).is_file()
    else:
        foreign = folder.exists()
    if foreign:
        raise InputError(
            f"{folder} holds something that adverts did not write; choose another folder or move it"
        )


def recover(folder: Path, *, marker: str) -> None:
    """Put back, or clear away, what a run that was killed between two renames had moved aside."""
    old = _aside(folder)
    if not (old / marker).is_file():
        return
    if folder.exists():
        shutil.rmtree(old)
    else:
        old.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.replaced")


def _claim(partial: Path) -> BinaryIO:
    """Create ``partial`` anew and lock it; the leavings of a dead process are removed."""
    if partial.exists():
        refuse_foreign(partial, marker=_LOCK)
        _lock(partial).close()
        shutil.rmtree(partial)
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.mkdir(mode=0o700)
    return _lock(partial)


def _lock(partial: Path) -> BinaryIO:
    file = (partial / _LOCK).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InputError(
            f"{partial} is being written by another process; wait for it or choose another folder"
        ) from None
    return cast(BinaryIO, file)


def _swap(partial: Path, folder: Path) -> None:
    old = _aside(folder)
    if folder.exists():
        folder.rename(old)
    os.replace(partial, folder)
    shutil.rmtree(old, ignore_errors=True)


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:,.1f} MB"
